// SPDX-License-Identifier: Apache-2.0
// What a runner holds: addresses of the working buffers, host copies of small tensors as f32, the weight stream.
#ifndef TERN_HOST_DRIVER_RUNNER_PLAN_H
#define TERN_HOST_DRIVER_RUNNER_PLAN_H

#include "host_driver/model/layer_table.h"
#include "host_driver/runner/runner.h"
#include "host_driver/runner/stream.h"

// A buffer with one row for each token of a pass; device address of the first, distance in bytes.
struct tern_rows {
    uint64_t address, stride;
};

static inline uint64_t tern_row(struct tern_rows rows, uint32_t token) {
    return rows.address + token * rows.stride;
}

// Strips of a command come in multiples, but for a matrix's last: its results start 64-byte aligned.
#define TERN_STRIPS_MULTIPLE (TERN_SEGMENT_ALIGN / 4u)

// The tensor of a row of the layer table; all zero for a row without one.
struct tern_operand {
    struct tern_matrix matrix; // or
    float *vector;             // [length]
    uint32_t length;
};

// What a command in flight belongs to.
struct tern_sent {
    const char *name;     // of the stage
    int32_t layer;        // -1: after the last
    uint32_t first_strip; // of its matrix, which may take several commands
};

struct tern_runner {
    const struct tern_model *model;
    struct tern_model_config config;
    struct tern_device *device;
    struct tern_runner_options options;
    tern_watch watch;
    void *watch_context;
    uint32_t earlier_tokens;         // of the call at work, in passes before this one
    uint32_t stages, layers_at_once; // sent in this pass; 1 or all layers
    // By enum tern_buffer. A cache is [layers][kv_heads][capacity][head_size]; its stride is one position's.
    struct tern_rows at[TERN_BUFFERS];
    uint64_t scores; // device address of f32 [capacity], one for all tokens
    struct tern_stream stream;
    uint32_t layer_rows;           // of the layer table
    struct tern_operand *operands; // [layers][layer_rows]
    struct tern_operand final_norm;
    struct tern_tensor embedding, head;
    float *row;                                      // one row of the embedding
    float *rotary;                                   // [capacity][head_size]: cosines, then sines, of each position
    uint32_t depth_stored, depth;                    // least of all matrices; planes in use
    uint32_t vectors;                                // most tokens of one pass, at least 1: rows of the buffers
    uint32_t unit_vectors;                           // vectors the device takes in one stream of the weights
    uint64_t weight_bytes;                           // streamed so far
    uint32_t position, tokens;                       // first position of the pass being run, tokens in it
    int32_t layer;                                   // being run, for messages and taps
    uint32_t ticket;                                 // of the last command
    struct tern_sent sent[TERN_DEVICE_RING_ENTRIES]; // by ticket
    double head_seconds;                             // of the host, in the output head
    uint64_t exact_rows;                             // logits of the stored head
    struct tern_screen *screen;                      // its int8 copy, NULL until there is one
    uint32_t best;                                   // see tern_runner_set_best
    uint64_t best_runs;                              // of the head, with best > 0
};

static inline size_t tern_operand_count(const struct tern_runner *runner) {
    return (size_t)runner->config.layers * runner->layer_rows;
}

// Loads every tensor of the model; the tables the layers need.
enum tern_status tern_plan_tensors(struct tern_runner *runner, struct tern_error *error);
// Working buffers, caches and what is left as the stream.
enum tern_status tern_plan_memory(struct tern_runner *runner, struct tern_error *error);

// layer.c: for every token of the pass
enum tern_status tern_layer_run(struct tern_runner *runner, uint32_t layer, struct tern_error *error);
enum tern_status tern_final_norm_run(struct tern_runner *runner, struct tern_error *error);
// Adds to the sentence of a failure where it happened: the stage of the command that failed, which may be long behind
// the one at work, or else `name`, of the stage at work (NULL: nothing is added).
enum tern_status tern_at_stage(const struct tern_runner *runner, const char *name, enum tern_status status,
                               struct tern_error *error);

#endif
