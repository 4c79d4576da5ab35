// SPDX-License-Identifier: Apache-2.0
#include "host_driver/generate/generator_internal.h"

enum tern_status tern_generator_draw(struct tern_generator *generator, const float *logits, size_t count,
                                     struct tern_error *error) {
    return tern_sampler_draw(generator->sampler, logits, generator->ids, count, error, &generator->ids[count]);
}

enum tern_status tern_generator_feed(struct tern_generator *generator, const uint32_t *ids, uint32_t count,
                                     float *const *logits, size_t seen, struct tern_error *error) {
    tern_runner_set_best(generator->runner, tern_sampler_best(generator->sampler, generator->ids, seen));
    return tern_runner_tokens(generator->runner, ids, count, logits, error);
}
