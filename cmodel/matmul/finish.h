// SPDX-License-Identifier: Apache-2.0
// The end of a strip: the exact sum of a row's bins times the steps of the matrix.
#ifndef TERN_CMODEL_MATMUL_FINISH_H
#define TERN_CMODEL_MATMUL_FINISH_H

#include "cmodel/matmul/step_table.h"

#ifdef __cplusplus
extern "C" {
#endif

// Sum over the codes of (mantissa << shift) x bin, a signed number of TERN_SUM_BITS bits. For bins of one row its
// magnitude is below 2^108.
__int128 tern_finish_row(const struct tern_step_table *steps, const int64_t bins[TERN_STEPS]);

#ifdef __cplusplus
}
#endif

#endif
