// SPDX-License-Identifier: Apache-2.0
#include "cmodel/attention/cache.h"

#include "cmodel/float/f32.h"
#include "cmodel/vector/bfp.h"

// The bits of 32767.5 x 2^1: a tie that rounds to the mantissa 32768.
#define TOO_LARGE_BITS 0x477fff00u
_Static_assert(TERN_CACHE_MAX_SHIFT + TERN_CACHE_EXPONENT == 1, "the exponent of the largest value, as in the bits");

static inline uint32_t is_too_large(float x) {
    return (tern_f32_to_bits(x) & ~TERN_F32_SIGN_BIT) >= TOO_LARGE_BITS;
}

enum tern_status tern_cache_check(const float *x, size_t count, size_t *bad_index) {
    uint32_t is_bad = 0;
    for (size_t i = 0; i < count; i++) {
        is_bad |= is_too_large(x[i]);
    }
    for (size_t i = 0; is_bad && i < count; i++) {
        if (is_too_large(x[i])) {
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
