// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/system/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "cmodel/fast/pool.h"

struct job {
    pthread_mutex_t lock;
    uint64_t next, count, failed_index;
    enum tern_status status;
    struct tern_error *error;
    tern_parallel_piece piece;
    void *context;
};

static bool job_take(struct job *job, uint64_t *index) {
    pthread_mutex_lock(&job->lock);
    bool taken = job->status == TERN_STATUS_OK && job->next < job->count;
    if (taken) {
        *index = job->next++;
    }
    pthread_mutex_unlock(&job->lock);
    return taken;
}

static void job_fail(struct job *job, uint64_t index, enum tern_status status, const struct tern_error *error) {
    pthread_mutex_lock(&job->lock);
    if (job->status == TERN_STATUS_OK || index < job->failed_index) {
        job->status = status;
        job->failed_index = index;
        if (job->error) {
            *job->error = *error;
        }
    }
    pthread_mutex_unlock(&job->lock);
}

static void take_pieces(void *context, unsigned worker) {
    struct job *job = context;
    uint64_t index = 0;
    while (job_take(job, &index)) {
        struct tern_error error = {""};
        enum tern_status status = job->piece(job->context, worker, index, &error);
        if (status != TERN_STATUS_OK) {
            job_fail(job, index, status, &error);
        }
    }
}

enum tern_status tern_parallel_run(unsigned threads, uint64_t count, tern_parallel_piece piece, void *context,
                                   struct tern_error *error) {
    struct job job = {.lock = PTHREAD_MUTEX_INITIALIZER,
                      .count = count,
                      .status = TERN_STATUS_OK,
                      .error = error,
                      .piece = piece,
                      .context = context};
    unsigned most = threads > TERN_PARALLEL_MAX_THREADS ? TERN_PARALLEL_MAX_THREADS : threads;
    struct tern_pool *pool = NULL;
    // Without a pool the caller's thread runs all pieces.
    (void)tern_pool_create(most > count ? (unsigned)count : most, &pool);
    tern_pool_run(pool, take_pieces, &job);
    tern_pool_destroy(pool);
    pthread_mutex_destroy(&job.lock);
    return job.status;
}

unsigned tern_parallel_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1;
    }
    int count = CPU_COUNT(&set);
    unsigned processors = count < 1 ? 1 : (unsigned)count;
    return processors > TERN_PARALLEL_MAX_THREADS ? TERN_PARALLEL_MAX_THREADS : processors;
}
