// SPDX-License-Identifier: Apache-2.0
// A model on a device: layers on the device, embedding and head on the host. Key/value cache and activations live in
// device memory; weights stay there when they fit and stream through a ring when they do not. Several tokens share each
// pass over the weights; every value is what it would be token by token.
#ifndef TERN_HOST_DRIVER_RUNNER_RUNNER_H
#define TERN_HOST_DRIVER_RUNNER_RUNNER_H

#include "host_driver/device/device.h"
#include "host_driver/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_runner;

// One command that has ended: where its result lies in device memory, `rows` of `row_bytes` at `stride`.
struct tern_stage {
    uint32_t position; // of the token
    int32_t layer;     // -1: after the last layer
    const char *name;  // "q_proj", "attention", ...
    uint32_t opcode;   // of its last command; NOP for what the host computes
    uint64_t address, stride;
    uint32_t rows, row_bytes;
    bool is_f32; // else an activation image
};

// Called after each stage when set; an error ends the token.
typedef enum tern_status (*tern_tap)(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                     struct tern_error *error);

struct tern_runner_options {
    uint32_t capacity; // positions of the key/value cache, at most the model's max_positions
    uint32_t depth;    // planes in use at first, 0 for all stored
    tern_tap tap;
    void *tap_context;
    struct tern_pool *pool; // threads of the output head, kept by the caller; NULL for the calling thread
};

// The model and the device must outlive the runner. NO_DEVICE_MEMORY when cache and buffers do not fit.
enum tern_status tern_runner_open(const struct tern_model *model, struct tern_device *device,
                                  const struct tern_runner_options *options, struct tern_error *error,
                                  struct tern_runner **runner);
void tern_runner_close(struct tern_runner *runner);

// Called after each stage has been sent to the device, with the tokens of the call at work that are done so far, in
// fractions; the device may be as far behind as its ring is long. An error (INTERRUPTED, say) ends the call.
typedef enum tern_status (*tern_watch)(void *context, double tokens, struct tern_error *error);
void tern_runner_watch(struct tern_runner *runner, tern_watch watch, void *context); // NULL for none, as at first

// Feeds ids [count >= 1] at the next positions, tern_runner_vectors() a pass over the weights. logits: [count] pointers
// to f32 [vocabulary_size], NULL for a token without a head; NULL: none at all. After an error the runner is where it
// was before.
enum tern_status tern_runner_tokens(struct tern_runner *runner, const uint32_t *ids, uint32_t count,
                                    float *const *logits, struct tern_error *error);
// The same for one token.
enum tern_status tern_runner_token(struct tern_runner *runner, uint32_t id, float *logits, struct tern_error *error);

// From the next token on, logits that are not among the `best` largest, nor equal to the last of them, may be any
// finite number below those: the head is then read from an int8 copy, made at the second such token when the weights
// stay on the device. 0, as at first: every logit is what it is. NaN and infinities always are.
void tern_runner_set_best(struct tern_runner *runner, uint32_t best);

// Forgets the tokens from `position` on; BAD_ARGUMENT when it has not come so far.
enum tern_status tern_runner_rewind(struct tern_runner *runner, uint32_t position, struct tern_error *error);

// Planes in use from the next token on, 0 for all; BAD_ARGUMENT when the model stores fewer.
enum tern_status tern_runner_set_depth(struct tern_runner *runner, uint32_t depth, struct tern_error *error);
uint32_t tern_runner_depth(const struct tern_runner *runner);

// One layer at the next position: hidden f32 [hidden_size] in and out.
enum tern_status tern_runner_layer(struct tern_runner *runner, uint32_t layer, float *hidden, struct tern_error *error);

// Tokens that share a pass over the weights, 1..TERN_MAX_VECTORS; fewer where device memory is short.
uint32_t tern_runner_vectors(const struct tern_runner *runner);
uint32_t tern_runner_positions(const struct tern_runner *runner); // tokens fed so far
// Bytes of scale codes and planes in use that the matmul unit was made to stream so far; once for as many vectors as it
// takes at once (SYSTEM HARDWARE).
uint64_t tern_runner_weight_bytes(const struct tern_runner *runner);
// The same for one token at `depth`, 0 for the depth in use.
uint64_t tern_runner_token_bytes(const struct tern_runner *runner, uint32_t depth);
double tern_runner_head_seconds(const struct tern_runner *runner); // in the output head
// Logits computed from the head as it is stored.
uint64_t tern_runner_exact_rows(const struct tern_runner *runner);
uint64_t tern_runner_uploaded_bytes(const struct tern_runner *runner);
bool tern_runner_is_resident(const struct tern_runner *runner);

#ifdef __cplusplus
}
#endif
#endif
