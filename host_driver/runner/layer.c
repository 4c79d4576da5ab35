// SPDX-License-Identifier: Apache-2.0
// Runs one transformer layer as commands, row by row of host_driver/model/layer_table.h. Each stage is done for every
// token of the pass before the next stage, so that a weight matrix is streamed once. A token attends to the keys and
// values that earlier tokens have stored.
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

// data: [rows][row_bytes] of the stage, working space.
static enum tern_status read_and_tap(struct tern_runner *runner, const struct tern_stage *stage, uint8_t *data,
                                     size_t bytes, struct tern_error *error) {
    for (uint32_t row = 0; row < stage->rows; row++) {
        TERN_TRY(tern_device_read(runner->device, stage->address + row * stage->stride,
                                  data + (size_t)row * stage->row_bytes, stage->row_bytes, error));
    }
    return runner->options.tap(runner->options.tap_context, stage, data, bytes, error);
}

static enum tern_status tap(struct tern_runner *runner, const struct tern_stage *stage, struct tern_error *error) {
    TERN_TRY(tern_device_wait(runner->device, runner->ticket, error, NULL));
    size_t bytes = (size_t)stage->rows * stage->row_bytes;
    uint8_t *data = malloc(bytes);
    if (!data) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a tap");
    }
    enum tern_status status = read_and_tap(runner, stage, data, bytes, error);
    free(data);
    return status;
}

static enum tern_status submit(struct tern_runner *runner, const char *name, const union tern_command *command,
                               struct tern_error *error) {
    TERN_TRY(tern_at_stage(runner, name, tern_device_submit(runner->device, command, error, &runner->ticket), error));
    runner->sent[runner->ticket % TERN_DEVICE_RING_ENTRIES] = (struct tern_sent){name, runner->layer, 0};
    return TERN_STATUS_OK;
}

static enum tern_status watch(struct tern_runner *runner, struct tern_error *error) {
    uint32_t all = runner->layer_rows * runner->layers_at_once;
    if (!runner->watch || runner->stages == all) { // no call for the final norm
        return TERN_STATUS_OK;
    }
    double share = (double)++runner->stages / all;
    return runner->watch(runner->watch_context, runner->earlier_tokens + share * runner->tokens, error);
}

static uint32_t head_bytes(const struct tern_runner *runner) {
    return runner->config.head_size * (uint32_t)sizeof(float);
}

// Bytes from one head to the next.
static uint64_t head_stride(const struct tern_runner *runner, enum tern_buffer buffer) {
    return (uint64_t)head_bytes(runner) * (tern_is_cache(buffer) ? runner->options.capacity : 1);
}

// Address of this layer's part of a cache.
static uint64_t layer_address(const struct tern_runner *runner, enum tern_buffer cache) {
    uint64_t layer_bytes = runner->config.kv_heads * head_stride(runner, cache);
    return runner->at[cache].address + (uint64_t)runner->layer * layer_bytes;
}

enum tern_status tern_layer_write_cache(struct tern_runner *runner, uint32_t layer, uint32_t positions, float *values,
                                        tern_cache_source source, void *context, struct tern_error *error) {
    static const enum tern_buffer caches[] = {TERN_BUFFER_KEYS, TERN_BUFFER_VALUES};
    runner->layer = (int32_t)layer;
    for (uint32_t i = 0; i < 2 * runner->config.kv_heads; i++) {
        const enum tern_buffer cache = caches[i / runner->config.kv_heads];
        const uint64_t head = i % runner->config.kv_heads * head_stride(runner, cache);
        source(context, values, (size_t)positions * runner->config.head_size);
        TERN_TRY(tern_device_write(runner->device, layer_address(runner, cache) + head, values,
                                   (size_t)positions * head_bytes(runner), error));
    }
    return TERN_STATUS_OK;
}

uint64_t tern_runner_cache_bytes(const struct tern_runner *runner, uint32_t position) {
    return 2 * ((uint64_t)position + 1) * runner->config.kv_heads * head_bytes(runner);
}

// Address of a token's part of a buffer.
static uint64_t token_address(const struct tern_runner *runner, enum tern_buffer buffer, uint32_t token) {
    struct tern_rows rows = runner->at[buffer];
    return tern_is_cache(buffer) ? layer_address(runner, buffer) + (runner->position + token) * rows.stride
                                 : tern_row(rows, token);
}

// The result of a row of the table for a token.
static struct tern_stage result_of(const struct tern_runner *runner, const struct tern_layer_row *row, uint32_t token) {
    uint32_t length = tern_extent_length(&runner->config, row->length);
    bool is_f32 = row->writes != TERN_BUFFER_ACTIVATION;
    uint64_t bytes = is_f32 ? length * sizeof(float) : tern_activation_bytes(length);
    struct tern_stage stage = {.position = runner->position + token,
                               .layer = runner->layer,
                               .name = row->stage,
                               .opcode = row->opcode,
                               .address = token_address(runner, row->writes, token),
                               .rows = 1,
                               .row_bytes = (uint32_t)bytes,
                               .is_f32 = is_f32};
    if (row->opcode == TERN_OPCODE_ROPE || row->opcode == TERN_OPCODE_COPY) {
        stage.rows = length / runner->config.head_size;
        stage.row_bytes = head_bytes(runner);
        stage.stride = head_stride(runner, row->writes);
    }
    return stage;
}

// Taps the stage for every token and calls the watch.
static enum tern_status stage_done(struct tern_runner *runner, const struct tern_layer_row *row,
                                   struct tern_error *error) {
    for (uint32_t token = 0; runner->options.tap && token < runner->tokens; token++) {
        const struct tern_stage stage = result_of(runner, row, token);
        TERN_TRY(tern_at_stage(runner, row->stage, tap(runner, &stage, error), error));
    }
    return watch(runner, error);
}

// *address is valid until the commands named by tern_stream_used() have ended.
static enum tern_status put(struct tern_runner *runner, const void *data, uint64_t bytes, struct tern_error *error,
                            uint64_t *address) {
    return tern_at_stage(runner, "upload", tern_stream_put(&runner->stream, data, bytes, error, address), error);
}

// The number of strips of one command: as many as a piece of the stream holds.
static uint32_t strips_at_once(const struct tern_runner *runner, const struct tern_matrix *matrix) {
    const uint32_t multiple = TERN_STRIPS_MULTIPLE;
    uint64_t fit = tern_stream_piece_bytes(&runner->stream) / tern_strip_bytes(matrix->columns, matrix->depth);
    uint64_t strips = tern_strips(matrix->rows);
    if (fit >= strips && strips * TERN_STRIP_ROWS <= TERN_MAX_ROWS) {
        return (uint32_t)strips;
    }
    return fit < multiple ? multiple : (uint32_t)(fit / multiple * multiple);
}

// Multiplies `count` strips from `first` for every token of the pass.
static enum tern_status multiply_strips(struct tern_runner *runner, const struct tern_layer_row *row,
                                        const struct tern_matrix *matrix, uint64_t first, uint64_t count,
                                        struct tern_error *error) {
    const struct tern_rows activation = runner->at[row->reads[0]], output = runner->at[row->writes];
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
                   .activation = activation.address, .output = output.address + (uint64_t)first_row * sizeof(float),
                   .vectors = runner->tokens, .activation_stride = activation.stride, .output_stride = output.stride}};
    TERN_TRY(submit(runner, row->stage, &command, error));
    runner->sent[runner->ticket % TERN_DEVICE_RING_ENTRIES].first_strip = (uint32_t)first;
    tern_stream_used(&runner->stream, runner->ticket);
    uint64_t streams = (runner->tokens + runner->unit_vectors - 1) / runner->unit_vectors;
    runner->weight_bytes += streams * count * used_bytes;
    return TERN_STATUS_OK;
}

static enum tern_status multiply(struct tern_runner *runner, const struct tern_layer_row *row,
                                 const struct tern_matrix *matrix, struct tern_error *error) {
    uint64_t strips = tern_strips(matrix->rows);
    uint32_t step = strips_at_once(runner, matrix);
    for (uint64_t first = 0; first < strips; first += step) {
        uint64_t count = strips - first < step ? strips - first : step;
        TERN_TRY(multiply_strips(runner, row, matrix, first, count, error));
    }
    return TERN_STATUS_OK;
}

// One row of the table for one token.
struct work {
    const struct tern_runner *runner;
    const struct tern_layer_row *row;
    uint32_t token, length;
    uint64_t from[TERN_LAYER_READS + 1]; // device addresses of the operands, the uploaded one last
    uint64_t to;                         // device address of the result
};

static union tern_command quantize(const struct work *work) {
    return (union tern_command){
        .quantize = {TERN_OPCODE_QUANTIZE, 0, .length = work->length, .input = work->from[0], .output = work->to}};
}

static union tern_command add(const struct work *work) {
    return (union tern_command){.add = {TERN_OPCODE_ADD, 0, .length = work->length, .left = work->from[0],
                                        .right = work->from[1], .output = work->to}};
}

static union tern_command rmsnorm(const struct work *work) {
    return (union tern_command){.rmsnorm = {TERN_OPCODE_RMSNORM, 0, .length = work->length,
                                            .epsilon = tern_f32_to_bits(work->runner->config.rms_epsilon),
                                            .input = work->from[0], .weight = work->from[1], .output = work->to}};
}

static union tern_command rope(const struct work *work) {
    uint32_t head_size = work->runner->config.head_size;
    return (union tern_command){.rope = {TERN_OPCODE_ROPE, 0, .heads = work->length / head_size, .head_size = head_size,
                                         .input = work->from[0], .table = work->from[1], .output = work->to,
                                         .output_stride = head_stride(work->runner, work->row->writes)}};
}

// A token attends to the positions up to its own.
static union tern_command attention(const struct work *work) {
    const struct tern_runner *runner = work->runner;
    const struct tern_model_config *config = &runner->config;
    float scale = tern_f32_reciprocal_sqrt((float)config->head_size);
    return (union tern_command){
        .attention = {TERN_OPCODE_ATTENTION, 0, .heads = config->heads, .kv_heads = config->kv_heads,
                      .head_size = config->head_size, .positions = runner->position + work->token + 1,
                      .scale = tern_f32_to_bits(scale), .query = work->from[0], .keys = work->from[1],
                      .values = work->from[2], .head_stride = head_stride(runner, work->row->reads[1]),
                      .scores = runner->scores, .output = work->to}};
}

static union tern_command swiglu(const struct work *work) {
    return (union tern_command){.swiglu = {TERN_OPCODE_SWIGLU, 0, .length = work->length, .gate = work->from[0],
                                           .up = work->from[1], .output = work->to}};
}

// Copies heads into a cache.
static union tern_command copy(const struct work *work) {
    const struct tern_runner *runner = work->runner;
    return (union tern_command){.copy = {TERN_OPCODE_COPY, 0, .rows = work->length / runner->config.head_size,
                                         .row_bytes = head_bytes(runner), .input = work->from[0],
                                         .input_stride = head_stride(runner, work->row->reads[0]), .output = work->to,
                                         .output_stride = head_stride(runner, work->row->writes)}};
}

static union tern_command command_of(const struct tern_runner *runner, const struct tern_layer_row *row, uint32_t token,
                                     uint64_t operand) {
    static union tern_command (*const make[TERN_OPCODE_COUNT])(const struct work *work) = {
        [TERN_OPCODE_QUANTIZE] = quantize,   [TERN_OPCODE_ADD] = add,
        [TERN_OPCODE_RMSNORM] = rmsnorm,     [TERN_OPCODE_ROPE] = rope,
        [TERN_OPCODE_ATTENTION] = attention, [TERN_OPCODE_SWIGLU] = swiglu,
        [TERN_OPCODE_COPY] = copy,
    };
    struct work work = {.runner = runner,
                        .row = row,
                        .token = token,
                        .length = tern_extent_length(&runner->config, row->length),
                        .to = token_address(runner, row->writes, token)};
    size_t count = 0;
    for (; count < TERN_LAYER_READS && row->reads[count] != TERN_BUFFER_NONE; count++) {
        enum tern_buffer buffer = row->reads[count];
        work.from[count] = tern_is_cache(buffer) ? layer_address(runner, buffer) : token_address(runner, buffer, token);
    }
    work.from[count] = operand;
    return make[row->opcode](&work);
}

// Uploads the operand that is not in a buffer: the rotary row of the token's position, or the row's tensor, once for
// all tokens.
static enum tern_status put_operand(struct tern_runner *runner, const struct tern_layer_row *row,
                                    const struct tern_operand *tensor, uint32_t token, struct tern_error *error,
                                    uint64_t *address) {
    if (row->opcode == TERN_OPCODE_ROPE) {
        const float *angles = runner->rotary + (size_t)(runner->position + token) * runner->config.head_size;
        return put(runner, angles, head_bytes(runner), error, address);
    }
    return tensor->vector && token == 0 ? put(runner, tensor->vector, tensor->length * sizeof(float), error, address)
                                        : TERN_STATUS_OK;
}

// Submits one command for each token.
static enum tern_status run_tokens(struct tern_runner *runner, const struct tern_layer_row *row,
                                   const struct tern_operand *tensor, struct tern_error *error) {
    uint64_t operand = 0;
    for (uint32_t token = 0; token < runner->tokens; token++) {
        TERN_TRY(put_operand(runner, row, tensor, token, error, &operand));
        const union tern_command command = command_of(runner, row, token, operand);
        TERN_TRY(submit(runner, row->stage, &command, error));
        if (row->opcode == TERN_OPCODE_ROPE || token + 1 == runner->tokens) {
            tern_stream_used(&runner->stream, runner->ticket);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status run_row(struct tern_runner *runner, const struct tern_layer_row *row,
                                const struct tern_operand *tensor, struct tern_error *error) {
    TERN_TRY(row->opcode == TERN_OPCODE_MATMUL ? multiply(runner, row, &tensor->matrix, error)
                                               : run_tokens(runner, row, tensor, error));
    return stage_done(runner, row, error);
}

enum tern_status tern_layer_run(struct tern_runner *runner, uint32_t layer, struct tern_error *error) {
    const struct tern_operand *tensors = runner->operands + (size_t)layer * runner->layer_rows;
    runner->layer = (int32_t)layer;
    for (uint32_t i = 0; i < runner->layer_rows; i++) {
        TERN_TRY(run_row(runner, tern_layer_row(&runner->config, i), &tensors[i], error));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_final_norm_run(struct tern_runner *runner, struct tern_error *error) {
    runner->layer = -1;
    return run_row(runner, &tern_final_norm_row, &runner->final_norm, error);
}
