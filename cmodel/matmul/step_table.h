// SPDX-License-Identifier: Apache-2.0
// The 27 steps of a matrix in the unit's form: step = mantissa x 2^(shift + base_exponent). A matrix has one base
// exponent. The firmware compiles this file too, so it uses integers only.
#ifndef TERN_CMODEL_MATMUL_STEP_TABLE_H
#define TERN_CMODEL_MATMUL_STEP_TABLE_H

#include <stdint.h>

#include "spec/generated/tern_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_STEP_MANTISSA_BITS 24

struct tern_step_table {
    uint32_t mantissa[TERN_STEPS]; // 0..2^24-1
    uint8_t shift[TERN_STEPS];     // 0..TERN_STEP_RATIO_LOG2
    int32_t base_exponent;         // of the smallest non-zero step; 0 when all are zero
};

// Converts 27 float32 bit patterns. TERN_STATUS_BAD_STEPS and *bad_entry: an entry is negative (also -0) or not finite,
// or its exponent is more than TERN_STEP_RATIO_LOG2 above the smallest.
enum tern_status tern_step_table_make(const uint32_t step_bits[TERN_STEPS], struct tern_step_table *table,
                                      uint32_t *bad_entry);

#ifdef __cplusplus
}
#endif
#endif
