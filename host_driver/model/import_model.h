// SPDX-License-Identifier: Apache-2.0
// A dequantized Hugging Face directory to the packed one it came from: `tern import` (docs/import.md).
#ifndef TERN_HOST_DRIVER_MODEL_IMPORT_MODEL_H
#define TERN_HOST_DRIVER_MODEL_IMPORT_MODEL_H

#include <stdint.h>
#include <stdio.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_import_options {
    unsigned threads;     // 1..TERN_PARALLEL_MAX_THREADS
    uint64_t shard_bytes; // larger files are split between matrices
    FILE *progress;       // NULL: silent
};

struct tern_import_result {
    unsigned depth; // the smallest that explains every matrix
    uint64_t matrices, weights;
    uint64_t negative_zeros; // weights that are -0, packed as 0
};

// Finds the steps of every matrix before it writes anything. tern_recover_steps() says which weights are refused.
// Resumes and fails as tern_quantize_model().
enum tern_status tern_import_model(const char *input, const char *output, const struct tern_import_options *options,
                                   struct tern_error *error, struct tern_import_result *result);

#ifdef __cplusplus
}
#endif
#endif
