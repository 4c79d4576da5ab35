// SPDX-License-Identifier: Apache-2.0
// The stated bounds of f32_math.h (docs/numerics.md, section 5), against libm in double. The rows of a function cover
// all 2^32 floats.
#ifndef TERN_CMODEL_TESTS_F32_BOUNDS_H
#define TERN_CMODEL_TESTS_F32_BOUNDS_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "cmodel/float/f32_math.h"
#include "cmodel/tests/ulp.h"

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
    {"silu", tern_f32_silu, test_true_silu, 0, 0x80000000u, 3.0, false},
    {"silu", tern_f32_silu, test_true_silu, 0x80000000u, 0xc2ae0000u, 4.0, false},  // above -87
    {"silu", tern_f32_silu, test_true_silu, 0xc2ae0000u, 0xff800001u, 1.2, true},   // e^x is subnormal
    {"silu", tern_f32_silu, test_true_silu, 0xff800001u, 0x100000000u, 4.0, false}, // NaN
};

// Every stride-th pattern of a row whose bound is absolute. From -104 down the result is -0.
static inline void test_absolute_sweep(const struct test_f32_bound *row, uint32_t stride) {
    double largest = 0.0;
    for (uint64_t bits = row->first; bits < row->last; bits += stride) {
        const double x = (double)tern_f32_from_bits((uint32_t)bits);
        const double error = fabs((double)row->function((float)x) - row->exact(x)) / 0x1p-149;
        const double share = error / fmin(fabs(x), 104.0);
        if (!(share <= row->bound)) {
            fail_msg("%s(%a): %.4f |x| x 2^-149, over the bound of %.2f", row->name, x, share, row->bound);
        }
        largest = fmax(largest, share);
    }
    printf("%s %08llx..%08llx by %u: at most %.4f |x| x 2^-149\n", row->name, (unsigned long long)row->first,
           (unsigned long long)row->last, stride, largest);
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
