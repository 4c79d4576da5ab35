// SPDX-License-Identifier: Apache-2.0
// In place of the compiler's header: SIMDe's portable functions, and those that SIMDe 0.7 lacks. A kernel compiled
// with it runs on processors without its instructions.
#ifndef TERN_EMULATED_IMMINTRIN_H
#define TERN_EMULATED_IMMINTRIN_H

#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/clmul.h>
#include <simde/x86/sse4.2.h>
#include <string.h>

// The compiler must not use the instructions either, and every processor will do.
#define target(features)
#define tern_processor_has(feature) true

typedef simde__mmask8 __mmask8;
typedef simde__mmask16 __mmask16;
typedef simde__mmask64 __mmask64;

#define _MM_PERM_DDBB 0xf5

// The elements of a register.
union tern_emulated {
    __m512i all;
    uint8_t u8[64];
    uint32_t u32[16];
    uint64_t u64[8];
    int64_t i64[8];
};

#define EMULATED static inline __attribute__((unused))
#define EACH(count) for (unsigned i = 0; i < (count); i++)

EMULATED __m512i tern_mm512_cvtepu8_epi32(simde__m128i bytes) {
    uint8_t from[16];
    union tern_emulated to;
    simde_mm_storeu_si128((void *)from, bytes);
    EACH(16) to.u32[i] = from[i];
    return to.all;
}

EMULATED double tern_mm512_reduce_add_pd(__m512d x) {
    double part[8], sum = 0;
    simde_mm512_storeu_pd(part, x);
    EACH(8) sum += part[i];
    return sum;
}

EMULATED uint32_t tern_mm512_reduce_max_epu32(__m512i x) {
    const union tern_emulated from = {x};
    uint32_t most = 0;
    EACH(16) most = from.u32[i] > most ? from.u32[i] : most;
    return most;
}

EMULATED uint32_t tern_mm512_reduce_min_epu32(__m512i x) {
    const union tern_emulated from = {x};
    uint32_t least = UINT32_MAX;
    EACH(16) least = from.u32[i] < least ? from.u32[i] : least;
    return least;
}

EMULATED simde__m256 tern_mm512_cvtepi64_ps(__m512i x) {
    const union tern_emulated from = {x};
    float to[8];
    EACH(8) to[i] = (float)from.i64[i];
    return simde_mm256_loadu_ps(to);
}

EMULATED __m512i tern_mm512_i32gather_epi32(__m512i places, const void *base, int scale) {
    const union tern_emulated place = {places};
    union tern_emulated to;
    EACH(16) memcpy(&to.u32[i], (const uint8_t *)base + (int64_t)(int32_t)place.u32[i] * scale, 4);
    return to.all;
}

EMULATED __m512i tern_mm512_lzcnt_epi64(__m512i x) {
    const union tern_emulated from = {x};
    union tern_emulated to;
    EACH(8) to.i64[i] = from.u64[i] ? __builtin_clzll(from.u64[i]) : 64;
    return to.all;
}

EMULATED __mmask8 tern_mm512_cmplt_epi64_mask(__m512i x, __m512i y) {
    const union tern_emulated a = {x}, b = {y};
    __mmask8 mask = 0;
    EACH(8) mask |= (__mmask8)((a.i64[i] < b.i64[i]) << i);
    return mask;
}

EMULATED __mmask8 tern_mm512_mask_cmplt_epu64_mask(__mmask8 some, __m512i x, __m512i y) {
    const union tern_emulated a = {x}, b = {y};
    __mmask8 mask = 0;
    EACH(8) mask |= (__mmask8)((a.u64[i] < b.u64[i]) << i);
    return mask & some;
}

EMULATED void tern_mm512_mask_storeu_epi64(void *to, __mmask8 mask, __m512i x) {
    const union tern_emulated from = {x};
    EACH(8) if (mask >> i & 1) memcpy((uint64_t *)to + i, &from.u64[i], 8);
}

EMULATED void tern_mm512_mask_storeu_ps(float *to, __mmask16 mask, simde__m512 x) {
    float from[16];
    simde_mm512_storeu_ps(from, x);
    EACH(16) if (mask >> i & 1) to[i] = from[i];
}

EMULATED __m512i tern_mm512_maskz_loadu_epi64(__mmask8 mask, const void *from) {
    union tern_emulated to = {simde_mm512_setzero_si512()};
    EACH(8) if (mask >> i & 1) memcpy(&to.u64[i], (const uint64_t *)from + i, 8);
    return to.all;
}

EMULATED __m512i tern_mm512_maskz_loadu_epi8(__mmask64 mask, const void *from) {
    union tern_emulated to = {simde_mm512_setzero_si512()};
    EACH(64) if (mask >> i & 1) to.u8[i] = ((const uint8_t *)from)[i];
    return to.all;
}

EMULATED __m512i tern_mm512_shuffle_epi32(__m512i x, unsigned order) {
    const union tern_emulated from = {x};
    union tern_emulated to;
    EACH(16) to.u32[i] = from.u32[i / 4 * 4 + (order >> 2 * (i % 4) & 3)];
    return to.all;
}

EMULATED __m512i tern_mm512_srav_epi64(__m512i x, __m512i counts) {
    const union tern_emulated from = {x}, count = {counts};
    union tern_emulated to;
    EACH(8) to.i64[i] = from.i64[i] >> (count.u64[i] < 64 ? count.u64[i] : 63);
    return to.all;
}

EMULATED __m512i tern_mm512_srai_epi64(__m512i x, unsigned count) {
    return tern_mm512_srav_epi64(x, simde_mm512_set1_epi64(count));
}

// Names last: a later SIMDe has some of these functions itself, as macros.
#undef _mm512_cvtepu8_epi32
#define _mm512_cvtepu8_epi32 tern_mm512_cvtepu8_epi32
#undef _mm512_reduce_add_pd
#define _mm512_reduce_add_pd tern_mm512_reduce_add_pd
#undef _mm512_reduce_max_epu32
#define _mm512_reduce_max_epu32 tern_mm512_reduce_max_epu32
#undef _mm512_reduce_min_epu32
#define _mm512_reduce_min_epu32 tern_mm512_reduce_min_epu32
#undef _mm512_cvtepi64_ps
#define _mm512_cvtepi64_ps tern_mm512_cvtepi64_ps
#undef _mm512_i32gather_epi32
#define _mm512_i32gather_epi32 tern_mm512_i32gather_epi32
#undef _mm512_lzcnt_epi64
#define _mm512_lzcnt_epi64 tern_mm512_lzcnt_epi64
#undef _mm512_cmplt_epi64_mask
#define _mm512_cmplt_epi64_mask tern_mm512_cmplt_epi64_mask
#undef _mm512_mask_cmplt_epu64_mask
#define _mm512_mask_cmplt_epu64_mask tern_mm512_mask_cmplt_epu64_mask
#undef _mm512_mask_storeu_epi64
#define _mm512_mask_storeu_epi64 tern_mm512_mask_storeu_epi64
#undef _mm512_mask_storeu_ps
#define _mm512_mask_storeu_ps tern_mm512_mask_storeu_ps
#undef _mm512_maskz_loadu_epi64
#define _mm512_maskz_loadu_epi64 tern_mm512_maskz_loadu_epi64
#undef _mm512_maskz_loadu_epi8
#define _mm512_maskz_loadu_epi8 tern_mm512_maskz_loadu_epi8
#undef _mm512_shuffle_epi32
#define _mm512_shuffle_epi32 tern_mm512_shuffle_epi32
#undef _mm512_srav_epi64
#define _mm512_srav_epi64 tern_mm512_srav_epi64
#undef _mm512_srai_epi64
#define _mm512_srai_epi64 tern_mm512_srai_epi64

#endif
