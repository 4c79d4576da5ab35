// SPDX-License-Identifier: Apache-2.0
// Rotary embedding tables by a written sequence of double operations (+, -, *, / and conversions). No libm, because
// every libm rounds sine and cosine its own way. Host only: the driver computes the tables and uploads them. The
// sequence and its error bound are in docs/numerics.md: |value - exact| <= half a float ulp + 2e-10.
//
// Frequencies first, then angles: a scaled variant is one more function between the two steps.
#ifndef TERN_CMODEL_VECTOR_ROTARY_H
#define TERN_CMODEL_VECTOR_ROTARY_H

#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// frequencies: f64 [head_size/2], radians a position: theta^(-2i/head_size).
// head_size even, 2..MAX_HEAD_SIZE; theta 1..1e12; else TERN_STATUS_BAD_ARGUMENT.
enum tern_status tern_rotary_frequencies(double theta, uint32_t head_size, double *frequencies);

// Llama 3.1's scaling (rope_type "llama3"): a frequency that turns more than high_turns times within the positions the
// model was first trained on stays, one that turns less than low_turns times is divided by factor, in between they
// blend. factor 1..1e6, 0 < low_turns < high_turns <= 1e6, original_positions 1..2^24; else TERN_STATUS_BAD_ARGUMENT.
struct tern_rotary_scaling {
    double factor, low_turns, high_turns, original_positions;
};
enum tern_status tern_rotary_scale(const struct tern_rotary_scaling *scaling, uint32_t half, double *frequencies);

// cosine, sine: f32 [half] of position x frequency. position < MAX_POSITIONS, frequencies 0..1; else BAD_ARGUMENT.
enum tern_status tern_rotary_angles(const double *frequencies, uint32_t half, uint32_t position, float *cosine,
                                    float *sine);

// Both: one position's table, f32 [head_size/2] each. The ROPE command wants sine right after cosine.
enum tern_status tern_rotary_table(double theta, uint32_t head_size, uint32_t position, float *cosine, float *sine);

#ifdef __cplusplus
}
#endif
#endif
