// SPDX-License-Identifier: Apache-2.0
// MATMUL: checks the command, then runs the unit. The number of passes over the weights depends on how many vectors the
// unit takes at once. Outputs must not overlap the operands or each other, because devices differ in passes and in
// reading ahead.
#include <stdbool.h>

#include "cmodel/layout.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/tile.h"
#include "firmware/wait.h"

static uint32_t unit_read(struct tern_context *context, uint32_t offset) {
    return tern_port_read(context->port, TERN_MATMUL_BASE + offset);
}

static void unit_write(struct tern_context *context, uint32_t offset, uint32_t value) {
    tern_port_write(context->port, TERN_MATMUL_BASE + offset, value);
}

static void unit_write_pair(struct tern_context *context, uint32_t offset, uint64_t value) {
    unit_write(context, offset, (uint32_t)value);
    unit_write(context, offset + 4, (uint32_t)(value >> 32));
}

static uint32_t system_read(struct tern_context *context, uint32_t offset) {
    return tern_port_read(context->port, TERN_SYSTEM_BASE + offset);
}

static enum tern_status check_shape(struct tern_context *context, const struct tern_command_matmul *command) {
    uint32_t hardware = system_read(context, TERN_SYSTEM_REG_HARDWARE);
    uint32_t largest_depth = tern_min_u32(TERN_FIELD_GET(SYSTEM_HARDWARE_DEPTH, hardware), TERN_MAX_DEPTH);
    uint32_t max_groups = system_read(context, TERN_SYSTEM_REG_MAX_GROUPS);
    TERN_TRY(tern_check_count(context, TERN_WORD(matmul, rows), command->rows, TERN_MAX_ROWS));
    TERN_TRY(tern_check_count(context, TERN_WORD(matmul, columns), command->columns, TERN_MAX_COLUMNS));
    TERN_TRY(tern_check_count(context, TERN_WORD(matmul, vectors), command->vectors, TERN_MAX_VECTORS));
    if (tern_groups(command->columns) > max_groups) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(matmul, columns));
    }
    if (command->depth_stored == 0 || command->depth_stored > largest_depth) {
        return tern_refuse(context, TERN_STATUS_BAD_DEPTH, TERN_WORD(matmul, depth_stored));
    }
    if (command->depth_used == 0 || command->depth_used > command->depth_stored) {
        return tern_refuse(context, TERN_STATUS_BAD_DEPTH, TERN_WORD(matmul, depth_used));
    }
    return TERN_STATUS_OK;
}

// Both ranges are in the window, so the sums do not wrap.
static bool overlap(uint64_t first, uint64_t first_bytes, uint64_t second, uint64_t second_bytes) {
    return first < second + second_bytes && second < first + first_bytes;
}

// Bytes from the first byte of the first vector to the last byte of the last; 0 for a bad stride.
static uint64_t span(const struct tern_command_matmul *command, uint64_t stride, uint64_t bytes) {
    if (command->vectors == 1) {
        return bytes;
    }
    if ((uint32_t)stride % TERN_SEGMENT_ALIGN != 0 || stride >> TERN_STRIDE_LIMIT_LOG2 != 0) {
        return 0;
    }
    return (command->vectors - 1) * stride + bytes;
}

static enum tern_status check_vectors(struct tern_context *context, const struct tern_command_matmul *command,
                                      uint64_t activation_bytes, uint64_t output_bytes) {
    if (activation_bytes == 0) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, activation_stride));
    }
    if (output_bytes == 0 || (command->vectors > 1 && command->output_stride < 4 * (uint64_t)command->rows)) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, output_stride));
    }
    TERN_TRY(tern_check_buffer(context, TERN_WORD(matmul, activation), command->activation, activation_bytes,
                               TERN_SEGMENT_ALIGN));
    return tern_check_buffer(context, TERN_WORD(matmul, output), command->output, output_bytes, TERN_SEGMENT_ALIGN);
}

static enum tern_status check_buffers(struct tern_context *context, const struct tern_command_matmul *command) {
    uint64_t weights_bytes = tern_matrix_bytes(command->rows, command->columns, command->depth_stored);
    uint64_t crc_bytes = tern_crc_bytes(command->rows, command->depth_stored);
    uint64_t activation_bytes = span(command, command->activation_stride, tern_activation_bytes(command->columns));
    uint64_t output_bytes = span(command, command->output_stride, 4 * (uint64_t)command->rows);
    TERN_TRY(
        tern_check_buffer(context, TERN_WORD(matmul, weights), command->weights, weights_bytes, TERN_SEGMENT_ALIGN));
    TERN_TRY(tern_check_buffer(context, TERN_WORD(matmul, crc), command->crc, crc_bytes, TERN_SEGMENT_ALIGN));
    TERN_TRY(tern_check_f32(context, TERN_WORD(matmul, steps), command->steps, TERN_STEPS));
    TERN_TRY(check_vectors(context, command, activation_bytes, output_bytes));
    if (overlap(command->output, output_bytes, command->weights, weights_bytes) ||
        overlap(command->output, output_bytes, command->crc, crc_bytes) ||
        overlap(command->output, output_bytes, command->steps, 4 * TERN_STEPS) ||
        overlap(command->output, output_bytes, command->activation, activation_bytes)) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, output));
    }
    return TERN_STATUS_OK;
}

static void program_matrix(struct tern_context *context, const struct tern_command_matmul *command) {
    unit_write_pair(context, TERN_MATMUL_REG_WEIGHTS_LO, command->weights);
    unit_write_pair(context, TERN_MATMUL_REG_CRC_LO, command->crc);
    unit_write_pair(context, TERN_MATMUL_REG_STEPS_LO, command->steps);
    unit_write(context, TERN_MATMUL_REG_ROWS, command->rows);
    unit_write(context, TERN_MATMUL_REG_COLUMNS, command->columns);
    unit_write(context, TERN_MATMUL_REG_DEPTH,
               TERN_FIELD_PUT(MATMUL_DEPTH_STORED, command->depth_stored) |
                   TERN_FIELD_PUT(MATMUL_DEPTH_USED, command->depth_used));
}

// The vectors of one pass.
static void program_vectors(struct tern_context *context, const struct tern_command_matmul *command, uint32_t first,
                            uint32_t count) {
    unit_write_pair(context, TERN_MATMUL_REG_ACTIVATION_LO, command->activation + first * command->activation_stride);
    unit_write_pair(context, TERN_MATMUL_REG_OUTPUT_LO, command->output + first * command->output_stride);
    unit_write_pair(context, TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, command->activation_stride);
    unit_write_pair(context, TERN_MATMUL_REG_OUTPUT_STRIDE_LO, command->output_stride);
    unit_write(context, TERN_MATMUL_REG_VECTORS, count);
}

static enum tern_status wait_for_unit(struct tern_context *context) {
    return tern_wait(context, TERN_MATMUL_BASE + TERN_MATMUL_REG_STATUS, TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO);
}

// An earlier run did not end on abort: aborts it once more.
static enum tern_status recover_unit(struct tern_context *context) {
    if (tern_is_busy(context, TERN_MATMUL_BASE + TERN_MATMUL_REG_STATUS)) {
        unit_write(context, TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
        if (wait_for_unit(context) != TERN_STATUS_OK) {
            return TERN_STATUS_UNIT_BUSY;
        }
    }
    return TERN_STATUS_OK;
}

static void start(struct tern_context *context, uint32_t control) {
    unit_write(context, TERN_MATMUL_REG_CONTROL, control);
}

// The time limit counts from the last beat taken, so that a long matrix does not reach it.
static enum tern_status finish(struct tern_context *context, uint32_t first_vector) {
    enum tern_status status = wait_for_unit(context);
    if (status == TERN_STATUS_OK) {
        status = (enum tern_status)TERN_FIELD_GET(MATMUL_STATUS_CODE, unit_read(context, TERN_MATMUL_REG_STATUS));
    } else {
        unit_write(context, TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
        (void)wait_for_unit(context);
    }
    context->detail = unit_read(context, TERN_MATMUL_REG_ERROR_DETAIL);
    if (status == TERN_STATUS_BAD_ACTIVATION) {
        context->detail += first_vector << 8;
    }
    return status;
}

static uint32_t vectors_at_once(struct tern_context *context) {
    uint32_t hardware = system_read(context, TERN_SYSTEM_REG_HARDWARE);
    uint32_t vectors = tern_min_u32(TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, hardware), TERN_MAX_VECTORS);
    return vectors ? vectors : 1;
}

// With several passes, a bad image of a later one must refuse the command before the first one writes.
static enum tern_status check_images(struct tern_context *context, const struct tern_command_matmul *command,
                                     uint32_t at_once) {
    for (uint32_t first = 0; command->vectors > at_once && first < command->vectors; first += at_once) {
        program_vectors(context, command, first, tern_min_u32(at_once, command->vectors - first));
        start(context, TERN_MATMUL_CONTROL_CHECK_MASK);
        enum tern_status status = finish(context, first);
        if (status == TERN_STATUS_BAD_ACTIVATION || status == TERN_STATUS_TIMEOUT) {
            return status;
        }
    }
    return TERN_STATUS_OK;
}

// All passes run, also after a failed one, so that memory does not depend on the number of passes. Only a unit that
// hangs ends the command.
static enum tern_status run_passes(struct tern_context *context, const struct tern_command_matmul *command,
                                   uint32_t at_once) {
    enum tern_status first_status = TERN_STATUS_OK;
    uint32_t first_detail = 0;
    for (uint32_t first = 0; first < command->vectors && first_status != TERN_STATUS_TIMEOUT; first += at_once) {
        program_vectors(context, command, first, tern_min_u32(at_once, command->vectors - first));
        start(context, TERN_MATMUL_CONTROL_START_MASK);
        enum tern_status status = finish(context, first);
        if (first_status == TERN_STATUS_OK || status == TERN_STATUS_TIMEOUT) {
            first_status = status;
            first_detail = context->detail;
        }
    }
    context->detail = first_detail;
    return first_status;
}

enum tern_status tern_run_matmul(struct tern_context *context, const struct tern_command_matmul *command) {
    const uint32_t at_once = vectors_at_once(context);
    TERN_TRY(check_shape(context, command));
    TERN_TRY(check_buffers(context, command));
    TERN_TRY(recover_unit(context));
    program_matrix(context, command);
    TERN_TRY(check_images(context, command, at_once));
    return run_passes(context, command, at_once);
}
