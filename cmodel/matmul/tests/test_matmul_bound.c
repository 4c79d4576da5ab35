// SPDX-License-Identifier: Apache-2.0
// Compares the vector kernels' sums and error bounds with long double (docs/speed.md, "Sums in double precision"). In
// each group all terms have the sign of their mantissa, or all have the opposite. The bound is then the sum of
// magnitudes.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"
#include "cmodel/fast/matmul_plan.h"
#include "cmodel/matmul/tests/matmul_case.h"

static void fill_extreme_levels(struct matmul_case *c, struct test_random *random) {
    const int32_t largest = matmul_case_largest_level(c->depth_stored);
    for (size_t group = 0; group < (size_t)c->rows * c->groups; group++) {
        const int32_t level = test_random_below(random, 2) ? largest : -largest;
        for (size_t i = 0; i < 16; i++) {
            c->levels[16 * group + i] = c->mantissas[16 * (group % c->groups) + i] < 0 ? -level : level;
        }
    }
}

// The sum of the terms of a row, or of their magnitudes.
static long double total(const struct matmul_case *c, const struct tern_step_table *steps, uint32_t row,
                         bool is_magnitude) {
    const long double unit = powl(3, c->depth_stored - c->depth_used);
    const int32_t largest = matmul_case_largest_level(c->depth_used);
    long double sum = 0;
    for (uint32_t group = 0; group < c->groups; group++) {
        const unsigned code = c->codes[(size_t)row * c->groups + group];
        int64_t products = 0;
        for (size_t i = 0; i < 16; i++) {
            const int32_t sign = c->levels[((size_t)row * c->groups + group) * 16 + i] < 0 ? -1 : 1;
            products += (int64_t)sign * largest * c->mantissas[16 * (size_t)group + i];
        }
        const long double step = ldexpl(steps->mantissa[code], steps->shift[code]);
        sum += unit * step * ldexpl(is_magnitude ? llabs(products) : products, c->shifts[group]);
    }
    return sum;
}

// The largest step over the smallest of the codes that are used.
static long double step_ratio(const struct matmul_case *c, const struct tern_step_table *steps) {
    long double largest = 0, smallest = INFINITY;
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        largest = fmaxl(largest, ldexpl(steps->mantissa[i], steps->shift[i]));
    }
    for (size_t i = 0; i < (size_t)c->rows * c->groups; i++) {
        smallest = fminl(smallest, ldexpl(steps->mantissa[c->codes[i]], steps->shift[c->codes[i]]));
    }
    return largest / smallest;
}

// Kernels have another bound for several vectors: that of the largest step.
static void expect_sums(const struct tern_kernel_path *path, const struct matmul_case *c, uint32_t vectors,
                        long double looseness) {
    float out[TERN_STRIP_ROWS];
    struct tern_matmul_job job = matmul_case_job(c, out);
    job.vectors = vectors;
    job.vector[vectors - 1] = job.vector[0];
    struct tern_matmul_plan plan;
    struct tern_strip_sums sums;
    assert_int_equal(tern_matmul_plan_make(&job, path, &plan), TERN_STATUS_OK);
    path->block[c->depth_used - 1](&plan, c->weights, 1, &sums);
    const long double loosest = vectors > 1 ? fmaxl(looseness, 1.01L * step_ratio(c, &job.steps)) : looseness;
    const long double unit = (path->additions_a_panel * plan.panels + 8) * 0x1p-53L;
    for (uint32_t row = 0; row < c->rows; row++) {
        const long double magnitude = total(c, &job.steps, row, 1), sum = total(c, &job.steps, row, 0);
        assert_true(sums.bound[vectors - 1][row] >= (1 - 2 * unit) * magnitude);
        assert_true(sums.bound[vectors - 1][row] <= loosest * magnitude);
        assert_true(fabsl(sums.sum[vectors - 1][row] - sum) <= 2 * unit * magnitude);
    }
    tern_matmul_plan_free(&plan);
}

static void bounds_hold_and_are_close(void **state) {
    const struct tern_kernel_path *const paths[] = {tern_matmul_avx2(), tern_matmul_avx512()};
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct test_random random = test_random_seed(seed);
        struct matmul_case c;
        const uint32_t depth = 1 + (uint32_t)seed % TERN_MAX_DEPTH;
        // A bound may take the larger of two groups for both. So it is close only where groups are much alike.
        const bool are_alike = seed % 3 == 0;
        matmul_case_allocate(&c, TERN_STRIP_ROWS, (are_alike ? 16 : 4) * (1 + test_random_below(&random, 30)), depth,
                             1 + test_random_below(&random, depth));
        matmul_case_fill_mantissas(&c, MANTISSAS_RANDOM, &random);
        c.mantissas[5] = INT16_MIN;
        matmul_case_fill_shifts(&c, are_alike ? SHIFTS_ZERO : SHIFTS_RANDOM, &random);
        matmul_case_fill_codes(&c, CODES_RANDOM, &random);
        matmul_case_fill_steps(&c, STEPS_SPACED, &random);
        fill_extreme_levels(&c, &random);
        matmul_case_finish(&c);
        for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
            if (paths[i]) {
                expect_sums(paths[i], &c, 1, are_alike ? 1.25L : 0x1p16L);
                expect_sums(paths[i], &c, 2, are_alike ? 1.25L : 0x1p16L);
            }
        }
        matmul_case_free(&c);
    }
}

static void expect_right(const struct matmul_case *c, enum tern_kernel kernel) {
    float out[TERN_STRIP_ROWS];
    struct tern_engine engine = {.kernel = kernel};
    uint32_t bad_strip = 0;
    const struct tern_matmul_job job = matmul_case_job(c, out);
    assert_int_equal(tern_matmul_run(&job, &engine, &bad_strip), TERN_STATUS_OK);
    assert_memory_equal(out, c->expected, sizeof out);
}

// The worst case for the rounding of additions. The sum of group 0 is halfway between two floats: 2^53 + 2^29. An
// addition of 1 to a double of that size is lost: it is a tie that goes to even. All other groups add 1, but group 1
// cancels all of these but one. The true sum is then just above the tie. The kernels' sum is below it by the number of
// additions to group 0's sum.
static void errors_add_up(void **state) {
    (void)state;
    for (uint32_t groups = 64; groups <= TERN_MAX_COLUMNS / 16; groups *= 2) {
        struct matmul_case c;
        matmul_case_allocate(&c, 5, groups, 1, 1);
        for (uint32_t group = 0; group < groups; group++) {
            c.mantissas[16 * group] = (int16_t)(group == 0 ? 97 : group == 1 ? 3 - (int32_t)groups : 1);
        }
        for (uint32_t row = 0; row < c.rows; row++) {
            c.codes[row * groups] = 1;
            for (uint32_t group = 0; group < groups; group++) {
                c.levels[16 * ((size_t)row * groups + group)] = 1;
            }
        }
        c.step_bits[0] = tern_f32_to_bits(1);
        c.step_bits[1] = tern_f32_to_bits(172961 * 0x1p14f); // 97 x 172961 = 2^24 + 1
        c.shifts[0] = 15;
        matmul_case_finish(&c);
        assert_int_equal(c.expected[0], tern_f32_to_bits(0x1.000002p53f));
        for (enum tern_kernel kernel = TERN_KERNEL_EXACT; kernel <= TERN_KERNEL_AVX512; kernel++) {
            if (tern_kernel_is_supported(kernel)) {
                expect_right(&c, kernel);
            }
        }
        matmul_case_free(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounds_hold_and_are_close), cmocka_unit_test(errors_add_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
