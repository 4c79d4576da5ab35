// SPDX-License-Identifier: Apache-2.0
// Chooses the next token from logits, in the order of Hugging Face transformers: repetition penalty, temperature,
// top-k, top-p, draw (docs/text.md). The draw for a position depends on seed and position alone, so that the same
// logits give the same text. The code does not use libm, so that every host gives the same text.
#ifndef TERN_HOST_DRIVER_GENERATE_SAMPLER_H
#define TERN_HOST_DRIVER_GENERATE_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_sampling {
    double temperature;        // 0 or 0.001..100; 0 takes the likeliest token, the lowest id among equals
    double top_p;              // 0..1: keeps the likeliest tokens until their share reaches it, at least one; 1 all
    double repetition_penalty; // 0.01..100: divides positive logits of ids in the text, multiplies others; 1: off
    uint32_t top_k;            // keeps the likeliest K tokens and those equal to the last of them; 0: all
    uint64_t seed;
};

// Temperature 0 without a penalty.
struct tern_sampling tern_sampling_greedy(void);

// Reads generation_config.json of a model's directory: do_sample, temperature, top_k, top_p, repetition_penalty. A
// missing key has the default of transformers (false, 1, 50, 1, 1). A missing file is greedy. do_sample false means
// temperature 0. BAD_FILE when a value is of the wrong kind or out of range. UNSUPPORTED for other ways of choosing
// tokens, such as min_p and num_beams. The seed is 0.
enum tern_status tern_sampling_load(const char *directory, struct tern_error *error, struct tern_sampling *sampling);

struct tern_sampler; // settings and working memory, for one thread at a time

// BAD_ARGUMENT for a setting out of range.
enum tern_status tern_sampler_open(const struct tern_sampling *sampling, uint32_t vocabulary_size,
                                   struct tern_error *error, struct tern_sampler **sampler);
void tern_sampler_close(struct tern_sampler *sampler); // NULL allowed

// Draws the token for position `count`. ids: [count], the whole text so far. logits: f32 [vocabulary_size] after it.
// NON_FINITE names a logit that is not finite.
enum tern_status tern_sampler_draw(struct tern_sampler *sampler, const float *logits, const uint32_t *ids, size_t count,
                                   struct tern_error *error, uint32_t *id);

// The number of largest logits that decide this draw, 0 for all; see tern_runner_set_best. Any numbers below them may
// replace the others.
uint32_t tern_sampler_best(struct tern_sampler *sampler, const uint32_t *ids, size_t count);

#ifdef __cplusplus
}
#endif
#endif
