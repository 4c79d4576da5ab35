// SPDX-License-Identifier: Apache-2.0
// What a runner holds: addresses of the working buffers, host copies of small tensors as f32, the weight stream.
#ifndef TERN_HOST_DRIVER_RUNNER_PLAN_H
#define TERN_HOST_DRIVER_RUNNER_PLAN_H

#include "host_driver/runner/runner.h"
#include "host_driver/runner/stream.h"

// Device addresses; f32 vectors unless said otherwise.
struct tern_buffers {
    uint64_t hidden;        // [hidden_size], the residual stream
    uint64_t normed;        // [hidden_size]
    uint64_t activation;    // activation image of the largest input
    uint64_t query, key, value;             // [heads x head_size], [kv_heads x head_size] twice
    uint64_t query_rotated, attention;      // [heads x head_size]
    uint64_t projected;     // [hidden_size]
    uint64_t gate, up;      // [intermediate_size]
    uint64_t scores;        // [capacity]
    uint64_t keys, values;  // caches [layers][kv_heads][capacity][head_size]
};

enum tern_projection { TERN_Q, TERN_K, TERN_V, TERN_O, TERN_GATE, TERN_UP, TERN_DOWN, TERN_PROJECTIONS };

struct tern_layer_tensors {
    struct tern_matrix matrix[TERN_PROJECTIONS];
    float *input_norm, *post_norm; // [hidden_size]
    float *bias[TERN_PROJECTIONS]; // q, k, v at most; NULL where the model has none
};

struct tern_runner {
    const struct tern_model *model;
    struct tern_model_config config;
    struct tern_device *device;
    struct tern_runner_options options;
    struct tern_buffers at;
    struct tern_stream stream;
    struct tern_layer_tensors *layers;
    float *final_norm;
    struct tern_tensor embedding, head;
    float *row;                    // one row of the embedding or the head
    float *rotary;                 // [capacity][head_size]: cosines, then sines, of each position
    uint32_t position;
    int32_t layer;                 // being run, for messages and taps
    uint32_t ticket;               // of the last command
};

// Opens every tensor of the model and checks its shape; the tables the layers need.
enum tern_status tern_plan_tensors(struct tern_runner *runner, struct tern_error *error);
// Working buffers, caches and what is left as the stream.
enum tern_status tern_plan_memory(struct tern_runner *runner, struct tern_error *error);

// layer.c
enum tern_status tern_layer_run(struct tern_runner *runner, uint32_t layer, struct tern_error *error);
enum tern_status tern_final_norm_run(struct tern_runner *runner, struct tern_error *error);

#endif
