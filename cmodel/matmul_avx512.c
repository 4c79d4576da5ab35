// SPDX-License-Identifier: Apache-2.0
// A strip in 512-bit registers: 64 bytes of a plane (4 groups) become five rows of trits with five byte permutations,
// levels are multiplied as 16-bit words, 16 group sums a row are transposed into one register and meet their steps in
// double precision. The checksum is folded 64 bytes at a time from the registers that are being decoded.
#include "cmodel/matmul_plan.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define TARGET                                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vnni,gfni,vpclmulqdq,sse4.2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define ROWS TERN_STRIP_ROWS
#define CHUNKS 4u // of 4 groups = 64 bytes of a plane, a block

// Matrices of gf2p8affineqb for the two parts of a byte (struct tern_digit_table).
#define SHORT_TO_DIGITS_0_TO_2 0x0102204080000000 // out bits 4..0 = bits 7, 6, 5, 1, 0
#define BITS_7_TO_5 0x2040800000000000            // out bits 2..0 = bits 7..5

// x^575 and x^511 modulo the polynomial, reflected: a 64-byte block moved on by 64 bytes.
#define FOLD_LOW 0x1c19243b00000000
#define FOLD_HIGH 0x75bba45b00000000

// *is_long: bytes whose digits 3 and 4 are in bits 7..5.
INLINE void split(__m512i bytes, __m512i *digits_0_to_2, __m512i *digits_3_and_4, __mmask64 *is_long) {
    const __m512i bits = _mm512_set1_epi8(TERN_SHORT_BITS);
    *is_long = _mm512_cmpneq_epi8_mask(_mm512_and_si512(bytes, bits), bits);
    *digits_0_to_2 =
        _mm512_mask_gf2p8affine_epi64_epi8(bytes, ~*is_long, bytes, _mm512_set1_epi64(SHORT_TO_DIGITS_0_TO_2), 0);
    *digits_3_and_4 = _mm512_gf2p8affine_epi64_epi8(bytes, _mm512_set1_epi64(BITS_7_TO_5), 0);
}

INLINE void add_plane(const struct tern_digit_table *table, __m512i bytes, __m512i levels[ROWS]) {
    __m512i low, high;
    __mmask64 is_long;
    split(bytes, &low, &high, &is_long);
    for (unsigned row = 0; row < ROWS; row++) {
        const __m512i entries = _mm512_loadu_si512(table->row[row]);
        // Digit 2 is trit -1, plus one is 0.
        const __m512i weighted =
            row < 3 ? _mm512_permutexvar_epi8(low, entries) : _mm512_maskz_permutexvar_epi8(is_long, high, entries);
        levels[row] = _mm512_add_epi8(levels[row], weighted);
    }
}

INLINE __m512i fold(__m512i crc, __m512i bytes) {
    const __m512i constants = _mm512_set_epi64((long long)FOLD_HIGH, FOLD_LOW, (long long)FOLD_HIGH, FOLD_LOW,
                                               (long long)FOLD_HIGH, FOLD_LOW, (long long)FOLD_HIGH, FOLD_LOW);
    const __m512i low = _mm512_clmulepi64_epi128(crc, constants, 0x00);
    const __m512i high = _mm512_clmulepi64_epi128(crc, constants, 0x11);
    return _mm512_ternarylogic_epi64(low, high, bytes, 0x96);
}

// The folded block's remainder; `of_zeros` stands for initial value and complement over the segment's length.
INLINE uint32_t crc_finish(__m512i folded, uint32_t of_zeros) {
    uint64_t words[8];
    uint64_t crc = 0;
    _mm512_storeu_si512(words, folded);
    for (unsigned i = 0; i < 8; i++) {
        crc = _mm_crc32_u64(crc, words[i]);
    }
    return (uint32_t)crc ^ of_zeros;
}

// Four chunks' sums of 4 parts a group to one register: element 4 x group + chunk.
INLINE __m512i transpose_add(const __m512i parts[CHUNKS]) {
    const __m512i low =
        _mm512_add_epi32(_mm512_unpacklo_epi32(parts[0], parts[1]), _mm512_unpackhi_epi32(parts[0], parts[1]));
    const __m512i high =
        _mm512_add_epi32(_mm512_unpacklo_epi32(parts[2], parts[3]), _mm512_unpackhi_epi32(parts[2], parts[3]));
    return _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
}

// Steps of a block's 16 groups, one register a row, in the order of transpose_add.
INLINE void block_steps(const struct tern_matmul_plan *plan, const uint8_t *codes, __m512 result[ROWS]) {
    const __m512i places = _mm512_set1_epi32(0x00010309);
    const __m512 first = _mm512_loadu_ps(plan->steps), second = _mm512_loadu_ps(plan->steps + 16);
    __m512i low, high;
    __mmask64 is_long;
    split(_mm512_permutexvar_epi8(_mm512_loadu_si512(plan->code_order), _mm512_loadu_si512(codes)), &low, &high,
          &is_long);
    for (unsigned row = 0; row < ROWS; row++) {
        const __m512i entries = _mm512_loadu_si512(plan->tables->code_digits.row[row]);
        const __m512i digits = row < 3 ? _mm512_permutexvar_epi8(low, entries)
                                       : _mm512_mask_permutexvar_epi8(_mm512_set1_epi8(2), is_long, high, entries);
        const __m512i code = _mm512_dpbusd_epi32(_mm512_setzero_si512(), digits, places);
        result[row] = _mm512_permutex2var_ps(first, code, second);
    }
}

struct accumulators {
    __m512d sum[ROWS], bound[ROWS];
};

// One row of one vector: 16 group sums, bias still inside, into the accumulators.
INLINE void add_terms(__m512i sums, __m512 steps, const struct tern_matmul_operand *operand, size_t at, __m512d *sum,
                      __m512d *bound) {
    sums = _mm512_sub_epi32(sums, _mm512_loadu_si512(operand->bias + at));
    for (unsigned half = 0; half < 2; half++) {
        const __m512d step = _mm512_cvtps_pd(half ? _mm512_extractf32x8_ps(steps, 1) : _mm512_castps512_ps256(steps));
        const __m256i part = half ? _mm512_extracti32x8_epi32(sums, 1) : _mm512_castsi512_si256(sums);
        const __m512d scaled = _mm512_mul_pd(_mm512_cvtepi32_pd(part), _mm512_loadu_pd(operand->scale + at + 8 * half));
        *sum = _mm512_fmadd_pd(scaled, step, *sum);
        *bound = _mm512_fmadd_pd(_mm512_loadu_pd(operand->bound + at + 8 * half), step, *bound);
    }
}

// Everything about a strip that the vectors share.
struct strip {
    const uint8_t *codes, *planes;
    size_t plane_bytes, prefetch_bytes;
};

// Levels of a block as words, and the planes' checksums; chunks beyond the strip's end are left out.
INLINE void block_levels(const struct tern_matmul_plan *plan, const struct strip *strip, unsigned depth, size_t block,
                         unsigned chunks, __m512i levels[CHUNKS][ROWS][2], __m512i crc[TERN_MAX_DEPTH]) {
    const __m512i zero = _mm512_setzero_si512();
    // Unrolled, here or over the planes, a block is too much code for the processor's front end: a quarter slower.
#pragma GCC unroll 1
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        __m512i bytes[ROWS] = {zero, zero, zero, zero, zero};
        for (unsigned plane = 0; plane < depth && chunk < chunks; plane++) {
            const uint8_t *from = strip->planes + plane * strip->plane_bytes + block * TERN_BLOCK_COLUMNS + 64 * chunk;
            const __m512i data = _mm512_loadu_si512(from);
            _mm_prefetch((const char *)from + strip->prefetch_bytes, _MM_HINT_T0);
            crc[plane] = fold(crc[plane], data);
            add_plane(&plan->tables->plane_trits[depth - 1 - plane], data, bytes);
        }
        for (unsigned row = 0; row < ROWS; row++) {
            levels[chunk][row][0] = _mm512_unpacklo_epi8(bytes[row], zero);
            levels[chunk][row][1] = _mm512_unpackhi_epi8(bytes[row], zero);
        }
    }
}

INLINE void block_vector(const struct tern_matmul_operand *operand, size_t block, __m512i levels[CHUNKS][ROWS][2],
                         const __m512 steps[ROWS], struct accumulators *to) {
    const int16_t *mantissas = operand->mantissas + block * TERN_BLOCK_COLUMNS;
    for (unsigned row = 0; row < ROWS; row++) {
        __m512i parts[CHUNKS];
        for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
            const __m512i first = _mm512_dpwssd_epi32(_mm512_setzero_si512(), levels[chunk][row][0],
                                                      _mm512_loadu_si512(mantissas + 64 * chunk));
            parts[chunk] =
                _mm512_dpwssd_epi32(first, levels[chunk][row][1], _mm512_loadu_si512(mantissas + 64 * chunk + 32));
        }
        add_terms(transpose_add(parts), steps[row], operand, block * TERN_BLOCK_GROUPS, &to->sum[row], &to->bound[row]);
    }
}

INLINE uint32_t codes_crc(const struct tern_matmul_plan *plan, const uint8_t *codes, size_t prefetch_bytes) {
    __m512i crc = _mm512_setzero_si512();
    for (size_t i = 0; i < plan->codes_bytes; i += 64) {
        _mm_prefetch((const char *)codes + i + prefetch_bytes, _MM_HINT_T0);
        crc = fold(crc, _mm512_loadu_si512(codes + i));
    }
    return crc_finish(crc, plan->codes_crc);
}

INLINE void run_strip(const struct tern_matmul_plan *plan, unsigned depth, unsigned vectors, const uint8_t *data,
                      struct tern_strip_sums *sums) {
    struct strip strip = {data, data + plan->codes_bytes, plan->plane_bytes, plan->strip_bytes};
    struct accumulators to[TERN_MAX_VECTORS];
    __m512i crc[TERN_MAX_DEPTH];
    for (unsigned plane = 0; plane < depth; plane++) {
        crc[plane] = _mm512_setzero_si512();
    }
    for (unsigned vector = 0; vector < vectors; vector++) {
        for (unsigned row = 0; row < ROWS; row++) {
            to[vector].sum[row] = to[vector].bound[row] = _mm512_setzero_pd();
        }
    }
    sums->crc[0] = codes_crc(plan, strip.codes, strip.prefetch_bytes);
    for (size_t block = 0; block < plan->blocks; block++) {
        __m512i levels[CHUNKS][ROWS][2];
        __m512 steps[ROWS];
        const unsigned groups_left = plan->job->groups - (unsigned)block * TERN_BLOCK_GROUPS;
        block_steps(plan, strip.codes + block * TERN_BLOCK_GROUPS * TERN_CODE_BYTES, steps);
        if (groups_left >= TERN_BLOCK_GROUPS) {
            block_levels(plan, &strip, depth, block, CHUNKS, levels, crc);
        } else {
            block_levels(plan, &strip, depth, block, groups_left / 4, levels, crc);
        }
        for (unsigned vector = 0; vector < vectors; vector++) {
            block_vector(&plan->operand[vector], block, levels, steps, &to[vector]);
        }
    }
    for (unsigned plane = 0; plane < depth; plane++) {
        sums->crc[plane + 1] = crc_finish(crc[plane], plan->plane_crc);
    }
    for (unsigned vector = 0; vector < vectors; vector++) {
        for (unsigned row = 0; row < ROWS; row++) {
            sums->sum[vector][row] = _mm512_reduce_add_pd(to[vector].sum[row]);
            sums->bound[vector][row] = _mm512_reduce_add_pd(to[vector].bound[row]);
        }
    }
}

// One instance a depth, for one vector and for any number: depth and the single vector's sums stay in registers.
#define KERNEL(name, depth)                                                                                            \
    TARGET static void name(const struct tern_matmul_plan *plan, const uint8_t *data, struct tern_strip_sums *sums) {  \
        if (plan->job->vectors == 1) {                                                                                 \
            run_strip(plan, depth, 1, data, sums);                                                                     \
        } else {                                                                                                       \
            run_strip(plan, depth, plan->job->vectors, data, sums);                                                    \
        }                                                                                                              \
    }
KERNEL(kernel_1, 1)
KERNEL(kernel_2, 2)
KERNEL(kernel_3, 3)
KERNEL(kernel_4, 4)

tern_strip_kernel tern_matmul_avx512(unsigned depth) {
    static const tern_strip_kernel kernels[TERN_MAX_DEPTH] = {kernel_1, kernel_2, kernel_3, kernel_4};
    int is_supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni") &&
                       __builtin_cpu_supports("gfni") && __builtin_cpu_supports("vpclmulqdq") &&
                       __builtin_cpu_supports("sse4.2");
    return is_supported ? kernels[depth - 1] : NULL;
}
#else
tern_strip_kernel tern_matmul_avx512(unsigned depth) {
    (void)depth;
    return NULL;
}
#endif
