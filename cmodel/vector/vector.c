// SPDX-License-Identifier: Apache-2.0
#include "cmodel/vector/vector.h"

#include "cmodel/float/f32_math.h"
#include "cmodel/float/f32_ordinary.h"

float tern_rmsnorm_factor(float squares, uint32_t length, float epsilon) {
    float mean = tern_f32_mul(squares, tern_f32_reciprocal(tern_f32_from_i32((int32_t)length)));
    return tern_f32_reciprocal_sqrt(tern_f32_add(mean, epsilon));
}

void tern_rope_head(const float *x, const float *cosine, const float *sine, size_t head_size, float *out) {
    const size_t half = head_size / 2;
#pragma GCC unroll 4
    for (size_t i = 0; i < half; i++) {
        float a = x[i], b = x[half + i];
        out[i] = tern_f32_sub(tern_f32_mul(a, cosine[i]), tern_f32_mul(b, sine[i]));
        out[half + i] = tern_f32_add(tern_f32_mul(b, cosine[i]), tern_f32_mul(a, sine[i]));
    }
}

void TERN_PORTABLE(tern_vector_add)(const float *left, const float *right, size_t count, float *out) {
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++) {
        out[i] = tern_f32_add(left[i], right[i]);
    }
}

void TERN_PORTABLE(tern_vector_swiglu)(const float *gate, const float *up, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) {
        float x = gate[i];
        float silu = tern_f32_silu_is_ordinary(x) ? tern_f32_silu_ordinary(x) : tern_f32_silu(x);
        out[i] = tern_f32_mul(silu, up[i]);
    }
}

void TERN_PORTABLE(tern_rmsnorm_apply)(const float *x, float factor, const float *weight, size_t count, float *out) {
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++) {
        out[i] = tern_f32_mul(tern_f32_mul(x[i], factor), weight[i]);
    }
}

void tern_softmax_start(struct tern_softmax_scan *scan) {
    *scan = (struct tern_softmax_scan){-tern_f32_from_bits(TERN_F32_INFINITY_BITS), 0, SIZE_MAX};
}

// NaN and +infinity are not below +infinity. A comparison with NaN is false, so NaN is never the largest.
void TERN_PORTABLE(tern_softmax_scan_tile)(struct tern_softmax_scan *scan, const float *scores, size_t count) {
    const float infinity = tern_f32_from_bits(TERN_F32_INFINITY_BITS);
    for (size_t p = 0; p < count; p++) {
        scan->largest = tern_f32_max(scan->largest, scores[p]);
        if (!tern_f32_less(scores[p], infinity) && scan->bad_index == SIZE_MAX) {
            scan->bad_index = scan->scanned + p;
        }
    }
    scan->scanned += count;
}

// Infinity less itself is NaN. When the largest score is -infinity, all are that or NaN.
enum tern_status tern_softmax_check(const struct tern_softmax_scan *scan, size_t *bad_index) {
    const bool is_empty = tern_f32_to_bits(scan->largest) == (TERN_F32_INFINITY_BITS | TERN_F32_SIGN_BIT);
    *bad_index = is_empty ? 0 : scan->bad_index;
    return *bad_index == SIZE_MAX ? TERN_STATUS_OK : TERN_STATUS_NON_FINITE;
}

void TERN_PORTABLE(tern_softmax_weights)(float *scores, size_t count, float largest, float scale,
                                         struct tern_sum16 *total) {
    for (size_t p = 0; p < count; p++) {
        float x = tern_f32_mul(tern_f32_sub(scores[p], largest), scale);
        scores[p] = tern_f32_exp_is_ordinary(x) ? tern_f32_exp_ordinary(x) : tern_f32_exp(x);
    }
    tern_sum16_add(total, scores, count);
}

void TERN_PORTABLE(tern_vector_scale)(const float *x, float factor, size_t count, float *out) {
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++) {
        out[i] = tern_f32_mul(x[i], factor);
    }
}
