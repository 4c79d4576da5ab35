// SPDX-License-Identifier: Apache-2.0
// exp and silu of f32_math.h for ordinary arguments. They give the same bits from fewer operations. They are inline, so
// that a loop keeps the constants in registers. The soft core spends most of a layer's vector time here.
//
// The operations left out are exact. They are products with 1 and tests that cannot be true. Scaling of a normal number
// by a power of two to a normal number becomes an addition to its exponent. cmodel.f32_math_all compares every
// argument.
#ifndef TERN_CMODEL_FLOAT_F32_ORDINARY_H
#define TERN_CMODEL_FLOAT_F32_ORDINARY_H

#include "cmodel/float/f32.h"

#define TERN_F32_ORDINARY_LIMIT 0x42a00000u // 80
#define TERN_F32_ORDINARY_SMALL 0x35800000u // 2^-20

static inline uint32_t tern_f32_magnitude_bits(float x) {
    return tern_f32_to_bits(x) & ~TERN_F32_SIGN_BIT;
}

// |x| < 80
static inline bool tern_f32_exp_is_ordinary(float x) {
    return tern_f32_magnitude_bits(x) < TERN_F32_ORDINARY_LIMIT;
}

// e^x / 2^n. n is the integer nearest to x / ln 2, r the rest: x = n ln2 + r. The upper part of ln2 has 15 bits. So n
// times it is exact, and the first difference too.
static inline float tern_f32_exp_fraction(float x, int32_t n) {
    float whole = tern_f32_from_i32(n);
    float r = tern_f32_sub(x, tern_f32_mul(whole, 0x1.62e4p-1f));
    r = tern_f32_sub(r, tern_f32_mul(whole, 0x1.7f7d1cp-20f));
    // e^r = 1 + (r + r^2 p(r)): the small terms first.
    float p = 0x1.6d110ep-10f;
    p = tern_f32_add(tern_f32_mul(p, r), 0x1.120b72p-7f);
    p = tern_f32_add(tern_f32_mul(p, r), 0x1.55551ap-5f);
    p = tern_f32_add(tern_f32_mul(p, r), 0x1.5554dcp-3f);
    p = tern_f32_add(tern_f32_mul(p, r), 0.5f);
    p = tern_f32_mul(p, tern_f32_mul(r, r));
    return tern_f32_add(1.0f, tern_f32_add(r, p));
}

// The result of the polynomial and 2^n are normal: n is within +-116, the polynomial within 0.7 and 1.42.
static inline float tern_f32_exp_ordinary(float x) {
    int32_t n = tern_f32_to_i32_small(tern_f32_mul(x, 0x1.715476p+0f));
    return tern_f32_from_bits(tern_f32_to_bits(tern_f32_exp_fraction(x, n)) + ((uint32_t)n << 23));
}

// 2^-20 <= |x| < 80
static inline bool tern_f32_silu_is_ordinary(float x) {
    return tern_f32_magnitude_bits(x) - TERN_F32_ORDINARY_SMALL < TERN_F32_ORDINARY_LIMIT - TERN_F32_ORDINARY_SMALL;
}

// 1 + e^-|x| is at least 1 and below 2. Its reciprocal needs neither tests nor scaling.
static inline float tern_f32_silu_ordinary(float x) {
    float tail = tern_f32_exp_ordinary(tern_f32_from_bits(tern_f32_to_bits(x) | TERN_F32_SIGN_BIT));
    float m = tern_f32_add(1.0f, tail);
    float y = tern_f32_from_bits(0x7ef311c7u - tern_f32_to_bits(m));
#pragma GCC unroll 3
    for (int step = 0; step < 3; step++) {
        float error = tern_f32_sub(1.0f, tern_f32_mul(m, y));
        y = tern_f32_add(y, tern_f32_mul(y, error));
    }
#if defined(__riscv)
    if ((int32_t)tern_f32_to_bits(x) < 0) {
        y = tern_f32_mul(tail, y);
    }
#else
    const float other = tern_f32_mul(tail, y);
    y = (int32_t)tern_f32_to_bits(x) < 0 ? other : y;
#endif
    return tern_f32_mul(x, y);
}

#endif
