// SPDX-License-Identifier: Apache-2.0
#ifndef TERN_HOST_DRIVER_SYSTEM_PARALLEL_H
#define TERN_HOST_DRIVER_SYSTEM_PARALLEL_H

#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/fast/pool.h"

// One piece of a job; `worker` (0..threads-1) selects working space that no other call uses at the same time.
typedef enum tern_status (*tern_parallel_piece)(void *context, unsigned worker, uint64_t index,
                                                struct tern_error *error);

#define TERN_PARALLEL_MAX_THREADS TERN_POOL_MAX_THREADS

// Runs pieces 0..count-1 on at most `threads` threads. After a failure no further piece starts; of several failures the
// one of the lowest index is reported, so the sentence does not depend on the number of threads.
enum tern_status tern_parallel_run(unsigned threads, uint64_t count, tern_parallel_piece piece, void *context,
                                   struct tern_error *error);

// Processors this process may use, 1..TERN_PARALLEL_MAX_THREADS.
unsigned tern_parallel_processors(void);

#endif
