// SPDX-License-Identifier: Apache-2.0
#include "cmodel/fast/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

// Looks at a counter before a thread sleeps. The first PAUSES looks take some 2 microseconds. The others take 200 to
// 300 microseconds and give the processor to any other program. So a thread stays awake from one matmul of a layer to
// the next, since waking it up costs 25 microseconds. More threads than processors do not block each other.
#define PAUSES 100
#define LOOKS 1000

struct tern_pool {
    pthread_mutex_t lock;
    pthread_cond_t has_work, is_done;
    atomic_uint round;   // counts the calls of tern_pool_run
    atomic_uint running; // workers of this round that are not done
    atomic_bool is_ending;
    tern_pool_work work;
    void *context;
    unsigned threads;
    struct member {
        struct tern_pool *pool;
        unsigned number;
        pthread_t thread;
    } member[TERN_POOL_MAX_THREADS];
};

static void pause_briefly(int looks) {
    if (looks >= PAUSES) {
        sched_yield();
        return;
    }
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void wait_for_round(struct tern_pool *pool, unsigned seen) {
    for (int i = 0; i < LOOKS; i++) {
        if (atomic_load_explicit(&pool->round, memory_order_acquire) != seen) {
            return;
        }
        pause_briefly(i);
    }
    pthread_mutex_lock(&pool->lock);
    while (atomic_load(&pool->round) == seen) {
        pthread_cond_wait(&pool->has_work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void *member_run(void *argument) {
    struct member *member = argument;
    struct tern_pool *pool = member->pool;
    for (unsigned seen = 0;; seen++) {
        wait_for_round(pool, seen);
        if (atomic_load(&pool->is_ending)) {
            return NULL;
        }
        pool->work(pool->context, member->number);
        if (atomic_fetch_sub(&pool->running, 1) == 1) {
            pthread_mutex_lock(&pool->lock);
            pthread_cond_signal(&pool->is_done);
            pthread_mutex_unlock(&pool->lock);
        }
    }
}

static void start_round(struct tern_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->running, pool->threads - 1);
    atomic_fetch_add_explicit(&pool->round, 1, memory_order_release);
    pthread_cond_broadcast(&pool->has_work);
    pthread_mutex_unlock(&pool->lock);
}

enum tern_status tern_pool_create(unsigned threads, struct tern_pool **pool) {
    if (threads == 0 || threads > TERN_POOL_MAX_THREADS) {
        return TERN_STATUS_BAD_ARGUMENT;
    }
    struct tern_pool *created = calloc(1, sizeof *created);
    if (!created) {
        return TERN_STATUS_OUT_OF_MEMORY;
    }
    pthread_mutex_init(&created->lock, NULL);
    pthread_cond_init(&created->has_work, NULL);
    pthread_cond_init(&created->is_done, NULL);
    created->threads = 1;
    while (created->threads < threads) {
        struct member *member = &created->member[created->threads];
        member->pool = created;
        member->number = created->threads;
        if (pthread_create(&member->thread, NULL, member_run, member) != 0) {
            break;
        }
        created->threads++;
    }
    *pool = created;
    return TERN_STATUS_OK;
}

void tern_pool_destroy(struct tern_pool *pool) {
    if (!pool) {
        return;
    }
    atomic_store(&pool->is_ending, true);
    start_round(pool);
    for (unsigned i = 1; i < pool->threads; i++) {
        pthread_join(pool->member[i].thread, NULL);
    }
    pthread_cond_destroy(&pool->is_done);
    pthread_cond_destroy(&pool->has_work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

unsigned tern_pool_threads(const struct tern_pool *pool) {
    return pool ? pool->threads : 1;
}

void tern_pool_run(struct tern_pool *pool, tern_pool_work work, void *context) {
    if (tern_pool_threads(pool) == 1) {
        work(context, 0);
        return;
    }
    pool->work = work;
    pool->context = context;
    start_round(pool);
    work(context, 0);
    for (int i = 0; i < LOOKS && atomic_load(&pool->running) != 0; i++) {
        pause_briefly(i);
    }
    pthread_mutex_lock(&pool->lock);
    while (atomic_load(&pool->running) != 0) {
        pthread_cond_wait(&pool->is_done, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}
