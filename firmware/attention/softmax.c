// SPDX-License-Identifier: Apache-2.0
// SOFTMAX: row after row, in two passes over tiles: the first for the largest score, the second for the weights. Writes
// of a row start after its first pass, which finds weights that would be no number. A row of one tile is read once.
#include "cmodel/vector/vector.h"
#include "firmware/activation.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/vector/vector_unit.h"

#define TOTAL_SLOT TERN_IMAGE_END
_Static_assert(TOTAL_SLOT + TERN_SLOT_BYTES(4u * TERN_MAX_HEADS) <= TERN_SCRATCH_BYTES, "SOFTMAX fits scratch memory");
_Static_assert(TERN_MAX_POSITIONS <= TERN_MAX_COLUMNS, "the weights of a row are an image");
_Static_assert(TERN_IMAGE_TILE % TERN_REDUCTION_PARTS == 0, "every tile starts at partial sum 0");

// One row of the command.
struct row {
    uint64_t input;
    float scale;
    struct tern_image image;
};

static enum tern_status scan(struct tern_context *context, const struct row *row, uint32_t number, float **scores,
                             float *largest) {
    struct tern_softmax_scan scan;
    size_t bad_index;
    tern_softmax_start(&scan);
    for (uint32_t start = 0; start < row->image.length; start += TERN_IMAGE_TILE) {
        uint32_t count = tern_min_u32(row->image.length - start, TERN_IMAGE_TILE);
        TERN_TRY(tern_read_f32(context, row->input + 4 * (uint64_t)start, TERN_IMAGE_INPUT_SLOT, count, scores));
        tern_softmax_scan_tile(&scan, *scores, count);
    }
    enum tern_status status = tern_softmax_check(&scan, &bad_index);
    if (status != TERN_STATUS_OK) {
        return tern_refuse(context, status, number * row->image.length + (uint32_t)bad_index);
    }
    *largest = scan.largest;
    return TERN_STATUS_OK;
}

static enum tern_status softmax(struct tern_context *context, const struct row *row, uint32_t number, float *totals) {
    float *scores = NULL, largest;
    struct tern_sum16 total;
    TERN_TRY(scan(context, row, number, &scores, &largest));
    tern_sum16_start(&total);
    for (uint32_t start = 0; start < row->image.length; start += TERN_IMAGE_TILE) {
        uint32_t count = tern_min_u32(row->image.length - start, TERN_IMAGE_TILE);
        if (row->image.length > TERN_IMAGE_TILE) {
            TERN_TRY(tern_read_f32(context, row->input + 4 * (uint64_t)start, TERN_IMAGE_INPUT_SLOT, count, &scores));
        }
        tern_softmax_weights(scores, count, largest, row->scale, &total);
        TERN_TRY(tern_image_write_tile(context, &row->image, start, scores, count));
    }
    totals[number] = tern_sum16_finish(&total);
    return tern_image_finish(context, &row->image);
}

TERN_TWICE enum tern_status prepare_softmax(struct tern_context *context, const struct tern_command_softmax *command,
                                            bool is_exact) {
    TERN_TRY(tern_check_count(context, TERN_WORD(softmax, rows), command->rows, TERN_MAX_HEADS));
    TERN_TRY(tern_check_count(context, TERN_WORD(softmax, length), command->length, TERN_MAX_POSITIONS));
    // Above 0 and finite: other numbers have bits from those of +infinity on.
    TERN_TRY(tern_check_count(context, TERN_WORD(softmax, scale), command->scale, TERN_F32_INFINITY_BITS - 1));
    tern_vector_set_shape(context, TERN_OPCODE_SOFTMAX, command->rows, 1, command->length);
    TERN_SET(context, VECTOR, SCALAR_0, command->scale);
    TERN_TRY(tern_check_far_rows(context, TERN_WORD(softmax, input), command->input, TERN_SEGMENT_ALIGN,
                                 TERN_WORD(softmax, input_stride), command->input_stride, command->rows,
                                 4 * command->length, is_exact));
    TERN_SET_PAIR(context, VECTOR, LEFT, command->input);
    TERN_TRY(tern_check_images(context, TERN_WORD(softmax, output), command->output, TERN_WORD(softmax, output_stride),
                               command->output_stride, command->rows, command->length, is_exact));
    TERN_SET_PAIR(context, VECTOR, OUTPUT, command->output);
    tern_vector_set_image_strides(context, command->rows, command->input_stride, command->output_stride);
    TERN_TRY(tern_check_buffer(context, TERN_WORD(softmax, totals), command->totals, 4 * command->rows, 4, is_exact));
    TERN_SET_PAIR(context, VECTOR, SIDE, command->totals);
    return TERN_STATUS_OK;
}

TERN_PREPARE(softmax)

enum tern_status tern_compute_softmax(struct tern_context *context, const struct tern_command_softmax *command) {
    struct row row = {command->input,
                      tern_f32_from_bits(command->scale),
                      {command->output, command->length, TERN_SOFTMAX_BASE_EXPONENT}};
    float *totals = tern_slot(context, TOTAL_SLOT, command->totals);
    enum tern_status status = TERN_STATUS_OK;
    uint32_t done = 0;
    while (done < command->rows && (status = softmax(context, &row, done, totals)) == TERN_STATUS_OK) {
        row.input += command->input_stride;
        row.image.address += command->output_stride;
        done++;
    }
    enum tern_status written =
        done > 0 ? tern_dma_write(context, command->totals, TOTAL_SLOT, 4 * done) : TERN_STATUS_OK;
    return status != TERN_STATUS_OK ? status : written;
}
