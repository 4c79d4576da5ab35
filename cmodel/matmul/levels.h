// SPDX-License-Identifier: Apache-2.0
// Levels. A weight of `depth` trits is the sum over its planes of 3^plane x trit. It lies within +-(3^depth - 1) / 2,
// which is 1, 4, 13, 40 at depths 1 to 4.
#ifndef TERN_CMODEL_MATMUL_LEVELS_H
#define TERN_CMODEL_MATMUL_LEVELS_H

#include "spec/generated/tern_spec.h"

// 3^exponent for exponents 0..7. It is a constant expression when the exponent is one.
#define TERN_POWER_OF_THREE(exponent) (((exponent)&1 ? 3 : 1) * ((exponent)&2 ? 9 : 1) * ((exponent)&4 ? 81 : 1))

// The largest level of all.
#define TERN_LARGEST_LEVEL ((TERN_POWER_OF_THREE(TERN_MAX_DEPTH) - 1) / 2)

TERN_SPEC_STATIC_ASSERT(TERN_MAX_DEPTH < 8, "powers of three are there up to the seventh");
TERN_SPEC_STATIC_ASSERT(TERN_LARGEST_LEVEL <= 127, "levels are kept as int8");

#ifdef __cplusplus
extern "C" {
#endif

static inline int tern_power_of_three(unsigned exponent) {
    return TERN_POWER_OF_THREE(exponent);
}

// The largest level at a depth; 0 at a depth above TERN_MAX_DEPTH.
static inline int tern_level_limit(unsigned depth) {
    return depth <= TERN_MAX_DEPTH ? (tern_power_of_three(depth) - 1) / 2 : 0;
}

#ifdef __cplusplus
}
#endif
#endif
