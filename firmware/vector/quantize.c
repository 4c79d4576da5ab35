// SPDX-License-Identifier: Apache-2.0
// QUANTIZE: row after row, in two passes over tiles: the first for the exponent, the second for the mantissas. Writes
// of a row start after its first pass, which checks that every element is finite. A row of one tile is read once.
#include "cmodel/vector/bfp.h"
#include "firmware/activation.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/vector/vector_unit.h"

// One row of the command.
struct row {
    uint64_t input;
    struct tern_image image;
};

static enum tern_status scan(struct tern_context *context, struct row *row, uint32_t number, float **x) {
    struct tern_bfp_scan scan;
    tern_bfp_scan_start(&scan);
    for (uint32_t start = 0; start < row->image.length; start += TERN_IMAGE_TILE) {
        uint32_t count = tern_min_u32(row->image.length - start, TERN_IMAGE_TILE);
        size_t bad_index;
        TERN_TRY(tern_read_f32(context, row->input + 4 * (uint64_t)start, TERN_IMAGE_INPUT_SLOT, count, x));
        enum tern_status status = tern_bfp_scan_tile(&scan, *x, count, &bad_index);
        if (status != TERN_STATUS_OK) {
            return tern_refuse(context, status, number * row->image.length + start + (uint32_t)bad_index);
        }
    }
    row->image.base_exponent = tern_bfp_base_exponent(&scan);
    return TERN_STATUS_OK;
}

static enum tern_status quantize(struct tern_context *context, struct row *row, uint32_t number) {
    float *x = NULL;
    TERN_TRY(scan(context, row, number, &x));
    for (uint32_t start = 0; start < row->image.length; start += TERN_IMAGE_TILE) {
        uint32_t count = tern_min_u32(row->image.length - start, TERN_IMAGE_TILE);
        if (row->image.length > TERN_IMAGE_TILE) {
            TERN_TRY(tern_read_f32(context, row->input + 4 * (uint64_t)start, TERN_IMAGE_INPUT_SLOT, count, &x));
        }
        TERN_TRY(tern_image_write_tile(context, &row->image, start, x, count));
    }
    return tern_image_finish(context, &row->image);
}

TERN_TWICE enum tern_status prepare_quantize(struct tern_context *context, const struct tern_command_quantize *command,
                                             bool is_exact) {
    TERN_TRY(tern_check_count(context, TERN_WORD(quantize, length), command->length, TERN_MAX_COLUMNS));
    TERN_TRY(tern_check_count(context, TERN_WORD(quantize, rows), command->rows, TERN_MAX_HEADS));
    tern_vector_set_shape(context, TERN_OPCODE_QUANTIZE, command->rows, 1, command->length);
    if (command->rows > 1) {
        TERN_TRY(tern_check_rows(context, TERN_WORD(quantize, input), command->input, TERN_WORD(quantize, input_stride),
                                 command->input_stride, command->rows, 4 * command->length, is_exact));
    }
    TERN_GIVE_BUFFER(quantize, input, 4 * command->length, VECTOR, LEFT);
    TERN_TRY(tern_check_images(context, TERN_WORD(quantize, output), command->output,
                               TERN_WORD(quantize, output_stride), command->output_stride, command->rows,
                               command->length, is_exact));
    TERN_SET_PAIR(context, VECTOR, OUTPUT, command->output);
    tern_vector_set_image_strides(context, command->rows, command->input_stride, command->output_stride);
    return TERN_STATUS_OK;
}

TERN_PREPARE(quantize)

enum tern_status tern_compute_quantize(struct tern_context *context, const struct tern_command_quantize *command) {
    struct row row = {command->input, {command->output, command->length, 0}};
    for (uint32_t number = 0; number < command->rows; number++) {
        TERN_TRY(quantize(context, &row, number));
        row.input += command->input_stride;
        row.image.address += command->output_stride;
    }
    return TERN_STATUS_OK;
}
