// SPDX-License-Identifier: Apache-2.0
// One transformer layer as commands, in the order of Qwen2's forward pass.
#include <stdlib.h>
#include <string.h>

#include "cmodel/f32.h"
#include "cmodel/f32_math.h"
#include "cmodel/layout.h"
#include "host_driver/runner/plan.h"

#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        enum tern_status try_status = (expression);                                                                    \
        if (try_status != TERN_STATUS_OK) {                                                                            \
            return try_status;                                                                                         \
        }                                                                                                              \
    } while (0)

// Adds where it happened to a device's sentence.
static enum tern_status at_stage(const struct tern_runner *runner, const char *name, enum tern_status status,
                                 struct tern_error *error) {
    if (status != TERN_STATUS_OK && error) {
        struct tern_error cause = *error;
        tern_error_set(error, status, "layer %d, %s, position %u: %.400s", runner->layer, name, runner->position,
                       cause.message);
    }
    return status;
}

static enum tern_status tap(struct tern_runner *runner, const struct tern_stage *stage, struct tern_error *error) {
    TRY(tern_device_wait(runner->device, runner->ticket, error, NULL));
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
    enum tern_status status = tern_device_submit(runner->device, command, error, &runner->ticket);
    if (status == TERN_STATUS_OK) {
        tern_stream_used(&runner->stream, runner->ticket);
    }
    return at_stage(runner, name, status, error);
}

// The stage `name` is complete: its result is `rows` rows.
static enum tern_status stage_done(struct tern_runner *runner, const char *name, uint64_t address, uint32_t rows,
                                   uint32_t row_bytes, uint64_t stride, int is_f32, struct tern_error *error) {
    if (!runner->options.tap) {
        return TERN_STATUS_OK;
    }
    const struct tern_stage stage = {runner->position, runner->layer, name, address, stride, rows, row_bytes, is_f32};
    return at_stage(runner, name, tap(runner, &stage, error), error);
}

static enum tern_status put(struct tern_runner *runner, const void *data, uint64_t bytes, struct tern_error *error,
                            uint64_t *address) {
    return at_stage(runner, "upload", tern_stream_put(&runner->stream, data, bytes, error, address), error);
}

static enum tern_status quantize(struct tern_runner *runner, const char *name, uint64_t input, uint32_t length,
                                 struct tern_error *error) {
    const union tern_command command = {
        .quantize = {TERN_OPCODE_QUANTIZE, 0, .length = length, .input = input, .output = runner->at.activation}};
    TRY(submit(runner, name, &command, error));
    return stage_done(runner, name, runner->at.activation, 1, (uint32_t)tern_activation_bytes(length), 0, 0, error);
}

// Strips of one command: as many as a piece of the stream holds; results of every command start 64-byte aligned.
static uint32_t strips_at_once(const struct tern_runner *runner, const struct tern_matrix *matrix) {
    const uint32_t multiple = TERN_SEGMENT_ALIGN / 4;
    uint64_t fit = tern_stream_piece_bytes(&runner->stream) / tern_strip_bytes(matrix->columns, matrix->depth);
    uint64_t strips = tern_strips(matrix->rows);
    if (fit >= strips && strips * TERN_STRIP_ROWS <= TERN_MAX_ROWS) {
        return (uint32_t)strips;
    }
    return fit < multiple ? multiple : (uint32_t)(fit / multiple * multiple);
}

static enum tern_status matmul(struct tern_runner *runner, const char *name, const struct tern_matrix *matrix,
                               uint64_t output, struct tern_error *error) {
    uint64_t strip_bytes = tern_strip_bytes(matrix->columns, matrix->depth), strips = tern_strips(matrix->rows);
    uint32_t depth_used = runner->options.depth ? runner->options.depth : matrix->depth;
    uint32_t step = strips_at_once(runner, matrix);
    for (uint64_t first = 0; first < strips; first += step) {
        uint64_t count = strips - first < step ? strips - first : step;
        uint32_t first_row = (uint32_t)first * TERN_STRIP_ROWS, rows = (uint32_t)count * TERN_STRIP_ROWS;
        rows = rows > matrix->rows - first_row ? matrix->rows - first_row : rows;
        union tern_command command = {.matmul = {TERN_OPCODE_MATMUL, 0, .rows = rows, .columns = matrix->columns,
                                                 .depth_stored = matrix->depth, .depth_used = depth_used,
                                                 .activation = runner->at.activation, .vectors = 1,
                                                 .output = output + (uint64_t)first_row * sizeof(float)}};
        uint64_t address[3];
        TRY(put(runner, matrix->trits + first * strip_bytes, count * strip_bytes, error, &address[0]));
        TRY(put(runner, matrix->crc + first * (matrix->depth + 1), tern_crc_bytes(rows, matrix->depth), error,
                &address[1]));
        TRY(put(runner, matrix->steps, TERN_STEPS * sizeof(float), error, &address[2]));
        command.matmul.weights = address[0];
        command.matmul.crc = address[1];
        command.matmul.steps = address[2];
        TRY(submit(runner, name, &command, error));
    }
    return stage_done(runner, name, output, 1, matrix->rows * (uint32_t)sizeof(float), 0, 1, error);
}

static enum tern_status add(struct tern_runner *runner, const char *name, uint64_t left, uint64_t right,
                            uint64_t output, uint32_t length, struct tern_error *error) {
    const union tern_command command = {
        .add = {TERN_OPCODE_ADD, 0, .length = length, .left = left, .right = right, .output = output}};
    TRY(submit(runner, name, &command, error));
    return stage_done(runner, name, output, 1, length * (uint32_t)sizeof(float), 0, 1, error);
}

static enum tern_status norm(struct tern_runner *runner, const char *name, const float *weight,
                             struct tern_error *error) {
    uint32_t length = runner->config.hidden_size;
    union tern_command command = {.rmsnorm = {TERN_OPCODE_RMSNORM, 0, .length = length,
                                              .epsilon = tern_f32_to_bits(runner->config.rms_epsilon),
                                              .input = runner->at.hidden, .output = runner->at.normed}};
    uint64_t address;
    TRY(put(runner, weight, length * sizeof(float), error, &address));
    command.rmsnorm.weight = address;
    TRY(submit(runner, name, &command, error));
    return stage_done(runner, name, runner->at.normed, 1, length * (uint32_t)sizeof(float), 0, 1, error);
}

// Projection and its bias, where the model has one.
static enum tern_status project(struct tern_runner *runner, const char *name, const char *bias_name, int projection,
                                uint64_t output, struct tern_error *error) {
    const struct tern_layer_tensors *tensors = &runner->layers[runner->layer];
    const struct tern_matrix *matrix = &tensors->matrix[projection];
    TRY(matmul(runner, name, matrix, output, error));
    if (!tensors->bias[projection]) {
        return TERN_STATUS_OK;
    }
    uint64_t bias;
    TRY(put(runner, tensors->bias[projection], matrix->rows * sizeof(float), error, &bias));
    return add(runner, bias_name, output, bias, output, matrix->rows, error);
}

static enum tern_status rope(struct tern_runner *runner, const char *name, uint64_t input, uint32_t heads,
                             uint64_t output, uint64_t stride, struct tern_error *error) {
    uint32_t head_size = runner->config.head_size;
    union tern_command command = {.rope = {TERN_OPCODE_ROPE, 0, .heads = heads, .head_size = head_size, .input = input,
                                           .output = output, .output_stride = stride}};
    uint64_t table;
    TRY(put(runner, runner->rotary + (size_t)runner->position * head_size, head_size * sizeof(float), error, &table));
    command.rope.table = table;
    TRY(submit(runner, name, &command, error));
    return stage_done(runner, name, output, heads, head_size * (uint32_t)sizeof(float), stride, 1, error);
}

static enum tern_status store_value(struct tern_runner *runner, uint64_t output, uint64_t stride,
                                    struct tern_error *error) {
    uint32_t bytes = runner->config.head_size * (uint32_t)sizeof(float), heads = runner->config.kv_heads;
    const union tern_command command = {.copy = {TERN_OPCODE_COPY, 0, .rows = heads, .row_bytes = bytes,
                                                 .input = runner->at.value, .input_stride = bytes, .output = output,
                                                 .output_stride = stride}};
    TRY(submit(runner, "v_store", &command, error));
    return stage_done(runner, "v_store", output, heads, bytes, stride, 1, error);
}

static enum tern_status attend(struct tern_runner *runner, uint64_t cache_offset, uint64_t stride,
                               struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    float scale = tern_f32_reciprocal_sqrt((float)config->head_size);
    const union tern_command command = {
        .attention = {TERN_OPCODE_ATTENTION, 0, .heads = config->heads, .kv_heads = config->kv_heads,
                      .head_size = config->head_size, .positions = runner->position + 1,
                      .scale = tern_f32_to_bits(scale), .query = runner->at.query_rotated,
                      .keys = runner->at.keys + cache_offset, .values = runner->at.values + cache_offset,
                      .head_stride = stride, .scores = runner->at.scores, .output = runner->at.attention}};
    TRY(submit(runner, "attention", &command, error));
    return stage_done(runner, "attention", runner->at.attention, 1,
                      config->heads * config->head_size * (uint32_t)sizeof(float), 0, 1, error);
}

static enum tern_status attention_block(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    const struct tern_buffers *at = &runner->at;
    uint64_t head_bytes = config->head_size * sizeof(float), stride = head_bytes * runner->options.capacity;
    uint64_t cache = (uint64_t)runner->layer * config->kv_heads * stride, here = cache + runner->position * head_bytes;
    uint32_t heads = config->heads * config->head_size;
    TRY(norm(runner, "input_norm", runner->layers[runner->layer].input_norm, error));
    TRY(quantize(runner, "input_quantize", at->normed, config->hidden_size, error));
    TRY(project(runner, "q_proj", "q_bias", TERN_Q, at->query, error));
    TRY(project(runner, "k_proj", "k_bias", TERN_K, at->key, error));
    TRY(project(runner, "v_proj", "v_bias", TERN_V, at->value, error));
    TRY(rope(runner, "q_rope", at->query, config->heads, at->query_rotated, head_bytes, error));
    TRY(rope(runner, "k_rope", at->key, config->kv_heads, at->keys + here, stride, error));
    TRY(store_value(runner, at->values + here, stride, error));
    TRY(attend(runner, cache, stride, error));
    TRY(quantize(runner, "attention_quantize", at->attention, heads, error));
    TRY(project(runner, "o_proj", NULL, TERN_O, at->projected, error));
    return add(runner, "attention_residual", at->hidden, at->projected, at->hidden, config->hidden_size, error);
}

static enum tern_status mlp_block(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    const struct tern_buffers *at = &runner->at;
    TRY(norm(runner, "post_norm", runner->layers[runner->layer].post_norm, error));
    TRY(quantize(runner, "post_quantize", at->normed, config->hidden_size, error));
    TRY(project(runner, "gate_proj", NULL, TERN_GATE, at->gate, error));
    TRY(project(runner, "up_proj", NULL, TERN_UP, at->up, error));
    const union tern_command swiglu = {.swiglu = {TERN_OPCODE_SWIGLU, 0, .length = config->intermediate_size,
                                                  .gate = at->gate, .up = at->up, .output = at->gate}};
    TRY(submit(runner, "swiglu", &swiglu, error));
    TRY(stage_done(runner, "swiglu", at->gate, 1, config->intermediate_size * (uint32_t)sizeof(float), 0, 1, error));
    TRY(quantize(runner, "swiglu_quantize", at->gate, config->intermediate_size, error));
    TRY(project(runner, "down_proj", NULL, TERN_DOWN, at->projected, error));
    return add(runner, "mlp_residual", at->hidden, at->projected, at->hidden, config->hidden_size, error);
}

enum tern_status tern_layer_run(struct tern_runner *runner, uint32_t layer, struct tern_error *error) {
    runner->layer = (int32_t)layer;
    TRY(attention_block(runner, error));
    return mlp_block(runner, error);
}

enum tern_status tern_final_norm_run(struct tern_runner *runner, struct tern_error *error) {
    runner->layer = -1;
    return norm(runner, "final_norm", runner->final_norm, error);
}
