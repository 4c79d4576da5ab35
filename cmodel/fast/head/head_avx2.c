// SPDX-License-Identifier: Apache-2.0
// The kernel of head_avx512.c with two registers for the 16 partial sums. Zeros fill up the elements after the last
// whole 16. A partial sum is never -0, so adding +0 changes nothing.
#include "cmodel/fast/head/head_kernel.h"

#if defined(TERN_X86)
#include <string.h>

#define TARGET __attribute__((target("avx2,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define WIDE TERN_REDUCTION_PARTS // partial sums
#define PREFETCH_ROWS 4           // a tile ahead

// Reads eight elements.
INLINE __m256 widen(enum tern_dtype dtype, const uint8_t *from) {
    if (dtype == TERN_DTYPE_F32) {
        return _mm256_loadu_ps((const float *)(const void *)from);
    }
    const __m128i halves = _mm_loadu_si128((const __m128i *)(const void *)from);
    return dtype == TERN_DTYPE_F16 ? _mm256_cvtph_ps(halves)
                                   : _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

INLINE float tree(const __m256 x[2]) {
    return tern_head_tree(_mm256_add_ps(x[0], x[1]));
}

INLINE void add_products(enum tern_dtype dtype, const uint8_t *row, const float *hidden, __m256 sum[2]) {
    const size_t element_bytes = dtype == TERN_DTYPE_F32 ? 4 : 2;
    for (unsigned half = 0; half < 2; half++) {
        const __m256 weights = widen(dtype, row + 8 * half * element_bytes);
        sum[half] = _mm256_add_ps(sum[half], _mm256_mul_ps(weights, _mm256_loadu_ps(hidden + 8 * half)));
    }
}

INLINE void tile(const struct tern_head *head, enum tern_dtype dtype, uint32_t row, uint32_t rows, uint32_t vector) {
    const size_t element_bytes = dtype == TERN_DTYPE_F32 ? 4 : 2, row_bytes = element_bytes * head->length;
    const uint8_t *data = (const uint8_t *)head->tensor->data + row * row_bytes;
    const float *hidden = head->hidden[vector];
    const uint32_t whole = head->length - head->length % WIDE, left = head->length - whole;
    __m256 sum[4][2];
    for (uint32_t r = 0; r < rows; r++) {
        sum[r][0] = sum[r][1] = _mm256_setzero_ps();
    }
    for (uint32_t at = 0; at < whole; at += WIDE) {
        for (uint32_t r = 0; r < rows; r++) {
            if (rows > 1) {
                _mm_prefetch((const char *)data + (r + PREFETCH_ROWS) * row_bytes + at * element_bytes, _MM_HINT_T0);
            }
            add_products(dtype, data + r * row_bytes + at * element_bytes, hidden + at, sum[r]);
        }
    }
    for (uint32_t r = 0; r < rows && left; r++) {
        uint8_t last_row[4 * WIDE] = {0};
        float last_hidden[WIDE] = {0};
        memcpy(last_row, data + r * row_bytes + whole * element_bytes, left * element_bytes);
        memcpy(last_hidden, hidden + whole, left * sizeof *hidden);
        add_products(dtype, last_row, last_hidden, sum[r]);
    }
    for (uint32_t r = 0; r < rows; r++) {
        head->logits[vector][row + r] = tree(sum[r]);
    }
}

INLINE void run_rows(const struct tern_head *head, enum tern_dtype dtype, uint32_t first, uint32_t count) {
    uint32_t row = first;
    for (; row + 4 <= first + count; row += 4) {
        for (uint32_t vector = 0; vector < head->vectors; vector++) {
            tile(head, dtype, row, 4, vector);
        }
    }
    for (; row < first + count; row++) {
        for (uint32_t vector = 0; vector < head->vectors; vector++) {
            tile(head, dtype, row, 1, vector);
        }
    }
}

TARGET static void rows(const struct tern_head *head, uint32_t first, uint32_t count) {
    TERN_HEAD_BY_DTYPE(run_rows, head, first, count);
}

const struct tern_head_kernel *tern_head_avx2(void) {
    static const struct tern_head_kernel kernel = {rows};
    return tern_processor_has(TERN_PROCESSOR_AVX2) ? &kernel : NULL;
}
#else
const struct tern_head_kernel *tern_head_avx2(void) {
    return NULL;
}
#endif
