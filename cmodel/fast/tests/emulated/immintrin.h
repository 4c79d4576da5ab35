// SPDX-License-Identifier: Apache-2.0
// In place of the compiler's header: SIMDe's portable functions, and two that SIMDe 0.7 lacks. A kernel compiled with
// it runs on processors without its instructions.
#ifndef TERN_EMULATED_IMMINTRIN_H
#define TERN_EMULATED_IMMINTRIN_H

#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/clmul.h>
#include <simde/x86/sse4.2.h>

// The compiler must not use the instructions either, and every processor will do.
#define target(features)
#define tern_processor_has(feature) true

static inline __m512i _mm512_cvtepu8_epi32(simde__m128i bytes) {
    uint8_t from[16];
    uint32_t to[16];
    simde_mm_storeu_si128((void *)from, bytes);
    for (unsigned i = 0; i < 16; i++) {
        to[i] = from[i];
    }
    return simde_mm512_loadu_si512(to);
}

static inline double _mm512_reduce_add_pd(__m512d x) {
    double part[8], sum = 0;
    simde_mm512_storeu_pd(part, x);
    for (unsigned i = 0; i < 8; i++) {
        sum += part[i];
    }
    return sum;
}

#endif
