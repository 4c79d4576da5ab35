// SPDX-License-Identifier: Apache-2.0
// MATMUL: checks the command, then runs the unit. The number of passes over the weights depends on how many vectors the
// unit takes at once. The unit checks images and steps itself. Outputs must not overlap the operands or each other,
// because devices differ in passes and in reading ahead.
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/tile.h"

// ---- check

static enum tern_status check_shape(struct tern_context *context, const struct tern_command_matmul *command) {
    TERN_TRY(tern_check_count(context, TERN_WORD(matmul, rows), command->rows, TERN_MAX_ROWS));
    TERN_TRY(tern_check_count(context, TERN_WORD(matmul, columns), command->columns, context->largest_columns));
    TERN_TRY(tern_check_count(context, TERN_WORD(matmul, vectors), command->vectors, TERN_MAX_VECTORS));
    if (command->depth_stored - 1 >= context->largest_depth) {
        return tern_refuse(context, TERN_STATUS_BAD_DEPTH, TERN_WORD(matmul, depth_stored));
    }
    if (command->depth_used - 1 >= command->depth_stored) {
        return tern_refuse(context, TERN_STATUS_BAD_DEPTH, TERN_WORD(matmul, depth_used));
    }
    return TERN_STATUS_OK;
}

_Static_assert(TERN_STRIP_ROWS == 5, "strips_of divides by 5");

// A multiplication instead of a division, which takes the core 40 cycles.
static uint32_t strips_of(uint32_t rows) {
    return (uint32_t)((uint64_t)(rows + TERN_STRIP_ROWS - 1) * 0xcccccccdu >> 34);
}

static uint32_t strip_bytes_of(const struct tern_command_matmul *command) {
    const uint32_t groups = tern_groups_32(command->columns);
    return tern_align_32(TERN_CODE_BYTES * groups) + command->depth_stored * TERN_BEAT_BYTES * groups;
}

static uint64_t output_bytes_of(const struct tern_command_matmul *command) {
    return tern_rows_bytes(command->output_stride, command->vectors, 4 * command->rows, true);
}

static uint64_t activation_bytes_of(const struct tern_command_matmul *command) {
    return tern_rows_bytes(command->activation_stride, command->vectors, tern_image_bytes(command->columns), true);
}

// least: of the distance between two outputs.
static enum tern_status check_strides(struct tern_context *context, const struct tern_command_matmul *command,
                                      uint32_t least) {
    TERN_TRY(tern_check_stride(context, TERN_WORD(matmul, activation_stride), command->activation_stride,
                               TERN_SEGMENT_ALIGN, true));
    TERN_TRY(
        tern_check_stride(context, TERN_WORD(matmul, output_stride), command->output_stride, TERN_SEGMENT_ALIGN, true));
    return command->output_stride < least
               ? tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, output_stride))
               : TERN_STATUS_OK;
}

static bool output_overlaps(const struct tern_command_matmul *command, uint64_t operand, uint64_t bytes) {
    return tern_ranges_overlap(command->output, output_bytes_of(command), operand, bytes);
}

static TERN_RARE enum tern_status check_output(struct tern_context *context,
                                               const struct tern_command_matmul *command) {
    const uint32_t strips = strips_of(command->rows);
    return output_overlaps(command, command->weights, (uint64_t)strips * strip_bytes_of(command)) ||
                   output_overlaps(command, command->crc, 4 * strips * (command->depth_stored + 1)) ||
                   output_overlaps(command, command->steps, 4 * TERN_STEPS) ||
                   output_overlaps(command, command->activation, activation_bytes_of(command))
               ? tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, output))
               : TERN_STATUS_OK;
}

static void program_shape(struct tern_context *context, const struct tern_command_matmul *command) {
    TERN_SET(context, MATMUL, ROWS, command->rows);
    TERN_SET(context, MATMUL, COLUMNS, command->columns);
    // Without TERN_FIELD_PUT's masks: the values are in range.
    TERN_SET(context, MATMUL, DEPTH,
             command->depth_stored << TERN_MATMUL_DEPTH_STORED_SHIFT | command->depth_used
                                                                           << TERN_MATMUL_DEPTH_USED_SHIFT);
}

// The vectors of one pass; with at_once 1 the unit has no other registers. at_once: how many the unit takes.
static void program_vectors(struct tern_context *context, const struct tern_command_matmul *command, uint32_t first,
                            uint32_t at_once) {
    if (at_once > 1) {
        TERN_SET(context, MATMUL, VECTORS, tern_min_u32(at_once, command->vectors - first));
        TERN_SET_PAIR(context, MATMUL, ACTIVATION_STRIDE, command->activation_stride);
        TERN_SET_PAIR(context, MATMUL, OUTPUT_STRIDE, command->output_stride);
    }
}

// The first try also refuses an operand that the output may overlap.
#define GIVE(field, bytes, register_name)                                                                              \
    do {                                                                                                               \
        const uint64_t size = bytes;                                                                                   \
        TERN_GIVE_BUFFER(matmul, field, size, MATMUL, register_name);                                                  \
        if (!is_exact && tern_ranges_may_overlap(command->output, output_bytes, command->field, size)) {               \
            return TERN_STATUS_BAD_ADDRESS;                                                                            \
        }                                                                                                              \
    } while (0)

TERN_TWICE enum tern_status give_buffers(struct tern_context *context, const struct tern_command_matmul *command,
                                         bool is_exact) {
    const uint32_t strips = strips_of(command->rows);
    const uint64_t output_bytes = output_bytes_of(command);
    GIVE(weights, (uint64_t)strips * strip_bytes_of(command), WEIGHTS);
    GIVE(crc, 4 * strips * (command->depth_stored + 1), CRC);
    GIVE(steps, 4 * TERN_STEPS, STEPS);
    if (command->vectors > 1) {
        TERN_TRY(check_strides(context, command, 4 * command->rows));
    }
    GIVE(activation, activation_bytes_of(command), ACTIVATION);
    TERN_GIVE_BUFFER(matmul, output, output_bytes, MATMUL, OUTPUT);
    return is_exact ? check_output(context, command) : TERN_STATUS_OK;
}

TERN_TWICE enum tern_status prepare_matmul(struct tern_context *context, const struct tern_command_matmul *command,
                                           bool is_exact) {
    TERN_TRY(check_shape(context, command));
    program_shape(context, command);
    program_vectors(context, command, 0, context->vectors_at_once);
    if (command->vectors <= context->vectors_at_once) {
        context->unit = TERN_MATMUL_BASE;
    }
    return give_buffers(context, command, is_exact);
}

TERN_PREPARE(matmul)

// ---- passes

static enum tern_status run_pass(struct tern_context *context, const struct tern_command_matmul *command,
                                 uint32_t first, uint32_t at_once, uint32_t control) {
    TERN_SET_PAIR(context, MATMUL, ACTIVATION, command->activation + first * command->activation_stride);
    TERN_SET_PAIR(context, MATMUL, OUTPUT, command->output + first * command->output_stride);
    program_vectors(context, command, first, at_once);
    TERN_TRY(tern_unit_start(context, TERN_MATMUL_BASE, control));
    enum tern_status status = tern_unit_wait(context, TERN_MATMUL_BASE);
    if (status != TERN_STATUS_OK) {
        context->detail =
            tern_unit_detail(context, TERN_MATMUL_BASE) + (status == TERN_STATUS_BAD_ACTIVATION ? first << 8 : 0);
    }
    return status;
}

// Several passes. A bad image of a later one must refuse the command before the first one writes. Then all passes run,
// also after a failed one, so that memory does not depend on their number. Only a unit that hangs ends the command.
enum tern_status tern_compute_matmul(struct tern_context *context, const struct tern_command_matmul *command) {
    const uint32_t at_once = context->vectors_at_once;
    enum tern_status first_status = TERN_STATUS_OK;
    uint32_t first_detail = 0;
    for (uint32_t first = 0; first < command->vectors; first += at_once) {
        enum tern_status status = run_pass(context, command, first, at_once, TERN_MATMUL_CONTROL_CHECK_MASK);
        if (status == TERN_STATUS_BAD_ACTIVATION || status == TERN_STATUS_TIMEOUT || status == TERN_STATUS_UNIT_BUSY) {
            return status;
        }
    }
    for (uint32_t first = 0; first < command->vectors && first_status != TERN_STATUS_TIMEOUT; first += at_once) {
        enum tern_status status = run_pass(context, command, first, at_once, TERN_MATMUL_CONTROL_START_MASK);
        if (first_status == TERN_STATUS_OK || status == TERN_STATUS_TIMEOUT) {
            first_status = status;
            first_detail = context->detail;
        }
    }
    context->detail = first_detail;
    return first_status;
}
