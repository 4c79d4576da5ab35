// SPDX-License-Identifier: Apache-2.0
// exp over every float from 2^-14 up to its limits on both sides; below that 1 + x is within half a unit of e^x.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmodel/f32_math.h"
#include "cmodel/tests/ulp.h"

static double true_exp(double x) {
    return exp(x);
}

static void exp_over_every_float(void **state) {
    (void)state;
    test_ulp_sweep("exp", tern_f32_exp, true_exp, 0x38800000u, 0x42b20000u, 1, 1.1);
    test_ulp_sweep("exp", tern_f32_exp, true_exp, 0xb8800000u, 0xc2d40000u, 1, 1.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exp_over_every_float)};
    return cmocka_run_group_tests_name("cmodel.f32_math_all", tests, NULL, NULL);
}
