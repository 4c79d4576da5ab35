// SPDX-License-Identifier: Apache-2.0
// One register holds the 16 partial sums of a row and a vector. Several rows and vectors at once hide the latency of
// additions. Four vectors share the widening of a row.
#include "cmodel/fast/head/head_kernel.h"

#if defined(TERN_X86)

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define WIDE TERN_REDUCTION_PARTS // partial sums
#define PREFETCH_ROWS 8           // a tile ahead: the processor's own prefetch does not detect rows this short

// Reads those of the elements at..at+15 of a row that the mask selects.
INLINE __m512 widen(enum tern_dtype dtype, const uint8_t *row, uint32_t at, __mmask16 mask) {
    if (dtype == TERN_DTYPE_F32) {
        return _mm512_maskz_loadu_ps(mask, row + 4 * (size_t)at);
    }
    const __m256i halves = _mm256_maskz_loadu_epi16(mask, row + 2 * (size_t)at);
    return dtype == TERN_DTYPE_F16 ? _mm512_cvtph_ps(halves)
                                   : _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

INLINE float tree(__m512 x) {
    return tern_head_tree(_mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1)));
}

INLINE void tile(const struct tern_head *head, enum tern_dtype dtype, uint32_t row, uint32_t rows, uint32_t vector,
                 uint32_t vectors) {
    const size_t element_bytes = dtype == TERN_DTYPE_F32 ? 4 : 2, row_bytes = element_bytes * head->length;
    const uint8_t *data = (const uint8_t *)head->tensor->data + row * row_bytes;
    __m512 sum[8][4];
    for (uint32_t r = 0; r < rows; r++) {
        for (uint32_t v = 0; v < vectors; v++) {
            sum[r][v] = _mm512_setzero_ps();
        }
    }
    for (uint32_t at = 0; at < head->length; at += WIDE) {
        const uint32_t left = head->length - at;
        const __mmask16 mask = left >= WIDE ? 0xffff : (__mmask16)((1u << left) - 1);
        for (uint32_t r = 0; r < rows; r++) {
            if (rows > 1) {
                _mm_prefetch((const char *)data + r * row_bytes + element_bytes * at + PREFETCH_ROWS * row_bytes,
                             _MM_HINT_T0);
            }
            const __m512 weights = widen(dtype, data + r * row_bytes, at, mask);
            for (uint32_t v = 0; v < vectors; v++) {
                const __m512 hidden = _mm512_maskz_loadu_ps(mask, head->hidden[vector + v] + at);
                sum[r][v] = _mm512_mask_add_ps(sum[r][v], mask, sum[r][v], _mm512_mul_ps(weights, hidden));
            }
        }
    }
    for (uint32_t r = 0; r < rows; r++) {
        for (uint32_t v = 0; v < vectors; v++) {
            head->logits[vector + v][row + r] = tree(sum[r][v]);
        }
    }
}

INLINE void run_rows(const struct tern_head *head, enum tern_dtype dtype, uint32_t first, uint32_t count) {
    uint32_t row = first;
    for (; row + 8 <= first + count && head->vectors == 1; row += 8) {
        tile(head, dtype, row, 8, 0, 1);
    }
    for (; row + 4 <= first + count && head->vectors > 1; row += 4) {
        uint32_t vector = 0;
        for (; vector + 4 <= head->vectors; vector += 4) {
            tile(head, dtype, row, 4, vector, 4);
        }
        for (; vector < head->vectors; vector++) {
            tile(head, dtype, row, 4, vector, 1);
        }
    }
    for (; row < first + count; row++) {
        for (uint32_t vector = 0; vector < head->vectors; vector++) {
            tile(head, dtype, row, 1, vector, 1);
        }
    }
}

TARGET static void rows(const struct tern_head *head, uint32_t first, uint32_t count) {
    TERN_HEAD_BY_DTYPE(run_rows, head, first, count);
}

const struct tern_head_kernel *tern_head_avx512(void) {
    static const struct tern_head_kernel kernel = {rows};
    return tern_processor_has(TERN_PROCESSOR_AVX512) ? &kernel : NULL;
}
#else
const struct tern_head_kernel *tern_head_avx512(void) {
    return NULL;
}
#endif
