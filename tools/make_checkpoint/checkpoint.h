// SPDX-License-Identifier: Apache-2.0
// Seeded checkpoints of any shape, as a Hugging Face directory or packed directly.
#ifndef TERN_TOOLS_MAKE_CHECKPOINT_CHECKPOINT_H
#define TERN_TOOLS_MAKE_CHECKPOINT_CHECKPOINT_H

#include <stdio.h>

#include "host_driver/model/model.h"

struct checkpoint_options {
    const char *config;          // path of a config.json
    uint64_t layers, vocabulary; // 0: as the configuration has them
    enum tern_dtype dtype;       // F16 or BF16: of everything that is not packed
    unsigned depth;              // 0: a Hugging Face directory
    unsigned threads;
    uint64_t seed, shard_bytes;
    FILE *progress;
};

// Streams; what a killed run has finished is kept by the next one with the same options. On an error nothing stands
// under `output`.
enum tern_status checkpoint_make(const char *output, const struct checkpoint_options *options,
                                 struct tern_error *error);

#endif
