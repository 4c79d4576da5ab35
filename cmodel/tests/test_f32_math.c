// SPDX-License-Identifier: Apache-2.0
// Compares the written sequences of f32_math.h with double precision, with the bounds of docs/numerics.md. Reciprocals
// are exact in the exponent. One binade of 1/x and two of 1/sqrt x, tried completely, stand for all normal results.
// cmodel.f32_math_all tries every argument of exp that matters, and with an argument all floats.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmodel/matmul/crc32c.h"
#include "cmodel/tests/f32_bounds.h"

static void exp_over_its_range(void **state) {
    (void)state;
    test_f32_bounds_sweep("exp", 67);
}

static void exp_directed(void **state) {
    (void)state;
    test_expect_f32("exp", tern_f32_exp, 0x00000000u, 0x3f800000u);
    test_expect_f32("exp", tern_f32_exp, 0x80000000u, 0x3f800000u);
    test_expect_f32("exp", tern_f32_exp, 0x7f800000u, 0x7f800000u);
    test_expect_f32("exp", tern_f32_exp, 0xff800000u, 0x00000000u);
    test_expect_f32("exp", tern_f32_exp, 0xffc00001u, TERN_F32_NAN_BITS);
    test_expect_f32("exp", tern_f32_exp, 0x42b17219u, 0x7f800000u); // first float above 128 ln 2
    test_expect_f32("exp", tern_f32_exp, 0xc2d00001u, 0x00000000u); // just below -104
    test_expect_f32("exp", tern_f32_exp, 0xc2cff1b4u, 0x00000001u); // last one that rounds up to the smallest float
    test_expect_f32("exp", tern_f32_exp, 0xc2cff1b5u, 0x00000000u);
}

static void reciprocal_over_a_binade_and_all_exponents(void **state) {
    (void)state;
    test_ulp_sweep("reciprocal", tern_f32_reciprocal, test_true_reciprocal, 0x3f800000u, 0x40000000u, 1, 1.2);
    test_f32_bounds_sweep("reciprocal", 997);
    test_ulp_sweep("reciprocal", tern_f32_reciprocal, test_true_reciprocal, 0x7e800000u, 0x7f7fffffu, 7, 1.2);
}

static void reciprocal_directed(void **state) {
    (void)state;
    test_expect_f32("reciprocal", tern_f32_reciprocal, 0x00000000u, 0x7f800000u);
    test_expect_f32("reciprocal", tern_f32_reciprocal, 0x80000000u, 0xff800000u);
    test_expect_f32("reciprocal", tern_f32_reciprocal, 0x7f800000u, 0x00000000u);
    test_expect_f32("reciprocal", tern_f32_reciprocal, 0xff800000u, 0x80000000u);
    test_expect_f32("reciprocal", tern_f32_reciprocal, 0x7f800001u, TERN_F32_NAN_BITS);
    test_expect_f32("reciprocal", tern_f32_reciprocal, 0x00000001u, 0x7f800000u);
    for (uint32_t exponent = 1; exponent < 254; exponent++) { // powers of two are exact
        test_expect_f32("reciprocal", tern_f32_reciprocal, exponent << 23,
                        tern_f32_to_bits((float)ldexp(1.0, 127 - (int)exponent)));
    }
}

static void reciprocal_sqrt_over_two_binades_and_all_exponents(void **state) {
    (void)state;
    test_ulp_sweep("reciprocal_sqrt", tern_f32_reciprocal_sqrt, test_true_reciprocal_sqrt, 0x3f800000u, 0x40800000u, 1,
                   1.25);
    test_f32_bounds_sweep("reciprocal_sqrt", 997);
    test_ulp_sweep("reciprocal_sqrt", tern_f32_reciprocal_sqrt, test_true_reciprocal_sqrt, 0x00000001u, 0x00800010u, 13,
                   1.25);
}

// For the bounds of docs/numerics-vector.md, section 5.
static void relative_errors_of_reciprocals(void **state) {
    (void)state;
    test_relative_sweep("reciprocal", tern_f32_reciprocal, test_true_reciprocal, 1.5);
    test_relative_sweep("reciprocal_sqrt", tern_f32_reciprocal_sqrt, test_true_reciprocal_sqrt, 1.65);
}

static void reciprocal_sqrt_directed(void **state) {
    (void)state;
    test_expect_f32("reciprocal_sqrt", tern_f32_reciprocal_sqrt, 0x00000000u, 0x7f800000u);
    test_expect_f32("reciprocal_sqrt", tern_f32_reciprocal_sqrt, 0x80000000u, 0x7f800000u);
    test_expect_f32("reciprocal_sqrt", tern_f32_reciprocal_sqrt, 0x7f800000u, 0x00000000u);
    test_expect_f32("reciprocal_sqrt", tern_f32_reciprocal_sqrt, 0xbf800000u, TERN_F32_NAN_BITS);
    test_expect_f32("reciprocal_sqrt", tern_f32_reciprocal_sqrt, 0xff800000u, TERN_F32_NAN_BITS);
    test_expect_f32("reciprocal_sqrt", tern_f32_reciprocal_sqrt, 0x7fc00001u, TERN_F32_NAN_BITS);
    for (int exponent = -148; exponent < 128; exponent += 2) { // even powers of two are exact
        test_expect_f32("reciprocal_sqrt", tern_f32_reciprocal_sqrt, tern_f32_to_bits((float)ldexp(1.0, exponent)),
                        tern_f32_to_bits((float)ldexp(1.0, -exponent / 2)));
    }
}

static void sigmoid_and_silu_over_their_range(void **state) {
    (void)state;
    test_f32_bounds_sweep("sigmoid", 101);
    test_f32_bounds_sweep("silu", 101);
}

static void sigmoid_and_silu_directed(void **state) {
    (void)state;
    test_expect_f32("sigmoid", tern_f32_sigmoid, 0x00000000u, 0x3f000000u);
    test_expect_f32("sigmoid", tern_f32_sigmoid, 0x80000000u, 0x3f000000u);
    test_expect_f32("sigmoid", tern_f32_sigmoid, 0x7f800000u, 0x3f800000u);
    test_expect_f32("sigmoid", tern_f32_sigmoid, 0xff800000u, 0x00000000u);
    test_expect_f32("sigmoid", tern_f32_sigmoid, 0x7fc00000u, TERN_F32_NAN_BITS);
    test_expect_f32("silu", tern_f32_silu, 0x00000000u, 0x00000000u);
    test_expect_f32("silu", tern_f32_silu, 0x80000000u, 0x80000000u);
    test_expect_f32("silu", tern_f32_silu, 0x7f800000u, 0x7f800000u);
    test_expect_f32("silu", tern_f32_silu, 0xff800000u, 0x80000000u);
    test_expect_f32("silu", tern_f32_silu, 0x7f7fffffu, 0x7f7fffffu);
    test_expect_f32("silu", tern_f32_silu, 0x7fc00000u, TERN_F32_NAN_BITS);
}

// The CRC-32C of the results over every 40503rd float. It fixes the bits, which the bounds above leave open. The
// numbers come from f32_math_bits.py, an independent implementation of docs/numerics.md.
static void bits_are_those_of_the_written_sequences(void **state) {
    (void)state;
    enum { STRIDE = 40503, COUNT = 106041 };
    const struct {
        const char *name;
        float (*function)(float);
        uint32_t crc;
    } cases[] = {{"exp", tern_f32_exp, 0x15be6e35u},
                 {"reciprocal", tern_f32_reciprocal, 0x4b25a1bfu},
                 {"reciprocal_sqrt", tern_f32_reciprocal_sqrt, 0xbc364e2au},
                 {"silu", tern_f32_silu, 0x99df9991u}};
    float *results = malloc(COUNT * sizeof *results);
    assert_non_null(results);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (uint32_t k = 0; k < COUNT; k++) {
            results[k] = cases[i].function(tern_f32_from_bits(k * STRIDE));
        }
        tern_f32_canonical(results, COUNT);
        uint32_t crc = tern_crc32c(results, COUNT * sizeof *results);
        if (crc != cases[i].crc) {
            fail_msg("%s: CRC-32C of its results is %08x, not %08x", cases[i].name, crc, cases[i].crc);
        }
    }
    free(results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_over_its_range),
        cmocka_unit_test(exp_directed),
        cmocka_unit_test(reciprocal_over_a_binade_and_all_exponents),
        cmocka_unit_test(reciprocal_directed),
        cmocka_unit_test(reciprocal_sqrt_over_two_binades_and_all_exponents),
        cmocka_unit_test(relative_errors_of_reciprocals),
        cmocka_unit_test(reciprocal_sqrt_directed),
        cmocka_unit_test(sigmoid_and_silu_over_their_range),
        cmocka_unit_test(sigmoid_and_silu_directed),
        cmocka_unit_test(bits_are_those_of_the_written_sequences),
    };
    return cmocka_run_group_tests_name("cmodel.f32_math", tests, NULL, NULL);
}
