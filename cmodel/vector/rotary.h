// SPDX-License-Identifier: Apache-2.0
// Rotary embedding tables by a written sequence of double operations (+, -, *, / and conversions). It uses no libm,
// because every libm rounds sine and cosine its own way. It is for the host only: the driver computes the tables and
// uploads them. docs/numerics.md has the sequence and its error bound: |value - exact| <= half a float ulp + 2e-10.
//
// Frequencies are computed first, then angles. A scaled variant is one more function between the two.
#ifndef TERN_CMODEL_VECTOR_ROTARY_H
#define TERN_CMODEL_VECTOR_ROTARY_H

#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// frequencies: f64 [head_size/2], radians a position: theta^(-2i/head_size). head_size is even, 2..MAX_HEAD_SIZE. theta
// is 1..1e12. Otherwise TERN_STATUS_BAD_ARGUMENT.
enum tern_status tern_rotary_frequencies(double theta, uint32_t head_size, double *frequencies);

// Scales frequencies as Llama 3.1 (rope_type "llama3"). Turns count within the positions that the model was first
// trained on. A frequency of more than high_turns turns stays. One of less than low_turns turns is divided by factor.
// Between the limits both are blended. factor 1..1e6, 0 < low_turns < high_turns <= 1e6, original_positions 1..2^24;
// otherwise TERN_STATUS_BAD_ARGUMENT.
struct tern_rotary_scaling {
    double factor, low_turns, high_turns, original_positions;
};
enum tern_status tern_rotary_scale(const struct tern_rotary_scaling *scaling, uint32_t half, double *frequencies);

// cosine, sine: f32 [half] of position x frequency. position < MAX_POSITIONS, frequencies 0..1. Otherwise BAD_ARGUMENT.
// The ROPE command takes sine right after cosine.
enum tern_status tern_rotary_angles(const double *frequencies, uint32_t half, uint32_t position, float *cosine,
                                    float *sine);

#ifdef __cplusplus
}
#endif
#endif
