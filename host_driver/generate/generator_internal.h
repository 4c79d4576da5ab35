// SPDX-License-Identifier: Apache-2.0
// What plain generation (generator.c) and drafting (speculate.c) share: the state, and generator_feed.c.
#ifndef TERN_HOST_DRIVER_GENERATE_GENERATOR_INTERNAL_H
#define TERN_HOST_DRIVER_GENERATE_GENERATOR_INTERNAL_H

#include "host_driver/generate/generator.h"

struct tern_generator {
    struct tern_runner *runner;
    struct tern_sampler *sampler;
    uint32_t vocabulary_size;
    float *logits; // [1 + drafting.tokens][vocabulary]
    // [capacity + 1]: the first `count` are the text, those up to `known` were verified ahead of it, the first `fed`
    // are in the runner.
    uint32_t *ids;
    size_t count, known, fed, capacity;
    struct tern_drafting drafting; // depth 0: none
    struct tern_draft_figures figures;
};

// ids[count] from the logits after ids[0..count).
enum tern_status tern_generator_draw(struct tern_generator *generator, const float *logits, size_t count,
                                     struct tern_error *error);

// Feeds ids; the logits are for draws from the first `seen` ids of the text or fewer, and only as good as those need.
enum tern_status tern_generator_feed(struct tern_generator *generator, const uint32_t *ids, uint32_t count,
                                     float *const *logits, size_t seen, struct tern_error *error);

#endif
