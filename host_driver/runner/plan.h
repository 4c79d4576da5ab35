// SPDX-License-Identifier: Apache-2.0
// The state of a runner: its devices with working buffers and weight stream, host copies of small tensors as f32.
#ifndef TERN_HOST_DRIVER_RUNNER_PLAN_H
#define TERN_HOST_DRIVER_RUNNER_PLAN_H

#include "host_driver/model/layer_table.h"
#include "host_driver/runner/runner.h"
#include "host_driver/runner/stream.h"

// A buffer with one row for each token of a pass.
struct tern_rows {
    uint64_t address; // device address of the first row
    uint64_t stride;  // bytes from one row to the next
};

static inline uint64_t tern_row(struct tern_rows rows, uint32_t token) {
    return rows.address + token * rows.stride;
}

// The number of strips of a command is a multiple of this, except at the end of a matrix. So the results of every
// command start at a multiple of 64 bytes.
#define TERN_STRIPS_MULTIPLE (TERN_SEGMENT_ALIGN / 4u)

// The tensor of a row of the layer table; all zero for a row without one.
struct tern_operand {
    struct tern_matrix matrix; // or
    float *vector;             // [length]
    uint32_t length;
};

// The token at a position, for the case that it must be fed again.
struct tern_fed {
    uint32_t id;    // TERN_NO_TOKEN: the position was not fed by a token
    uint32_t depth; // planes in use
};
#define TERN_NO_TOKEN UINT32_MAX

// A device and what the runner has there.
struct tern_site {
    struct tern_device *device;
    uint32_t layers; // that run here
    // By enum tern_buffer. A row is that of a token; of a shared buffer, that of a head.
    struct tern_rows at[TERN_BUFFERS];
    struct tern_stream stream;
    uint32_t unit_vectors;                           // vectors that the unit takes in one stream of the weights
    uint64_t weight_bytes;                           // streamed so far
    uint32_t ticket;                                 // of the last command, TERN_NO_TICKET before the first
    struct tern_sent sent[TERN_DEVICE_RING_ENTRIES]; // by ticket
};
#define TERN_NO_TICKET UINT32_MAX // a wait for it is over at once

// Where a layer runs: index of its site, and of its part of the caches there.
struct tern_layer_place {
    uint32_t site, part;
};

struct tern_runner {
    const struct tern_model *model;
    struct tern_model_config config;
    struct tern_site sites[TERN_RUNNER_DEVICES]; // the first one runs the final norm
    uint32_t site_count;
    struct tern_site *site;          // of the layer that runs
    struct tern_layer_place *places; // [layers]
    struct tern_runner_options options;
    tern_watch watch;
    void *watch_context;
    uint32_t earlier_tokens;       // of this call, in passes before this one
    uint32_t stages;               // sent in this pass
    uint32_t layers_at_once;       // of this pass: 1 or all
    struct tern_fed *fed;          // [capacity], of the positions before the next one
    uint32_t history;              // the first position whose values the history still holds
    uint32_t layer_rows;           // of the layer table
    struct tern_operand *operands; // [layers][layer_rows]
    struct tern_operand final_norm;
    float *biases; // [layers][joined_length]: those of query, key and value side by side; NULL when none are joined
    uint32_t joined_length; // query + key + value
    struct tern_tensor embedding, head;
    float *row;                   // one row of the embedding, or of the residual stream between devices
    float *rotary;                // [capacity][head_size]: cosines, then sines, of each position
    uint32_t depth_stored, depth; // least of all matrices; planes in use
    uint32_t vectors;             // largest number of tokens of a pass, rows of the buffers
    uint32_t position, tokens;    // first position and number of tokens of this pass
    int32_t layer;                // of this stage, for messages and taps
    double head_seconds;          // of the host, in the output head
    uint64_t exact_rows;          // logits computed from the stored head
    struct tern_screen *screen;   // int8 copy of the head, NULL until it is made
    uint32_t best;                // see tern_runner_set_best
    uint64_t best_runs;           // runs of the head with best > 0
    bool has_waves;               // the waveform has begun
};

static inline size_t tern_operand_count(const struct tern_runner *runner) {
    return (size_t)runner->config.layers * runner->layer_rows;
}

// Finds every tensor of the model and makes the rotary tables.
enum tern_status tern_plan_tensors(struct tern_runner *runner, struct tern_error *error);
// Allocates working buffers and caches of runner->site; the rest of its device memory becomes the stream. Lowers
// runner->vectors to what fits.
enum tern_status tern_plan_memory(struct tern_runner *runner, struct tern_error *error);

// site.c: the devices of a runner.
// Takes devices and layers from the options.
enum tern_status tern_sites_place(struct tern_runner *runner, struct tern_error *error);
// Plans the memory of each.
enum tern_status tern_sites_open(struct tern_runner *runner, struct tern_error *error);
// Makes the site of `layer` the current one; -1: that of the final norm.
void tern_site_choose(struct tern_runner *runner, int32_t layer);
// The same, and takes the residual stream of this pass there.
enum tern_status tern_site_enter(struct tern_runner *runner, int32_t layer, struct tern_error *error);
// Waits for the last command of the current site.
enum tern_status tern_site_wait(const struct tern_runner *runner, struct tern_error *error);

// layer.c: run a layer or the final norm for every token of the pass.
enum tern_status tern_layer_run(struct tern_runner *runner, uint32_t layer, struct tern_error *error);
enum tern_status tern_final_norm_run(struct tern_runner *runner, struct tern_error *error);
// Its parts. Runs a row of the table for every token of the pass. flags: COMMAND_BESIDE or 0, not for a MATMUL.
enum tern_status tern_layer_run_row(struct tern_runner *runner, const struct tern_layer_row *row,
                                    const struct tern_operand *tensor, uint32_t flags, struct tern_error *error);
// The number of rows from `first` on for which `hold` is true, up to the first one for which it is not.
uint32_t tern_layer_rows_that(const struct tern_runner *runner, uint32_t first,
                              bool (*hold)(const struct tern_layer_row *row));
// Multiplies `count` strips from `first` for every token of the pass.
enum tern_status tern_layer_multiply(struct tern_runner *runner, const struct tern_layer_row *row,
                                     const struct tern_matrix *matrix, uint64_t first, uint64_t count,
                                     struct tern_error *error);
// *address: device address of data that the next command reads, valid until the commands of tern_stream_used().
enum tern_status tern_layer_put(struct tern_runner *runner, const void *data, uint64_t bytes, struct tern_error *error,
                                uint64_t *address);
// The same for the rotary row of a token's position.
enum tern_status tern_layer_put_angles(struct tern_runner *runner, uint32_t token, struct tern_error *error,
                                       uint64_t *address);
enum tern_status tern_layer_submit(struct tern_runner *runner, const char *name, const union tern_command *command,
                                   struct tern_error *error);
// Taps the stage for every token and calls the watch.
enum tern_status tern_layer_stage_done(struct tern_runner *runner, const struct tern_layer_row *row,
                                       struct tern_error *error);
// done: tokens for which a stage has been sent.
enum tern_status tern_layer_watch(struct tern_runner *runner, uint32_t done, struct tern_error *error);

// overlap.c: whether one command serves query, key and value: they are short and lie side by side without a gap.
bool tern_overlap_joins(const struct tern_model_config *config);
// Run rows from `first` on in an order in which commands run beside each other. The first function does so
// for a pass, the second for a token of the stages with shared buffers. *rows is their number, 0 when nothing was run.
// tensors: [layer_rows].
enum tern_status tern_overlap_pass(struct tern_runner *runner, uint32_t first, const struct tern_operand *tensors,
                                   struct tern_error *error, uint32_t *rows);
enum tern_status tern_overlap_token(struct tern_runner *runner, uint32_t first, uint32_t token,
                                    struct tern_error *error, uint32_t *rows);

// waves.c: begins the waveform when the options name the command that comes next.
enum tern_status tern_waves_before(struct tern_runner *runner, const char *stage, struct tern_error *error);

// cache.c: places in the key/value cache.
// Bytes of a head's part of the history, or of the keys or values of so many positions.
uint64_t tern_cache_part_bytes(const struct tern_model_config *config, enum tern_buffer buffer, uint32_t positions);
// Bytes of a layer's part of the history, the keys or the values.
uint64_t tern_cache_layer_bytes(const struct tern_runner *runner, enum tern_buffer buffer);
// Address of this layer's part.
uint64_t tern_cache_layer(const struct tern_runner *runner, enum tern_buffer buffer);
// A position's place in a cache of records: of its mantissas and exponent bytes in head 0. The values of a record have
// one place.
struct tern_cache_place {
    uint64_t mantissas, exponents;
    uint32_t groups; // of a head
};
struct tern_cache_place tern_cache_place(const struct tern_runner *runner, enum tern_buffer buffer, uint32_t position);
// Address of the column of a position in the history.
uint64_t tern_cache_history(const struct tern_runner *runner, uint32_t position);
// Writes history and both caches of the layer, a head at a time. values: room for f32 [positions][head_size].
enum tern_status tern_layer_write_cache(struct tern_runner *runner, uint32_t layer, uint32_t positions, float *values,
                                        tern_cache_source source, void *context, struct tern_error *error);
// Adds layer, stage and position to the sentence of a failure. The stage is that of the failed command, which may have
// been sent long before. Without a failed command it is `name`; NULL adds nothing.
enum tern_status tern_at_stage(const struct tern_runner *runner, const char *name, enum tern_status status,
                               struct tern_error *error);

// The command of a row of the table for a token. operand: device address of what is not in a buffer, 0 without one.
union tern_command tern_layer_command(const struct tern_runner *runner, const struct tern_layer_row *row,
                                      uint32_t token, uint64_t operand);
// The part of a DOT or SOFTMAX that belongs to one key/value head.
union tern_command tern_layer_head_command(const struct tern_runner *runner, union tern_command command, uint32_t head);
// The result of a row of the table for a token.
struct tern_stage tern_layer_result(const struct tern_runner *runner, const struct tern_layer_row *row, uint32_t token);

#endif
