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

// scores[p] = dot(query, keys + p * head_size) * scale for p < positions. *largest becomes the largest score so far, by
// max(a, b) = a < b ? b : a in rising p. is_first: it starts with scores[0].
void tern_attention_scores(const float *query, const float *keys, size_t head_size, size_t positions, float scale,
                           bool is_first, float *scores, float *largest);

// scores[p] becomes exp(scores[p] - largest).
void tern_attention_exponentials(float *scores, size_t positions, float largest);

// partial_values[p mod 16][e] += scores[p] * values[p][e]. The tile starts at a multiple of 16 positions.
void tern_attention_values(const float *scores, const float *values, size_t head_size, size_t positions,
                           float *partial_values);

// Adds the 16 partial vectors in the reduction's tree, then multiplies by `factor`: out[head_size].
void tern_attention_finish(const float *partial_values, size_t head_size, float factor, float *out);

// The portable functions of vector.c. fast/vector.c has those of the host.
extern __typeof__(tern_vector_add) TERN_PORTABLE(tern_vector_add);
extern __typeof__(tern_vector_swiglu) TERN_PORTABLE(tern_vector_swiglu);
extern __typeof__(tern_rmsnorm_apply) TERN_PORTABLE(tern_rmsnorm_apply);
extern __typeof__(tern_attention_scores) TERN_PORTABLE(tern_attention_scores);
extern __typeof__(tern_attention_exponentials) TERN_PORTABLE(tern_attention_exponentials);
extern __typeof__(tern_attention_values) TERN_PORTABLE(tern_attention_values);
extern __typeof__(tern_attention_finish) TERN_PORTABLE(tern_attention_finish);

#ifdef __cplusplus
}
#endif
#endif
