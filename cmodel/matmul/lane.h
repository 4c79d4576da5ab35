// SPDX-License-Identifier: Apache-2.0
// A lane of the unit: a strip's digits and a vector's mantissas into the bins of the strip's rows.
//
// bin[row][code] = sum over the groups g of that code of (sum over i of level[row][16g + i] x mantissa[16g + i])
// x 2^shift[g]. Everything is an exact integer. The unit's lanes share the groups of a strip out among them; their bins
// add up to these.
#ifndef TERN_CMODEL_MATMUL_LANE_H
#define TERN_CMODEL_MATMUL_LANE_H

#include "cmodel/matmul/matmul.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int64_t tern_strip_bins[TERN_STRIP_ROWS][TERN_STEPS];

// Bins of the job's vectors first..first+count-1 after the whole strip, bins[0] for vector `first`.
void tern_lane_strip(const struct tern_matmul_job *job, const uint8_t *strip, uint32_t first, uint32_t count,
                     tern_strip_bins *bins);

#ifdef __cplusplus
}
#endif

#endif
