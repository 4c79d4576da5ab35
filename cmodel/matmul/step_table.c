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

static enum tern_status refuse(uint32_t entry, uint32_t *bad_entry) {
    *bad_entry = entry;
    return TERN_STATUS_BAD_STEPS;
}

// The smallest field of the steps that are not 0. Each run makes a table, so the loops have no branches.
static uint32_t find_smallest_field(const uint32_t step_bits[TERN_STEPS]) {
    uint32_t smallest = INFINITE_EXPONENT;
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        const uint32_t field = step_bits[i] ? step_field(step_bits[i]) : INFINITE_EXPONENT;
        smallest = field < smallest ? field : smallest;
    }
    return smallest;
}

enum tern_status tern_step_table_make(const uint32_t step_bits[TERN_STEPS], struct tern_step_table *table,
                                      uint32_t *bad_entry) {
    const uint32_t smallest_field = find_smallest_field(step_bits);
    uint32_t largest_bits = 0, largest_shift = 0, shifts[TERN_STEPS];
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        shifts[i] = step_bits[i] ? step_field(step_bits[i]) - smallest_field : 0;
        largest_bits = step_bits[i] > largest_bits ? step_bits[i] : largest_bits;
        largest_shift = shifts[i] > largest_shift ? shifts[i] : largest_shift;
        table->mantissa[i] = step_mantissa(step_bits[i]);
        table->shift[i] = (uint8_t)shifts[i];
    }
    // The sign bit lies above the exponent field.
    for (uint32_t i = 0; largest_bits >> 23 >= INFINITE_EXPONENT; i++) {
        if (step_bits[i] >> 23 >= INFINITE_EXPONENT) {
            return refuse(i, bad_entry);
        }
    }
    for (uint32_t i = 0; largest_shift > TERN_STEP_RATIO_LOG2; i++) {
        if (shifts[i] > TERN_STEP_RATIO_LOG2) {
            return refuse(i, bad_entry);
        }
    }
    table->base_exponent = smallest_field == INFINITE_EXPONENT ? 0 : (int32_t)smallest_field - 150;
    return TERN_STATUS_OK;
}
