// SPDX-License-Identifier: Apache-2.0
// The float operations of the core's coprocessor, with the bits of rtl/float/tern_float_unit.v.
#include "cmodel/float/f32.h"
#include "sim/devices/vp/iss/iss_decode.h"

enum rounding { NEAREST_EVEN = 0, TO_ZERO = 1, DOWN = 2, UP = 3, NEAREST_AWAY = 4 }; // 7 is NEAREST_EVEN too

static uint32_t canonical(float value) {
    return tern_f32_is_nan(value) ? TERN_F32_NAN_BITS : tern_f32_to_bits(value);
}

static uint32_t inject_sign(uint32_t function, uint32_t a, uint32_t b) {
    const uint32_t sign = function == 0 ? b : function == 1 ? ~b : a ^ b;
    return (a & ~TERN_F32_SIGN_BIT) | (sign & TERN_F32_SIGN_BIT);
}

// -0 is less than +0. Of a NaN and a number the result is the number.
static uint32_t select_one(uint32_t is_maximum, uint32_t a, uint32_t b) {
    const float x = tern_f32_from_bits(a), y = tern_f32_from_bits(b);
    if (tern_f32_is_nan(x)) {
        return canonical(y);
    }
    if (tern_f32_is_nan(y)) {
        return a;
    }
    if (tern_f32_equal(x, y)) {
        return is_maximum ? a & b : a | b;
    }
    return (uint32_t)tern_f32_less(x, y) != is_maximum ? a : b;
}

static uint32_t compare(uint32_t function, float a, float b) {
    switch (function) {
    case 0: return (uint32_t)tern_f32_less_equal(a, b);
    case 1: return (uint32_t)tern_f32_less(a, b);
    default: return (uint32_t)tern_f32_equal(a, b);
    }
}

// 1: the magnitude `whole` is rounded up, whose lost part is `rest` in 0 .. 1.
static int64_t rounds_up(uint32_t rounding, bool is_negative, int64_t whole, double rest) {
    switch (rounding) {
    case TO_ZERO: return 0;
    case DOWN: return is_negative && rest > 0;
    case UP: return !is_negative && rest > 0;
    case NEAREST_AWAY: return rest >= 0.5;
    default: return rest > 0.5 || (rest == 0.5 && (whole & 1));
    }
}

// Saturates; a NaN gives the largest integer.
static uint32_t to_integer(uint32_t rounding, float value) {
    const bool is_unsigned = rounding & ISS_FLOAT_UNSIGNED, is_negative = value < 0;
    const int64_t lowest = is_unsigned ? 0 : INT32_MIN, highest = is_unsigned ? UINT32_MAX : INT32_MAX;
    const double magnitude = tern_f32_abs(value);
    if (!(magnitude < 4294967296.0)) {
        return (uint32_t)(is_negative ? lowest : highest);
    }
    int64_t whole = (int64_t)magnitude;
    whole += rounds_up(rounding & 7u, is_negative, whole, magnitude - (double)whole);
    whole = is_negative ? -whole : whole;
    return (uint32_t)(whole < lowest ? lowest : whole > highest ? highest : whole);
}

static uint32_t from_integer(uint32_t rounding, uint32_t a) {
    return tern_f32_to_bits(rounding & ISS_FLOAT_UNSIGNED ? (float)a : tern_f32_from_i32((int32_t)a));
}

uint32_t iss_float(uint32_t funct5, uint32_t rounding, uint32_t a, uint32_t b) {
    const float x = tern_f32_from_bits(a), y = tern_f32_from_bits(b);
    switch (funct5) {
    case 0x00: return canonical(tern_f32_add(x, y));
    case 0x01: return canonical(tern_f32_sub(x, y));
    case 0x02: return canonical(tern_f32_mul(x, y));
    case 0x04: return inject_sign(rounding, a, b);
    case 0x05: return select_one(rounding, a, b);
    case 0x14: return compare(rounding, x, y);
    case 0x18: return to_integer(rounding, x);
    default: return from_integer(rounding, a);
    }
}
