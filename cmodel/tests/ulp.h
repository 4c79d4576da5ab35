// SPDX-License-Identifier: Apache-2.0
// The error of a float function in units of the last place, over a range of bit patterns.
#ifndef TERN_CMODEL_TESTS_ULP_H
#define TERN_CMODEL_TESTS_ULP_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"

// The last place of the float nearest below |exact|, 2^-149 at the least.
static inline double test_last_place(double exact) {
    uint64_t bits;
    memcpy(&bits, &exact, sizeof bits);
    const int exponent = (int)(bits >> 52 & 0x7ff) - 1023 - 23;
    bits = (uint64_t)(1023 + (exponent < -149 ? -149 : exponent)) << 52;
    double place;
    memcpy(&place, &bits, sizeof place);
    return place;
}

// |got - exact| in last places. Infinity has error 0 when exact rounds to it. Otherwise it counts as 2^128.
static inline double test_ulp_error(float got, double exact) {
    if (isnan(got) || isnan(exact)) {
        return isnan(got) && isnan(exact) ? 0.0 : INFINITY;
    }
    if (isinf((float)exact) && got == (float)exact) {
        return 0.0;
    }
    double value = isinf(got) ? copysign(0x1p128, got) : (double)got;
    return fabs(value - exact) / test_last_place(exact);
}

// Tests every stride-th pattern of first..last (last excluded). Fails at the first error over `bound`, prints the
// largest.
static inline void test_ulp_sweep(const char *name, float (*function)(float), double (*exact)(double), uint64_t first,
                                  uint64_t last, uint32_t stride, double bound) {
    double largest = 0.0;
    uint32_t largest_at = (uint32_t)first;
    for (uint64_t bits = first; bits < last; bits += stride) {
        float x = tern_f32_from_bits((uint32_t)bits);
        double error = test_ulp_error(function(x), exact((double)x));
        if (!(error <= bound)) {
            fail_msg("%s(%a = %08x): got %a, exact %a, %.4f ulp over the bound of %.2f", name, x, (uint32_t)bits,
                     function(x), exact((double)x), error, bound);
        }
        if (error > largest) {
            largest = error;
            largest_at = (uint32_t)bits;
        }
    }
    printf("%s %08llx..%08llx by %u: at most %.4f ulp, at %a\n", name, (unsigned long long)first,
           (unsigned long long)last, stride, largest, tern_f32_from_bits(largest_at));
    fflush(stdout);
}

static inline void test_expect_f32(const char *name, float (*function)(float), uint32_t argument, uint32_t expected) {
    uint32_t got = tern_f32_to_bits(function(tern_f32_from_bits(argument)));
    if (got != expected) {
        fail_msg("%s(%08x): got %08x, expected %08x", name, argument, got, expected);
    }
}

#endif
