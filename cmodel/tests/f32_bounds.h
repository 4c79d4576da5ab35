// SPDX-License-Identifier: Apache-2.0
// The stated bounds of f32_math.h (docs/numerics.md, section 5), against libm in double, in units of the last place.
// The rows of a function cover all 2^32 floats.
#ifndef TERN_CMODEL_TESTS_F32_BOUNDS_H
#define TERN_CMODEL_TESTS_F32_BOUNDS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/float/f32_math.h"

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

static inline double test_true_exp(double x) {
    return exp(x);
}

static inline double test_true_reciprocal(double x) {
    return 1.0 / x;
}

// -0 counts as +0.
static inline double test_true_reciprocal_sqrt(double x) {
    return x == 0.0 ? INFINITY : 1.0 / sqrt(x);
}

static inline double test_true_sigmoid(double x) {
    return 1.0 / (1.0 + exp(-x));
}

static inline double test_true_silu(double x) {
    return x == -INFINITY ? -0.0 : x / (1.0 + exp(-x));
}

struct test_f32_bound {
    const char *name;
    float (*function)(float);
    double (*exact)(double);
    uint64_t first, last; // bit patterns; last is excluded
    double bound;         // ulp
    bool is_absolute;     // the bound counts |x| x 2^-149, with |x| at most 104
};

static const struct test_f32_bound test_f32_bounds[] = {
    {"exp", tern_f32_exp, test_true_exp, 0, 0x100000000u, 1.1, false},
    {"reciprocal", tern_f32_reciprocal, test_true_reciprocal, 0, 0x100000000u, 1.2, false},
    {"reciprocal_sqrt", tern_f32_reciprocal_sqrt, test_true_reciprocal_sqrt, 0, 0x100000000u, 1.25, false},
    {"sigmoid", tern_f32_sigmoid, test_true_sigmoid, 0, 0x80000000u, 2.0, false},
    {"sigmoid", tern_f32_sigmoid, test_true_sigmoid, 0x80000000u, 0x100000000u, 3.2, false},
    {"sigmoid", tern_f32_sigmoid, test_true_sigmoid, 0xc2aeac50u, 0xff800001u, 1.0, false}, // e^x is subnormal
    {"silu", tern_f32_silu, test_true_silu, 0, 0x80000000u, 3.0, false},
    {"silu", tern_f32_silu, test_true_silu, 0x80000000u, 0xc2ae0000u, 4.0, false},  // above -87
    {"silu", tern_f32_silu, test_true_silu, 0xc2ae0000u, 0xff800001u, 1.2, true},   // e^x is subnormal
    {"silu", tern_f32_silu, test_true_silu, 0xff800001u, 0x100000000u, 4.0, false}, // NaN
};

// Every stride-th pattern of a row whose bound is absolute. From -104 down the result is -0.
static inline void test_absolute_sweep(const struct test_f32_bound *row, uint32_t stride) {
    double largest = 0.0, largest_at = 0.0;
    for (uint64_t bits = row->first; bits < row->last; bits += stride) {
        const double x = (double)tern_f32_from_bits((uint32_t)bits);
        const double error = fabs((double)row->function((float)x) - row->exact(x)) / 0x1p-149;
        const double share = error / fmin(fabs(x), 104.0);
        if (!(share <= row->bound)) {
            fail_msg("%s(%a): %.4f |x| x 2^-149, over the bound of %.2f", row->name, x, share, row->bound);
        }
        largest_at = share > largest ? x : largest_at;
        largest = fmax(largest, share);
    }
    printf("%s %08llx..%08llx by %u: at most %.4f |x| x 2^-149, at %a\n", row->name, (unsigned long long)row->first,
           (unsigned long long)row->last, stride, largest, largest_at);
}

// Every significand of two binades: the relative error in units of 2^-24.
static inline void test_relative_sweep(const char *name, float (*function)(float), double (*exact)(double),
                                       double bound) {
    double largest = 0.0;
    for (uint32_t bits = 0x3f800000u; bits < 0x40800000u; bits++) {
        const float x = tern_f32_from_bits(bits);
        largest = fmax(largest, fabs((double)function(x) / exact((double)x) - 1.0) * 0x1p24);
    }
    if (!(largest <= bound)) {
        fail_msg("%s: relative error of %.4f x 2^-24, over the bound of %.2f", name, largest, bound);
    }
    printf("%s: relative error at most %.4f x 2^-24\n", name, largest);
}

// Every stride-th float through the named function; NULL means all of them.
static inline void test_f32_bounds_sweep(const char *name, uint32_t stride) {
    for (size_t i = 0; i < sizeof test_f32_bounds / sizeof *test_f32_bounds; i++) {
        const struct test_f32_bound *row = &test_f32_bounds[i];
        if (name && strcmp(name, row->name) != 0) {
            continue;
        }
        if (!row->is_absolute) {
            test_ulp_sweep(row->name, row->function, row->exact, row->first, row->last, stride, row->bound);
        } else {
            test_absolute_sweep(row, stride);
        }
    }
}

#endif
