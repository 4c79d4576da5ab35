// SPDX-License-Identifier: Apache-2.0
// MATMUL: checks, then the unit. The output must not overlap what the unit still reads, since devices differ in how far
// ahead they read.
#include "cmodel/matmul.h"

#include "cmodel/layout.h"
#include "firmware/command.h"

#define BUSY 1u
#define START 1u
#define ABORT 2u

// Base exponents of a quantised float32 vector: see cmodel/bfp.h.
#define SMALLEST_BASE_EXPONENT (-178)
#define LARGEST_BASE_EXPONENT 99

#define HEADER_SLOT TERN_LOCAL_WORK
#define STEPS_SLOT (HEADER_SLOT + TERN_SLOT_BYTES(TERN_ACTIVATION_HEADER_BYTES))
#define SHIFTS_SLOT (STEPS_SLOT + TERN_SLOT_BYTES(4u * TERN_STEPS))
_Static_assert(SHIFTS_SLOT + TERN_MAX_COLUMNS / TERN_GROUP_COLUMNS <= TERN_SCRATCH_BYTES, "MATMUL fits scratch memory");

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

static enum tern_status refuse(struct tern_context *context, enum tern_status status, uint32_t detail) {
    context->detail = detail;
    return status;
}

static enum tern_status check_shape(struct tern_context *context, const struct tern_command_matmul *command) {
    uint32_t hardware = tern_port_read(context->port, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_HARDWARE);
    uint32_t largest_depth = tern_min_u32(hardware >> 8 & 0xffu, TERN_MAX_DEPTH);
    uint32_t max_groups = tern_port_read(context->port, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_MAX_GROUPS);
    TERN_TRY(tern_check_count(context, TERN_WORD(matmul, rows), command->rows, TERN_MAX_ROWS));
    TERN_TRY(tern_check_count(context, TERN_WORD(matmul, columns), command->columns, TERN_MAX_COLUMNS));
    if (tern_groups(command->columns) > max_groups) {
        return refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(matmul, columns));
    }
    if (command->depth_stored == 0 || command->depth_stored > largest_depth) {
        return refuse(context, TERN_STATUS_BAD_DEPTH, TERN_WORD(matmul, depth_stored));
    }
    if (command->depth_used == 0 || command->depth_used > command->depth_stored) {
        return refuse(context, TERN_STATUS_BAD_DEPTH, TERN_WORD(matmul, depth_used));
    }
    return TERN_STATUS_OK;
}

// Both ranges lie in the window, so the sums do not wrap.
static int overlap(uint64_t first, uint64_t first_bytes, uint64_t second, uint64_t second_bytes) {
    return first < second + second_bytes && second < first + first_bytes;
}

static enum tern_status check_buffers(struct tern_context *context, const struct tern_command_matmul *command) {
    uint64_t weights_bytes = tern_matrix_bytes(command->rows, command->columns, command->depth_stored);
    uint64_t crc_bytes = tern_crc_bytes(command->rows, command->depth_stored);
    uint64_t activation_bytes = tern_activation_bytes(command->columns);
    uint64_t output_bytes = 4 * (uint64_t)command->rows;
    TERN_TRY(
        tern_check_buffer(context, TERN_WORD(matmul, weights), command->weights, weights_bytes, TERN_SEGMENT_ALIGN));
    TERN_TRY(tern_check_buffer(context, TERN_WORD(matmul, crc), command->crc, crc_bytes, TERN_SEGMENT_ALIGN));
    TERN_TRY(tern_check_f32(context, TERN_WORD(matmul, steps), command->steps, TERN_STEPS));
    TERN_TRY(tern_check_buffer(context, TERN_WORD(matmul, activation), command->activation, activation_bytes,
                               TERN_SEGMENT_ALIGN));
    TERN_TRY(tern_check_f32(context, TERN_WORD(matmul, output), command->output, command->rows));
    if (overlap(command->output, output_bytes, command->weights, weights_bytes) ||
        overlap(command->output, output_bytes, command->crc, crc_bytes) ||
        overlap(command->output, output_bytes, command->activation, activation_bytes)) {
        return refuse(context, TERN_STATUS_BAD_ADDRESS, TERN_WORD(matmul, output));
    }
    return TERN_STATUS_OK;
}

// Header and shifts of the activation image; detail of a refusal: word of the header, 4 for a shift.
static enum tern_status read_activation(struct tern_context *context, const struct tern_command_matmul *command,
                                        int32_t *base_exponent) {
    void *data;
    TERN_TRY(tern_dma_read(context, command->activation, HEADER_SLOT, TERN_ACTIVATION_HEADER_BYTES, &data));
    const uint32_t *header = data;
    uint32_t groups = (uint32_t)tern_groups(command->columns);
    *base_exponent = (int32_t)header[0];
    if (header[3] != TERN_ACTIVATION_MAGIC) {
        return refuse(context, TERN_STATUS_BAD_ACTIVATION, 3);
    }
    if (header[1] != groups) {
        return refuse(context, TERN_STATUS_BAD_ACTIVATION, 1);
    }
    if (header[2] != command->columns) {
        return refuse(context, TERN_STATUS_BAD_ACTIVATION, 2);
    }
    if (*base_exponent < SMALLEST_BASE_EXPONENT || *base_exponent > LARGEST_BASE_EXPONENT) {
        return refuse(context, TERN_STATUS_BAD_ACTIVATION, 0);
    }
    TERN_TRY(tern_dma_read(context, command->activation + tern_activation_shifts_offset(command->columns), SHIFTS_SLOT,
                           groups, &data));
    const uint32_t *shifts = data;
    for (uint32_t i = 0; i < groups / 4; i++) {
        if (shifts[i] & ~(TERN_MAX_SHIFT * 0x01010101u)) {
            return refuse(context, TERN_STATUS_BAD_ACTIVATION, 4);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_steps(struct tern_context *context, const struct tern_command_matmul *command,
                                   struct tern_step_table *table) {
    void *bits;
    TERN_TRY(tern_dma_read(context, command->steps, STEPS_SLOT, 4 * TERN_STEPS, &bits));
    return tern_step_table_make(bits, table, &context->detail);
}

static void program_unit(struct tern_context *context, const struct tern_command_matmul *command,
                         const struct tern_step_table *table, int32_t base_exponent) {
    unit_write_pair(context, TERN_MATMUL_REG_WEIGHTS_LO, command->weights);
    unit_write_pair(context, TERN_MATMUL_REG_CRC_LO, command->crc);
    unit_write_pair(context, TERN_MATMUL_REG_ACTIVATION_LO, command->activation + TERN_ACTIVATION_HEADER_BYTES);
    unit_write_pair(context, TERN_MATMUL_REG_OUTPUT_LO, command->output);
    unit_write(context, TERN_MATMUL_REG_ROWS, command->rows);
    unit_write(context, TERN_MATMUL_REG_GROUPS, (uint32_t)tern_groups(command->columns));
    unit_write(context, TERN_MATMUL_REG_DEPTH, command->depth_stored | command->depth_used << 4);
    unit_write(context, TERN_MATMUL_REG_EXPONENT, (uint32_t)(base_exponent + table->base_exponent));
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        unit_write(context, TERN_MATMUL_REG_STEP_0 + 4 * i, table->mantissa[i] | (uint32_t)table->shift[i] << 24);
    }
}

static enum tern_status wait_for_unit(struct tern_context *context) {
    return tern_wait(context, TERN_MATMUL_BASE + TERN_MATMUL_REG_STATUS, TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO);
}

// An earlier run that would not be aborted gets one more chance.
static enum tern_status recover_unit(struct tern_context *context) {
    if (unit_read(context, TERN_MATMUL_REG_STATUS) & BUSY) {
        unit_write(context, TERN_MATMUL_REG_CONTROL, ABORT);
        if (wait_for_unit(context) != TERN_STATUS_OK) {
            return TERN_STATUS_UNIT_BUSY;
        }
    }
    return TERN_STATUS_OK;
}

// The limit is on time without a beat taken: a long matrix is no stall.
static enum tern_status run_unit(struct tern_context *context) {
    unit_write(context, TERN_MATMUL_REG_CONTROL, START);
    enum tern_status status = wait_for_unit(context);
    if (status == TERN_STATUS_OK) {
        status = (enum tern_status)(unit_read(context, TERN_MATMUL_REG_STATUS) >> 8 & 0xffu);
    } else {
        unit_write(context, TERN_MATMUL_REG_CONTROL, ABORT);
        (void)wait_for_unit(context);
    }
    context->detail = unit_read(context, TERN_MATMUL_REG_ERROR_STRIP);
    return status;
}

enum tern_status tern_run_matmul(struct tern_context *context, const struct tern_command_matmul *command) {
    struct tern_step_table table;
    int32_t base_exponent;
    TERN_TRY(check_shape(context, command));
    TERN_TRY(check_buffers(context, command));
    TERN_TRY(read_activation(context, command, &base_exponent));
    TERN_TRY(read_steps(context, command, &table));
    TERN_TRY(recover_unit(context));
    program_unit(context, command, &table, base_exponent);
    return run_unit(context);
}
