// SPDX-License-Identifier: Apache-2.0
// COPY: one row after the other, in tiles. Words move within scratch memory when input and output addresses differ
// modulo TERN_BEAT_BYTES.
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/vector/vector_unit.h"
#include "firmware/tile.h"

#define TILE_BYTES 8192u
#define INPUT_SLOT TERN_LOCAL_WORK
#define OUTPUT_SLOT (INPUT_SLOT + TERN_SLOT_BYTES(TILE_BYTES))
_Static_assert(OUTPUT_SLOT + TERN_SLOT_BYTES(TILE_BYTES) <= TERN_SCRATCH_BYTES, "COPY fits scratch memory");

static enum tern_status copy_tile(struct tern_context *context, uint64_t input, uint64_t output, uint32_t bytes) {
    void *data;
    TERN_TRY(tern_dma_read(context, input, INPUT_SLOT, bytes, &data));
    if (((uint32_t)input ^ (uint32_t)output) % TERN_BEAT_BYTES == 0) {
        return tern_dma_write(context, output, INPUT_SLOT, bytes);
    }
    const uint32_t *from = data;
    uint32_t *to = tern_slot(context, OUTPUT_SLOT, output);
    for (uint32_t i = 0; i < bytes / 4; i++) {
        to[i] = from[i];
    }
    return tern_dma_write(context, output, OUTPUT_SLOT, bytes);
}

TERN_TWICE enum tern_status prepare_copy(struct tern_context *context, const struct tern_command_copy *command,
                                         bool is_exact) {
    TERN_TRY(tern_check_count(context, TERN_WORD(copy, rows), command->rows, TERN_MAX_ROWS));
    TERN_TRY(tern_check_count(context, TERN_WORD(copy, row_bytes), command->row_bytes, 4u * TERN_MAX_LENGTH));
    // Without this limit overlapping rows could make a copy of hours.
    if (command->row_bytes % 4 != 0 || (uint64_t)command->rows * command->row_bytes > context->window_bytes) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(copy, row_bytes));
    }
    tern_vector_set_shape(context, TERN_OPCODE_COPY, 1, command->rows, command->row_bytes / 4);
    TERN_TRY(tern_check_rows(context, TERN_WORD(copy, input), command->input, TERN_WORD(copy, input_stride),
                             command->input_stride, command->rows, command->row_bytes, is_exact));
    TERN_SET_PAIR(context, VECTOR, LEFT, command->input);
    TERN_SET_PAIR(context, VECTOR, LEFT_STRIDE, command->input_stride);
    TERN_TRY(tern_check_rows(context, TERN_WORD(copy, output), command->output, TERN_WORD(copy, output_stride),
                             command->output_stride, command->rows, command->row_bytes, is_exact));
    TERN_SET_PAIR(context, VECTOR, OUTPUT, command->output);
    TERN_SET_PAIR(context, VECTOR, OUTPUT_STRIDE, command->output_stride);
    return TERN_STATUS_OK;
}

TERN_PREPARE(copy)

enum tern_status tern_compute_copy(struct tern_context *context, const struct tern_command_copy *command) {
    uint64_t input = command->input, output = command->output;
    for (uint32_t row = 0; row < command->rows; row++) {
        for (uint32_t start = 0; start < command->row_bytes; start += TILE_BYTES) {
            uint32_t bytes = tern_min_u32(command->row_bytes - start, TILE_BYTES);
            TERN_TRY(copy_tile(context, input + start, output + start, bytes));
        }
        input += command->input_stride;
        output += command->output_stride;
    }
    return TERN_STATUS_OK;
}
