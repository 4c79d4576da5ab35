// SPDX-License-Identifier: Apache-2.0
// The only rounding of a result.
#ifndef TERN_CMODEL_MATMUL_ROUND_H
#define TERN_CMODEL_MATMUL_ROUND_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A sum of 128 bits in two's complement. The soft core's compiler has no type for it.
struct tern_wide_sum {
    uint64_t low;
    int64_t high;
};

// Rounds sum x 2^exponent to float32 bits, to nearest even. |sum| < 2^120. Subnormals are kept and overflow gives
// infinity. An exact zero is +0. Any other sum keeps its sign, also when it rounds to zero.
uint32_t tern_round_wide_sum(struct tern_wide_sum sum, int32_t exponent);

#ifdef __SIZEOF_INT128__
static inline uint32_t tern_round_sum(__int128 sum, int32_t exponent) {
    struct tern_wide_sum wide = {(uint64_t)sum, (int64_t)(sum >> 64)};
    return tern_round_wide_sum(wide, exponent);
}
#endif

#ifdef __cplusplus
}
#endif
#endif
