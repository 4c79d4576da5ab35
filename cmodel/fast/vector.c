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

// All bits of a word are 1 where a < b.
#define LESS(a, b) ((tern_i32x16)((a) < (b)))

TERN_BODY bool is_any_negative(const int32_t words[TERN_WIDE]) {
    int32_t any = 0;
    for (size_t i = 0; i < TERN_WIDE; i++) {
        any |= words[i];
    }
    return any < 0;
}

// least <= |x[i]| < end, given as bits, for sixteen. Magnitudes have the order of their bits. Differences, because
// compilers take comparisons of integers apart.
TERN_BODY bool are_within(const float *x, int32_t least, int32_t end) {
    const tern_i32x16 magnitude = TERN_I32X16(x) & 0x7fffffff;
    int32_t outside[TERN_WIDE];
    TERN_I32X16(outside) = (magnitude - least) | (end - 1 - magnitude);
    return !is_any_negative(outside);
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
        if (end == start + TERN_WIDE && are_within(gate + start, TERN_F32_ORDINARY_SMALL, TERN_F32_ORDINARY_LIMIT)) {
            swiglu_ordinary(gate + start, up + start, out + start);
            continue;
        }
        for (size_t i = start; i < end; i++) {
            out[i] = tern_f32_mul(tern_f32_silu(gate[i]), up[i]);
        }
    }
}

// Sixteen scores: the larger ones stay, NaN is ignored. is_bad: bits are 1 where a score is NaN or +infinity.
TERN_BODY void scan_sixteen(const float *scores, float *largest, int32_t *is_bad) {
    const tern_f32x16 x = TERN_F32X16(scores), y = TERN_F32X16(largest);
    const tern_i32x16 is_larger = LESS(y, x);
    TERN_F32X16(largest) = (tern_f32x16)(((tern_i32x16)x & is_larger) | ((tern_i32x16)y & ~is_larger));
    TERN_I32X16(is_bad) |= ~LESS(x, (tern_f32x16){0} + tern_f32_from_bits(TERN_F32_INFINITY_BITS));
}

TERN_BODY void tern_softmax_scan_tile_body(struct tern_softmax_scan *scan, const float *scores, size_t count) {
    const float infinity = tern_f32_from_bits(TERN_F32_INFINITY_BITS);
    float largest[TERN_WIDE];
    int32_t is_bad[TERN_WIDE] = {0};
    bool any = false;
    size_t start = 0;
    for (size_t i = 0; i < TERN_WIDE; i++) {
        largest[i] = scan->largest;
    }
    for (; start + TERN_WIDE <= count; start += TERN_WIDE) {
        scan_sixteen(scores + start, largest, is_bad);
    }
    for (size_t i = 0; i < count - start; i++) {
        any |= !tern_f32_less(scores[start + i], infinity);
        largest[i] = tern_f32_max(largest[i], scores[start + i]);
    }
    for (size_t i = 0; i < TERN_WIDE; i++) {
        scan->largest = tern_f32_max(scan->largest, largest[i]);
    }
    any |= is_any_negative(is_bad);
    for (size_t p = 0; any && scan->bad_index == SIZE_MAX && p < count; p++) {
        scan->bad_index = tern_f32_less(scores[p], infinity) ? SIZE_MAX : scan->scanned + p;
    }
    scan->scanned += count;
}

// Computes sixteen weights at once, of ordinary exponentials and of those that are 0. For others it returns false and
// writes nothing.
TERN_BODY bool weights_ordinary(float *scores, float largest, float scale) {
    float x[TERN_WIDE];
    int32_t is_none[TERN_WIDE];
    TERN_F32X16(x) = (TERN_F32X16(scores) - largest) * scale;
    TERN_I32X16(is_none) = LESS(TERN_F32X16(x), -104.0f);
    TERN_I32X16(x) &= ~TERN_I32X16(is_none);
    if (!are_within(x, 0, TERN_F32_ORDINARY_LIMIT)) {
        return false;
    }
    for (size_t i = 0; i < TERN_WIDE; i++) {
        scores[i] = tern_f32_exp_ordinary(x[i]);
    }
    TERN_I32X16(scores) &= ~TERN_I32X16(is_none);
    return true;
}

TERN_BODY void tern_softmax_weights_body(float *scores, size_t count, float largest, float scale,
                                         struct tern_sum16 *total) {
    tern_f32x16 partial = TERN_F32X16(total->partial);
    size_t start = 0;
    for (; start + TERN_WIDE <= count; start += TERN_WIDE) {
        if (!weights_ordinary(scores + start, largest, scale)) {
            for (size_t p = start; p < start + TERN_WIDE; p++) {
                scores[p] = tern_f32_exp(tern_f32_mul(tern_f32_sub(scores[p], largest), scale));
            }
        }
        partial += TERN_F32X16(scores + start);
    }
    TERN_F32X16(total->partial) = partial;
    for (size_t i = 0; i < count - start; i++) {
        float *score = &scores[start + i];
        *score = tern_f32_exp(tern_f32_mul(tern_f32_sub(*score, largest), scale));
        total->partial[i] = tern_f32_add(total->partial[i], *score);
    }
}

TERN_BODY void tern_vector_scale_body(const float *x, float factor, size_t count, float *out) {
    size_t i = 0;
    for (; i + TERN_WIDE <= count; i += TERN_WIDE) {
        TERN_F32X16(out + i) = TERN_F32X16(x + i) * factor;
    }
    for (; i < count; i++) {
        out[i] = tern_f32_mul(x[i], factor);
    }
}

TERN_BY_WIDTH(, tern_vector_add, (const float *left, const float *right, size_t count, float *out),
              (left, right, count, out))
TERN_BY_WIDTH(, tern_rmsnorm_apply, (const float *x, float factor, const float *weight, size_t count, float *out),
              (x, factor, weight, count, out))
TERN_BY_WIDTH(, tern_vector_swiglu, (const float *gate, const float *up, size_t count, float *out),
              (gate, up, count, out))
TERN_BY_WIDTH(, tern_softmax_scan_tile, (struct tern_softmax_scan * scan, const float *scores, size_t count),
              (scan, scores, count))
TERN_BY_WIDTH(, tern_softmax_weights,
              (float *scores, size_t count, float largest, float scale, struct tern_sum16 *total),
              (scores, count, largest, scale, total))
TERN_BY_WIDTH(, tern_vector_scale, (const float *x, float factor, size_t count, float *out), (x, factor, count, out))
