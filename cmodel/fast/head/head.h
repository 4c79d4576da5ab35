// SPDX-License-Identifier: Apache-2.0
// The output head on the host: logits[v][row] = sum16 of head[row][i] x hidden[v][i] (docs/numerics-vector.md). The
// bits do not depend on the processor or the number of threads. A NaN is 0x7fc00000.
#ifndef TERN_CMODEL_FAST_HEAD_HEAD_H
#define TERN_CMODEL_FAST_HEAD_HEAD_H

#include "cmodel/fast/processor.h"
#include "cmodel/float/tensor.h"
#include "cmodel/error.h"

struct tern_pool;

struct tern_head {
    const struct tern_tensor *tensor;      // F32, F16 or BF16 [rows][length]
    uint32_t rows, length, vectors;        // vectors 1..TERN_MAX_VECTORS
    const float *hidden[TERN_MAX_VECTORS]; // [length]
    float *logits[TERN_MAX_VECTORS];       // [rows]
};

// pool: NULL computes all rows on the calling thread. A slower kernel replaces one that this processor lacks.
void tern_head_run(const struct tern_head *head, enum tern_kernel kernel, struct tern_pool *pool);

#endif
