// SPDX-License-Identifier: Apache-2.0
// Inside tern_head_run: rows first..first+count-1 for all vectors.
#ifndef TERN_CMODEL_FAST_HEAD_KERNEL_H
#define TERN_CMODEL_FAST_HEAD_KERNEL_H

#include "cmodel/fast/head.h"

typedef void (*tern_head_kernel)(const struct tern_head *head, uint32_t first, uint32_t count);

// NULL where this build or this processor cannot run it.
tern_head_kernel tern_head_avx512(void);
tern_head_kernel tern_head_avx2(void);

tern_head_kernel tern_head_choose(enum tern_kernel kernel);
// The kernel, and NaN made canonical.
void tern_head_rows(const struct tern_head *head, tern_head_kernel kernel, uint32_t first, uint32_t count);

#endif
