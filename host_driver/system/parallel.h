// SPDX-License-Identifier: Apache-2.0
// A queue of pieces of work for several threads.
#ifndef TERN_HOST_DRIVER_SYSTEM_PARALLEL_H
#define TERN_HOST_DRIVER_SYSTEM_PARALLEL_H

#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/fast/pool.h"

// One piece of a job. No other call with the same `worker` (0..threads-1) runs at the same time.
typedef enum tern_status (*tern_parallel_piece)(void *context, unsigned worker, uint64_t index,
                                                struct tern_error *error);

#define TERN_PARALLEL_MAX_THREADS TERN_POOL_MAX_THREADS

// Runs pieces 0..count-1 on at most `threads` threads. No further piece starts after a failure. Of several failures the
// one with the lowest index is returned, so that the sentence does not depend on the number of threads.
enum tern_status tern_parallel_run(unsigned threads, uint64_t count, tern_parallel_piece piece, void *context,
                                   struct tern_error *error);

// The number of processors this process may use, 1..TERN_PARALLEL_MAX_THREADS.
unsigned tern_parallel_processors(void);

#endif
