// SPDX-License-Identifier: Apache-2.0
// Programs the vector unit; its registers are in spec/tern.toml, VECTOR. A function tern_prepare_... of a vector
// command writes only what its operation reads. A stride that is not read must still be a multiple of 4, of 64 for an
// operation that writes images.
#ifndef TERN_FIRMWARE_VECTOR_UNIT_H
#define TERN_FIRMWARE_VECTOR_UNIT_H

#include "firmware/unit.h"

// What every operation has.
static inline void tern_vector_set_shape(struct tern_context *context, uint32_t operation, uint32_t rows,
                                         uint32_t parts, uint32_t length) {
    context->unit = context->vector_unit;
    TERN_SET(context, VECTOR, OPERATION, operation);
    TERN_SET(context, VECTOR, ROWS, rows);
    TERN_SET(context, VECTOR, PARTS, parts);
    TERN_SET(context, VECTOR, LENGTH, length);
}

static inline void tern_vector_set_strides(struct tern_context *context, uint64_t left, uint64_t output) {
    TERN_SET_PAIR(context, VECTOR, LEFT_STRIDE, left);
    TERN_SET_PAIR(context, VECTOR, OUTPUT_STRIDE, output);
}

// Strides of rows of f32 and of their images.
static inline void tern_vector_set_image_strides(struct tern_context *context, uint32_t rows, uint64_t left,
                                                 uint64_t output) {
    if (rows > 1) {
        tern_vector_set_strides(context, left, output);
    } else {
        TERN_SET(context, VECTOR, OUTPUT_STRIDE_LO, 0);
    }
}

#endif
