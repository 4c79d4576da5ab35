// SPDX-License-Identifier: Apache-2.0
// Seeded checkpoints of any shape, as a Hugging Face directory or packed directly.
#ifndef TERN_TOOLS_MAKE_CHECKPOINT_CHECKPOINT_H
#define TERN_TOOLS_MAKE_CHECKPOINT_CHECKPOINT_H

#include <stdio.h>

#include "host_driver/model/model.h"

struct checkpoint_options {
    const char *config;          // path of a config.json
    uint64_t layers, vocabulary; // 0: from the configuration
    enum tern_dtype dtype;       // F16 or BF16, of unpacked tensors
    unsigned depth;              // 0: a Hugging Face directory
    unsigned threads;            // 1..TERN_PARALLEL_MAX_THREADS
    uint64_t seed, shard_bytes;
    FILE *progress; // NULL: silent
};

// Writes the directory `output`. A call with the same options resumes a killed one. On an error nothing is left at
// `output` or OUT.partial.
enum tern_status checkpoint_make(const char *output, const struct checkpoint_options *options,
                                 struct tern_error *error);

#endif
