// SPDX-License-Identifier: Apache-2.0
// A lane of the unit: adds up the bins of a strip's rows from the strip's digits and a vector's mantissas.
//
// bin[row][code] = sum over the groups g of that code of group_sum[row][g] x 2^shift[g],
// group_sum[row][g] = sum over i of level[row][16g + i] x mantissa[16g + i].
//
// All are exact integers. In the unit several lanes share the groups of a strip. Their bins add up to these.
#ifndef TERN_CMODEL_MATMUL_LANE_H
#define TERN_CMODEL_MATMUL_LANE_H

#include "cmodel/matmul/matmul.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int64_t tern_strip_bins[TERN_STRIP_ROWS][TERN_STEPS];

// Computes the bins of the job's vectors first..first+count-1 for the whole strip. bins[0] is for vector `first`.
void tern_lane_strip(const struct tern_matmul_job *job, const uint8_t *strip, uint32_t first, uint32_t count,
                     tern_strip_bins *bins);

#ifdef __cplusplus
}
#endif

#endif
