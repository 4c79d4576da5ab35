// SPDX-License-Identifier: Apache-2.0
// Generates text as token ids, one step at a time. Appended ids (a prompt, a turn of a chat) are fed to the runner.
// Then each step gives a new id, which the next step feeds. The caller decides when to stop and may append again.
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

// The runner must be new, have `capacity` positions and outlive the generator. Only the generator feeds it.
// BAD_ARGUMENT for sampling out of range.
enum tern_status tern_generator_open(struct tern_runner *runner, const struct tern_model_config *config,
                                     const struct tern_sampling *sampling, uint32_t capacity, struct tern_error *error,
                                     struct tern_generator **generator);
void tern_generator_close(struct tern_generator *generator); // NULL allowed

// Queues ids. BAD_ARGUMENT, with none queued, when they do not fit the capacity.
enum tern_status tern_generator_append(struct tern_generator *generator, const uint32_t *ids, size_t count,
                                       struct tern_error *error);

// Feeds up to one pass of queued ids. *id is the next id of the text when all queued ids are fed, else TERN_NO_ID: call
// again. The id becomes part of the text, also when it is a stop id. BAD_ARGUMENT when no id is queued or the capacity
// is used up.
enum tern_status tern_generator_step(struct tern_generator *generator, struct tern_error *error, uint32_t *id);

// Removes the ids from `count` on, fed or not. BAD_ARGUMENT when the text has fewer.
enum tern_status tern_generator_rewind(struct tern_generator *generator, size_t count, struct tern_error *error);

// Self-speculative decoding. The first `depth` planes of the same weights draft tokens one by one. Then all planes in
// use verify them in one pass and give the token after them. A drafted token is kept only if the verified logits choose
// it, with the draw of its position. So the text equals the one without drafting bit for bit (docs/depth.md).
struct tern_drafting {
    uint32_t depth;  // 1 to the runner's depth in use
    uint32_t tokens; // drafted before a verification, 1..TERN_MAX_VECTORS - 1; fewer when a pass takes fewer
};

struct tern_draft_figures {
    uint64_t rounds, drafted;
    uint64_t accepted;     // drafted tokens that the verification kept
    uint64_t tokens;       // tokens of the text from these rounds, one a round more than accepted
    uint64_t weight_bytes; // streamed in these rounds
    uint64_t plain_bytes;  // streamed for the same tokens one by one
};

// Turns on drafting from the next step on. BAD_ARGUMENT for a depth or a number of tokens out of range.
enum tern_status tern_generator_draft(struct tern_generator *generator, const struct tern_drafting *drafting,
                                      struct tern_error *error);
struct tern_draft_figures tern_generator_draft_figures(const struct tern_generator *generator);

size_t tern_generator_fed(const struct tern_generator *generator);   // ids fed so far
size_t tern_generator_count(const struct tern_generator *generator); // ids of the text so far
const uint32_t *tern_generator_ids(const struct tern_generator *generator);
// The number of new ids that fit. It counts one more than the positions: the last id is not fed.
size_t tern_generator_room(const struct tern_generator *generator);

// Whether the id ends a text. Stop ids are eos_token_id of generation_config.json, else of config.json.
bool tern_is_stop_id(const struct tern_model_config *config, uint32_t id);

#ifdef __cplusplus
}
#endif
#endif
