// SPDX-License-Identifier: Apache-2.0
// The one rounding of a result.
#ifndef TERN_CMODEL_MATMUL_ROUND_H
#define TERN_CMODEL_MATMUL_ROUND_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// sum x 2^exponent to float32 bits, to nearest even, |sum| < 2^120. Subnormals are kept, overflow gives infinity, an
// exact zero is +0; any other sum keeps its sign, also when it rounds to zero.
uint32_t tern_round_sum(__int128 sum, int32_t exponent);

#ifdef __cplusplus
}
#endif
#endif
