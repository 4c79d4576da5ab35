// SPDX-License-Identifier: Apache-2.0
// Computes a strip in 512-bit registers. 256 bytes of a plane (16 groups) are transposed: each 32-bit word then holds
// four columns of one group. Five byte permutations give the levels of the rows. A mantissa is 256 x a signed byte + an
// unsigned byte. Two byte products a quarter therefore sum a group in its word. A sum becomes a double by writing it
// into the fraction of 2^52 x 2^shift. The checksum is folded 64 bytes at a time.
#include "cmodel/fast/matmul_plan.h"
#include "cmodel/fast/processor.h"

#if defined(TERN_X86)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vnni,vpclmulqdq,sse4.2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define ROWS TERN_STRIP_ROWS
#define PANEL_GROUPS 16u
#define PANEL_BYTES (PANEL_GROUPS * TERN_GROUP_COLUMNS) // of a plane
#define CHUNKS 4u                                       // of 4 groups = 64 bytes of a plane, a panel
#define QUARTERS 4u                                     // of 4 columns, a group
#define HALVES 2u // of a panel's 16 words as doubles: 0, 1, 4, 5, 8, 9, 12, 13 and the others

#define STRIPS_AHEAD 3u // a strip is prefetched that many strips before its use

#define SIGN 0x80000000u

// x^575 and x^511 modulo the polynomial, reflected. They move 64 bytes on by 64 bytes.
#define FOLD_LOW 0x1c19243b00000000
#define FOLD_HIGH 0x75bba45b00000000

// A panel of a vector. Word `slot` is group tern_panel_group(PANEL_GROUPS, slot). VPDPBUSD takes the levels plus the
// largest level as signed bytes.
#define LEVELS_FIT (2 * TERN_LARGEST_LEVEL <= 127)
struct panel {
    uint8_t low[QUARTERS][64]; // [columns 4q..4q+3][slot][4], mantissa = 256 x high + low
    int8_t high[QUARTERS][64];
    uint32_t exponent[PANEL_GROUPS]; // TERN_EXPONENT_OF_52 + shift
    double offset[HALVES][8];        // (2^52 + 2^31 + the group sum if all levels are the largest) x 2^shift
    double bound[8]; // the largest magnitude of 2^shift x group sum, of the two groups that an element adds up
};

INLINE __m512i set32(uint32_t value) {
    return _mm512_set1_epi32((int)value);
}

// Transposes chunks of 4 groups x 16 columns to quarters of 16 groups x 4 columns.
INLINE void transpose(const __m512i chunk[CHUNKS], __m512i quarter[QUARTERS]) {
    const __m512i first = _mm512_unpacklo_epi32(chunk[0], chunk[1]), second = _mm512_unpackhi_epi32(chunk[0], chunk[1]);
    const __m512i third = _mm512_unpacklo_epi32(chunk[2], chunk[3]), fourth = _mm512_unpackhi_epi32(chunk[2], chunk[3]);
    quarter[0] = _mm512_unpacklo_epi64(first, third);
    quarter[1] = _mm512_unpackhi_epi64(first, third);
    quarter[2] = _mm512_unpacklo_epi64(second, fourth);
    quarter[3] = _mm512_unpackhi_epi64(second, fourth);
}

// 16 pairs: the high and low word of a double.
INLINE void doubles(__m512i low, __m512i high, __m512d result[HALVES]) {
    result[0] = _mm512_castsi512_pd(_mm512_unpacklo_epi32(low, high));
    result[1] = _mm512_castsi512_pd(_mm512_unpackhi_epi32(low, high));
}

INLINE __m512i bytes_of(__m512i first, __m512i second) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi16_epi8(first)), _mm512_cvtepi16_epi8(second), 1);
}

// The low and high bytes of a panel's words, or of their magnitudes.
INLINE void split_words(const int16_t *words, unsigned groups, bool is_magnitude, __m512i low[QUARTERS],
                        __m512i high[QUARTERS]) {
    __m512i lows[CHUNKS], highs[CHUNKS];
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        __m512i first = _mm512_setzero_si512(), second = first;
        if (4 * chunk < groups) {
            first = _mm512_loadu_si512(words + 64 * chunk);
            second = _mm512_loadu_si512(words + 64 * chunk + 32);
        }
        first = is_magnitude ? _mm512_abs_epi16(first) : first;
        second = is_magnitude ? _mm512_abs_epi16(second) : second;
        lows[chunk] = bytes_of(first, second);
        highs[chunk] = bytes_of(_mm512_srli_epi16(first, 8), _mm512_srli_epi16(second, 8));
    }
    transpose(lows, low);
    transpose(highs, high);
}

// Sums of the groups' mantissas, or of their magnitudes.
INLINE __m512i group_sums(const __m512i low[QUARTERS], const __m512i high[QUARTERS], bool is_magnitude) {
    const __m512i ones = _mm512_set1_epi8(1);
    __m512i low_sum = _mm512_setzero_si512(), high_sum = low_sum;
    for (unsigned quarter = 0; quarter < QUARTERS; quarter++) {
        low_sum = _mm512_dpbusd_epi32(low_sum, low[quarter], ones);
        high_sum = is_magnitude ? _mm512_dpbusd_epi32(high_sum, high[quarter], ones) // 128 is not a signed byte
                                : _mm512_dpbusd_epi32(high_sum, ones, high[quarter]);
    }
    return _mm512_add_epi32(_mm512_slli_epi32(high_sum, 8), low_sum);
}

// The high words of the doubles 2^52 x 2^shift.
INLINE __m512i exponents(const uint8_t *shifts, unsigned groups) {
    uint8_t shift[PANEL_GROUPS];
    tern_panel_shifts(PANEL_GROUPS, shifts, groups, shift);
    const __m512i wide = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)shift));
    return _mm512_add_epi32(_mm512_slli_epi32(wide, 20), set32(TERN_EXPONENT_OF_52));
}

TARGET static void fill(const struct tern_matmul_plan *plan, const int16_t *mantissas, const uint8_t *shifts,
                        unsigned groups, void *to) {
    const __m512i largest = set32((uint32_t)tern_plan_largest_level(plan)), exponent = exponents(shifts, groups);
    struct panel *panel = to;
    __m512i low[QUARTERS], high[QUARTERS];
    __m512d offset[HALVES], bound[HALVES], zero[HALVES];
    split_words(mantissas, groups, false, low, high);
    for (unsigned quarter = 0; quarter < QUARTERS; quarter++) {
        _mm512_storeu_si512(panel->low[quarter], low[quarter]);
        _mm512_storeu_si512(panel->high[quarter], high[quarter]);
    }
    const __m512i sum = group_sums(low, high, false);
    split_words(mantissas, groups, true, low, high);
    const __m512i magnitude = group_sums(low, high, true);
    doubles(_mm512_add_epi32(_mm512_mullo_epi32(sum, largest), set32(SIGN)), exponent, offset);
    doubles(_mm512_mullo_epi32(magnitude, largest), exponent, bound);
    doubles(_mm512_setzero_si512(), exponent, zero);
    _mm512_storeu_si512(panel->exponent, exponent);
    for (unsigned half = 0; half < HALVES; half++) {
        _mm512_storeu_pd(panel->offset[half], offset[half]);
        bound[half] = _mm512_sub_pd(bound[half], zero[half]);
    }
    _mm512_storeu_pd(panel->bound, _mm512_max_pd(bound[0], bound[1]));
}

// Indexes into struct tern_digit_table for 64 bytes: one for digits 0..2, one for digits 3 and 4. The table ignores the
// upper two bits.
INLINE void indexes(__m512i bytes, __m512i *low, __m512i *high) {
    // Bits 4..2 of the first index by the byte's bits 7..2. They are bits 7..5 in the short form.
    static const _Alignas(64)
        uint8_t middle[64] = {0,  4,  8,  12, 16, 20, 24, 0,  0,  4,  8,  12, 16, 20, 24, 4,  0,  4,  8,  12, 16, 20,
                              24, 8,  0,  4,  8,  12, 16, 20, 24, 12, 0,  4,  8,  12, 16, 20, 24, 16, 0,  4,  8,  12,
                              16, 20, 24, 20, 0,  4,  8,  12, 16, 20, 24, 24, 0,  4,  8,  12, 16, 20, 24, 28};
    *high = _mm512_srli_epi16(bytes, 2);
    // Takes bits of `bytes` where the mask has ones.
    *low = _mm512_ternarylogic_epi32(_mm512_permutexvar_epi8(*high, _mm512_loadu_si512(middle)), bytes,
                                     _mm512_set1_epi8(3), 0xd8);
}

INLINE __m512i look_up(const struct tern_digit_table *table, unsigned row, __m512i low, __m512i high) {
    return row < 3 ? _mm512_permutexvar_epi8(low, _mm512_loadu_si512(table->low[row]))
                   : _mm512_permutexvar_epi8(high, _mm512_loadu_si512(table->high[row - 3]));
}

INLINE __m512i fold(__m512i crc, __m512i bytes) {
    const __m512i constants = _mm512_set_epi64((long long)FOLD_HIGH, FOLD_LOW, (long long)FOLD_HIGH, FOLD_LOW,
                                               (long long)FOLD_HIGH, FOLD_LOW, (long long)FOLD_HIGH, FOLD_LOW);
    const __m512i low = _mm512_clmulepi64_epi128(crc, constants, 0x00);
    const __m512i high = _mm512_clmulepi64_epi128(crc, constants, 0x11);
    return _mm512_ternarylogic_epi64(low, high, bytes, 0x96);
}

// The remainder of the folded 64 bytes. `of_zeros` is the checksum of as many zero bytes. It contains the initial value
// and the final complement.
INLINE uint32_t crc_finish(__m512i folded, uint32_t of_zeros) {
    uint64_t words[8];
    uint64_t crc = 0;
    _mm512_storeu_si512(words, folded);
    for (unsigned i = 0; i < 8; i++) {
        crc = _mm_crc32_u64(crc, words[i]);
    }
    return (uint32_t)crc ^ of_zeros;
}

// The steps of a panel's 16 groups.
INLINE void panel_steps(const struct tern_matmul_plan *plan, const uint8_t *codes, __m512d steps[ROWS][HALVES]) {
    // Three bytes of each slot's group and one to ignore.
    static const _Alignas(64)
        uint8_t order[64] = {0,  1,  2,  2,  12, 13, 14, 14, 24, 25, 26, 26, 36, 37, 38, 38, 3,  4,  5,  5,  15, 16,
                             17, 17, 27, 28, 29, 29, 39, 40, 41, 41, 6,  7,  8,  8,  18, 19, 20, 20, 30, 31, 32, 32,
                             42, 43, 44, 44, 9,  10, 11, 11, 21, 22, 23, 23, 33, 34, 35, 35, 45, 46, 47, 47};
    __m512i low, high;
    indexes(_mm512_permutexvar_epi8(_mm512_loadu_si512(order), _mm512_loadu_si512(codes)), &low, &high);
    for (unsigned row = 0; row < ROWS; row++) {
        const __m512i code = _mm512_dpbusd_epi32(
            _mm512_setzero_si512(), look_up(&plan->tables->plane_trits[0], row, low, high), set32(TERN_CODE_WEIGHTS));
        const __m512i low_word = _mm512_permutex2var_epi32(_mm512_loadu_si512(plan->step_low), code,
                                                           _mm512_loadu_si512(plan->step_low + 16));
        const __m512i high_word = _mm512_permutex2var_epi32(_mm512_loadu_si512(plan->step_high), code,
                                                            _mm512_loadu_si512(plan->step_high + 16));
        doubles(low_word, high_word, steps[row]);
    }
}

// The data of a strip that the vectors share.
struct strip {
    const uint8_t *codes, *planes;
    size_t plane_bytes;
    const char *ahead; // memory to prefetch
};

// Loads a panel of a plane by quarters. Chunks beyond the strip's end are zero.
INLINE void panel_plane(const uint8_t *from, unsigned chunks, __m512i quarters[QUARTERS]) {
    __m512i data[CHUNKS];
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        data[chunk] = chunk < chunks ? _mm512_loadu_si512(from + 64 * chunk) : _mm512_setzero_si512();
    }
    transpose(data, quarters);
}

// Computes the levels of a panel, plus the largest, and the planes' checksums. One port of the processor does
// carry-less products. Those of the first chunk go with the loads, the others among the permutations. This is 4 %
// faster than all products with the loads.
INLINE void panel_levels(const struct tern_matmul_plan *plan, const struct strip *strip, unsigned depth, size_t panel,
                         unsigned chunks, __m512i levels[ROWS][QUARTERS], __m512i crc[TERN_MAX_DEPTH]) {
    const uint8_t *from[TERN_MAX_DEPTH];
    __m512i quarters[TERN_MAX_DEPTH][QUARTERS];
    for (unsigned plane = 0; plane < depth; plane++) {
        from[plane] = strip->planes + plane * strip->plane_bytes + panel * PANEL_BYTES;
        panel_plane(from[plane], chunks, quarters[plane]);
        crc[plane] = fold(crc[plane], _mm512_loadu_si512(from[plane]));
    }
#pragma GCC unroll 4
    for (unsigned quarter = 0; quarter < QUARTERS; quarter++) {
        __m512i sum[ROWS];
        for (unsigned plane = 0; plane < depth; plane++) {
            __m512i low, high;
            if (quarter + 1 < chunks) {
                crc[plane] = fold(crc[plane], _mm512_loadu_si512(from[plane] + 64 * (quarter + 1)));
            }
            indexes(quarters[plane][quarter], &low, &high);
            for (unsigned row = 0; row < ROWS; row++) {
                const __m512i trits = look_up(&plan->tables->plane_trits[depth - 1 - plane], row, low, high);
                sum[row] = plane == 0 ? trits : _mm512_add_epi8(sum[row], trits);
            }
        }
        for (unsigned row = 0; row < ROWS; row++) {
            levels[row][quarter] = sum[row];
        }
    }
}

struct accumulators {
    __m512d sum[ROWS], bound[ROWS];
};

// Group sums of a panel plus 2^31 and the bias.
INLINE void panel_sums(const struct panel *panel, __m512i levels[ROWS][QUARTERS], __m512i sums[ROWS]) {
    __m512i low_sum[ROWS], high_sum[ROWS];
    for (unsigned row = 0; row < ROWS; row++) {
        low_sum[row] = set32(SIGN);
        high_sum[row] = _mm512_setzero_si512();
    }
    for (unsigned quarter = 0; quarter < QUARTERS; quarter++) {
        const __m512i low = _mm512_loadu_si512(panel->low[quarter]), high = _mm512_loadu_si512(panel->high[quarter]);
        for (unsigned row = 0; row < ROWS; row++) {
            low_sum[row] = _mm512_dpbusd_epi32(low_sum[row], low, levels[row][quarter]);
            high_sum[row] = _mm512_dpbusd_epi32(high_sum[row], levels[row][quarter], high);
        }
    }
    for (unsigned row = 0; row < ROWS; row++) {
        sums[row] = _mm512_add_epi32(_mm512_slli_epi32(high_sum[row], 8), low_sum[row]);
    }
}

INLINE void add_terms(const struct panel *panel, const __m512i sums[ROWS], __m512d steps[ROWS][HALVES], bool with_bound,
                      struct accumulators *to) {
    for (unsigned row = 0; row < ROWS; row++) {
        __m512d term[HALVES];
        doubles(sums[row], _mm512_loadu_si512(panel->exponent), term);
        for (unsigned half = 0; half < HALVES; half++) {
            const __m512d exact = _mm512_sub_pd(term[half], _mm512_loadu_pd(panel->offset[half]));
            to->sum[row] = _mm512_fmadd_pd(exact, steps[row][half], to->sum[row]);
        }
        if (with_bound) {
            const __m512d both = _mm512_add_pd(steps[row][0], steps[row][1]);
            to->bound[row] = _mm512_fmadd_pd(_mm512_loadu_pd(panel->bound), both, to->bound[row]);
        }
    }
}

// Prefetches in the order of addresses. Memory serves it faster than the order of use.
INLINE void fetch_ahead(const char *from, unsigned lines) {
#pragma GCC unroll 32
    for (unsigned i = 0; i < lines; i++) {
        _mm_prefetch(from + 64 * i, _MM_HINT_T0);
    }
}

INLINE void run_panel(const struct tern_matmul_plan *plan, const struct strip *strip, unsigned depth, unsigned vectors,
                      size_t panel, unsigned chunks, struct accumulators *to, __m512i *crc) {
    const uint8_t *codes = strip->codes + panel * PANEL_GROUPS * TERN_CODE_BYTES;
    const struct panel *operand = (const struct panel *)plan->operand[0] + panel;
    const unsigned lines = depth * CHUNKS + 1, some = lines / 2; // a panel's share of a strip
    const char *ahead = strip->ahead + panel * lines * 64;
    __m512i levels[ROWS][QUARTERS], sums[ROWS];
    __m512d steps[ROWS][HALVES];
    panel_levels(plan, strip, depth, panel, chunks, levels, crc);
    // Prefetches after the loads above, which would wait behind them. This is a tenth faster.
    fetch_ahead(ahead, some);
    panel_sums(operand, levels, sums);
    fetch_ahead(ahead + 64 * some, lines - some);
    panel_steps(plan, codes, steps);
    add_terms(operand, sums, steps, vectors == 1, &to[0]);
    for (unsigned vector = 1; vector < vectors; vector++) {
        operand = (const struct panel *)plan->operand[vector] + panel;
        panel_sums(operand, levels, sums);
        add_terms(operand, sums, steps, false, &to[vector]);
    }
}

INLINE uint32_t codes_crc(const struct tern_matmul_plan *plan, const uint8_t *codes) {
    __m512i crc = _mm512_setzero_si512();
    for (size_t i = 0; i < plan->codes_bytes; i += 64) {
        crc = fold(crc, _mm512_loadu_si512(codes + i));
    }
    return crc_finish(crc, plan->codes_crc);
}

INLINE struct strip begin(const struct tern_matmul_plan *plan, const uint8_t *data, unsigned ahead) {
    return (struct strip){data, data + plan->codes_bytes, plan->plane_bytes,
                          (const char *)data + ahead * plan->strip_bytes};
}

INLINE void clear(unsigned depth, unsigned vectors, struct accumulators *to, __m512i *crc) {
    for (unsigned plane = 0; plane < depth; plane++) {
        crc[plane] = _mm512_setzero_si512();
    }
    for (unsigned vector = 0; vector < vectors; vector++) {
        for (unsigned row = 0; row < ROWS; row++) {
            to[vector].sum[row] = to[vector].bound[row] = _mm512_setzero_pd();
        }
    }
}

INLINE void end(const struct tern_matmul_plan *plan, const struct strip *strip, unsigned depth, unsigned vectors,
                const struct accumulators *to, const __m512i *crc, struct tern_strip_sums *sums) {
    sums->crc[0] = codes_crc(plan, strip->codes);
    for (unsigned plane = 0; plane < depth; plane++) {
        sums->crc[plane + 1] = crc_finish(crc[plane], plan->plane_crc);
    }
    for (unsigned vector = 0; vector < vectors; vector++) {
        for (unsigned row = 0; row < ROWS; row++) {
            sums->sum[vector][row] = _mm512_reduce_add_pd(to[vector].sum[row]);
            sums->bound[vector][row] = vectors == 1 ? _mm512_reduce_add_pd(to->bound[row]) : plan->bound[vector];
        }
    }
}

// A panel of each of the `count` strips before the next panel: the first level of cache holds one panel of all vectors.
INLINE void run_strips(const struct tern_matmul_plan *plan, unsigned depth, unsigned vectors, const uint8_t *data,
                       unsigned count, unsigned ahead, struct tern_strip_sums *sums) {
    const size_t whole = plan->job->groups / PANEL_GROUPS;
    const unsigned chunks_left = plan->job->groups % PANEL_GROUPS / 4;
    struct strip strip[TERN_BLOCK_STRIPS];
    struct accumulators to[TERN_BLOCK_STRIPS][TERN_MAX_VECTORS];
    __m512i crc[TERN_BLOCK_STRIPS][TERN_MAX_DEPTH];
    for (unsigned i = 0; i < count; i++) {
        strip[i] = begin(plan, data + i * plan->strip_bytes, ahead);
        clear(depth, vectors, to[i], crc[i]);
    }
    for (size_t panel = 0; panel < whole; panel++) {
        for (unsigned i = 0; i < count; i++) {
            run_panel(plan, &strip[i], depth, vectors, panel, CHUNKS, to[i], crc[i]);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        if (chunks_left != 0) {
            run_panel(plan, &strip[i], depth, vectors, whole, chunks_left, to[i], crc[i]);
        }
        end(plan, &strip[i], depth, vectors, to[i], crc[i], &sums[i]);
    }
}

// The first level of cache also holds the sums of so many vectors and strips.
#define MOST_SUMS 64u
_Static_assert(TERN_MAX_VECTORS <= MOST_SUMS, "a strip at least");

// The single vector has a copy of its own, strip after strip. Its sums then stay in registers.
INLINE void run_block(const struct tern_matmul_plan *plan, unsigned depth, const uint8_t *strips, unsigned count,
                      struct tern_strip_sums sums[]) {
    const unsigned vectors = plan->job->vectors, most = MOST_SUMS / vectors < count ? MOST_SUMS / vectors : count;
    for (unsigned i = 0; vectors > 1 && i < count; i += most) {
        const unsigned some = count - i < most ? count - i : most;
        run_strips(plan, depth, vectors, strips + i * plan->strip_bytes, some, some, &sums[i]);
    }
    for (unsigned i = 0; vectors == 1 && i < count; i++) {
        run_strips(plan, depth, 1, strips + i * plan->strip_bytes, 1, STRIPS_AHEAD, &sums[i]);
    }
}

TERN_BLOCK_KERNELS(TARGET)

const struct tern_kernel_path *tern_matmul_avx512(void) {
    static const struct tern_kernel_path path = {PANEL_GROUPS, sizeof(struct panel), 2, fill,
                                                 TERN_BLOCK_KERNEL_OF_DEPTH};
    return LEVELS_FIT && tern_processor_has(TERN_PROCESSOR_AVX512_VBMI) ? &path : NULL;
}
#else
const struct tern_kernel_path *tern_matmul_avx512(void) {
    return NULL;
}
#endif
