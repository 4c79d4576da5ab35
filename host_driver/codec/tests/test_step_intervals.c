// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "cmodel/matmul/levels.h"
#include "host_driver/codec/step_intervals.h"

#define GROUP TERN_GROUP_COLUMNS

static uint32_t next(uint32_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

// The definition: every weight has a level that gives its bits.
static bool explains(enum tern_dtype dtype, const uint32_t *magnitudes, unsigned limit, uint32_t step) {
    for (unsigned i = 0; i < GROUP; i++) {
        bool found = magnitudes[i] == 0;
        for (unsigned level = 1; level <= limit && !found; level++) {
            found = tern_dtype_bits(dtype, tern_float_from_bits(step) * (float)level) == magnitudes[i];
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool contains(const struct tern_step_interval *intervals, unsigned count, uint32_t step) {
    for (unsigned i = 0; i < count; i++) {
        if (intervals[i].low <= step && step <= intervals[i].high) {
            return true;
        }
    }
    return false;
}

static void check_step(enum tern_dtype dtype, const uint32_t *magnitudes, unsigned limit,
                       const struct tern_step_interval *intervals, unsigned count, uint32_t step, uint32_t seed) {
    if (step < 1 || step > TERN_LARGEST_STEP) {
        return;
    }
    int expected = explains(dtype, magnitudes, limit, step);
    if (contains(intervals, count, step) != expected) {
        fail_msg("seed %u, type %d, limit %u: step %a %s the group, but is %s the intervals", seed, (int)dtype, limit,
                 (double)tern_float_from_bits(step), expected ? "explains" : "does not explain",
                 expected ? "outside" : "inside");
    }
}

// Tries the ends of the intervals and their neighbours, the hidden step, quotients of the weights, and random steps.
static void check_group(enum tern_dtype dtype, const uint32_t *magnitudes, unsigned limit, uint32_t step,
                        uint32_t *seed) {
    struct tern_step_interval intervals[TERN_STEP_INTERVALS];
    uint32_t start = *seed;
    unsigned count = tern_step_intervals(dtype, magnitudes, limit, intervals);
    for (unsigned i = 0; i < count; i++) {
        if (intervals[i].low > intervals[i].high || (i > 0 && intervals[i].low <= intervals[i - 1].high + 1)) {
            fail_msg("seed %u: interval %u of %u does not rise", start, i, count);
        }
        for (int off = -2; off <= 2; off++) {
            check_step(dtype, magnitudes, limit, intervals, count, intervals[i].low + (uint32_t)off, start);
            check_step(dtype, magnitudes, limit, intervals, count, intervals[i].high + (uint32_t)off, start);
        }
    }
    for (unsigned i = 0; i < GROUP; i++) {
        for (unsigned level = 1; level <= limit; level += 1 + next(seed) % 5) {
            float quotient = (float)(tern_dtype_value(dtype, magnitudes[i]) / level);
            uint32_t near = tern_float_to_bits(quotient) + next(seed) % 4097 - 2048;
            check_step(dtype, magnitudes, limit, intervals, count, near, start);
        }
    }
    check_step(dtype, magnitudes, limit, intervals, count, step, start);
}

static uint32_t random_step(enum tern_dtype dtype, uint32_t *seed) {
    static const int lowest[] = {-149, -27, -135}, span[] = {270, 36, 250}; // also far below the type's normal numbers
    float fraction = 1 + (float)(next(seed) & 0x7fffff) * 0x1p-23f;
    uint32_t step = tern_float_to_bits(ldexpf(fraction, lowest[dtype] + (int)(next(seed) % (unsigned)span[dtype])));
    return step ? step : 1;
}

// Groups of multiples of a step: all levels, few levels, one level, a common factor, zeros, an altered weight.
static void make_group(enum tern_dtype dtype, unsigned limit, uint32_t step, uint32_t *seed, uint32_t *magnitudes) {
    unsigned kind = next(seed) % 8, top = kind < 3 ? limit : 1 + next(seed) % limit, factor = kind == 3 ? 2 : 1;
    for (unsigned i = 0; i < GROUP; i++) {
        unsigned level = kind == 4 ? top : next(seed) % (top / factor + 1) * factor;
        magnitudes[i] = tern_dtype_bits(dtype, tern_float_from_bits(step) * (float)level);
        while (magnitudes[i] >= tern_dtype_infinity(dtype)) {
            magnitudes[i] = tern_dtype_bits(dtype, tern_float_from_bits(step) * (float)(level /= 2));
        }
        if (magnitudes[i] >= tern_dtype_infinity(dtype)) {
            magnitudes[i] = 0;
        }
    }
    if (kind == 5 && magnitudes[3] > 0) {
        magnitudes[3] += next(seed) % 2 ? 1 : UINT32_MAX; // one unit up or down
    }
    if (magnitudes[3] >= tern_dtype_infinity(dtype)) {
        magnitudes[3] -= 2;
    }
}

static void steps_inside_explain_and_steps_outside_do_not(void **state) {
    uint32_t seed = 20261124, magnitudes[GROUP];
    (void)state;
    for (unsigned round = 0; round < 6000; round++) {
        enum tern_dtype dtype = (enum tern_dtype)(round % 3);
        unsigned limit = (unsigned)tern_level_limit(1 + round / 3 % TERN_MAX_DEPTH);
        uint32_t step = random_step(dtype, &seed);
        make_group(dtype, limit, step, &seed, magnitudes);
        check_group(dtype, magnitudes, limit, step, &seed);
    }
}

// F16 weights of a few bits: all steps, by their bits, between two powers of two around the hidden one.
static void no_step_of_a_small_range_is_missed(void **state) {
    static const uint32_t groups[][3] = {{1, 2, 3}, {5, 10, 0}, {1, 0, 0}, {0x3c00, 0x4200, 0}, {0x7bff, 0x7bfe, 0}};
    static const unsigned stride = 257; // odd, so that it hits no pattern of interval ends
    (void)state;
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        uint32_t magnitudes[GROUP] = {0};
        struct tern_step_interval intervals[TERN_STEP_INTERVALS];
        memcpy(magnitudes, groups[g], sizeof groups[g]);
        unsigned count = tern_step_intervals(TERN_DTYPE_F16, magnitudes, 13, intervals);
        double largest =
            tern_dtype_value(TERN_DTYPE_F16, magnitudes[0] > magnitudes[1] ? magnitudes[0] : magnitudes[1]);
        uint32_t end = tern_float_to_bits((float)(2 * largest)), first = tern_float_to_bits((float)(largest / 64));
        for (uint32_t step = first; step < end; step += stride) {
            check_step(TERN_DTYPE_F16, magnitudes, 13, intervals, count, step, (uint32_t)g);
        }
    }
}

static void zeros_fit_every_step(void **state) {
    uint32_t magnitudes[GROUP] = {0};
    struct tern_step_interval intervals[TERN_STEP_INTERVALS];
    (void)state;
    assert_int_equal(tern_step_intervals(TERN_DTYPE_BF16, magnitudes, 1, intervals), 1);
    assert_int_equal(intervals[0].low, 1);
    assert_int_equal(intervals[0].high, TERN_LARGEST_STEP);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_inside_explain_and_steps_outside_do_not),
        cmocka_unit_test(no_step_of_a_small_range_is_missed),
        cmocka_unit_test(zeros_fit_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
