// SPDX-License-Identifier: Apache-2.0
// The next token from logits. Order of Hugging Face transformers: repetition penalty, temperature, top-k, top-p, draw
// (docs/text.md). The draw for a position depends on the seed and the position alone, so whatever computes the logits,
// in whatever order, however often, the same logits give the same text. No libm: the same on every host.
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
    double top_p;              // 0..1; the likeliest tokens until their share reaches it, at least one; 1 keeps all
    double repetition_penalty; // 0.01..100; logits of ids seen: divided by it when positive, else multiplied; 1 is off
    uint32_t top_k;            // the likeliest K and those equal to the last of them; 0 keeps all
    uint64_t seed;
};

// Greedy: temperature 0, nothing penalized.
struct tern_sampling tern_sampling_greedy(void);

// generation_config.json of a model's directory: do_sample, temperature, top_k, top_p, repetition_penalty; a missing
// key has the value transformers gives it (false, 1, 50, 1, 1), a missing file is greedy. do_sample false: temperature
// 0. BAD_FILE with a sentence when a value is of the wrong kind or out of range. The seed is 0.
enum tern_status tern_sampling_load(const char *directory, struct tern_error *error, struct tern_sampling *sampling);

struct tern_sampler; // settings and working memory; one thread at a time

enum tern_status tern_sampler_open(const struct tern_sampling *sampling, uint32_t vocabulary_size,
                                   struct tern_error *error, struct tern_sampler **sampler);
void tern_sampler_close(struct tern_sampler *sampler); // NULL allowed

// logits f32 [vocabulary_size] after ids [count], the whole text so far; the token for position `count`.
// NON_FINITE names a logit that is no finite number.
enum tern_status tern_sampler_draw(struct tern_sampler *sampler, const float *logits, const uint32_t *ids, size_t count,
                                   struct tern_error *error, uint32_t *id);

// How many of the largest logits decide that draw, for tern_runner_set_best: any others may be replaced by numbers
// below them. 0: all decide.
uint32_t tern_sampler_best(struct tern_sampler *sampler, const uint32_t *ids, size_t count);

#ifdef __cplusplus
}
#endif
#endif
