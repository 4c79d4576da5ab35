// SPDX-License-Identifier: Apache-2.0
// At which steps sixteen stored weights are levels times the step. A weight of magnitude w is explained by step s and
// level q when the file's type rounds the float32 product s x q to w; that grows with s, so the steps of one w and q
// are an interval of float32 numbers, and those of a group a union of intersections of such intervals.
#ifndef TERN_HOST_DRIVER_CODEC_STEP_INTERVALS_H
#define TERN_HOST_DRIVER_CODEC_STEP_INTERVALS_H

#include "cmodel/layout.h"
#include "cmodel/matmul/levels.h"
#include "host_driver/formats/float_type.h"

// Steps from `low` to `high`, both included, as the bits of positive float32 numbers, which rise with the number.
struct tern_step_interval {
    uint32_t low, high;
};

#define TERN_LARGEST_STEP 0x7f7fffffu // FLT_MAX
// Each interval starts where one of 16 weights reaches one of the levels.
#define TERN_STEP_INTERVALS (TERN_GROUP_COLUMNS * TERN_LARGEST_LEVEL)

// magnitudes: [16], bits without the sign, finite; limit: the largest level, 1..TERN_LARGEST_LEVEL. intervals:
// [TERN_STEP_INTERVALS] out, rising, disjoint, not touching. Returns their number: 0 when no step explains all
// sixteen. Zeros are level 0 at any step, so a group of zeros gets one interval of all steps.
unsigned tern_step_intervals(enum tern_dtype dtype, const uint32_t magnitudes[TERN_GROUP_COLUMNS], unsigned limit,
                             struct tern_step_interval *intervals);

#endif
