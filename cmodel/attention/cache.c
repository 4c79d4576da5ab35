// SPDX-License-Identifier: Apache-2.0
#include "cmodel/attention/cache.h"

#include "cmodel/float/f32.h"
#include "cmodel/vector/bfp.h"

// The bits of 32767.5 x 2^1: a tie that rounds to the mantissa 32768.
#define TOO_LARGE_BITS 0x477fff00u
_Static_assert(TERN_CACHE_MAX_SHIFT + TERN_CACHE_EXPONENT == 1, "the exponent of the largest value, as in the bits");

enum tern_status tern_cache_check(const float *x, size_t count, size_t *bad_index) {
    uint32_t largest = 0; // magnitude bits; those of NaN are the largest
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = tern_f32_to_bits(x[i]) & ~TERN_F32_SIGN_BIT;
        largest = bits > largest ? bits : largest;
    }
    for (size_t i = 0; largest >= TOO_LARGE_BITS && i < count; i++) {
        if ((tern_f32_to_bits(x[i]) & ~TERN_F32_SIGN_BIT) >= TOO_LARGE_BITS) {
            *bad_index = i;
            return TERN_STATUS_NON_FINITE;
        }
    }
    return TERN_STATUS_OK;
}

void tern_cache_quantize(const float *x, size_t count, int16_t *mantissas, uint8_t *exponents) {
    // A group's shift above a base exponent that is the same for all groups of all vectors.
    tern_bfp_quantize_tile(TERN_CACHE_EXPONENT, x, count, mantissas, exponents);
}
