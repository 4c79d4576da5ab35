// SPDX-License-Identifier: Apache-2.0
// Runs a model on a device: the layers on the device, embedding and head on the host. Other devices may run some of the
// layers, with the same bits. Key/value cache and activations are in the memory of the device that runs the layer.
// Weights stay there when they fit, else they stream through a ring. Several tokens share a pass over the weights; all
// values equal those of one token a pass.
#ifndef TERN_HOST_DRIVER_RUNNER_RUNNER_H
#define TERN_HOST_DRIVER_RUNNER_RUNNER_H

#include "host_driver/device/device.h"
#include "host_driver/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_runner;

// The result of a stage in device memory: `rows` rows of `row_bytes` bytes at distance `stride`.
struct tern_stage {
    uint32_t position; // of the token
    int32_t layer;     // -1: after the last layer
    const char *name;  // "q_proj", "attention", ...
    uint32_t opcode;   // of its last command; NOP for a result of the host
    uint64_t address, stride;
    uint32_t rows, row_bytes;
    bool is_f32; // else bytes: activation images, or the mantissas of a cache
};

// Called after each stage with its result data[bytes]. An error ends the call that runs the stage.
typedef enum tern_status (*tern_tap)(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                     struct tern_error *error);

#define TERN_RUNNER_DEVICES 8u // largest number of devices of a runner

struct tern_runner_options {
    uint32_t capacity; // positions of the key/value cache, 1 to the model's max_positions
    uint32_t depth;    // planes in use at first, 0 for all stored
    tern_tap tap;      // NULL for none
    void *tap_context;
    struct tern_pool *pool;            // threads of the output head, owned by the caller; NULL for the calling thread
    struct tern_device *const *others; // [other_count]: further devices
    uint32_t other_count;              // less than TERN_RUNNER_DEVICES
    const char *waves_from; // the first command of a waveform: its number on its device, "3.down_proj" or "down_proj"
    uint64_t waves_cycles;  // of the waveform, 0: to the end
    const uint8_t
        *placement; // [layers], which device runs each: 0 for `device`, else 1 + index in `others`; NULL: all 0
};

// The model and the devices must outlive the runner; the lists of the options need not. NO_DEVICE_MEMORY when cache,
// buffers and the weights of one command do not fit. BAD_ARGUMENT for a capacity, a depth or a device out of range.
enum tern_status tern_runner_open(const struct tern_model *model, struct tern_device *device,
                                  const struct tern_runner_options *options, struct tern_error *error,
                                  struct tern_runner **runner);
void tern_runner_close(struct tern_runner *runner);

// Called when a stage has been sent to the device. tokens: tokens of this call that have been sent, with a fraction.
// The device may lag by the length of its ring. An error (such as INTERRUPTED) ends the call.
typedef enum tern_status (*tern_watch)(void *context, double tokens, struct tern_error *error);
void tern_runner_watch(struct tern_runner *runner, tern_watch watch, void *context); // watch: NULL for none

// Feeds ids [count >= 1] at the next positions, tern_runner_vectors() in a pass over the weights. logits: NULL for
// none, else [count] pointers to f32 [vocabulary_size], NULL for a token without logits. After an error the runner has
// its old position. BAD_ARGUMENT for ids outside the vocabulary or too many of them. Errors of the device name layer,
// stage and position.
enum tern_status tern_runner_tokens(struct tern_runner *runner, const uint32_t *ids, uint32_t count,
                                    float *const *logits, struct tern_error *error);
// The same for one token.
enum tern_status tern_runner_token(struct tern_runner *runner, uint32_t id, float *logits, struct tern_error *error);

// best > 0: from the next token on only the `best` largest logits and their equals are exact. The others may be any
// finite numbers below them. If the weights stay on the device, an int8 copy of the head is made at the second such
// token and read from then on. 0 (the default): every logit is exact. NaN and infinities are always exact.
void tern_runner_set_best(struct tern_runner *runner, uint32_t best);

// Removes the tokens from `position` on. The results of further tokens do not depend on the removed ones. After more
// than 16 removed tokens the next call may feed up to 15 of those before `position` once more, to quantize their values
// again. BAD_ARGUMENT for a position after the next one, or when such a token is not known (tern_runner_set_cache,
// tern_runner_layer).
enum tern_status tern_runner_rewind(struct tern_runner *runner, uint32_t position, struct tern_error *error);

// Sets the planes in use from the next token on, 0 for all. BAD_ARGUMENT when the model stores fewer.
enum tern_status tern_runner_set_depth(struct tern_runner *runner, uint32_t depth, struct tern_error *error);
uint32_t tern_runner_depth(const struct tern_runner *runner);

// Gives values[count] of a cache: first all keys, then all values, head by head, position by position.
typedef void (*tern_cache_source)(void *context, float *values, size_t count);

// Fills the key/value cache of one layer for 1 or more `positions`, whose tokens count as fed. BAD_ARGUMENT for more
// than the cache holds. source NULL: the values do not matter, for a device that only counts time.
enum tern_status tern_runner_set_cache(struct tern_runner *runner, uint32_t layer, uint32_t positions,
                                       tern_cache_source source, void *context, struct tern_error *error);
// Bytes of the cache's records that a layer reads for the token at `position`.
uint64_t tern_runner_cache_bytes(const struct tern_runner *runner, uint32_t position);

// Runs one layer at the next position. hidden: f32 [hidden_size] in and out.
enum tern_status tern_runner_layer(struct tern_runner *runner, uint32_t layer, float *hidden, struct tern_error *error);

// Devices of the runner: 0 is `device`, the others follow. Each has a part of the layers.
struct tern_runner_part {
    struct tern_device *device;
    uint32_t layers;         // the number that it runs
    bool is_resident;        // whether their weights stay there
    uint64_t weight_bytes;   // as tern_runner_weight_bytes
    uint64_t uploaded_bytes; // weights and tables
};
uint32_t tern_runner_devices(const struct tern_runner *runner);
struct tern_runner_part tern_runner_part_of(const struct tern_runner *runner,
                                            uint32_t device); // of device number `device`
// The number of the device that runs the layer.
uint32_t tern_runner_device_of(const struct tern_runner *runner, uint32_t layer);

// The origin of a command in flight.
struct tern_sent {
    const char *name;     // of the stage; NULL: not sent by the runner
    int32_t layer;        // -1: after the last layer
    uint32_t position;    // of the first token of its pass
    uint32_t first_strip; // of the command; a matrix may take several commands
    union tern_command command;
};
// That of the command with this ticket of device number `device`, whose completion is being read (tern_device_profile).
const struct tern_sent *tern_runner_sent(const struct tern_runner *runner, uint32_t device, uint32_t ticket);

// Whether `from` names the command with this number on its device, of this stage: "17", "3.down_proj" or "down_proj".
bool tern_runner_is_named(const char *from, uint32_t number, int32_t layer, const char *stage);
// BAD_ARGUMENT when the first command of the waveform has not come yet.
enum tern_status tern_runner_check_waves(const struct tern_runner *runner, struct tern_error *error);

// The number of tokens that share a pass over the weights, 1..TERN_MAX_VECTORS; fewer with little device memory.
uint32_t tern_runner_vectors(const struct tern_runner *runner);
uint32_t tern_runner_positions(const struct tern_runner *runner); // tokens fed so far
// Bytes of scale codes and planes in use that the matmul unit has streamed. They count once for as many vectors as the
// unit takes at once (VECTORS of SYSTEM HARDWARE).
uint64_t tern_runner_weight_bytes(const struct tern_runner *runner);
// The same for one token at `depth`, 0 for the depth in use.
uint64_t tern_runner_token_bytes(const struct tern_runner *runner, uint32_t depth);
double tern_runner_head_seconds(const struct tern_runner *runner); // host seconds in the output head
// The number of logits computed from the stored head.
uint64_t tern_runner_exact_rows(const struct tern_runner *runner);
uint64_t tern_runner_uploaded_bytes(const struct tern_runner *runner); // to all devices
// Whether all weights stay on their devices.
bool tern_runner_is_resident(const struct tern_runner *runner);

#ifdef __cplusplus
}
#endif
#endif
