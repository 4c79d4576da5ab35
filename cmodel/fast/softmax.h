// SPDX-License-Identifier: Apache-2.0
// SOFTMAX of some rows over threads.
#ifndef TERN_CMODEL_FAST_SOFTMAX_H
#define TERN_CMODEL_FAST_SOFTMAX_H

#include <stdbool.h>
#include <stdint.h>

#include "cmodel/fast/matmul_engine.h"

#ifdef __cplusplus
extern "C" {
#endif

// Row r: scores f32 [length] at scores + r x score_stride, image at images + r x image_stride, total at totals + r.
struct tern_softmax_rows {
    uint32_t rows, length; // 1..MAX_HEADS, 1..MAX_COLUMNS
    float scale;
    const uint8_t *scores;
    uint8_t *images;
    uint64_t score_stride, image_stride; // bytes
    float *totals;
};

// Returns false when a weight of any row is NaN. It has written nothing then. NULL is an engine that is all zero.
bool tern_softmax_try_rows(const struct tern_softmax_rows *rows, const struct tern_engine *engine);

#ifdef __cplusplus
}
#endif
#endif
