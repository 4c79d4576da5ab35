// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "cmodel/float/half.h"

// The value of a finite half, from its definition.
static double value_of(unsigned half) {
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double magnitude = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return half & 0x8000 ? -magnitude : magnitude;
}

static void every_half_widens_exactly(void **state) {
    (void)state;
    for (unsigned half = 0; half < 65536; half++) {
        float got = tern_float_from_f16((uint16_t)half);
        int special = (half >> 10 & 31) == 31, fraction = half & 1023;
        int right = !special   ? (double)got == value_of(half) && !signbit(got) == !(half & 0x8000)
                    : fraction ? isnan(got)
                               : isinf(got) && !signbit(got) == !(half & 0x8000);
        if (!right) {
            fail_msg("half 0x%04x: got %a", half, (double)got);
        }
    }
}

// The nearest half by exact comparison in double of the two neighbours. A tie gives the even one.
static unsigned nearest_half(float value) {
    double magnitude = fabs((double)value);
    unsigned sign = signbit(value) ? 0x8000 : 0, low = 0, high = 0x7c00;
    if (magnitude >= 65520.0) {
        return sign | 0x7c00;
    }
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        if (value_of(middle) <= magnitude) {
            low = middle;
        } else {
            high = middle;
        }
    }
    double down = magnitude - value_of(low), up = (high == 0x7c00 ? 65536.0 : value_of(high)) - magnitude;
    return sign | (down < up || (down == up && low % 2 == 0) ? low : high);
}

static void check_rounding(float value) {
    if (tern_f16_from_float(value) != nearest_half(value)) {
        fail_msg("%a: got 0x%04x, expected 0x%04x", (double)value, tern_f16_from_float(value), nearest_half(value));
    }
}

static void floats_round_to_the_nearest_half(void **state) {
    uint32_t seed = 7;
    (void)state;
    for (unsigned half = 0; half < 0x7c00; half++) { // each half, each midpoint, and their neighbours
        float value = (float)value_of(half), next = half == 0x7bff ? 65536.0f : (float)value_of(half + 1);
        float middle = 0.5f * (value + next);
        check_rounding(value);
        check_rounding(-middle);
        check_rounding(nextafterf(middle, 0));
        check_rounding(nextafterf(middle, INFINITY));
    }
    for (int i = 0; i < 1000000; i++) {
        seed = seed * 1664525u + 1013904223u;
        float value = tern_float_from_bits(seed ^ seed >> 15);
        if (!isnan(value)) {
            check_rounding(value);
        }
    }
    assert_true((tern_f16_from_float(NAN) & 0x7fff) > 0x7c00);
}

// Tests every BF16 number, every midpoint of two and the floats beside them. A tie gives the even one.
static void floats_round_to_the_nearest_bf16(void **state) {
    (void)state;
    for (uint32_t number = 0; number < 0x7f80; number++) {
        for (uint32_t sign = 0; sign < 2; sign++) {
            uint32_t here = sign << 15 | number, bits = here << 16;
            assert_int_equal(tern_bf16_from_float(tern_float_from_bits(bits)), here);
            assert_int_equal(tern_bf16_from_float(tern_float_from_bits(bits + 0x7fff)), here);
            assert_int_equal(tern_bf16_from_float(tern_float_from_bits(bits + 0x8000)), here + here % 2);
            assert_int_equal(tern_bf16_from_float(tern_float_from_bits(bits + 0x8001)), here + 1);
        }
    }
    assert_int_equal(tern_bf16_from_float(-INFINITY), 0xff80);
    assert_true((tern_bf16_from_float(tern_float_from_bits(0x7f800001)) & 0x7fff) > 0x7f80);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_widens_exactly),
        cmocka_unit_test(floats_round_to_the_nearest_half),
        cmocka_unit_test(floats_round_to_the_nearest_bf16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
