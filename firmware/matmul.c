// SPDX-License-Identifier: Apache-2.0
// MATMUL: checks the command, then runs the unit. The number of passes over the weights depends on how many vectors the
// unit takes at once. The unit checks images and steps itself. Outputs must not overlap the operands or each other,
// because devices differ in passes and in reading ahead.
//
// check, program, start, finish: each needs only the one before. The unit takes its registers at start, so the next
// command may be checked and programmed during a run.
#include <stdbool.h>

#include "cmodel/layout.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/tile.h"
#include "firmware/wait.h"

#define STATUS (TERN_MATMUL_BASE + TERN_MATMUL_REG_STATUS)
#define PROGRESS (TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO)

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

// ---- check

static enum tern_status check_shape(struct tern_context *context, const struct tern_command_matmul *command,
                                    uint32_t hardware) {
    const uint32_t largest_depth = tern_min_u32(TERN_FIELD_GET(SYSTEM_HARDWARE_DEPTH, hardware), TERN_MAX_DEPTH);
    const uint32_t largest_columns =
        tern_min_u32(TERN_GROUP_COLUMNS * system_read(context, TERN_SYSTEM_REG_MAX_GROUPS), TERN_MAX_COLUMNS);
    if (command->rows - 1 >= TERN_MAX_ROWS) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(matmul, rows));
    }
    if (command->columns - 1 >= largest_columns) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(matmul, columns));
    }
    if (command->vectors - 1 >= TERN_MAX_VECTORS) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(matmul, vectors));
    }
    if (command->depth_stored - 1 >= largest_depth) {
        return tern_refuse(context, TERN_STATUS_BAD_DEPTH, TERN_WORD(matmul, depth_stored));
    }
    if (command->depth_used - 1 >= command->depth_stored) {
        return tern_refuse(context, TERN_STATUS_BAD_DEPTH, TERN_WORD(matmul, depth_used));
    }
    return TERN_STATUS_OK;
}

// Sizes as in cmodel/layout.h. In 32 bits, because the core has no more and the shape is checked.
static uint32_t groups_of(uint32_t columns) {
    return (columns + (TERN_GROUP_MULTIPLE * TERN_GROUP_COLUMNS - 1)) / (TERN_GROUP_MULTIPLE * TERN_GROUP_COLUMNS) *
           TERN_GROUP_MULTIPLE;
}

static uint32_t align_up(uint32_t bytes) {
    return (bytes + TERN_SEGMENT_ALIGN - 1) / TERN_SEGMENT_ALIGN * TERN_SEGMENT_ALIGN;
}

_Static_assert(TERN_STRIP_ROWS == 5, "strips_of divides by 5");

// A multiplication instead of a division, which takes the core 40 cycles.
static uint32_t strips_of(uint32_t rows) {
    return (uint32_t)((uint64_t)(rows + TERN_STRIP_ROWS - 1) * 0xcccccccdu >> 34);
}

// The first byte of an operand and the one after its last.
struct range {
    uint64_t start, end;
};

static struct range window_of(const struct tern_context *context) {
    const uint64_t end = context->window_base + context->window_bytes;
    return (struct range){context->window_base, end < context->window_base ? UINT64_MAX : end};
}

static bool overlap(const struct range *one, const struct range *other) {
    return one->start < other->end && other->start < one->end;
}

// Sets the range of an operand. It must be in the window, at a multiple of TERN_SEGMENT_ALIGN.
static inline enum tern_status place(struct tern_context *context, const struct range *window, uint32_t word,
                                     uint64_t start, uint64_t bytes, struct range *range) {
    *range = (struct range){start, start + bytes};
    if ((uint32_t)start % TERN_SEGMENT_ALIGN != 0 || start < window->start || range->end > window->end ||
        range->end < start) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, word);
    }
    return TERN_STATUS_OK;
}

// Bytes from the first byte of the first vector to the last byte of the last, for several vectors. least: of a stride.
static __attribute__((noinline)) enum tern_status span(struct tern_context *context, uint32_t word, uint32_t vectors,
                                                       uint64_t stride, uint32_t least, uint64_t *bytes) {
    if ((uint32_t)stride % TERN_SEGMENT_ALIGN != 0 || stride >> TERN_STRIDE_LIMIT_LOG2 != 0 || stride < least) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, word);
    }
    *bytes += (vectors - 1) * stride;
    return TERN_STATUS_OK;
}

#define PLACE(field, bytes) TERN_TRY(place(context, &window, TERN_WORD(matmul, field), command->field, bytes, &field))
#define SPAN(stride, least, bytes)                                                                                     \
    TERN_TRY(span(context, TERN_WORD(matmul, stride), command->vectors, command->stride, least, &(bytes)))

static enum tern_status check_buffers(struct tern_context *context, const struct tern_command_matmul *command) {
    const struct range window = window_of(context);
    const uint32_t strips = strips_of(command->rows), groups = groups_of(command->columns);
    const uint32_t strip_bytes = align_up(TERN_CODE_BYTES * groups) + command->depth_stored * TERN_BEAT_BYTES * groups;
    uint64_t activation_bytes = TERN_ACTIVATION_HEADER_BYTES + 2 * TERN_GROUP_COLUMNS * groups + align_up(groups);
    uint64_t output_bytes = 4 * command->rows;
    struct range weights, crc, steps, activation, output;
    PLACE(weights, (uint64_t)strips * strip_bytes);
    PLACE(crc, 4 * strips * (command->depth_stored + 1));
    PLACE(steps, 4 * TERN_STEPS);
    if (command->vectors > 1) {
        SPAN(activation_stride, 0, activation_bytes);
        SPAN(output_stride, 4 * command->rows, output_bytes);
    }
    PLACE(activation, activation_bytes);
    PLACE(output, output_bytes);
    if (overlap(&output, &weights) || overlap(&output, &crc) || overlap(&output, &steps) ||
        overlap(&output, &activation)) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, output));
    }
    return TERN_STATUS_OK;
}

// ---- program

static void program_matrix(struct tern_context *context, const struct tern_command_matmul *command) {
    unit_write_pair(context, TERN_MATMUL_REG_WEIGHTS_LO, command->weights);
    unit_write_pair(context, TERN_MATMUL_REG_CRC_LO, command->crc);
    unit_write_pair(context, TERN_MATMUL_REG_STEPS_LO, command->steps);
    unit_write(context, TERN_MATMUL_REG_ROWS, command->rows);
    unit_write(context, TERN_MATMUL_REG_COLUMNS, command->columns);
    // Without TERN_FIELD_PUT's masks: the values are in range.
    unit_write(context, TERN_MATMUL_REG_DEPTH,
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
    unit_write_pair(context, TERN_MATMUL_REG_ACTIVATION_LO, activation);
    unit_write_pair(context, TERN_MATMUL_REG_OUTPUT_LO, output);
    if (at_once > 1) {
        unit_write(context, TERN_MATMUL_REG_VECTORS, tern_min_u32(at_once, command->vectors - first));
        unit_write_pair(context, TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, command->activation_stride);
        unit_write_pair(context, TERN_MATMUL_REG_OUTPUT_STRIDE_LO, command->output_stride);
    }
}

// ---- start and finish

// control: START or CHECK.
static void start(struct tern_context *context, uint32_t control) {
    unit_write(context, TERN_MATMUL_REG_CONTROL, control);
}

// Waits for the end of a run of the vectors from `first` on. The time limit counts from the last beat taken, so that a
// long matrix does not reach it.
static enum tern_status finish(struct tern_context *context, uint32_t first) {
    uint32_t word;
    enum tern_status status = tern_wait(context, STATUS, PROGRESS, &word);
    if (status == TERN_STATUS_OK) {
        status = (enum tern_status)TERN_FIELD_GET(MATMUL_STATUS_CODE, word);
    } else {
        unit_write(context, TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
        (void)tern_wait(context, STATUS, PROGRESS, &word);
    }
    if (status != TERN_STATUS_OK) {
        context->detail = tern_port_read(context->port, TERN_MATMUL_BASE + TERN_MATMUL_REG_ERROR_DETAIL);
    }
    if (status == TERN_STATUS_BAD_ACTIVATION) {
        context->detail += first << 8;
    }
    return status;
}

// An earlier run did not end on abort: aborts it once more.
static enum tern_status recover(struct tern_context *context) {
    uint32_t word;
    if (tern_is_busy(context, STATUS)) {
        unit_write(context, TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
        if (tern_wait(context, STATUS, PROGRESS, &word) != TERN_STATUS_OK) {
            return TERN_STATUS_UNIT_BUSY;
        }
    }
    return TERN_STATUS_OK;
}

// ---- passes

static enum tern_status run_pass(struct tern_context *context, const struct tern_command_matmul *command,
                                 uint32_t first, uint32_t at_once, uint32_t control) {
    program_vectors(context, command, first, at_once);
    start(context, control);
    return finish(context, first);
}

// With several passes, a bad image of a later one must refuse the command before the first one writes.
static enum tern_status check_images(struct tern_context *context, const struct tern_command_matmul *command,
                                     uint32_t at_once) {
    for (uint32_t first = 0; first < command->vectors; first += at_once) {
        enum tern_status status = run_pass(context, command, first, at_once, TERN_MATMUL_CONTROL_CHECK_MASK);
        if (status == TERN_STATUS_BAD_ACTIVATION || status == TERN_STATUS_TIMEOUT) {
            return status;
        }
    }
    return TERN_STATUS_OK;
}

// All passes run, also after a failed one, so that memory does not depend on their number. Only a unit that hangs ends
// the command. Not inline: one pass needs fewer registers.
static __attribute__((noinline)) enum tern_status
run_passes(struct tern_context *context, const struct tern_command_matmul *command, uint32_t at_once) {
    enum tern_status first_status = TERN_STATUS_OK;
    uint32_t first_detail = 0;
    TERN_TRY(check_images(context, command, at_once));
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

enum tern_status tern_run_matmul(struct tern_context *context, const struct tern_command_matmul *command) {
    const uint32_t hardware = system_read(context, TERN_SYSTEM_REG_HARDWARE);
    const uint32_t at_once = TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, hardware);
    TERN_TRY(check_shape(context, command, hardware));
    TERN_TRY(check_buffers(context, command));
    program_matrix(context, command);
    TERN_TRY(recover(context));
    if (command->vectors > at_once) {
        return run_passes(context, command, at_once ? at_once : 1);
    }
    return run_pass(context, command, 0, at_once, TERN_MATMUL_CONTROL_START_MASK);
}
