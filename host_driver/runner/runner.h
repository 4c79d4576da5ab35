// SPDX-License-Identifier: Apache-2.0
// A model on a device, one token at a time: layers on the device, embedding and head on the host. Key/value cache and activations
// live in device memory; weights stay there when they fit and stream through a ring when they do not.
#ifndef TERN_HOST_DRIVER_RUNNER_RUNNER_H
#define TERN_HOST_DRIVER_RUNNER_RUNNER_H

#include "host_driver/device/device.h"
#include "host_driver/files/model.h"

struct tern_runner;

// One command that has ended: where its result lies in device memory, `rows` of `row_bytes` at `stride`.
struct tern_stage {
    uint32_t position;   // of the token
    int32_t layer;       // -1: after the last layer
    const char *name;    // "q_proj", "attention", ...
    uint64_t address, stride;
    uint32_t rows, row_bytes;
    int is_f32;          // else an activation image
};

// Called after each stage when set; an error ends the token.
typedef enum tern_status (*tern_tap)(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                     struct tern_error *error);

struct tern_runner_options {
    uint32_t capacity;    // positions of the key/value cache, at most the model's max_positions
    uint32_t depth;       // planes in use, 0 for all stored
    tern_tap tap;
    void *tap_context;
};

// The model and the device must outlive the runner. NO_DEVICE_MEMORY when cache and buffers do not fit.
enum tern_status tern_runner_open(const struct tern_model *model, struct tern_device *device,
                                  const struct tern_runner_options *options, struct tern_error *error,
                                  struct tern_runner **runner);
void tern_runner_close(struct tern_runner *runner);

// Feeds one token at the next position. logits: f32 [vocabulary_size], NULL to leave the head out.
enum tern_status tern_runner_token(struct tern_runner *runner, uint32_t id, float *logits, struct tern_error *error);

// One layer at the next position: hidden f32 [hidden_size] in and out.
enum tern_status tern_runner_layer(struct tern_runner *runner, uint32_t layer, float *hidden, struct tern_error *error);

uint32_t tern_runner_positions(const struct tern_runner *runner); // tokens fed so far
uint64_t tern_runner_uploaded_bytes(const struct tern_runner *runner);
int tern_runner_is_resident(const struct tern_runner *runner);

#endif
