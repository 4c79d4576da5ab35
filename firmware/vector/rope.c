// SPDX-License-Identifier: Apache-2.0
// ROPE: one head after the other, with the table of the position in scratch memory. Output heads may be at any multiple
// of 4, such as those of a key cache.
#include "cmodel/vector/vector.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/vector/vector_unit.h"
#include "firmware/tile.h"

#define HEAD_BYTES (4u * TERN_MAX_HEAD_SIZE)
#define TABLE_SLOT TERN_LOCAL_WORK
#define INPUT_SLOT (TABLE_SLOT + TERN_SLOT_BYTES(HEAD_BYTES))
#define OUTPUT_SLOT (INPUT_SLOT + TERN_SLOT_BYTES(HEAD_BYTES))

TERN_TWICE enum tern_status prepare_rope(struct tern_context *context, const struct tern_command_rope *command,
                                         bool is_exact) {
    TERN_TRY(tern_check_count(context, TERN_WORD(rope, heads), command->heads, TERN_MAX_HEADS));
    TERN_TRY(tern_check_count(context, TERN_WORD(rope, head_size), command->head_size, TERN_MAX_HEAD_SIZE));
    if (command->head_size % 2 != 0) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(rope, head_size));
    }
    tern_vector_set_shape(context, TERN_OPCODE_ROPE, command->heads, 2, command->head_size / 2);
    TERN_GIVE_BUFFER(rope, input, 4 * command->heads * command->head_size, VECTOR, LEFT);
    TERN_GIVE_BUFFER(rope, table, 4 * command->head_size, VECTOR, RIGHT);
    TERN_TRY(tern_check_rows(context, TERN_WORD(rope, output), command->output, TERN_WORD(rope, output_stride),
                             command->output_stride, command->heads, 4 * command->head_size, is_exact));
    TERN_SET_PAIR(context, VECTOR, OUTPUT, command->output);
    tern_vector_set_strides(context, 2 * command->head_size, 2 * command->head_size);
    // The unit's rows have one distance, so heads follow each other.
    if (command->heads > 1 && command->output_stride != 4 * (uint64_t)command->head_size) {
        context->unit = TERN_THE_CORE;
    }
    return TERN_STATUS_OK;
}

TERN_PREPARE(rope)

enum tern_status tern_compute_rope(struct tern_context *context, const struct tern_command_rope *command) {
    uint32_t head_size = command->head_size;
    float *cosine;
    TERN_TRY(tern_read_f32(context, command->table, TABLE_SLOT, head_size, &cosine));
    uint64_t input = command->input, output = command->output;
    for (uint32_t head = 0; head < command->heads; head++) {
        float *x;
        TERN_TRY(tern_read_f32(context, input, INPUT_SLOT, head_size, &x));
        tern_rope_head(x, cosine, cosine + head_size / 2, head_size, tern_slot(context, OUTPUT_SLOT, output));
        TERN_TRY(tern_write_f32(context, output, OUTPUT_SLOT, head_size));
        input += 4 * head_size;
        output += command->output_stride;
    }
    return TERN_STATUS_OK;
}
