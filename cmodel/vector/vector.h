// SPDX-License-Identifier: Apache-2.0
// Float32 operations of a layer on tiles in local memory, as written sequences of single operations.
// docs/numerics-vector.md is the normative text. On the host a NaN result may have any payload. Call
// tern_f32_canonical() before results reach device memory.
//
// `out` may be the same array as an input of the same shape. Other overlaps are not allowed.
#ifndef TERN_CMODEL_VECTOR_VECTOR_H
#define TERN_CMODEL_VECTOR_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "cmodel/error.h"
#include "cmodel/float/reduce.h"
#include "cmodel/portable.h"

#ifdef __cplusplus
extern "C" {
#endif

// out[i] = left[i] + right[i]
void tern_vector_add(const float *left, const float *right, size_t count, float *out);

// out[i] = silu(gate[i]) * up[i]
void tern_vector_swiglu(const float *gate, const float *up, size_t count, float *out);

// 1 / sqrt(squares * (1 / length) + epsilon). squares: the finished sum of x[i] * x[i]. length: 1..2^24.
float tern_rmsnorm_factor(float squares, uint32_t length, float epsilon);
// out[i] = (x[i] * factor) * weight[i]
void tern_rmsnorm_apply(const float *x, float factor, const float *weight, size_t count, float *out);

// One head of `head_size` elements (even), with half = head_size / 2:
//     out[i] = x[i] * cosine[i] - x[half + i] * sine[i]
//     out[half + i] = x[half + i] * cosine[i] + x[i] * sine[i]
void tern_rope_head(const float *x, const float *cosine, const float *sine, size_t head_size, float *out);

// A row of scores, scanned in tiles.
struct tern_softmax_scan {
    float largest;    // of all scores that are not NaN; -infinity at first
    size_t scanned;   // scores so far
    size_t bad_index; // of the first NaN or +infinity; SIZE_MAX without one
};
void tern_softmax_start(struct tern_softmax_scan *scan);
void tern_softmax_scan_tile(struct tern_softmax_scan *scan, const float *scores, size_t count);
// NON_FINITE when a weight of the row is NaN, for any scale above 0. *bad_index: the first such weight.
enum tern_status tern_softmax_check(const struct tern_softmax_scan *scan, size_t *bad_index);
// scores[p] becomes the weight exp((scores[p] - largest) * scale), 0..1. Adds the weights of a tile to `total`.
void tern_softmax_weights(float *scores, size_t count, float largest, float scale, struct tern_sum16 *total);

// out[i] = x[i] * factor
void tern_vector_scale(const float *x, float factor, size_t count, float *out);

// The portable functions of vector.c. fast/vector.c has those of the host.
extern __typeof__(tern_vector_add) TERN_PORTABLE(tern_vector_add);
extern __typeof__(tern_vector_swiglu) TERN_PORTABLE(tern_vector_swiglu);
extern __typeof__(tern_rmsnorm_apply) TERN_PORTABLE(tern_rmsnorm_apply);
extern __typeof__(tern_softmax_scan_tile) TERN_PORTABLE(tern_softmax_scan_tile);
extern __typeof__(tern_softmax_weights) TERN_PORTABLE(tern_softmax_weights);
extern __typeof__(tern_vector_scale) TERN_PORTABLE(tern_vector_scale);

#ifdef __cplusplus
}
#endif
#endif
