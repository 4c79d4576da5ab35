// SPDX-License-Identifier: Apache-2.0
#include "cmodel/float/f32_math.h"

#include "cmodel/float/f32_ordinary.h"

// 2^n for n in -126..127.
static float power_of_two(int32_t n) {
    return tern_f32_from_bits((uint32_t)(n + 127) << 23);
}

// x * 2^n for |n| <= 252, rounded once. The first product is exact while x is in 0.5..4.
static float scale_by_power(float x, int32_t n) {
    int32_t half = n >> 1;
    return tern_f32_mul(tern_f32_mul(x, power_of_two(half)), power_of_two(n - half));
}

// Returns n of a positive float x = m * 2^n, 1 <= m < 2, and m in *fraction. Callers handle zero.
static int32_t split_exponent(float x, float *fraction) {
    int32_t lifted = 0;
    if (tern_f32_to_bits(x) < 0x00800000u) {
        x = tern_f32_mul(x, 16777216.0f);
        lifted = 24;
    }
    uint32_t bits = tern_f32_to_bits(x);
    *fraction = tern_f32_from_bits((bits & 0x007fffffu) | 0x3f800000u);
    return (int32_t)(bits >> 23) - 127 - lifted;
}

float tern_f32_exp(float x) {
    if (tern_f32_is_nan(x)) {
        return tern_f32_from_bits(TERN_F32_NAN_BITS);
    }
    if (tern_f32_less(x, -104.0f)) {
        return 0.0f;
    }
    if (tern_f32_less(88.72284f, x)) {
        return tern_f32_from_bits(TERN_F32_INFINITY_BITS);
    }
    int32_t n = tern_f32_to_i32(tern_f32_mul(x, 0x1.715476p+0f));
    return scale_by_power(tern_f32_exp_fraction(x, n), n);
}

float tern_f32_reciprocal(float x) {
    if (tern_f32_is_nan(x)) {
        return tern_f32_from_bits(TERN_F32_NAN_BITS);
    }
    uint32_t sign = tern_f32_to_bits(x) & TERN_F32_SIGN_BIT;
    float magnitude = tern_f32_abs(x);
    if (tern_f32_to_bits(magnitude) == 0) {
        return tern_f32_from_bits(sign | TERN_F32_INFINITY_BITS);
    }
    if (tern_f32_to_bits(magnitude) == TERN_F32_INFINITY_BITS) {
        return tern_f32_from_bits(sign);
    }
    float m;
    int32_t n = split_exponent(magnitude, &m);
    // The seed is within 2^-4.3. Three Newton steps y + y (1 - m y) follow. Only the rounding of the last is large.
    float y = tern_f32_from_bits(0x7ef311c7u - tern_f32_to_bits(m));
    for (int step = 0; step < 3; step++) {
        float error = tern_f32_sub(1.0f, tern_f32_mul(m, y));
        y = tern_f32_add(y, tern_f32_mul(y, error));
    }
    float result = scale_by_power(y, -n);
    return tern_f32_from_bits(tern_f32_to_bits(result) | sign);
}

float tern_f32_reciprocal_sqrt(float x) {
    uint32_t bits = tern_f32_to_bits(x);
    if ((bits & ~TERN_F32_SIGN_BIT) == 0) {
        return tern_f32_from_bits(TERN_F32_INFINITY_BITS);
    }
    if (bits > TERN_F32_INFINITY_BITS) {
        return tern_f32_from_bits(TERN_F32_NAN_BITS);
    }
    if (bits == TERN_F32_INFINITY_BITS) {
        return 0.0f;
    }
    float m;
    int32_t n = split_exponent(x, &m);
    // The exponent's even part is taken out: m in 1..4.
    if (n & 1) {
        m = tern_f32_add(m, m);
        n -= 1;
    }
    // The seed is within 2^-4.8. Three Newton steps follow.
    float half = tern_f32_mul(m, 0.5f);
    float y = tern_f32_from_bits(0x5f375a86u - (tern_f32_to_bits(m) >> 1));
    for (int step = 0; step < 3; step++) {
        float error = tern_f32_sub(0.5f, tern_f32_mul(tern_f32_mul(half, y), y));
        y = tern_f32_add(y, tern_f32_mul(y, error));
    }
    return tern_f32_mul(y, power_of_two(-n / 2));
}

// e^-|x| never overflows. The negative side multiplies by it rather than dividing by a huge 1 + e^|x|.
float tern_f32_sigmoid(float x) {
    float tail = tern_f32_exp(tern_f32_neg(tern_f32_abs(x)));
    float upper = tern_f32_reciprocal(tern_f32_add(1.0f, tail));
    return tern_f32_less(x, 0.0f) ? tern_f32_mul(tail, upper) : upper;
}

float tern_f32_silu(float x) {
    if (tern_f32_less(x, -104.0f)) {
        return -0.0f;
    }
    return tern_f32_mul(x, tern_f32_sigmoid(x));
}
