// SPDX-License-Identifier: Apache-2.0
// Inside tern_screen_run: exact integer dot products of int8 rows and a hidden vector of 16 bits.
#ifndef TERN_HOST_DRIVER_RUNNER_SCREEN_KERNEL_H
#define TERN_HOST_DRIVER_RUNNER_SCREEN_KERNEL_H

#include <stdint.h>

#define TERN_SCREEN_ROWS 16u    // of a tile
#define TERN_SCREEN_COLUMNS 64u // rows are filled up with zeros to a multiple of them

// hidden[i] = step x mantissas[i] + rest[i], mantissas[i] = 256 x high[i] + low[i]; [columns], zeros at the end.
struct tern_screen_vector {
    int16_t *mantissas;
    uint8_t *low;
    int8_t *high;
    int64_t high_sum;
    float step;  // a power of two
    float norm;  // at least the 2-norm of hidden
    float rest;  // at least 127 x the sum of |rest|
    float slack; // of what underflows; infinite for a vector that gets no interval
};

struct tern_screen_kernel {
    // dot[r] = the exact sum over i of weights[r][i] x mantissas[i], rounded to nearest even. weights: [16][columns],
    // at a multiple of 64.
    void (*dots)(const int8_t *weights, uint32_t columns, const struct tern_screen_vector *vector,
                 float dot[TERN_SCREEN_ROWS]);
    // The same bits from each; for speed alone.
    void (*quantise)(const float *weights, uint32_t columns, float scale, int8_t *levels, double squares[2]);
};

// NULL where this build or this processor cannot run it.
const struct tern_screen_kernel *tern_screen_avx512(void);
const struct tern_screen_kernel *tern_screen_avx2(void);

// weight = scale x level + rest, scale 0 or at least a 127th of the largest weight; the sums of the squares of weight
// and rest. Compiled for each kernel's processor.
static inline __attribute__((always_inline)) void tern_screen_quantise(const float *weights, uint32_t columns,
                                                                       float scale, int8_t *levels, double squares[2]) {
    enum { LANES = 16 };
    const float inverse = scale > 0 ? 1 / scale : 0;
    double weight_squares[LANES] = {0}, rest_squares[LANES] = {0};
    for (uint32_t at = 0; at < columns; at += LANES) {
        for (uint32_t i = 0; i < LANES; i++) {
            const float level = (weights[at + i] * inverse + 0x1.8p23f) - 0x1.8p23f; // to nearest
            const double weight = (double)weights[at + i], rest = weight - (double)scale * (double)level;
            levels[at + i] = (int8_t)level;
            weight_squares[i] += weight * weight;
            rest_squares[i] += rest * rest;
        }
    }
    squares[0] = squares[1] = 0;
    for (uint32_t i = 0; i < LANES; i++) {
        squares[0] += weight_squares[i];
        squares[1] += rest_squares[i];
    }
}

#endif
