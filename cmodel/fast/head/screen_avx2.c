// SPDX-License-Identifier: Apache-2.0
// Weights are widened to 16 bits. VPMADDWD adds two products in 24 bits, so 128 of its sums fit 32 bits.
#include "cmodel/fast/processor.h"
#include "cmodel/fast/head/screen_kernel.h"

#if defined(TERN_X86)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define PREFETCH_BYTES 8192 // ahead
#define PIECE 2048u         // columns until the 32-bit sums are full

INLINE int64_t sum_of(__m256i x) {
    const __m256i wide = _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(x)),
                                          _mm256_cvtepi32_epi64(_mm256_extracti128_si256(x, 1)));
    const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    return _mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1);
}

INLINE int64_t piece_dot(const int8_t *weights, const int16_t *mantissas, uint32_t count) {
    __m256i sum = _mm256_setzero_si256();
    for (uint32_t at = 0; at < count; at += TERN_SCREEN_COLUMNS) {
        _mm_prefetch((const char *)weights + at + PREFETCH_BYTES, _MM_HINT_T0);
        for (uint32_t i = at; i < at + TERN_SCREEN_COLUMNS; i += 16) {
            const __m256i row = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(const void *)(weights + i)));
            const __m256i vector = _mm256_loadu_si256((const __m256i *)(const void *)(mantissas + i));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(row, vector));
        }
    }
    return sum_of(sum);
}

TARGET static void dots(const int8_t *weights, uint32_t columns, const struct tern_screen_vector *vector,
                        float dot[TERN_SCREEN_ROWS]) {
    for (unsigned row = 0; row < TERN_SCREEN_ROWS; row++, weights += columns) {
        int64_t total = 0;
        for (uint32_t at = 0; at < columns; at += PIECE) {
            const uint32_t left = columns - at;
            total += piece_dot(weights + at, vector->mantissas + at, left < PIECE ? left : PIECE);
        }
        dot[row] = (float)total;
    }
}

TARGET static float quantize(const struct tern_screen_row *row, float *weights, double squares[2]) {
    return tern_screen_quantize(row, weights, squares);
}

const struct tern_screen_kernel *tern_screen_avx2(void) {
    static const struct tern_screen_kernel kernel = {dots, quantize};
    return tern_processor_has(TERN_PROCESSOR_AVX2) ? &kernel : NULL;
}
#else
const struct tern_screen_kernel *tern_screen_avx2(void) {
    return NULL;
}
#endif
