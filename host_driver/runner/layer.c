// SPDX-License-Identifier: Apache-2.0
// One transformer layer as commands, in the order of Qwen2's forward pass. Each stage is done for every token of the
// pass before the next begins, so that a weight matrix passes once; a token attends to what the tokens before it have
// stored.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/float/f32.h"
#include "cmodel/float/f32_math.h"
#include "cmodel/layout.h"
#include "host_driver/runner/plan.h"

enum tern_status tern_at_stage(const struct tern_runner *runner, const char *name, enum tern_status status,
                               struct tern_error *error) {
    struct tern_sent at = {.name = name, .layer = runner->layer};
    struct tern_completion failed;
    if (status == TERN_STATUS_OK || !error) {
        return status;
    }
    if (tern_device_take_failed(runner->device, &failed)) {
        at = runner->sent[failed.sequence % TERN_DEVICE_RING_ENTRIES];
    }
    if (!at.name) {
        return status;
    }
    struct tern_error cause = *error;
    char last[24] = "", strips[48] = "";
    if (runner->tokens > 1) {
        snprintf(last, sizeof last, " to %u", runner->position + runner->tokens - 1);
    }
    if (at.first_strip > 0) {
        snprintf(strips, sizeof strips, ", counted from strip %u", at.first_strip);
    }
    return tern_error_set(error, status, "layer %d, %s, position %u%s: %.400s%s", at.layer, at.name, runner->position,
                          last, cause.message, strips);
}

static enum tern_status tap(struct tern_runner *runner, const struct tern_stage *stage, struct tern_error *error) {
    TERN_TRY(tern_device_wait(runner->device, runner->ticket, error, NULL));
    size_t bytes = (size_t)stage->rows * stage->row_bytes;
    uint8_t *data = malloc(bytes);
    if (!data) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a tap");
    }
    enum tern_status status = TERN_STATUS_OK;
    for (uint32_t row = 0; row < stage->rows && status == TERN_STATUS_OK; row++) {
        status = tern_device_read(runner->device, stage->address + row * stage->stride,
                                  data + (size_t)row * stage->row_bytes, stage->row_bytes, error);
    }
    if (status == TERN_STATUS_OK) {
        status = runner->options.tap(runner->options.tap_context, stage, data, bytes, error);
    }
    free(data);
    return status;
}

static enum tern_status submit(struct tern_runner *runner, const char *name, const union tern_command *command,
                               struct tern_error *error) {
    runner->opcode = command->header.opcode;
    TERN_TRY(tern_at_stage(runner, name, tern_device_submit(runner->device, command, error, &runner->ticket), error));
    runner->sent[runner->ticket % TERN_DEVICE_RING_ENTRIES] = (struct tern_sent){name, runner->layer, 0};
    return TERN_STATUS_OK;
}

// Of a layer, as the two blocks below list them.
static uint32_t layer_stages(const struct tern_runner *runner) {
    return runner->config.has_qkv_bias ? 23 : 20;
}

static enum tern_status watch(struct tern_runner *runner, struct tern_error *error) {
    uint32_t all = layer_stages(runner) * runner->layers_at_once;
    if (!runner->watch || runner->stages == all) { // the final norm is not worth a call
        return TERN_STATUS_OK;
    }
    double share = (double)++runner->stages / all;
    return runner->watch(runner->watch_context, runner->earlier_tokens + share * runner->tokens, error);
}

// The stage `name` is complete for every token: `result` has their addresses, `stage` the shape at each.
static enum tern_status stage_done(struct tern_runner *runner, const char *name, struct tern_rows result,
                                   struct tern_stage stage, struct tern_error *error) {
    stage.layer = runner->layer;
    stage.name = name;
    stage.opcode = runner->opcode;
    for (uint32_t token = 0; runner->options.tap && token < runner->tokens; token++) {
        stage.position = runner->position + token;
        stage.address = tern_row(result, token);
        TERN_TRY(tern_at_stage(runner, name, tap(runner, &stage, error), error));
    }
    return watch(runner, error);
}

static struct tern_stage one_vector(uint32_t length) {
    return (struct tern_stage){.rows = 1, .row_bytes = length * (uint32_t)sizeof(float), .is_f32 = 1};
}

// `address` is good until tern_stream_used() after the commands that read it.
static enum tern_status put(struct tern_runner *runner, const void *data, uint64_t bytes, struct tern_error *error,
                            uint64_t *address) {
    return tern_at_stage(runner, "upload", tern_stream_put(&runner->stream, data, bytes, error, address), error);
}

static enum tern_status quantize(struct tern_runner *runner, const char *name, struct tern_rows input, uint32_t length,
                                 struct tern_error *error) {
    const struct tern_stage stage = {.rows = 1, .row_bytes = (uint32_t)tern_activation_bytes(length)};
    for (uint32_t token = 0; token < runner->tokens; token++) {
        const union tern_command command = {.quantize = {TERN_OPCODE_QUANTIZE, 0, .length = length,
                                                         .input = tern_row(input, token),
                                                         .output = tern_row(runner->at.activation, token)}};
        TERN_TRY(submit(runner, name, &command, error));
    }
    return stage_done(runner, name, runner->at.activation, stage, error);
}

// Strips of one command: as many as a piece of the stream holds.
static uint32_t strips_at_once(const struct tern_runner *runner, const struct tern_matrix *matrix) {
    const uint32_t multiple = TERN_STRIPS_MULTIPLE;
    uint64_t fit = tern_stream_piece_bytes(&runner->stream) / tern_strip_bytes(matrix->columns, matrix->depth);
    uint64_t strips = tern_strips(matrix->rows);
    if (fit >= strips && strips * TERN_STRIP_ROWS <= TERN_MAX_ROWS) {
        return (uint32_t)strips;
    }
    return fit < multiple ? multiple : (uint32_t)(fit / multiple * multiple);
}

// `count` strips from `first` for every token of the pass.
static enum tern_status multiply_strips(struct tern_runner *runner, const char *name, const struct tern_matrix *matrix,
                                        uint64_t first, uint64_t count, struct tern_rows output,
                                        struct tern_error *error) {
    uint64_t strip_bytes = tern_strip_bytes(matrix->columns, matrix->depth);
    uint64_t used_bytes = tern_strip_bytes(matrix->columns, runner->depth);
    uint32_t first_row = (uint32_t)first * TERN_STRIP_ROWS, rows = (uint32_t)count * TERN_STRIP_ROWS;
    rows = rows > matrix->rows - first_row ? matrix->rows - first_row : rows;
    uint64_t weights, crc, steps;
    TERN_TRY(tern_at_stage(runner, "upload",
                           tern_stream_put_strips(&runner->stream, matrix->trits + first * strip_bytes, count,
                                                  strip_bytes, used_bytes, error, &weights),
                           error));
    tern_model_release(runner->model, matrix->trits + first * strip_bytes, count * strip_bytes);
    TERN_TRY(put(runner, matrix->crc + first * (matrix->depth + 1), tern_crc_bytes(rows, matrix->depth), error, &crc));
    TERN_TRY(put(runner, matrix->steps, TERN_STEPS * sizeof(float), error, &steps));
    const union tern_command command = {
        .matmul = {TERN_OPCODE_MATMUL, 0, .rows = rows, .columns = matrix->columns, .depth_stored = matrix->depth,
                   .depth_used = runner->depth, .weights = weights, .crc = crc, .steps = steps,
                   .activation = runner->at.activation.address,
                   .output = output.address + (uint64_t)first_row * sizeof(float), .vectors = runner->tokens,
                   .activation_stride = runner->at.activation.stride, .output_stride = output.stride}};
    TERN_TRY(submit(runner, name, &command, error));
    runner->sent[runner->ticket % TERN_DEVICE_RING_ENTRIES].first_strip = (uint32_t)first;
    tern_stream_used(&runner->stream, runner->ticket);
    uint64_t streams = (runner->tokens + runner->unit_vectors - 1) / runner->unit_vectors;
    runner->weight_bytes += streams * count * used_bytes;
    return TERN_STATUS_OK;
}

static enum tern_status matmul(struct tern_runner *runner, const char *name, const struct tern_matrix *matrix,
                               struct tern_rows output, struct tern_error *error) {
    uint64_t strips = tern_strips(matrix->rows);
    uint32_t step = strips_at_once(runner, matrix);
    for (uint64_t first = 0; first < strips; first += step) {
        uint64_t count = strips - first < step ? strips - first : step;
        TERN_TRY(multiply_strips(runner, name, matrix, first, count, output, error));
    }
    return stage_done(runner, name, output, one_vector(matrix->rows), error);
}

// left += right; a bias is one row for all tokens, of stride 0.
static enum tern_status add(struct tern_runner *runner, const char *name, struct tern_rows left, struct tern_rows right,
                            uint32_t length, struct tern_error *error) {
    for (uint32_t token = 0; token < runner->tokens; token++) {
        const union tern_command command = {.add = {TERN_OPCODE_ADD, 0, .length = length, .left = tern_row(left, token),
                                                    .right = tern_row(right, token), .output = tern_row(left, token)}};
        TERN_TRY(submit(runner, name, &command, error));
    }
    return stage_done(runner, name, left, one_vector(length), error);
}

static enum tern_status norm(struct tern_runner *runner, const char *name, const float *weight,
                             struct tern_error *error) {
    uint32_t length = runner->config.hidden_size;
    uint64_t address;
    TERN_TRY(put(runner, weight, length * sizeof(float), error, &address));
    for (uint32_t token = 0; token < runner->tokens; token++) {
        const union tern_command command = {.rmsnorm = {TERN_OPCODE_RMSNORM, 0, .length = length,
                                                        .epsilon = tern_f32_to_bits(runner->config.rms_epsilon),
                                                        .input = tern_row(runner->at.hidden, token),
                                                        .output = tern_row(runner->at.normed, token),
                                                        .weight = address}};
        TERN_TRY(submit(runner, name, &command, error));
    }
    tern_stream_used(&runner->stream, runner->ticket);
    return stage_done(runner, name, runner->at.normed, one_vector(length), error);
}

// Projection and its bias, where the model has one.
static enum tern_status project(struct tern_runner *runner, const char *name, const char *bias_name, int projection,
                                struct tern_rows output, struct tern_error *error) {
    const struct tern_layer_tensors *tensors = &runner->layers[runner->layer];
    const struct tern_matrix *matrix = &tensors->matrix[projection];
    TERN_TRY(matmul(runner, name, matrix, output, error));
    if (!tensors->bias[projection]) {
        return TERN_STATUS_OK;
    }
    struct tern_rows bias = {0};
    TERN_TRY(put(runner, tensors->bias[projection], matrix->rows * sizeof(float), error, &bias.address));
    TERN_TRY(add(runner, bias_name, output, bias, matrix->rows, error));
    tern_stream_used(&runner->stream, runner->ticket);
    return TERN_STATUS_OK;
}

// One vector of heads for each token, `stride` between its heads in `output`.
static enum tern_status rope(struct tern_runner *runner, const char *name, struct tern_rows input, uint32_t heads,
                             struct tern_rows output, uint64_t stride, struct tern_error *error) {
    uint32_t head_size = runner->config.head_size, head_bytes = head_size * (uint32_t)sizeof(float);
    const struct tern_stage stage = {.stride = stride, .rows = heads, .row_bytes = head_bytes, .is_f32 = 1};
    for (uint32_t token = 0; token < runner->tokens; token++) {
        const float *angles = runner->rotary + (size_t)(runner->position + token) * head_size;
        uint64_t table;
        TERN_TRY(put(runner, angles, head_bytes, error, &table));
        const union tern_command command = {.rope = {TERN_OPCODE_ROPE, 0, .heads = heads, .head_size = head_size,
                                                     .input = tern_row(input, token), .table = table,
                                                     .output = tern_row(output, token), .output_stride = stride}};
        TERN_TRY(submit(runner, name, &command, error));
        tern_stream_used(&runner->stream, runner->ticket);
    }
    return stage_done(runner, name, output, stage, error);
}

static enum tern_status store_value(struct tern_runner *runner, struct tern_rows output, uint64_t stride,
                                    struct tern_error *error) {
    uint32_t bytes = runner->config.head_size * (uint32_t)sizeof(float), heads = runner->config.kv_heads;
    const struct tern_stage stage = {.stride = stride, .rows = heads, .row_bytes = bytes, .is_f32 = 1};
    for (uint32_t token = 0; token < runner->tokens; token++) {
        const union tern_command command = {.copy = {TERN_OPCODE_COPY, 0, .rows = heads, .row_bytes = bytes,
                                                     .input = tern_row(runner->at.value, token), .input_stride = bytes,
                                                     .output = tern_row(output, token), .output_stride = stride}};
        TERN_TRY(submit(runner, "v_store", &command, error));
    }
    return stage_done(runner, "v_store", output, stage, error);
}

// A token sees the positions up to its own.
static enum tern_status attend(struct tern_runner *runner, uint64_t cache_offset, uint64_t stride,
                               struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    float scale = tern_f32_reciprocal_sqrt((float)config->head_size);
    for (uint32_t token = 0; token < runner->tokens; token++) {
        const union tern_command command = {
            .attention = {TERN_OPCODE_ATTENTION, 0, .heads = config->heads, .kv_heads = config->kv_heads,
                          .head_size = config->head_size, .positions = runner->position + token + 1,
                          .scale = tern_f32_to_bits(scale), .query = tern_row(runner->at.query_rotated, token),
                          .keys = runner->at.keys + cache_offset, .values = runner->at.values + cache_offset,
                          .head_stride = stride, .scores = runner->at.scores,
                          .output = tern_row(runner->at.attention, token)}};
        TERN_TRY(submit(runner, "attention", &command, error));
    }
    return stage_done(runner, "attention", runner->at.attention, one_vector(config->heads * config->head_size), error);
}

static enum tern_status swiglu(struct tern_runner *runner, struct tern_error *error) {
    uint32_t length = runner->config.intermediate_size;
    for (uint32_t token = 0; token < runner->tokens; token++) {
        uint64_t gate = tern_row(runner->at.gate, token);
        const union tern_command command = {.swiglu = {TERN_OPCODE_SWIGLU, 0, .length = length, .gate = gate,
                                                       .up = tern_row(runner->at.up, token), .output = gate}};
        TERN_TRY(submit(runner, "swiglu", &command, error));
    }
    return stage_done(runner, "swiglu", runner->at.gate, one_vector(length), error);
}

static enum tern_status attention_block(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    const struct tern_buffers *at = &runner->at;
    uint64_t head_bytes = config->head_size * sizeof(float), stride = head_bytes * runner->options.capacity;
    uint64_t cache = (uint64_t)runner->layer * config->kv_heads * stride, here = cache + runner->position * head_bytes;
    const struct tern_rows keys = {at->keys + here, head_bytes}, values = {at->values + here, head_bytes};
    TERN_TRY(norm(runner, "input_norm", runner->layers[runner->layer].input_norm, error));
    TERN_TRY(quantize(runner, "input_quantize", at->normed, config->hidden_size, error));
    TERN_TRY(project(runner, "q_proj", "q_bias", TERN_Q, at->query, error));
    TERN_TRY(project(runner, "k_proj", "k_bias", TERN_K, at->key, error));
    TERN_TRY(project(runner, "v_proj", "v_bias", TERN_V, at->value, error));
    TERN_TRY(rope(runner, "q_rope", at->query, config->heads, at->query_rotated, head_bytes, error));
    TERN_TRY(rope(runner, "k_rope", at->key, config->kv_heads, keys, stride, error));
    TERN_TRY(store_value(runner, values, stride, error));
    TERN_TRY(attend(runner, cache, stride, error));
    TERN_TRY(quantize(runner, "attention_quantize", at->attention, config->heads * config->head_size, error));
    TERN_TRY(project(runner, "o_proj", NULL, TERN_O, at->projected, error));
    return add(runner, "attention_residual", at->hidden, at->projected, config->hidden_size, error);
}

static enum tern_status mlp_block(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    const struct tern_buffers *at = &runner->at;
    TERN_TRY(norm(runner, "post_norm", runner->layers[runner->layer].post_norm, error));
    TERN_TRY(quantize(runner, "post_quantize", at->normed, config->hidden_size, error));
    TERN_TRY(project(runner, "gate_proj", NULL, TERN_GATE, at->gate, error));
    TERN_TRY(project(runner, "up_proj", NULL, TERN_UP, at->up, error));
    TERN_TRY(swiglu(runner, error));
    TERN_TRY(quantize(runner, "swiglu_quantize", at->gate, config->intermediate_size, error));
    TERN_TRY(project(runner, "down_proj", NULL, TERN_DOWN, at->projected, error));
    return add(runner, "mlp_residual", at->hidden, at->projected, config->hidden_size, error);
}

enum tern_status tern_layer_run(struct tern_runner *runner, uint32_t layer, struct tern_error *error) {
    runner->layer = (int32_t)layer;
    TERN_TRY(attention_block(runner, error));
    return mlp_block(runner, error);
}

enum tern_status tern_final_norm_run(struct tern_runner *runner, struct tern_error *error) {
    runner->layer = -1;
    return norm(runner, "final_norm", runner->final_norm, error);
}
