// SPDX-License-Identifier: Apache-2.0
// Compares the host's operations of f32.h with doubles, special values included. The firmware's unit must give the
// same.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"
#include "cmodel/tests/random.h"

#define SEED 20261124

static void expect_bits(const char *what, uint32_t a, uint32_t b, uint32_t got, uint32_t expected) {
    if (got != expected) {
        fail_msg("%s(%08x, %08x): got %08x, expected %08x (seed %d)", what, a, b, got, expected, SEED);
    }
}

static uint32_t canonical_bits(float value) {
    tern_f32_canonical(&value, 1);
    return tern_f32_to_bits(value);
}

// Products and sums of floats whose exponents differ by less than 28 are exact in a double, so the cast rounds once.
static void products_and_near_sums_round_once(void **state) {
    (void)state;
    struct test_random random = test_random_seed(SEED);
    for (int i = 0; i < 2000000; i++) {
        uint32_t a = test_random_word(&random) & 0xbfffffffu;
        uint32_t b =
            (a & 0x7f800000u) + (test_random_below(&random, 20) << 23) + (test_random_word(&random) & 0x807fffffu);
        if ((b & 0x7f800000u) == 0x7f800000u || (a & 0x7f800000u) == 0x7f800000u) {
            continue;
        }
        // volatile: without it the compiler narrows both sides alike
        volatile double x = tern_f32_from_bits(a), y = tern_f32_from_bits(b);
        expect_bits("add", a, b, tern_f32_to_bits(tern_f32_add((float)x, (float)y)), tern_f32_to_bits((float)(x + y)));
        expect_bits("sub", a, b, tern_f32_to_bits(tern_f32_sub((float)x, (float)y)), tern_f32_to_bits((float)(x - y)));
        expect_bits("mul", a, b, tern_f32_to_bits(tern_f32_mul((float)x, (float)y)), tern_f32_to_bits((float)(x * y)));
    }
}

// The square of 1 + 2^-12 loses its last bit when rounded. A fused multiply-add would keep it.
static void products_are_rounded_before_sums(void **state) {
    (void)state;
    volatile float a = 0x1.001p+0f;
    volatile float square = 0x1.002p+0f;
    expect_bits("mul, sub", 0x3f800800u, 0, tern_f32_to_bits(tern_f32_sub(tern_f32_mul(a, a), square)), 0);
}

static void special_values(void **state) {
    (void)state;
    float infinity = tern_f32_from_bits(TERN_F32_INFINITY_BITS);
    float nan = tern_f32_from_bits(0xffc12345u);
    expect_bits("sub", 0x7f800000u, 0x7f800000u, canonical_bits(tern_f32_sub(infinity, infinity)), TERN_F32_NAN_BITS);
    expect_bits("mul", 0x7f800000u, 0, canonical_bits(tern_f32_mul(infinity, 0.0f)), TERN_F32_NAN_BITS);
    expect_bits("add", 0xffc12345u, 0, canonical_bits(tern_f32_add(nan, 1.0f)), TERN_F32_NAN_BITS);
    expect_bits("neg", 0, 0, tern_f32_to_bits(tern_f32_neg(0.0f)), 0x80000000u);
    expect_bits("neg", 0x80000000u, 0, tern_f32_to_bits(tern_f32_neg(-0.0f)), 0);
    expect_bits("neg", 1, 0, tern_f32_to_bits(tern_f32_neg(tern_f32_from_bits(1))), 0x80000001u);
    expect_bits("neg", 0xff800000u, 0, tern_f32_to_bits(tern_f32_neg(-infinity)), 0x7f800000u);
    expect_bits("neg", 0xffc12345u, 0, canonical_bits(tern_f32_neg(nan)), TERN_F32_NAN_BITS);
    expect_bits("abs", 0x80000001u, 0, tern_f32_to_bits(tern_f32_abs(tern_f32_from_bits(0x80000001u))), 1);
    expect_bits("sub", 0x3f800000u, 0x3f800000u, tern_f32_to_bits(tern_f32_sub(1.0f, 1.0f)), 0);
    assert_true(tern_f32_is_nan(nan) && !tern_f32_is_nan(infinity) && !tern_f32_is_nan(-infinity));
    assert_true(!tern_f32_is_finite(nan) && !tern_f32_is_finite(-infinity) && tern_f32_is_finite(-FLT_MAX));
    float array[3] = {1.0f, nan, -infinity};
    tern_f32_canonical(array, 3);
    expect_bits("canonical", 0, 0, tern_f32_to_bits(array[0]), 0x3f800000u);
    expect_bits("canonical", 0, 0, tern_f32_to_bits(array[1]), TERN_F32_NAN_BITS);
    expect_bits("canonical", 0, 0, tern_f32_to_bits(array[2]), 0xff800000u);
}

static void comparisons(void **state) {
    (void)state;
    float nan = tern_f32_from_bits(TERN_F32_NAN_BITS);
    assert_true(tern_f32_less(-1.0f, 0.0f) && !tern_f32_less(0.0f, 0.0f) && !tern_f32_less(-0.0f, 0.0f));
    assert_true(tern_f32_less_equal(0.0f, -0.0f) && tern_f32_less_equal(1.0f, 2.0f) &&
                !tern_f32_less_equal(2.0f, 1.0f));
    assert_true(tern_f32_equal(0.0f, -0.0f) && !tern_f32_equal(nan, nan) && !tern_f32_equal(1.0f, 2.0f));
    assert_true(!tern_f32_less(nan, 1.0f) && !tern_f32_less(1.0f, nan) && !tern_f32_less_equal(nan, nan));
    expect_bits("max", 0, 0x80000000u, tern_f32_to_bits(tern_f32_max(0.0f, -0.0f)), 0);
    expect_bits("max", 0x80000000u, 0, tern_f32_to_bits(tern_f32_max(-0.0f, 0.0f)), 0x80000000u);
    expect_bits("max", 0, 0, tern_f32_to_bits(tern_f32_max(1.0f, 2.0f)), tern_f32_to_bits(2.0f));
    expect_bits("min", 0, 0, tern_f32_to_bits(tern_f32_min(1.0f, -2.0f)), tern_f32_to_bits(-2.0f));
    expect_bits("max", 0, 0, tern_f32_to_bits(tern_f32_max(1.0f, nan)), tern_f32_to_bits(1.0f));
}

static int32_t expected_i32(float value) {
    if (isnan(value) || value >= 2147483648.0f) {
        return INT32_MAX;
    }
    return value <= -2147483648.0f ? INT32_MIN : (int32_t)nearbyint((double)value);
}

static void to_i32_rounds_to_even_and_saturates(void **state) {
    (void)state;
    static const float directed[] = {0.5f,          1.5f,           2.5f,        -0.5f,        -1.5f,
                                     -2.5f,         8388607.5f,     -8388607.5f, 4194304.5f,   4194305.5f,
                                     -4194305.5f,   0x1.fffffep-2f, 8388608.0f,  2147483520.f, 2147483648.f,
                                     -2147483648.f, -2147483904.f,  3e38f,       -3e38f};
    for (size_t i = 0; i < sizeof directed / sizeof directed[0]; i++) {
        expect_bits("to_i32", tern_f32_to_bits(directed[i]), 0, (uint32_t)tern_f32_to_i32(directed[i]),
                    (uint32_t)expected_i32(directed[i]));
    }
    expect_bits("to_i32", 0xffc00001u, 0, (uint32_t)tern_f32_to_i32(tern_f32_from_bits(0xffc00001u)), INT32_MAX);
    for (uint64_t bits = 0; bits < UINT64_C(1) << 32; bits += 1021) {
        float value = tern_f32_from_bits((uint32_t)bits);
        expect_bits("to_i32", (uint32_t)bits, 0, (uint32_t)tern_f32_to_i32(value), (uint32_t)expected_i32(value));
    }
}

static void from_i32_rounds_to_even(void **state) {
    (void)state;
    expect_bits("from_i32", 16777217, 0, tern_f32_to_bits(tern_f32_from_i32(16777217)), tern_f32_to_bits(16777216.0f));
    expect_bits("from_i32", 16777219, 0, tern_f32_to_bits(tern_f32_from_i32(16777219)), tern_f32_to_bits(16777220.0f));
    expect_bits("from_i32", 0x7fffffff, 0, tern_f32_to_bits(tern_f32_from_i32(INT32_MAX)), 0x4f000000u);
    expect_bits("from_i32", 0x80000000u, 0, tern_f32_to_bits(tern_f32_from_i32(INT32_MIN)), 0xcf000000u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_and_near_sums_round_once),
        cmocka_unit_test(products_are_rounded_before_sums),
        cmocka_unit_test(special_values),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(to_i32_rounds_to_even_and_saturates),
        cmocka_unit_test(from_i32_rounds_to_even),
    };
    return cmocka_run_group_tests_name("cmodel.f32", tests, NULL, NULL);
}
