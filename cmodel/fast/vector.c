// SPDX-License-Identifier: Apache-2.0
// The host's loops of cmodel/vector/vector.c. They take sixteen elements at a time and give the same bits.
#include "cmodel/float/f32_math.h"
#include "cmodel/float/f32_ordinary.h"
#include "cmodel/fast/wide.h"
#include "cmodel/vector/vector.h"

// Loops are split into sixteens by hand: the compiler cannot prove that `out` and the inputs do not overlap.
TERN_BODY void tern_vector_add_body(const float *left, const float *right, size_t count, float *out) {
    size_t i = 0;
    for (; i + TERN_WIDE <= count; i += TERN_WIDE) {
        TERN_F32X16(out + i) = TERN_F32X16(left + i) + TERN_F32X16(right + i);
    }
    for (; i < count; i++) {
        out[i] = tern_f32_add(left[i], right[i]);
    }
}

TERN_BODY void tern_rmsnorm_apply_body(const float *x, float factor, const float *weight, size_t count, float *out) {
    size_t i = 0;
    for (; i + TERN_WIDE <= count; i += TERN_WIDE) {
        TERN_F32X16(out + i) = TERN_F32X16(x + i) * factor * TERN_F32X16(weight + i);
    }
    for (; i < count; i++) {
        out[i] = tern_f32_mul(tern_f32_mul(x[i], factor), weight[i]);
    }
}

// A copy, because `out` may be gate or up.
TERN_BODY void swiglu_ordinary(const float *gate, const float *up, float *out) {
    float result[TERN_WIDE];
    for (size_t i = 0; i < TERN_WIDE; i++) {
        result[i] = tern_f32_mul(tern_f32_silu_ordinary(gate[i]), up[i]);
    }
    TERN_F32X16(out) = TERN_F32X16(result);
}

TERN_BODY void tern_vector_swiglu_body(const float *gate, const float *up, size_t count, float *out) {
    for (size_t start = 0; start < count; start += TERN_WIDE) {
        const size_t end = count - start < TERN_WIDE ? count : start + TERN_WIDE;
        bool is_ordinary = end == start + TERN_WIDE;
        for (size_t i = start; i < end; i++) {
            is_ordinary &= tern_f32_silu_is_ordinary(gate[i]);
        }
        if (is_ordinary) {
            swiglu_ordinary(gate + start, up + start, out + start);
            continue;
        }
        for (size_t i = start; i < end; i++) {
            out[i] = tern_f32_mul(tern_f32_silu(gate[i]), up[i]);
        }
    }
}

// The partial sums of sum16(a x b).
TERN_BODY void dot(const float *a, const float *b, size_t count, tern_f32x16 *result) {
    const size_t whole = count - count % TERN_WIDE;
    tern_f32x16 sums = {0};
    for (size_t i = 0; i < whole; i += TERN_WIDE) {
        sums += TERN_F32X16(a + i) * TERN_F32X16(b + i);
    }
    if (whole < count) {
        // A partial sum is never -0, so adding products of zeros does not change it.
        float last_a[TERN_WIDE] = {0}, last_b[TERN_WIDE] = {0};
        for (size_t i = whole; i < count; i++) {
            last_a[i - whole] = a[i];
            last_b[i - whole] = b[i];
        }
        sums += TERN_F32X16(last_a) * TERN_F32X16(last_b);
    }
    *result = sums;
}

// The trees of sixteen reductions. Input: their partial sums in sum[0] to sum[15]. Output: the results in sum[0]. A
// step adds the first halves of two vectors' parts to the second halves.
TERN_BODY void trees(tern_f32x16 sum[TERN_WIDE]) {
    for (size_t i = 0; i < 8; i++) {
        const tern_f32x16 a = sum[2 * i], b = sum[2 * i + 1];
        sum[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                 __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    }
    for (size_t i = 0; i < 4; i++) {
        const tern_f32x16 a = sum[2 * i], b = sum[2 * i + 1];
        sum[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                 __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    }
    for (size_t i = 0; i < 2; i++) {
        const tern_f32x16 a = sum[2 * i], b = sum[2 * i + 1];
        sum[i] = __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) +
                 __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
    }
    sum[0] = __builtin_shufflevector(sum[0], sum[1], 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) +
             __builtin_shufflevector(sum[0], sum[1], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

TERN_BODY void tern_attention_scores_body(const float *query, const float *keys, size_t head_size, size_t positions,
                                          float scale, bool is_first, float *scores, float *largest) {
    float most = is_first ? 0.0f : *largest;
    for (size_t start = 0; start < positions; start += TERN_WIDE) {
        const size_t count = positions - start < TERN_WIDE ? positions - start : TERN_WIDE;
        _Alignas(64) tern_f32x16 sum[TERN_WIDE] = {{0}};
        float score[TERN_WIDE];
        for (size_t p = 0; p < count; p++) {
            dot(query, keys + (start + p) * head_size, head_size, &sum[p]);
        }
        trees(sum);
        TERN_F32X16(score) = sum[0] * scale;
        most = is_first && start == 0 ? score[0] : most;
        for (size_t p = 0; p < count; p++) {
            scores[start + p] = score[p];
            most = tern_f32_max(most, score[p]);
        }
    }
    *largest = most;
}

// Computes sixteen at once. If one is not ordinary, it returns false and writes nothing.
TERN_BODY bool exponentials_ordinary(float *scores, float largest) {
    float x[TERN_WIDE];
    bool is_ordinary = true;
    TERN_F32X16(x) = TERN_F32X16(scores) - largest;
    for (size_t i = 0; i < TERN_WIDE; i++) {
        is_ordinary &= tern_f32_exp_is_ordinary(x[i]);
    }
    for (size_t i = 0; i < TERN_WIDE && is_ordinary; i++) {
        scores[i] = tern_f32_exp_ordinary(x[i]);
    }
    return is_ordinary;
}

TERN_BODY void tern_attention_exponentials_body(float *scores, size_t positions, float largest) {
    for (size_t start = 0; start < positions; start += TERN_WIDE) {
        const size_t count = positions - start < TERN_WIDE ? positions - start : TERN_WIDE;
        if (count == TERN_WIDE && exponentials_ordinary(scores + start, largest)) {
            continue;
        }
        for (size_t p = start; p < start + count; p++) {
            scores[p] = tern_f32_exp(tern_f32_sub(scores[p], largest));
        }
    }
}

// Adds to one partial vector after the other. Their elements stay in registers.
TERN_BODY void tern_attention_values_body(const float *scores, const float *values, size_t head_size, size_t positions,
                                          float *partial_values) {
    for (size_t part = 0; part < TERN_WIDE && part < positions; part++) {
        float *sums = partial_values + part * head_size;
        size_t e = 0;
        for (; e + TERN_WIDE <= head_size; e += TERN_WIDE) {
            tern_f32x16 sum = TERN_F32X16(sums + e);
            for (size_t p = part; p < positions; p += TERN_WIDE) {
                sum += scores[p] * TERN_F32X16(values + p * head_size + e);
            }
            TERN_F32X16(sums + e) = sum;
        }
        for (; e < head_size; e++) {
            for (size_t p = part; p < positions; p += TERN_WIDE) {
                sums[e] = tern_f32_add(sums[e], tern_f32_mul(scores[p], values[p * head_size + e]));
            }
        }
    }
}

TERN_BODY void tern_attention_finish_body(const float *partial_values, size_t head_size, float factor, float *out) {
    size_t e = 0;
    for (; e + TERN_WIDE <= head_size; e += TERN_WIDE) {
        tern_f32x16 sum[TERN_WIDE];
        for (size_t part = 0; part < TERN_WIDE; part++) {
            sum[part] = TERN_F32X16(partial_values + part * head_size + e);
        }
        for (size_t stride = TERN_WIDE / 2; stride > 0; stride /= 2) {
            for (size_t part = 0; part < stride; part++) {
                sum[part] += sum[part + stride];
            }
        }
        TERN_F32X16(out + e) = sum[0] * factor;
    }
    for (; e < head_size; e++) {
        struct tern_sum16 sum;
        for (size_t part = 0; part < TERN_WIDE; part++) {
            sum.partial[part] = partial_values[part * head_size + e];
        }
        out[e] = tern_f32_mul(tern_sum16_finish(&sum), factor);
    }
}

TERN_BY_WIDTH(, tern_vector_add, (const float *left, const float *right, size_t count, float *out),
              (left, right, count, out))
TERN_BY_WIDTH(, tern_rmsnorm_apply, (const float *x, float factor, const float *weight, size_t count, float *out),
              (x, factor, weight, count, out))
TERN_BY_WIDTH(, tern_vector_swiglu, (const float *gate, const float *up, size_t count, float *out),
              (gate, up, count, out))
TERN_BY_WIDTH(, tern_attention_scores,
              (const float *query, const float *keys, size_t head_size, size_t positions, float scale, bool is_first,
               float *scores, float *largest),
              (query, keys, head_size, positions, scale, is_first, scores, largest))
TERN_BY_WIDTH(, tern_attention_exponentials, (float *scores, size_t positions, float largest),
              (scores, positions, largest))
TERN_BY_WIDTH(, tern_attention_values,
              (const float *scores, const float *values, size_t head_size, size_t positions, float *partial_values),
              (scores, values, head_size, positions, partial_values))
TERN_BY_WIDTH(, tern_attention_finish, (const float *partial_values, size_t head_size, float factor, float *out),
              (partial_values, head_size, factor, out))
