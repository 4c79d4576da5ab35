// SPDX-License-Identifier: Apache-2.0
// Inside tern_screen_run: exact integer dot products of int8 rows and a hidden vector of 16-bit mantissas.
#ifndef TERN_CMODEL_FAST_HEAD_SCREEN_KERNEL_H
#define TERN_CMODEL_FAST_HEAD_SCREEN_KERNEL_H

#include <math.h>

#include "cmodel/float/f32.h"
#include "cmodel/float/tensor_read.h"

#define TERN_SCREEN_ROWS 16u    // rows of a tile
#define TERN_SCREEN_COLUMNS 64u // rows are filled up with zeros to a multiple of these columns
#define TERN_SCREEN_LEVELS 127.0f
// Values outside these limits get no interval. Between them no product of a weight and a hidden value overflows.
#define TERN_SCREEN_LARGEST_WEIGHT 0x1p40f
#define TERN_SCREEN_LEAST_WEIGHT 0x1p-60f
#define TERN_SCREEN_LARGEST_HIDDEN 0x1p60f
#define TERN_SCREEN_LEAST_HIDDEN 0x1p-60f

// hidden[i] = step x mantissas[i] + rest[i]; mantissas[i] = 256 x high[i] + low[i]. Arrays: [columns], zeros at the
// end.
struct tern_screen_vector {
    int16_t *mantissas;
    uint8_t *low;
    int8_t *high;
    int64_t high_sum;
    float step;  // a power of two
    float norm;  // at least the 2-norm of hidden
    float rest;  // at least 127 x the sum of |rest|
    float slack; // bound of what underflows; infinite for a vector that gets no interval
};

struct tern_screen_row {
    const struct tern_tensor *tensor;
    uint64_t first; // number of the first element
    uint32_t length, columns;
    int8_t *levels; // [columns]
};

struct tern_screen_kernel {
    // dot[r] = the exact sum over i of weights[r][i] x mantissas[i], rounded to nearest even. weights: [16][columns],
    // 64-byte aligned.
    void (*dots)(const int8_t *weights, uint32_t columns, const struct tern_screen_vector *vector,
                 float dot[TERN_SCREEN_ROWS]);
    // Quantizes as tern_screen_quantize().
    float (*quantize)(const struct tern_screen_row *row, float *weights, double squares[2]);
};

// NULL where this build or this processor cannot run it.
const struct tern_screen_kernel *tern_screen_avx512(void);
const struct tern_screen_kernel *tern_screen_avx2(void);

TERN_ALWAYS_INLINE float tern_screen_largest(const float *x, uint32_t count) {
    int32_t largest = 0;
    for (uint32_t i = 0; i < count; i++) {
        const int32_t bits = (int32_t)(tern_f32_to_bits(x[i]) & ~TERN_F32_SIGN_BIT);
        largest = largest < bits ? bits : largest;
    }
    return tern_f32_from_bits((uint32_t)largest); // NaN is above infinity
}

// Quantizes a row: weight = scale x level + rest. Returns the scale: 0 for weights that are too small, infinity for a
// row that cannot be quantized. squares: sums of the squares of weights and rests. weights: [columns], zeros from
// `length` on. Each kernel compiles this function for its own processor. The bits are the same.
TERN_ALWAYS_INLINE float tern_screen_quantize(const struct tern_screen_row *row, float *weights, double squares[2]) {
    enum { WIDE = 16 };
    int8_t *restrict const levels = row->levels;
    tern_tensor_read(row->tensor, row->first, row->length, weights);
    const float largest = tern_screen_largest(weights, row->columns);
    if (!(largest < TERN_SCREEN_LARGEST_WEIGHT)) {
        memset(levels, 0, row->columns);
        return INFINITY;
    }
    const float scale = largest < TERN_SCREEN_LEAST_WEIGHT ? 0 : largest / TERN_SCREEN_LEVELS;
    const float inverse = scale > 0 ? 1 / scale : 0;
    double weight_squares[WIDE] = {0}, rest_squares[WIDE] = {0};
    for (uint32_t at = 0; at < row->columns; at += WIDE) {
        for (uint32_t i = 0; i < WIDE; i++) {
            const float level = (weights[at + i] * inverse + 0x1.8p23f) - 0x1.8p23f; // to nearest
            const double weight = (double)weights[at + i], rest = weight - (double)scale * (double)level;
            levels[at + i] = (int8_t)level;
            weight_squares[i] += weight * weight;
            rest_squares[i] += rest * rest;
        }
    }
    squares[0] = squares[1] = 0;
    for (uint32_t i = 0; i < WIDE; i++) {
        squares[0] += weight_squares[i];
        squares[1] += rest_squares[i];
    }
    return scale;
}

#endif
