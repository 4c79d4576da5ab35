// SPDX-License-Identifier: Apache-2.0
// Inside tern_head_run: rows first..first+count-1 for all vectors.
#ifndef TERN_CMODEL_FAST_HEAD_HEAD_KERNEL_H
#define TERN_CMODEL_FAST_HEAD_HEAD_KERNEL_H

#include <stddef.h>

#include "cmodel/fast/head/head.h"

struct tern_head_kernel {
    void (*rows)(const struct tern_head *head, uint32_t first, uint32_t count);
};

// NULL where this build or this processor cannot run it.
const struct tern_head_kernel *tern_head_avx2(void);
const struct tern_head_kernel *tern_head_avx512(void);

const struct tern_head_kernel *tern_head_choose(enum tern_kernel kernel);
// Runs the kernel for the rows and makes every NaN canonical.
void tern_head_rows(const struct tern_head *head, const struct tern_head_kernel *kernel, uint32_t first,
                    uint32_t count);

// Calls run_rows(head, dtype, first, count) with a constant dtype, so that an inlined run_rows has no branch on it.
#define TERN_HEAD_BY_DTYPE(run_rows, head, first, count)                                                               \
    switch ((head)->tensor->dtype) {                                                                                   \
    case TERN_DTYPE_F16: run_rows(head, TERN_DTYPE_F16, first, count); break;                                          \
    case TERN_DTYPE_BF16: run_rows(head, TERN_DTYPE_BF16, first, count); break;                                        \
    default: run_rows(head, TERN_DTYPE_F32, first, count); break;                                                      \
    }

#if defined(TERN_X86)
#include <immintrin.h>

// The strides 4, 2, 1 of the reduction's tree, after stride 8.
__attribute__((always_inline, target("avx2"))) static inline float tern_head_tree(__m256 eight) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
#endif

#endif
