// SPDX-License-Identifier: Apache-2.0
// Text as ids, one step at a time: what is appended (a prompt, a turn of a chat) is fed to the runner, then each step
// gives a new id, which the next step feeds. The caller decides when to stop, and may append again after that.
#ifndef TERN_HOST_DRIVER_GENERATE_GENERATOR_H
#define TERN_HOST_DRIVER_GENERATE_GENERATOR_H

#include <stdbool.h>

#include "host_driver/generate/sampler.h"
#include "host_driver/runner/runner.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_NO_ID UINT32_MAX

struct tern_generator;

// The runner must be new, of `capacity` positions, and outlive the generator; from here on only the generator feeds it.
enum tern_status tern_generator_open(struct tern_runner *runner, const struct tern_model_config *config,
                                     const struct tern_sampling *sampling, uint32_t capacity, struct tern_error *error,
                                     struct tern_generator **generator);
void tern_generator_close(struct tern_generator *generator); // NULL allowed

// Queues ids to be fed. BAD_ARGUMENT when they pass the capacity; then none is queued.
enum tern_status tern_generator_append(struct tern_generator *generator, const uint32_t *ids, size_t count,
                                       struct tern_error *error);

// Feeds some of what waits: *id is the next of the text when all of it is fed, else TERN_NO_ID (call again). The id is
// part of the text from now on, a stop id too. BAD_ARGUMENT when nothing waits or the capacity is used up.
enum tern_status tern_generator_step(struct tern_generator *generator, struct tern_error *error, uint32_t *id);

// Forgets ids from `count` on, fed or not; BAD_ARGUMENT when there are not so many.
enum tern_status tern_generator_rewind(struct tern_generator *generator, size_t count, struct tern_error *error);

// Self-speculative decoding: the first `depth` planes of the same weights draft tokens one by one, then all planes in
// use verify them in one pass and give the token after them. A drafted token stands only where the verified logits
// choose it, with the draw of its position, so the text is the one without drafting, bit for bit (docs/depth.md).
struct tern_drafting {
    uint32_t depth;  // 1 to the runner's depth in use
    uint32_t tokens; // drafted before a verification, 1..TERN_MAX_VECTORS - 1; fewer where one pass takes fewer
};

struct tern_draft_figures {
    uint64_t rounds, drafted, accepted; // accepted: drafted tokens that were right
    uint64_t tokens;                    // verified, drafted or not: one a round more than accepted
    uint64_t weight_bytes, plain_bytes; // streamed in the rounds; what `tokens` would have taken one by one
};

// From the next step on; BAD_ARGUMENT for a depth or a number of tokens out of range.
enum tern_status tern_generator_draft(struct tern_generator *generator, const struct tern_drafting *drafting,
                                      struct tern_error *error);
struct tern_draft_figures tern_generator_draft_figures(const struct tern_generator *generator);

size_t tern_generator_fed(const struct tern_generator *generator);   // ids fed so far
size_t tern_generator_count(const struct tern_generator *generator); // ids of the text so far
const uint32_t *tern_generator_ids(const struct tern_generator *generator);
// New ids that still fit: the last of them needs no position, since nothing follows it.
size_t tern_generator_room(const struct tern_generator *generator);

// Whether the id ends a text: eos_token_id of generation_config.json, else of config.json.
bool tern_is_stop_id(const struct tern_model_config *config, uint32_t id);

#ifdef __cplusplus
}
#endif
#endif
