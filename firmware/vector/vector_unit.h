// SPDX-License-Identifier: Apache-2.0
// Programs the vector unit; its registers are in spec/tern.toml, VECTOR. A function tern_prepare_... of a vector
// command writes only what its operation reads. A stride that is not read must still be a multiple of 4, of 64 for an
// operation that writes images.
#ifndef TERN_FIRMWARE_VECTOR_UNIT_H
#define TERN_FIRMWARE_VECTOR_UNIT_H

#include "firmware/unit.h"

static inline void tern_vector_set(struct tern_context *context, uint32_t offset, uint32_t value) {
    tern_port_write(context->port, TERN_VECTOR_BASE + offset, value);
}

static inline void tern_vector_set_pair(struct tern_context *context, uint32_t offset, uint64_t value) {
    tern_vector_set(context, offset, (uint32_t)value);
    tern_vector_set(context, offset + 4, (uint32_t)(value >> 32));
}

// What every operation has.
static inline void tern_vector_set_shape(struct tern_context *context, uint32_t operation, uint32_t rows,
                                         uint32_t parts, uint32_t length) {
    context->unit = &tern_vector_unit;
    tern_vector_set(context, TERN_VECTOR_REG_OPERATION, operation);
    tern_vector_set(context, TERN_VECTOR_REG_ROWS, rows);
    tern_vector_set(context, TERN_VECTOR_REG_PARTS, parts);
    tern_vector_set(context, TERN_VECTOR_REG_LENGTH, length);
}

static inline void tern_vector_set_strides(struct tern_context *context, uint64_t left, uint64_t output) {
    tern_vector_set_pair(context, TERN_VECTOR_REG_LEFT_STRIDE_LO, left);
    tern_vector_set_pair(context, TERN_VECTOR_REG_OUTPUT_STRIDE_LO, output);
}

// One row of two operands.
static inline void tern_vector_set_binary(struct tern_context *context, uint32_t operation, uint32_t length,
                                          uint64_t left, uint64_t right, uint64_t output) {
    tern_vector_set_shape(context, operation, 1, 1, length);
    tern_vector_set_pair(context, TERN_VECTOR_REG_LEFT_LO, left);
    tern_vector_set_pair(context, TERN_VECTOR_REG_RIGHT_LO, right);
    tern_vector_set_pair(context, TERN_VECTOR_REG_OUTPUT_LO, output);
}

// Rows of f32 to images.
static inline void tern_vector_set_images(struct tern_context *context, uint32_t operation, uint32_t rows,
                                          uint32_t length, uint64_t input, uint64_t input_stride, uint64_t output,
                                          uint64_t output_stride) {
    tern_vector_set_shape(context, operation, rows, 1, length);
    tern_vector_set_pair(context, TERN_VECTOR_REG_LEFT_LO, input);
    tern_vector_set_pair(context, TERN_VECTOR_REG_OUTPUT_LO, output);
    if (rows > 1) {
        tern_vector_set_strides(context, input_stride, output_stride);
    } else {
        tern_vector_set(context, TERN_VECTOR_REG_OUTPUT_STRIDE_LO, 0);
    }
}

#endif
