// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/step_table.h"

#define INFINITE_EXPONENT 255u

// The biased exponent field of the last bit of a positive float's 24-bit significand. Subnormals count as field 1.
static uint32_t step_field(uint32_t bits) {
    uint32_t field = bits >> 23;
    return field ? field : 1;
}

static uint32_t step_mantissa(uint32_t bits) {
    uint32_t fraction = bits & 0x007fffffu;
    return bits >> 23 ? fraction | 0x00800000u : fraction;
}

enum tern_status tern_step_table_make(const uint32_t step_bits[TERN_STEPS], struct tern_step_table *table,
                                      uint32_t *bad_entry) {
    uint32_t smallest_field = INFINITE_EXPONENT;
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        if (step_bits[i] >> 23 >= INFINITE_EXPONENT) { // the sign bit lies above the exponent field
            *bad_entry = i;
            return TERN_STATUS_BAD_STEPS;
        }
        if (step_bits[i] != 0 && step_field(step_bits[i]) < smallest_field) {
            smallest_field = step_field(step_bits[i]);
        }
    }
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        uint32_t shift = step_bits[i] ? step_field(step_bits[i]) - smallest_field : 0;
        if (shift > TERN_STEP_RATIO_LOG2) {
            *bad_entry = i;
            return TERN_STATUS_BAD_STEPS;
        }
        table->mantissa[i] = step_mantissa(step_bits[i]);
        table->shift[i] = (uint8_t)shift;
    }
    table->base_exponent = smallest_field == INFINITE_EXPONENT ? 0 : (int32_t)smallest_field - 150;
    return TERN_STATUS_OK;
}
