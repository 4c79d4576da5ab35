// SPDX-License-Identifier: Apache-2.0
// The order of every float32 reduction. Element i is added to partial sum i mod 16 in rising i, starting from +0. A
// tree of strides 8, 4, 2, 1 adds the 16 partial sums. docs/numerics-vector.md is the normative text.
//
// Tiles of a long vector are added one after the other. Every tile but the last holds a multiple of 16 elements. Four
// partial sums at a time stay in registers: a loop on the soft core, a vector on the host. The order in each sum is the
// same.
#ifndef TERN_CMODEL_FLOAT_REDUCE_H
#define TERN_CMODEL_FLOAT_REDUCE_H

#include <stddef.h>

#include "cmodel/float/f32.h"
#include "spec/generated/tern_spec.h"

_Static_assert(TERN_REDUCTION_PARTS == 16, "the tree below has four levels");

struct tern_sum16 {
    float partial[TERN_REDUCTION_PARTS];
};

static inline void tern_sum16_start(struct tern_sum16 *sum) {
#pragma GCC unroll 16
    for (int part = 0; part < TERN_REDUCTION_PARTS; part++) {
        sum->partial[part] = 0.0f;
    }
}

static inline void tern_sum16_add(struct tern_sum16 *sum, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float *partial = &sum->partial[i % TERN_REDUCTION_PARTS];
        *partial = tern_f32_add(*partial, x[i]);
    }
}

// Adds products, each rounded, in the order above.
static inline void tern_sum16_add_products(struct tern_sum16 *sum, const float *a, const float *b, size_t count) {
    const size_t whole = count - count % TERN_REDUCTION_PARTS;
#pragma GCC unroll 4
    for (int quad = 0; quad < TERN_REDUCTION_PARTS; quad += 4) {
        float sum_0 = sum->partial[quad], sum_1 = sum->partial[quad + 1];
        float sum_2 = sum->partial[quad + 2], sum_3 = sum->partial[quad + 3];
        const float *p = a + quad, *q = b + quad;
        for (const float *end = p + whole; p != end; p += TERN_REDUCTION_PARTS, q += TERN_REDUCTION_PARTS) {
            sum_0 = tern_f32_add(sum_0, tern_f32_mul(p[0], q[0]));
            sum_1 = tern_f32_add(sum_1, tern_f32_mul(p[1], q[1]));
            sum_2 = tern_f32_add(sum_2, tern_f32_mul(p[2], q[2]));
            sum_3 = tern_f32_add(sum_3, tern_f32_mul(p[3], q[3]));
        }
        sum->partial[quad] = sum_0;
        sum->partial[quad + 1] = sum_1;
        sum->partial[quad + 2] = sum_2;
        sum->partial[quad + 3] = sum_3;
    }
    if (whole == count) {
        return;
    }
    // Constant indices keep the partial sums of a short vector in registers.
#pragma GCC unroll 16
    for (int part = 0; part < TERN_REDUCTION_PARTS - 1; part++) {
        if (whole + (size_t)part < count) {
            float product = tern_f32_mul(a[whole + (size_t)part], b[whole + (size_t)part]);
            sum->partial[part] = tern_f32_add(sum->partial[part], product);
        }
    }
}

static inline void tern_sum16_halve(struct tern_sum16 *sum, int stride) {
#pragma GCC unroll 8
    for (int part = 0; part < stride; part++) {
        sum->partial[part] = tern_f32_add(sum->partial[part], sum->partial[part + stride]);
    }
}

// The tree overwrites the partial sums, so a sum can be finished once.
static inline float tern_sum16_finish(struct tern_sum16 *sum) {
    tern_sum16_halve(sum, 8);
    tern_sum16_halve(sum, 4);
    tern_sum16_halve(sum, 2);
    tern_sum16_halve(sum, 1);
    return sum->partial[0];
}

#endif
