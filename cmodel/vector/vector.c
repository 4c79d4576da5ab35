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

void TERN_PORTABLE(tern_attention_scores)(const float *query, const float *keys, size_t head_size, size_t positions,
                                          float scale, bool is_first, float *scores, float *largest) {
    for (size_t p = 0; p < positions; p++) {
        struct tern_sum16 sum;
        tern_sum16_start(&sum);
        tern_sum16_add_products(&sum, query, keys + p * head_size, head_size);
        scores[p] = tern_f32_mul(tern_sum16_finish(&sum), scale);
        *largest = is_first && p == 0 ? scores[0] : tern_f32_max(*largest, scores[p]);
    }
}

void TERN_PORTABLE(tern_attention_exponentials)(float *scores, size_t positions, float largest) {
    for (size_t p = 0; p < positions; p++) {
        float x = tern_f32_sub(scores[p], largest);
        scores[p] = tern_f32_exp_is_ordinary(x) ? tern_f32_exp_ordinary(x) : tern_f32_exp(x);
    }
}

static void add_scaled(const float *restrict x, float factor, size_t count, float *restrict sum) {
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++) {
        sum[i] = tern_f32_add(sum[i], tern_f32_mul(factor, x[i]));
    }
}

void TERN_PORTABLE(tern_attention_values)(const float *scores, const float *values, size_t head_size, size_t positions,
                                          float *partial_values) {
    for (size_t p = 0; p < positions; p++) {
        add_scaled(values + p * head_size, scores[p], head_size, partial_values + p % TERN_REDUCTION_PARTS * head_size);
    }
}

void TERN_PORTABLE(tern_attention_finish)(const float *partial_values, size_t head_size, float factor, float *out) {
    for (size_t e = 0; e < head_size; e++) {
        struct tern_sum16 sum;
#pragma GCC unroll 16
        for (size_t part = 0; part < TERN_REDUCTION_PARTS; part++) {
            sum.partial[part] = partial_values[part * head_size + e];
        }
        out[e] = tern_f32_mul(tern_sum16_finish(&sum), factor);
    }
}
