// SPDX-License-Identifier: Apache-2.0
// Tests exp over every float from 2^-14 up to its limits on both sides. Below that 1 + x is within half a unit of e^x.
// Compares f32_ordinary.h with the written sequences, over every argument that it takes. With the name of a function
// the program is the test cmodel.f32_bounds_NAME: its stated bounds over all 2^32 floats.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmodel/float/f32_ordinary.h"
#include "cmodel/tests/f32_bounds.h"

static void exp_over_every_float(void **state) {
    (void)state;
    test_ulp_sweep("exp", tern_f32_exp, test_true_exp, 0x38800000u, 0x42b20000u, 1, 1.1);
    test_ulp_sweep("exp", tern_f32_exp, test_true_exp, 0xb8800000u, 0xc2d40000u, 1, 1.1);
}

static void expect_same(const char *what, float x, float got, float expected) {
    if (tern_f32_to_bits(got) != tern_f32_to_bits(expected)) {
        fail_msg("%s(%a): %a, the written sequence gives %a", what, (double)x, (double)got, (double)expected);
    }
}

// Tests every float from 2^-26 on, below which e^x is 1, and a sample of the rest.
static void ordinary_over_every_float(void **state) {
    (void)state;
    for (uint32_t magnitude = 0; magnitude < 0x42a10000u; magnitude += magnitude < 0x32800000u ? 1009 : 1) {
        for (uint32_t sign = 0; sign < 2; sign++) {
            float x = tern_f32_from_bits(magnitude | sign << 31);
            if (tern_f32_exp_is_ordinary(x)) {
                expect_same("exp", x, tern_f32_exp_ordinary(x), tern_f32_exp(x));
            }
            if (tern_f32_silu_is_ordinary(x)) {
                expect_same("silu", x, tern_f32_silu_ordinary(x), tern_f32_silu(x));
            }
        }
    }
}

static const char *swept;

static void bounds_over_all_floats(void **state) {
    (void)state;
    test_f32_bounds_sweep(swept, 1);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        const struct CMUnitTest sweep[] = {cmocka_unit_test(bounds_over_all_floats)};
        swept = argv[1];
        return cmocka_run_group_tests_name("bounds over all floats", sweep, NULL, NULL);
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(exp_over_every_float),
                                       cmocka_unit_test(ordinary_over_every_float)};
    return cmocka_run_group_tests_name("cmodel.f32_math_all", tests, NULL, NULL);
}
