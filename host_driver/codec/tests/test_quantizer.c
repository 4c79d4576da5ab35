// SPDX-License-Identifier: Apache-2.0
// Compares the quantizer with an exhaustive one in double: all steps for the mapping, all levels for each weight.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/step_table.h"
#include "cmodel/matmul/levels.h"
#include "host_driver/codec/quantizer.h"

#define GROUPS 400

static double uniform(unsigned *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return (double)(*seed >> 8) / (1 << 24);
}

// Nearly normal, with heavier tails in some groups and zeros in others.
static void fill(float *weights, unsigned seed, double scale) {
    for (int group = 0; group < GROUPS; group++) {
        double width = scale * exp2(4 * uniform(&seed) - 4);
        for (int i = 0; i < 16; i++) {
            double sum = -3;
            for (int k = 0; k < 6; k++) {
                sum += uniform(&seed);
            }
            weights[16 * group + i] = group % 37 == 0 ? 0 : (float)(width * sum * (uniform(&seed) < 0.02 ? 4 : 1));
        }
    }
}

static float largest_of(const float *weights, size_t count) {
    float largest = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fabsf(weights[i]) > largest ? fabsf(weights[i]) : largest;
    }
    return largest;
}

static int by_falling_magnitude(const void *left, const void *right) {
    double a = fabs((double)*(const float *)left), b = fabs((double)*(const float *)right);
    return (a < b) - (a > b);
}

static double error_at(const float *weights, double step, int limit) {
    double sum = 0;
    for (int i = 0; i < 16; i++) {
        double best = INFINITY;
        for (int level = -limit; level <= limit; level++) {
            best = fmin(best, pow((double)weights[i] - level * step, 2));
        }
        sum += best;
    }
    return sum;
}

// Least squared error over the four order statistics, each at its nearest step.
static double best_error(const float *weights, const float *steps, int limit) {
    static const int ranks[4] = {5, 3, 1, 0};
    float sorted[16];
    double best = INFINITY;
    memcpy(sorted, weights, sizeof sorted);
    qsort(sorted, 16, sizeof *sorted, by_falling_magnitude);
    for (int k = 0; k < 4; k++) {
        double wanted = fabs((double)sorted[ranks[k]]) / limit, distance = INFINITY;
        int nearest = 0;
        for (int i = 0; i < TERN_STEPS; i++) {
            if (fabs(wanted - (double)steps[i]) < distance) {
                distance = fabs(wanted - (double)steps[i]);
                nearest = i;
            }
        }
        best = fmin(best, error_at(weights, (double)steps[nearest], limit));
    }
    return best;
}

static void check_group(const struct tern_quantizer *quantizer, const float *weights, unsigned depth, unsigned seed,
                        int group) {
    int8_t levels[16];
    int limit = tern_level_limit(depth), zero = largest_of(weights, 16) == 0;
    unsigned code = tern_quantizer_group(quantizer, weights, levels);
    assert_in_range(code, 0, TERN_STEPS - 1);
    double error = 0, expected = zero ? 0 : best_error(weights, quantizer->steps, limit);
    for (int i = 0; i < 16; i++) {
        assert_in_range(levels[i] + limit, 0, 2 * limit);
        error += pow((double)weights[i] - levels[i] * (double)quantizer->steps[code], 2);
        if (zero && (levels[i] != 0 || code != 0)) {
            fail_msg("seed %u, group %d of zeros: level %d, code %u", seed, group, levels[i], code);
        }
    }
    if (fabs(error - expected) > 1e-5 * expected) {
        fail_msg("seed %u, depth %u, group %d: squared error %.9g with code %u, the best is %.9g", seed, depth, group,
                 error, code, expected);
    }
}

static void groups_take_the_best_of_four_steps(void **state) {
    static float weights[16 * GROUPS];
    static const double scales[] = {0.02, 1.0, 1e-30, 1e30};
    (void)state;
    for (unsigned seed = 1; seed <= 8; seed++) {
        for (unsigned depth = 1; depth <= TERN_MAX_DEPTH; depth++) {
            struct tern_quantizer quantizer;
            fill(weights, seed, scales[seed % 4]);
            tern_quantizer_make(depth, largest_of(weights, 16 * GROUPS), weights, GROUPS, &quantizer);
            for (int group = 0; group < GROUPS; group++) {
                check_group(&quantizer, weights + 16 * group, depth, seed, group);
            }
        }
    }
}

static void check_table(float largest, unsigned depth) {
    struct tern_quantizer quantizer;
    struct tern_step_table table;
    uint32_t bits[TERN_STEPS], bad = 0;
    float sample[16] = {0};
    sample[3] = largest;
    tern_quantizer_make(depth, largest, sample, 1, &quantizer);
    memcpy(bits, quantizer.steps, sizeof bits);
    if (tern_step_table_make(bits, &table, &bad) != TERN_STATUS_OK) {
        fail_msg("largest %a, depth %u: step %u (%a) is refused", (double)largest, depth, bad,
                 (double)quantizer.steps[bad]);
    }
    for (int i = 1; i < TERN_STEPS; i++) {
        if (quantizer.steps[i] < quantizer.steps[i - 1] || (largest > 0 && quantizer.steps[i - 1] == 0)) {
            fail_msg("largest %a, depth %u: steps %d and %d are %a, %a", (double)largest, depth, i - 1, i,
                     (double)quantizer.steps[i - 1], (double)quantizer.steps[i]);
        }
    }
    int8_t levels[16];
    unsigned code = tern_quantizer_group(&quantizer, sample, levels);
    double back = (double)quantizer.steps[code] * levels[3],
           tolerance = fmax((double)largest * 1e-6, 0x1p-149 * tern_level_limit(depth));
    if (fabs(back - (double)largest) > tolerance) {
        fail_msg("largest %a, depth %u: comes back as %a", (double)largest, depth, back);
    }
}

static void step_tables_hold_at_the_ends_of_float32(void **state) {
    static const float largest[] = {0, FLT_TRUE_MIN, 0x1p-140f, FLT_MIN, 1e-20f, 1, 65504, 1e20f, FLT_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof largest / sizeof largest[0]; i++) {
        for (unsigned depth = 1; depth <= TERN_MAX_DEPTH; depth++) {
            check_table(largest[i], depth);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_take_the_best_of_four_steps),
        cmocka_unit_test(step_tables_hold_at_the_ends_of_float32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
