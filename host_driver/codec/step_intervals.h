// SPDX-License-Identifier: Apache-2.0
// Finds the steps at which sixteen stored weights are levels times the step. Step s and level q explain a weight of
// magnitude w when the float32 product s x q rounds to w in the file's type. The product rises with s, so the steps for
// one w and q are an interval of float32 numbers. The steps of a group are a union of intersections of such intervals.
#ifndef TERN_HOST_DRIVER_CODEC_STEP_INTERVALS_H
#define TERN_HOST_DRIVER_CODEC_STEP_INTERVALS_H

#include "cmodel/layout.h"
#include "cmodel/matmul/levels.h"
#include "host_driver/formats/float_type.h"

// The steps from `low` to `high`, both included, as bits of positive float32 numbers. The bits rise with the number.
struct tern_step_interval {
    uint32_t low, high;
};

#define TERN_LARGEST_STEP 0x7f7fffffu // FLT_MAX
// Each interval starts where one of 16 weights reaches one of the levels.
#define TERN_STEP_INTERVALS (TERN_GROUP_COLUMNS * TERN_LARGEST_LEVEL)

// magnitudes: [16], bits without the sign, finite. limit: the largest level, 1..TERN_LARGEST_LEVEL. intervals:
// [TERN_STEP_INTERVALS] out, rising, with gaps between them. Returns their number, 0 when no step explains all sixteen.
// Zeros are level 0 at any step, so a group of zeros gets one interval of all steps.
unsigned tern_step_intervals(enum tern_dtype dtype, const uint32_t magnitudes[TERN_GROUP_COLUMNS], unsigned limit,
                             struct tern_step_interval *intervals);

#endif
