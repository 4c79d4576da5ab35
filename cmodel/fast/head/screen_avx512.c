// SPDX-License-Identifier: Apache-2.0
// VPDPBUSD multiplies unsigned by signed bytes. One use takes the mantissas' low bytes and the weights. The other takes
// the weights + 128 and the mantissas' high bytes. All rows share one correction for the 128.
#include "cmodel/fast/processor.h"
#include "cmodel/fast/head/screen_kernel.h"

#if defined(TERN_X86)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vnni")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define PREFETCH_BYTES 8192 // ahead

INLINE float row_dot(const int8_t *weights, uint32_t columns, const struct tern_screen_vector *vector) {
    const __m512i bias = _mm512_set1_epi8(-128);
    __m512i high_sum = _mm512_setzero_si512(), low_sum = high_sum;
    for (uint32_t at = 0; at < columns; at += TERN_SCREEN_COLUMNS) {
        const __m512i row = _mm512_load_si512(weights + at);
        _mm_prefetch((const char *)weights + at + PREFETCH_BYTES, _MM_HINT_T0);
        low_sum = _mm512_dpbusd_epi32(low_sum, _mm512_loadu_si512(vector->low + at), row);
        high_sum = _mm512_dpbusd_epi32(high_sum, _mm512_xor_si512(row, bias), _mm512_loadu_si512(vector->high + at));
    }
    const int64_t sum = _mm512_reduce_add_epi32(high_sum) - 128 * vector->high_sum;
    return (float)(256 * sum + _mm512_reduce_add_epi32(low_sum));
}

TARGET static void dots(const int8_t *weights, uint32_t columns, const struct tern_screen_vector *vector,
                        float dot[TERN_SCREEN_ROWS]) {
    for (unsigned row = 0; row < TERN_SCREEN_ROWS; row++, weights += columns) {
        dot[row] = row_dot(weights, columns, vector);
    }
}

TARGET static float quantize(const struct tern_screen_row *row, float *weights, double squares[2]) {
    return tern_screen_quantize(row, weights, squares);
}

const struct tern_screen_kernel *tern_screen_avx512(void) {
    static const struct tern_screen_kernel kernel = {dots, quantize};
    return tern_processor_has(TERN_PROCESSOR_AVX512_VNNI) ? &kernel : NULL;
}
#else
const struct tern_screen_kernel *tern_screen_avx512(void) {
    return NULL;
}
#endif
