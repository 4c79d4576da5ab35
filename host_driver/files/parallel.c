// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/files/parallel.h"

#include <pthread.h>
#include <sched.h>

struct job {
    pthread_mutex_t lock;
    uint64_t next, count, failed_index;
    enum tern_status status;
    struct tern_error *error;
    tern_parallel_piece piece;
    void *context;
};

struct worker {
    struct job *job;
    unsigned number;
    pthread_t thread;
};

static int job_take(struct job *job, uint64_t *index) {
    pthread_mutex_lock(&job->lock);
    int taken = job->status == TERN_STATUS_OK && job->next < job->count;
    if (taken)
        *index = job->next++;
    pthread_mutex_unlock(&job->lock);
    return taken;
}

static void job_fail(struct job *job, uint64_t index, enum tern_status status, const struct tern_error *error) {
    pthread_mutex_lock(&job->lock);
    if (job->status == TERN_STATUS_OK || index < job->failed_index) {
        job->status = status;
        job->failed_index = index;
        if (job->error)
            *job->error = *error;
    }
    pthread_mutex_unlock(&job->lock);
}

static void *worker_run(void *argument) {
    struct worker *worker = argument;
    uint64_t index = 0;
    while (job_take(worker->job, &index)) {
        struct tern_error error = {""};
        enum tern_status status = worker->job->piece(worker->job->context, worker->number, index, &error);
        if (status != TERN_STATUS_OK)
            job_fail(worker->job, index, status, &error);
    }
    return NULL;
}

enum tern_status tern_parallel_run(unsigned threads, uint64_t count, tern_parallel_piece piece, void *context,
                                   struct tern_error *error) {
    struct job job = {.lock = PTHREAD_MUTEX_INITIALIZER,
                      .count = count,
                      .status = TERN_STATUS_OK,
                      .error = error,
                      .piece = piece,
                      .context = context};
    struct worker workers[TERN_PARALLEL_MAX_THREADS];
    unsigned started = 1;
    if (threads > TERN_PARALLEL_MAX_THREADS)
        threads = TERN_PARALLEL_MAX_THREADS;
    for (unsigned i = 0; i < TERN_PARALLEL_MAX_THREADS; i++)
        workers[i] = (struct worker){.job = &job, .number = i};
    // A thread that cannot be started is no error: the others do its share.
    while (started < threads && started < count &&
           pthread_create(&workers[started].thread, NULL, worker_run, &workers[started]) == 0)
        started++;
    worker_run(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_mutex_destroy(&job.lock);
    return job.status;
}

unsigned tern_parallel_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > TERN_PARALLEL_MAX_THREADS ? TERN_PARALLEL_MAX_THREADS : (unsigned)count;
}
