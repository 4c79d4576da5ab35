// SPDX-License-Identifier: Apache-2.0
// Trit block code (ASTC integer sequence). A byte holds five digits 0, 1, 2 of base 3, one for each row of a strip. As
// trits the digits mean 0, +1, -1. 243 of the 256 bytes are canonical: the smallest with their digits.
#ifndef TERN_CMODEL_MATMUL_TRIT_CODE_H
#define TERN_CMODEL_MATMUL_TRIT_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/generated/tern_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

// Converts any byte to its trits -1..1.
void tern_trits_decode(uint8_t byte, int8_t trits[TERN_STRIP_ROWS]);
bool tern_trits_is_canonical(uint8_t byte);

// Converts digits, as their value v0 + 3 v1 + 9 v2 + 27 v3 + 81 v4 (0..242), to the canonical byte. Converts any byte
// to its digits, v_r in bits 2r+1..2r.
uint8_t tern_digits_encode(unsigned base3_value);
unsigned tern_digits_decode(uint8_t byte);

// Converts any byte to five byte slots, row r in bits 8r+7..8r. They hold the digits, or the trits plus one (0..2).
extern const uint64_t tern_digit_slots[256];
extern const uint64_t tern_trit_slots[256];

#ifdef __cplusplus
}
#endif
#endif
