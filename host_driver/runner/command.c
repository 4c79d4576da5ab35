// SPDX-License-Identifier: Apache-2.0
// The commands of a layer: a row of host_driver/model/layer_table.h and a token give a command, and the place of its
// result.
#include "cmodel/attention/cache.h"
#include "cmodel/float/f32.h"
#include "cmodel/float/f32_math.h"
#include "cmodel/layout.h"
#include "host_driver/runner/plan.h"

static uint32_t head_bytes(const struct tern_runner *runner) {
    return runner->config.head_size * (uint32_t)sizeof(float);
}

// Bytes from one head to the next.
static uint64_t head_stride(const struct tern_runner *runner, enum tern_buffer buffer) {
    return tern_is_shared(buffer) ? runner->site->at[buffer].stride : head_bytes(runner);
}

// Address of a token's part of a buffer, that of a stage's operand.
static uint64_t token_address(const struct tern_runner *runner, enum tern_buffer buffer, uint32_t token) {
    return tern_is_of_layers(buffer) ? tern_cache_layer(runner, buffer)
           : tern_is_shared(buffer)  ? runner->site->at[buffer].address
                                     : tern_row(runner->site->at[buffer], token);
}

// Address of a stage's result.
static uint64_t result_address(const struct tern_runner *runner, enum tern_buffer buffer, uint32_t token) {
    const uint32_t position = runner->position + token;
    switch (buffer) {
    case TERN_BUFFER_HISTORY: return tern_cache_history(runner, position);
    case TERN_BUFFER_KEYS:
    case TERN_BUFFER_VALUES: return tern_cache_place(runner, buffer, position).mantissas;
    default: return token_address(runner, buffer, token);
    }
}

// The rows of a stage whose result has one for each head, or for each element.
static void set_rows(const struct tern_runner *runner, const struct tern_layer_row *row, struct tern_stage *stage) {
    const uint32_t positions = stage->position + 1;
    const bool is_key_value = row->length == TERN_EXTENT_KEY_VALUE;
    stage->rows = is_key_value ? runner->config.kv_heads : runner->config.heads;
    stage->stride = head_stride(runner, row->writes);
    stage->row_bytes = head_bytes(runner);
    switch (row->writes) {
    case TERN_BUFFER_QUERIES: stage->row_bytes = (uint32_t)tern_activation_bytes(runner->config.head_size); break;
    case TERN_BUFFER_SCORES: stage->row_bytes = positions * (uint32_t)sizeof(float); break;
    case TERN_BUFFER_WEIGHTS: stage->row_bytes = (uint32_t)tern_activation_bytes(positions); break;
    case TERN_BUFFER_KEYS:
    case TERN_BUFFER_VALUES:
        stage->row_bytes = TERN_CACHE_GROUP_BYTES * tern_cache_place(runner, row->writes, stage->position).groups;
        break;
    case TERN_BUFFER_HISTORY:
        stage->rows *= runner->config.head_size;
        stage->row_bytes = sizeof(float);
        stage->stride = TERN_HISTORY_POSITIONS * sizeof(float);
        break;
    default: break;
    }
}

static bool is_f32(enum tern_buffer buffer) {
    return buffer != TERN_BUFFER_ACTIVATION && buffer != TERN_BUFFER_QUERIES && buffer != TERN_BUFFER_WEIGHTS &&
           buffer != TERN_BUFFER_KEYS && buffer != TERN_BUFFER_VALUES;
}

struct tern_stage tern_layer_result(const struct tern_runner *runner, const struct tern_layer_row *row,
                                    uint32_t token) {
    uint32_t length = tern_extent_length(&runner->config, row->length);
    uint64_t bytes = is_f32(row->writes) ? length * sizeof(float) : tern_activation_bytes(length);
    struct tern_stage stage = {.position = runner->position + token,
                               .layer = runner->layer,
                               .name = row->stage,
                               .opcode = row->opcode,
                               .address = result_address(runner, row->writes, token),
                               .rows = 1,
                               .row_bytes = (uint32_t)bytes,
                               .is_f32 = is_f32(row->writes)};
    if (row->opcode == TERN_OPCODE_ROPE || tern_is_shared(row->writes)) {
        set_rows(runner, row, &stage);
    }
    return stage;
}

// One row of the table for one token.
struct work {
    const struct tern_runner *runner;
    const struct tern_layer_row *row;
    uint32_t token, length;
    uint64_t from[TERN_LAYER_READS + 1]; // device addresses of the operands, the uploaded one last
    uint64_t to, also_to;                // device addresses of the results
};

static uint32_t position_of(const struct work *work) {
    return work->runner->position + work->token;
}

// The whole vector as one image, or each query head as one.
static union tern_command quantize(const struct work *work) {
    const bool by_head = work->row->writes == TERN_BUFFER_QUERIES;
    const struct tern_model_config *config = &work->runner->config;
    return (union tern_command){.quantize = {TERN_OPCODE_QUANTIZE, 0,
                                             .length = by_head ? config->head_size : work->length,
                                             .rows = by_head ? config->heads : 1, .input = work->from[0],
                                             .output = work->to, .input_stride = head_bytes(work->runner),
                                             .output_stride = head_stride(work->runner, work->row->writes)}};
}

static union tern_command add(const struct work *work) {
    return (union tern_command){.add = {TERN_OPCODE_ADD, 0, .length = work->length, .left = work->from[0],
                                        .right = work->from[1], .output = work->to}};
}

static union tern_command rmsnorm(const struct work *work) {
    const uint32_t length = tern_layer_part_length(&work->runner->config, work->row);
    return (union tern_command){.rmsnorm = {TERN_OPCODE_RMSNORM, 0, .length = length, .rows = work->length / length,
                                            .epsilon = tern_f32_to_bits(work->runner->config.rms_epsilon),
                                            .input = work->from[0], .weight = work->from[1], .output = work->to}};
}

static union tern_command rope(const struct work *work) {
    uint32_t head_size = work->runner->config.head_size;
    return (union tern_command){.rope = {TERN_OPCODE_ROPE, 0, .heads = work->length / head_size, .head_size = head_size,
                                         .input = work->from[0], .table = work->from[1], .output = work->to,
                                         .output_stride = head_stride(work->runner, work->row->writes)}};
}

// A key is one row of its head. A value record has a row for each element: its positions up to the token's.
static union tern_command store(const struct work *work) {
    const struct tern_runner *runner = work->runner;
    const struct tern_model_config *config = &runner->config;
    const enum tern_buffer cache = work->row->writes;
    const uint32_t position = position_of(work), of_record = position % TERN_CACHE_POSITIONS;
    const struct tern_cache_place place = tern_cache_place(runner, cache, position);
    union tern_command command = {.store = {TERN_OPCODE_STORE, 0, .heads = config->kv_heads, .rows = 1,
                                            .length = config->head_size, .input = work->from[0],
                                            .input_stride = head_bytes(runner), .mantissas = place.mantissas,
                                            .exponents = place.exponents, .head_stride = head_stride(runner, cache)}};
    if (cache == TERN_BUFFER_VALUES) {
        command.store.rows = config->head_size;
        command.store.length = of_record + 1;
        command.store.input = tern_cache_history(runner, position - of_record);
        command.store.input_stride = TERN_HISTORY_POSITIONS * sizeof(float);
    }
    return command;
}

// Scores of the query images with the keys, or values times the images of weights. A token attends to the positions up
// to its own.
static union tern_command dot(const struct work *work) {
    const struct tern_runner *runner = work->runner;
    const struct tern_model_config *config = &runner->config;
    const enum tern_buffer images = work->row->reads[0], cache = work->row->reads[1];
    return (union tern_command){.dot = {TERN_OPCODE_DOT, 0,
                                        .kind = cache == TERN_BUFFER_KEYS ? TERN_CACHE_KEYS : TERN_CACHE_VALUES,
                                        .kv_heads = config->kv_heads, .vectors = config->heads / config->kv_heads,
                                        .head_size = config->head_size, .positions = position_of(work) + 1,
                                        .images = work->from[0], .image_stride = head_stride(runner, images),
                                        .cache = work->from[1], .head_stride = head_stride(runner, cache),
                                        .output = work->to, .output_stride = head_stride(runner, work->row->writes)}};
}

static union tern_command softmax(const struct work *work) {
    const struct tern_runner *runner = work->runner;
    float scale = tern_f32_reciprocal_sqrt((float)runner->config.head_size);
    return (union tern_command){
        .softmax = {TERN_OPCODE_SOFTMAX, 0, .rows = runner->config.heads, .length = position_of(work) + 1,
                    .scale = tern_f32_to_bits(scale), .input = work->from[0],
                    .input_stride = head_stride(runner, work->row->reads[0]), .output = work->to,
                    .output_stride = head_stride(runner, work->row->writes), .totals = work->also_to}};
}

static union tern_command scale(const struct work *work) {
    const struct tern_runner *runner = work->runner;
    return (union tern_command){
        .scale = {TERN_OPCODE_SCALE, 0, .rows = runner->config.heads, .length = runner->config.head_size,
                  .input = work->from[0], .input_stride = head_stride(runner, work->row->reads[0]),
                  .totals = work->from[1], .output = work->to, .output_stride = head_bytes(runner)}};
}

static union tern_command swiglu(const struct work *work) {
    return (union tern_command){.swiglu = {TERN_OPCODE_SWIGLU, 0, .length = work->length, .gate = work->from[0],
                                           .up = work->from[1], .output = work->to}};
}

// Copies the elements of all heads into a column of the history.
static union tern_command copy(const struct work *work) {
    return (union tern_command){.copy = {TERN_OPCODE_COPY, 0, .rows = work->length, .row_bytes = sizeof(float),
                                         .input = work->from[0], .input_stride = sizeof(float), .output = work->to,
                                         .output_stride = TERN_HISTORY_POSITIONS * sizeof(float)}};
}

union tern_command tern_layer_command(const struct tern_runner *runner, const struct tern_layer_row *row,
                                      uint32_t token, uint64_t operand) {
    static union tern_command (*const make[TERN_OPCODE_COUNT])(const struct work *work) = {
        [TERN_OPCODE_QUANTIZE] = quantize, [TERN_OPCODE_ADD] = add,       [TERN_OPCODE_RMSNORM] = rmsnorm,
        [TERN_OPCODE_ROPE] = rope,         [TERN_OPCODE_SWIGLU] = swiglu, [TERN_OPCODE_COPY] = copy,
        [TERN_OPCODE_STORE] = store,       [TERN_OPCODE_DOT] = dot,       [TERN_OPCODE_SOFTMAX] = softmax,
        [TERN_OPCODE_SCALE] = scale,
    };
    struct work work = {.runner = runner,
                        .row = row,
                        .token = token,
                        .length = tern_extent_length(&runner->config, row->length),
                        .to = result_address(runner, row->writes, token),
                        .also_to = runner->site->at[row->also_writes].address};
    size_t count = 0;
    for (; count < TERN_LAYER_READS && row->reads[count] != TERN_BUFFER_NONE; count++) {
        work.from[count] = token_address(runner, row->reads[count], token);
    }
    work.from[count] = operand;
    return make[row->opcode](&work);
}

union tern_command tern_layer_head_command(const struct tern_runner *runner, union tern_command command,
                                           uint32_t head) {
    const uint64_t vectors = runner->config.heads / runner->config.kv_heads, first = head * vectors;
    if (command.header.opcode == TERN_OPCODE_DOT) {
        command.dot.kv_heads = 1;
        command.dot.images += first * command.dot.image_stride;
        command.dot.cache += head * command.dot.head_stride;
        command.dot.output += first * command.dot.output_stride;
    } else {
        command.softmax.rows = (uint32_t)vectors;
        command.softmax.input += first * command.softmax.input_stride;
        command.softmax.output += first * command.softmax.output_stride;
        command.softmax.totals += first * sizeof(float);
    }
    return command;
}
