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

// Bytes of the operands.
struct sizes {
    uint64_t weights, activation, output;
    uint32_t crc;
};

// least: of the distance between two outputs.
static enum tern_status check_strides(struct tern_context *context, const struct tern_command_matmul *command,
                                      uint32_t least) {
    TERN_TRY(tern_check_stride(context, TERN_WORD(matmul, activation_stride), command->activation_stride,
                               TERN_SEGMENT_ALIGN));
    TERN_TRY(tern_check_stride(context, TERN_WORD(matmul, output_stride), command->output_stride, TERN_SEGMENT_ALIGN));
    return command->output_stride < least
               ? tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, output_stride))
               : TERN_STATUS_OK;
}

static struct sizes sizes_of(const struct tern_command_matmul *command) {
    const uint32_t strips = strips_of(command->rows), groups = tern_groups_32(command->columns);
    const uint32_t strip_bytes =
        tern_align_32(TERN_CODE_BYTES * groups) + command->depth_stored * TERN_BEAT_BYTES * groups;
    return (struct sizes){
        .weights = (uint64_t)strips * strip_bytes,
        .crc = 4 * strips * (command->depth_stored + 1),
        .activation = tern_rows_bytes(command->activation_stride, command->vectors, tern_image_bytes(command->columns)),
        .output = tern_rows_bytes(command->output_stride, command->vectors, 4 * command->rows)};
}

// Whether `overlap` is true of the outputs and an operand.
#define OVERLAP(overlap)                                                                                               \
    (overlap(command->output, sizes.output, command->weights, sizes.weights) ||                                        \
     overlap(command->output, sizes.output, command->crc, sizes.crc) ||                                                \
     overlap(command->output, sizes.output, command->steps, 4 * TERN_STEPS) ||                                         \
     overlap(command->output, sizes.output, command->activation, sizes.activation))

static TERN_RARE enum tern_status check_output(struct tern_context *context,
                                               const struct tern_command_matmul *command) {
    const struct sizes sizes = sizes_of(command);
    return OVERLAP(tern_ranges_overlap) ? tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, output))
                                        : TERN_STATUS_OK;
}

static enum tern_status check_buffers(struct tern_context *context, const struct tern_command_matmul *command) {
    const struct sizes sizes = sizes_of(command);
    TERN_CHECK_BUFFER(matmul, weights, sizes.weights);
    TERN_CHECK_BUFFER(matmul, crc, sizes.crc);
    TERN_CHECK_BUFFER(matmul, steps, 4 * TERN_STEPS);
    if (command->vectors > 1) {
        TERN_TRY(check_strides(context, command, 4 * command->rows));
    }
    TERN_CHECK_BUFFER(matmul, activation, sizes.activation);
    TERN_CHECK_BUFFER(matmul, output, sizes.output);
    return OVERLAP(tern_ranges_may_overlap) ? check_output(context, command) : TERN_STATUS_OK;
}

// ---- program

static void program_matrix(struct tern_context *context, const struct tern_command_matmul *command) {
    TERN_SET_PAIR(context, MATMUL, WEIGHTS, command->weights);
    TERN_SET_PAIR(context, MATMUL, CRC, command->crc);
    TERN_SET_PAIR(context, MATMUL, STEPS, command->steps);
    TERN_SET(context, MATMUL, ROWS, command->rows);
    TERN_SET(context, MATMUL, COLUMNS, command->columns);
    // Without TERN_FIELD_PUT's masks: the values are in range.
    TERN_SET(context, MATMUL, DEPTH,
             command->depth_stored << TERN_MATMUL_DEPTH_STORED_SHIFT | command->depth_used
                                                                           << TERN_MATMUL_DEPTH_USED_SHIFT);
}

// The vectors of one pass. at_once: how many the unit takes; with 1 it has no other registers.
static void program_vectors(struct tern_context *context, const struct tern_command_matmul *command, uint32_t first,
                            uint32_t at_once) {
    uint64_t activation = command->activation, output = command->output;
    if (first > 0) {
        activation += first * command->activation_stride;
        output += first * command->output_stride;
    }
    TERN_SET_PAIR(context, MATMUL, ACTIVATION, activation);
    TERN_SET_PAIR(context, MATMUL, OUTPUT, output);
    if (at_once > 1) {
        TERN_SET(context, MATMUL, VECTORS, tern_min_u32(at_once, command->vectors - first));
        TERN_SET_PAIR(context, MATMUL, ACTIVATION_STRIDE, command->activation_stride);
        TERN_SET_PAIR(context, MATMUL, OUTPUT_STRIDE, command->output_stride);
    }
}

// ---- passes

static enum tern_status run_pass(struct tern_context *context, const struct tern_command_matmul *command,
                                 uint32_t first, uint32_t at_once, uint32_t control) {
    program_vectors(context, command, first, at_once);
    TERN_TRY(tern_unit_start(context, TERN_MATMUL_BASE, control));
    enum tern_status status = tern_unit_wait(context, TERN_MATMUL_BASE);
    if (status != TERN_STATUS_OK) {
        context->detail =
            tern_unit_detail(context, TERN_MATMUL_BASE) + (status == TERN_STATUS_BAD_ACTIVATION ? first << 8 : 0);
    }
    return status;
}

enum tern_status tern_prepare_matmul(struct tern_context *context, const struct tern_command_matmul *command) {
    TERN_TRY(check_shape(context, command));
    TERN_TRY(check_buffers(context, command));
    if (command->vectors <= context->vectors_at_once) {
        program_matrix(context, command);
        program_vectors(context, command, 0, context->vectors_at_once);
        context->unit = TERN_MATMUL_BASE;
    }
    return TERN_STATUS_OK;
}

// Several passes. A bad image of a later one must refuse the command before the first one writes. Then all passes run,
// also after a failed one, so that memory does not depend on their number. Only a unit that hangs ends the command.
enum tern_status tern_compute_matmul(struct tern_context *context, const struct tern_command_matmul *command) {
    const uint32_t at_once = context->vectors_at_once;
    enum tern_status first_status = TERN_STATUS_OK;
    uint32_t first_detail = 0;
    program_matrix(context, command);
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
