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
    uint64_t shard_bytes; // files larger than this are split between matrices
    FILE *progress;       // NULL: silent
};

struct tern_import_result {
    unsigned depth; // the smallest that explains every matrix
    uint64_t matrices, weights;
    uint64_t negative_zeros; // of the weights; 0 in the packed form
};

// The steps of every matrix are found first, so a refusal comes before anything is written. Resumes and fails like
// tern_pack_model(); which weights are refused stands at tern_recover_steps().
enum tern_status tern_import_model(const char *input, const char *output, const struct tern_import_options *options,
                                   struct tern_error *error, struct tern_import_result *result);

#ifdef __cplusplus
}
#endif
#endif
