// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/step_intervals.h"

#include <stdlib.h>
#include <string.h>

#include "cmodel/float/half.h"

static uint32_t expanded(enum tern_dtype dtype, uint32_t step, unsigned level) {
    return tern_dtype_bits(dtype, tern_float_from_bits(step) * (float)level);
}

// The smallest step whose product with `level` is stored as `bits` or more; TERN_LARGEST_STEP + 1 without such a step.
// bits >= 1. The estimate is the middle between the stored numbers, where rounding changes, divided by the level. It is
// a few steps off because of float32 rounding.
static uint32_t first_step(enum tern_dtype dtype, uint32_t bits, unsigned level) {
    double edge = (tern_dtype_value(dtype, bits - 1) + tern_dtype_value(dtype, bits)) / 2;
    uint32_t step = tern_float_to_bits((float)(edge / level));
    step = step < 1 ? 1 : step > TERN_LARGEST_STEP + 1 ? TERN_LARGEST_STEP + 1 : step;
    while (step > 1 && expanded(dtype, step - 1, level) >= bits) {
        step--;
    }
    while (step <= TERN_LARGEST_STEP && expanded(dtype, step, level) < bits) {
        step++;
    }
    return step;
}

static unsigned add_interval(struct tern_step_interval *intervals, unsigned count, uint32_t low, uint32_t high) {
    if (low > high) {
        return count;
    }
    if (count > 0 && low <= intervals[count - 1].high + 1) {
        intervals[count - 1].high = high > intervals[count - 1].high ? high : intervals[count - 1].high;
        return count;
    }
    intervals[count] = (struct tern_step_interval){low, high};
    return count + 1;
}

// The range of levels that may give `bits` at a step of the interval, wider by one for rounding.
static void level_range(enum tern_dtype dtype, uint32_t bits, struct tern_step_interval within, unsigned limit,
                        unsigned *least, unsigned *most) {
    double smallest = tern_dtype_value(dtype, bits - 1) / (double)tern_float_from_bits(within.high) - 1;
    double largest = tern_dtype_value(dtype, bits + 1) / (double)tern_float_from_bits(within.low) + 1;
    *least = smallest > 1 ? (smallest < limit ? (unsigned)smallest : limit) : 1;
    *most = largest < limit ? (unsigned)largest : limit;
}

// The parts of `from` where a level explains `bits`. Higher levels have lower steps.
static unsigned intersect(enum tern_dtype dtype, uint32_t bits, unsigned limit, const struct tern_step_interval *from,
                          unsigned count, struct tern_step_interval *to) {
    unsigned made = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned least, most;
        level_range(dtype, bits, from[i], limit, &least, &most);
        for (unsigned level = most; level >= least; level--) {
            uint32_t low = first_step(dtype, bits, level), high = first_step(dtype, bits + 1, level) - 1;
            low = low > from[i].low ? low : from[i].low;
            high = high < from[i].high ? high : from[i].high;
            made = add_interval(to, made, low, high);
        }
    }
    return made;
}

static int falling(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a < b) - (a > b);
}

unsigned tern_step_intervals(enum tern_dtype dtype, const uint32_t magnitudes[TERN_GROUP_COLUMNS], unsigned limit,
                             struct tern_step_interval *intervals) {
    struct tern_step_interval before[TERN_STEP_INTERVALS];
    uint32_t sorted[TERN_GROUP_COLUMNS];
    unsigned count = 1;
    memcpy(sorted, magnitudes, sizeof sorted);
    qsort(sorted, TERN_GROUP_COLUMNS, sizeof *sorted, falling);
    intervals[0] = (struct tern_step_interval){1, TERN_LARGEST_STEP};
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS && sorted[i] != 0 && count > 0; i++) {
        if (i > 0 && sorted[i] == sorted[i - 1]) {
            continue;
        }
        memcpy(before, intervals, count * sizeof *before);
        count = intersect(dtype, sorted[i], limit, before, count, intervals);
    }
    return count;
}
