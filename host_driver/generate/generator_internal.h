// SPDX-License-Identifier: Apache-2.0
// The state of a generator and the functions of generator_feed.c, for generator.c and speculate.c.
#ifndef TERN_HOST_DRIVER_GENERATE_GENERATOR_INTERNAL_H
#define TERN_HOST_DRIVER_GENERATE_GENERATOR_INTERNAL_H

#include "host_driver/generate/generator.h"

struct tern_generator {
    struct tern_runner *runner;
    struct tern_sampler *sampler;
    struct tern_sampling sampling;
    uint32_t vocabulary_size;
    float *logits; // [1 + drafting.tokens][vocabulary]
    // [capacity + 1]: the first `count` are the text. Those up to `known` were verified ahead of it. The first `fed`
    // are in the runner.
    uint32_t *ids;
    size_t count, known, fed, capacity;
    struct tern_drafting drafting; // depth 0: none
    struct tern_draft_figures figures;
};

// Draws ids[count] from the logits after ids[0..count-1].
enum tern_status tern_generator_draw(struct tern_generator *generator, const float *logits, size_t count,
                                     struct tern_error *error);

// Feeds ids. The logits are exact only where a draw after at most `seen` ids of the text needs it.
enum tern_status tern_generator_feed(struct tern_generator *generator, const uint32_t *ids, uint32_t count,
                                     float *const *logits, size_t seen, struct tern_error *error);

#endif
