// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/finish.h"

_Static_assert(8 * sizeof(__int128) == TERN_SUM_BITS, "the type of the sum");
_Static_assert(TERN_STEP_MANTISSA_BITS + TERN_STEP_RATIO_LOG2 == 56, "bits of a step (docs/numerics.md, Bounds)");
// The magnitudes of a row's bins add up to no more than the limit of one bin.
_Static_assert(TERN_BIN_BITS - 1 + 56 < 120, "tern_round_sum() takes sums below 2^120");

__int128 tern_finish_row(const struct tern_step_table *steps, const int64_t bins[TERN_STEPS]) {
    __int128 sum = 0;
    for (unsigned code = 0; code < TERN_STEPS; code++) {
        const int64_t step = (int64_t)((uint64_t)steps->mantissa[code] << steps->shift[code]);
        sum += (__int128)step * bins[code];
    }
    return sum;
}
