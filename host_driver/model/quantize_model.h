// SPDX-License-Identifier: Apache-2.0
// A Hugging Face directory to a packed one: `tern quantize`.
#ifndef TERN_HOST_DRIVER_MODEL_QUANTIZE_MODEL_H
#define TERN_HOST_DRIVER_MODEL_QUANTIZE_MODEL_H

#include <stdio.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_quantize_options {
    unsigned depth;       // 1..TERN_MAX_DEPTH
    unsigned threads;     // 1..TERN_PARALLEL_MAX_THREADS
    uint64_t shard_bytes; // larger files are split between matrices
    FILE *progress;       // NULL: silent
};

// Holds one piece of a matrix a thread in memory. A call with the same input, output, depth and shard size resumes a
// killed one and keeps its finished matrices. On any error nothing is left at `output` or OUT.partial.
enum tern_status tern_quantize_model(const char *input, const char *output, const struct tern_quantize_options *options,
                                     struct tern_error *error);

#ifdef __cplusplus
}
#endif
#endif
