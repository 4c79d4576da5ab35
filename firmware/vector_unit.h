// SPDX-License-Identifier: Apache-2.0
// Runs of the vector unit. The functions tern_program_... of the vector commands make them.
#ifndef TERN_FIRMWARE_VECTOR_UNIT_H
#define TERN_FIRMWARE_VECTOR_UNIT_H

#include "firmware/unit.h"

// The unit's registers (spec/tern.toml, block VECTOR).
struct tern_vector_job {
    uint32_t operation, rows, parts, length;
    uint64_t left, left_stride, right, output, output_stride, side;
    uint32_t scalar_0, scalar_1;
};

// Programs the unit and returns it. NULL: there is none, or SOFTWARE says that the firmware computes.
static inline const struct tern_unit *tern_vector_program(struct tern_context *context,
                                                          const struct tern_vector_job *job) {
    const struct tern_unit *unit = &tern_vector_unit;
    const uint32_t system = TERN_SYSTEM_BASE;
    if (TERN_FIELD_GET(SYSTEM_HARDWARE_WAYS, tern_port_read(context->port, system + TERN_SYSTEM_REG_HARDWARE)) == 0 ||
        TERN_FIELD_GET(SYSTEM_SOFTWARE_VECTOR, tern_port_read(context->port, system + TERN_SYSTEM_REG_SOFTWARE))) {
        return NULL;
    }
    tern_unit_write(context, unit, TERN_VECTOR_REG_OPERATION, job->operation);
    tern_unit_write(context, unit, TERN_VECTOR_REG_ROWS, job->rows);
    tern_unit_write(context, unit, TERN_VECTOR_REG_PARTS, job->parts);
    tern_unit_write(context, unit, TERN_VECTOR_REG_LENGTH, job->length);
    tern_unit_write_pair(context, unit, TERN_VECTOR_REG_LEFT_LO, job->left);
    tern_unit_write_pair(context, unit, TERN_VECTOR_REG_LEFT_STRIDE_LO, job->left_stride);
    tern_unit_write_pair(context, unit, TERN_VECTOR_REG_RIGHT_LO, job->right);
    tern_unit_write_pair(context, unit, TERN_VECTOR_REG_OUTPUT_LO, job->output);
    tern_unit_write_pair(context, unit, TERN_VECTOR_REG_OUTPUT_STRIDE_LO, job->output_stride);
    tern_unit_write_pair(context, unit, TERN_VECTOR_REG_SIDE_LO, job->side);
    tern_unit_write(context, unit, TERN_VECTOR_REG_SCALAR_0, job->scalar_0);
    tern_unit_write(context, unit, TERN_VECTOR_REG_SCALAR_1, job->scalar_1);
    return unit;
}

#endif
