// SPDX-License-Identifier: Apache-2.0
// ADD, SWIGLU and RMSNORM: two operands in tiles. The result of a tile replaces its first operand in scratch memory.
// RMSNORM and SCALE: row after row.
#include "cmodel/float/f32_math.h"
#include "cmodel/vector/vector.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/tile.h"
#include "firmware/vector/vector_unit.h"

#define TILE_ELEMENTS 2048u
#define LEFT_SLOT TERN_LOCAL_WORK
#define RIGHT_SLOT (LEFT_SLOT + TERN_SLOT_BYTES(4u * TILE_ELEMENTS))
_Static_assert(RIGHT_SLOT + TERN_SLOT_BYTES(4u * TILE_ELEMENTS) <= TERN_SCRATCH_BYTES, "tiles fit scratch memory");
#define SCALED_SLOT (LEFT_SLOT + TERN_SLOT_BYTES(4u * TERN_MAX_HEAD_SIZE)) // of SCALE, which takes short rows
_Static_assert(SCALED_SLOT + TERN_SLOT_BYTES(4u * TERN_MAX_HEAD_SIZE) <= RIGHT_SLOT, "two rows fit beside the totals");
_Static_assert(TILE_ELEMENTS % TERN_REDUCTION_PARTS == 0, "every tile starts at partial sum 0");

// Device addresses of an elementwise operation.
struct binary {
    uint64_t left, right, output;
    uint32_t length;
};

static enum tern_status read_tile(struct tern_context *context, const struct binary *binary, uint32_t start,
                                  float **left, float **right, uint32_t *count) {
    uint64_t offset = 4 * (uint64_t)start;
    *count = tern_min_u32(binary->length - start, TILE_ELEMENTS);
    TERN_TRY(tern_read_f32(context, binary->left + offset, LEFT_SLOT, *count, left));
    return tern_view_f32(context, binary->right + offset, RIGHT_SLOT, *count, right);
}

static enum tern_status write_tile(struct tern_context *context, const struct binary *binary, uint32_t start,
                                   uint32_t count) {
    return tern_write_f32(context, binary->output + 4 * (uint64_t)start, LEFT_SLOT, count);
}

TERN_TWICE enum tern_status prepare_add(struct tern_context *context, const struct tern_command_add *command,
                                        bool is_exact) {
    TERN_TRY(tern_check_count(context, TERN_WORD(add, length), command->length, TERN_MAX_LENGTH));
    tern_vector_set_shape(context, TERN_OPCODE_ADD, 1, 1, command->length);
    TERN_GIVE_BUFFER(add, left, 4 * command->length, VECTOR, LEFT);
    TERN_GIVE_BUFFER(add, right, 4 * command->length, VECTOR, RIGHT);
    TERN_GIVE_BUFFER(add, output, 4 * command->length, VECTOR, OUTPUT);
    return TERN_STATUS_OK;
}

TERN_PREPARE(add)

enum tern_status tern_compute_add(struct tern_context *context, const struct tern_command_add *command) {
    const struct binary binary = {command->left, command->right, command->output, command->length};
    for (uint32_t start = 0; start < binary.length; start += TILE_ELEMENTS) {
        float *left, *right;
        uint32_t count;
        TERN_TRY(read_tile(context, &binary, start, &left, &right, &count));
        tern_vector_add(left, right, count, left);
        TERN_TRY(write_tile(context, &binary, start, count));
    }
    return TERN_STATUS_OK;
}

TERN_TWICE enum tern_status prepare_swiglu(struct tern_context *context, const struct tern_command_swiglu *command,
                                           bool is_exact) {
    TERN_TRY(tern_check_count(context, TERN_WORD(swiglu, length), command->length, TERN_MAX_LENGTH));
    tern_vector_set_shape(context, TERN_OPCODE_SWIGLU, 1, 1, command->length);
    TERN_GIVE_BUFFER(swiglu, gate, 4 * command->length, VECTOR, LEFT);
    TERN_GIVE_BUFFER(swiglu, up, 4 * command->length, VECTOR, RIGHT);
    TERN_GIVE_BUFFER(swiglu, output, 4 * command->length, VECTOR, OUTPUT);
    return TERN_STATUS_OK;
}

TERN_PREPARE(swiglu)

enum tern_status tern_compute_swiglu(struct tern_context *context, const struct tern_command_swiglu *command) {
    const struct binary binary = {command->gate, command->up, command->output, command->length};
    for (uint32_t start = 0; start < binary.length; start += TILE_ELEMENTS) {
        float *gate, *up;
        uint32_t count;
        TERN_TRY(read_tile(context, &binary, start, &gate, &up, &count));
        tern_vector_swiglu(gate, up, count, gate);
        TERN_TRY(write_tile(context, &binary, start, count));
    }
    return TERN_STATUS_OK;
}

static enum tern_status sum_squares(struct tern_context *context, const struct binary *row, float *squares) {
    struct tern_sum16 sum;
    tern_sum16_start(&sum);
    for (uint32_t start = 0; start < row->length; start += TILE_ELEMENTS) {
        uint32_t count = tern_min_u32(row->length - start, TILE_ELEMENTS);
        float *x;
        TERN_TRY(tern_read_f32(context, row->left + 4 * (uint64_t)start, LEFT_SLOT, count, &x));
        tern_sum16_add_products(&sum, x, x, count);
    }
    *squares = tern_sum16_finish(&sum);
    return TERN_STATUS_OK;
}

static TERN_RARE enum tern_status set_new_inverse(struct tern_context *context, struct tern_norm *norm,
                                                  uint32_t length) {
    norm->length = length;
    norm->inverse = tern_f32_reciprocal(tern_f32_from_i32((int32_t)length));
    TERN_SET(context, VECTOR, SCALAR_1, tern_f32_to_bits(norm->inverse));
    return TERN_STATUS_OK;
}

// The reciprocal of the length. Its only call is the last thing that a prepare function does, which so needs no stack.
static inline enum tern_status set_inverse(struct tern_context *context, struct tern_norm *norm, uint32_t length) {
    if (norm->length != length) {
        return set_new_inverse(context, norm, length);
    }
    TERN_SET(context, VECTOR, SCALAR_1, tern_f32_to_bits(norm->inverse));
    return TERN_STATUS_OK;
}

// *norm: the reciprocal that is still to be set.
TERN_TWICE enum tern_status prepare_rmsnorm(struct tern_context *context, const struct tern_command_rmsnorm *command,
                                            bool is_exact, struct tern_norm **norm) {
    const uint32_t row_bytes = 4 * command->length, bytes = command->rows * row_bytes;
    TERN_TRY(tern_check_count(context, TERN_WORD(rmsnorm, length), command->length, TERN_MAX_LENGTH));
    TERN_TRY(tern_check_count(context, TERN_WORD(rmsnorm, rows), command->rows, TERN_MAX_HEADS));
    tern_vector_set_shape(context, TERN_OPCODE_RMSNORM, command->rows, 1, command->length);
    TERN_GIVE_BUFFER(rmsnorm, input, bytes, VECTOR, LEFT);
    TERN_GIVE_BUFFER(rmsnorm, weight, is_exact ? row_bytes : bytes, VECTOR, RIGHT);
    TERN_GIVE_BUFFER(rmsnorm, output, bytes, VECTOR, OUTPUT);
    TERN_SET(context, VECTOR, SCALAR_0, command->epsilon);
    *norm = &context->norm;
    if (command->rows > 1) {
        tern_vector_set_strides(context, row_bytes, row_bytes);
        *norm = &context->rows_norm;
    }
    return TERN_STATUS_OK;
}

static TERN_RARE enum tern_status prepare_rmsnorm_exactly(struct tern_context *context,
                                                          const struct tern_command_rmsnorm *command) {
    struct tern_norm *norm;
    TERN_TRY(prepare_rmsnorm(context, command, true, &norm));
    return set_inverse(context, norm, command->length);
}

enum tern_status tern_prepare_rmsnorm(struct tern_context *context, const struct tern_command_rmsnorm *command) {
    struct tern_norm *norm;
    const enum tern_status status = prepare_rmsnorm(context, command, false, &norm);
    return status == TERN_STATUS_OK ? set_inverse(context, norm, command->length)
                                    : prepare_rmsnorm_exactly(context, command);
}

static enum tern_status normalize(struct tern_context *context, const struct binary *row, float epsilon) {
    float squares;
    TERN_TRY(sum_squares(context, row, &squares));
    float factor = tern_rmsnorm_factor(squares, row->length, epsilon);
    for (uint32_t start = 0; start < row->length; start += TILE_ELEMENTS) {
        float *x, *weight;
        uint32_t count;
        TERN_TRY(read_tile(context, row, start, &x, &weight, &count));
        tern_rmsnorm_apply(x, factor, weight, count, x);
        TERN_TRY(write_tile(context, row, start, count));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_compute_rmsnorm(struct tern_context *context, const struct tern_command_rmsnorm *command) {
    struct binary row = {command->input, command->weight, command->output, command->length};
    for (uint32_t i = 0; i < command->rows; i++) {
        TERN_TRY(normalize(context, &row, tern_f32_from_bits(command->epsilon)));
        row.left += 4 * command->length;
        row.output += 4 * command->length;
    }
    return TERN_STATUS_OK;
}

TERN_TWICE enum tern_status prepare_scale(struct tern_context *context, const struct tern_command_scale *command,
                                          bool is_exact) {
    TERN_TRY(tern_check_count(context, TERN_WORD(scale, rows), command->rows, TERN_MAX_HEADS));
    TERN_TRY(tern_check_count(context, TERN_WORD(scale, length), command->length, TERN_MAX_HEAD_SIZE));
    tern_vector_set_shape(context, TERN_OPCODE_SCALE, command->rows, 1, command->length);
    TERN_TRY(tern_check_rows(context, TERN_WORD(scale, input), command->input, TERN_WORD(scale, input_stride),
                             command->input_stride, command->rows, 4 * command->length, is_exact));
    TERN_SET_PAIR(context, VECTOR, LEFT, command->input);
    TERN_SET_PAIR(context, VECTOR, LEFT_STRIDE, command->input_stride);
    TERN_TRY(tern_check_buffer(context, TERN_WORD(scale, totals), command->totals, 4 * command->rows, 4, is_exact));
    TERN_SET_PAIR(context, VECTOR, RIGHT, command->totals);
    TERN_TRY(tern_check_rows(context, TERN_WORD(scale, output), command->output, TERN_WORD(scale, output_stride),
                             command->output_stride, command->rows, 4 * command->length, is_exact));
    TERN_SET_PAIR(context, VECTOR, OUTPUT, command->output);
    TERN_SET_PAIR(context, VECTOR, OUTPUT_STRIDE, command->output_stride);
    return TERN_STATUS_OK;
}

TERN_PREPARE(scale)

enum tern_status tern_compute_scale(struct tern_context *context, const struct tern_command_scale *command) {
    float *totals, *x;
    TERN_TRY(tern_read_f32(context, command->totals, RIGHT_SLOT, command->rows, &totals));
    uint64_t input = command->input, output = command->output;
    for (uint32_t row = 0; row < command->rows; row++) {
        TERN_TRY(tern_read_f32(context, input, LEFT_SLOT, command->length, &x));
        tern_vector_scale(x, tern_f32_reciprocal(totals[row]), command->length,
                          tern_slot(context, SCALED_SLOT, output));
        TERN_TRY(tern_write_f32(context, output, SCALED_SLOT, command->length));
        input += command->input_stride;
        output += command->output_stride;
    }
    return TERN_STATUS_OK;
}
