// SPDX-License-Identifier: Apache-2.0
// Threads that stay alive, for work of microseconds. Creating a thread costs more than a small matmul.
#ifndef TERN_CMODEL_FAST_POOL_H
#define TERN_CMODEL_FAST_POOL_H

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_POOL_MAX_THREADS 256u

// Work on fewer bytes takes a few microseconds. A wait for a thread that another program keeps from running is longer.
// Callers use this limit to choose the number of threads.
#define TERN_ALONE_BYTES 131072u

struct tern_pool;

// `worker` is 0..threads-1. Each number is in use by one thread at a time; 0 is the caller.
typedef void (*tern_pool_work)(void *context, unsigned worker);

// `threads` includes the caller; 1 starts none. A thread that cannot be started is left out. TERN_STATUS_BAD_ARGUMENT:
// 0 or more than TERN_POOL_MAX_THREADS. TERN_STATUS_OUT_OF_MEMORY.
enum tern_status tern_pool_create(unsigned threads, struct tern_pool **pool);
void tern_pool_destroy(struct tern_pool *pool); // NULL is allowed

unsigned tern_pool_threads(const struct tern_pool *pool); // 1 for NULL

// Calls work once on each thread and returns when all are done. A NULL pool is the caller alone. A pool has one caller
// at a time.
void tern_pool_run(struct tern_pool *pool, tern_pool_work work, void *context);

#ifdef __cplusplus
}
#endif
#endif
