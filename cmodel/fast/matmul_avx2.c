// SPDX-License-Identifier: Apache-2.0
// Computes a strip in 256-bit registers, in the order of matmul_avx512.c. A panel has 8 groups: 128 bytes of a plane. A
// byte permutation has 16 entries, so digits 1 and 2 take two and a blend. The levels at even and at odd columns become
// 16-bit words. Two products of words a quarter sum a group in its 32-bit word.
#include "cmodel/fast/matmul_plan.h"
#include "cmodel/fast/processor.h"

#if defined(TERN_X86)
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma,sse4.2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define ROWS TERN_STRIP_ROWS
#define PANEL_GROUPS 8u
#define PANEL_BYTES (PANEL_GROUPS * TERN_GROUP_COLUMNS) // of a plane
#define PIECES 4u                                       // of 2 groups = 32 bytes of a plane, a panel
#define QUARTERS 4u                                     // of 4 columns, a group
#define HALVES 2u                                       // of a panel's 8 words as doubles: 0, 1, 4, 5 and the others

#define STRIPS_AHEAD 1u // a strip is prefetched that many strips before its use, with one vector

#define SIGN 0x80000000u

// A panel of a vector. Word `slot` is group tern_panel_group(PANEL_GROUPS, slot).
struct panel {
    int16_t even[QUARTERS][16], odd[QUARTERS][16]; // [columns 4q, 4q+2 or 4q+1, 4q+3][slot][2]
    uint32_t exponent[PANEL_GROUPS];               // TERN_EXPONENT_OF_52 + shift
    double offset[HALVES][4]; // (2^52 + 2^31 + the group sum if all levels are the largest) x 2^shift
    double bound[4];          // the largest magnitude of 2^shift x group sum, of the two groups that an element adds up
};

INLINE __m256i load(const void *from) {
    return _mm256_loadu_si256(from);
}

INLINE __m256i set32(uint32_t value) {
    return _mm256_set1_epi32((int)value);
}

// Transposes four pieces of 2 groups x 4 words of 32 bits to four quarters of 8 slots.
INLINE void transpose(const __m256i piece[PIECES], __m256i quarter[QUARTERS]) {
    const __m256i first = _mm256_unpacklo_epi32(piece[0], piece[1]), second = _mm256_unpackhi_epi32(piece[0], piece[1]);
    const __m256i third = _mm256_unpacklo_epi32(piece[2], piece[3]), fourth = _mm256_unpackhi_epi32(piece[2], piece[3]);
    quarter[0] = _mm256_unpacklo_epi64(first, third);
    quarter[1] = _mm256_unpackhi_epi64(first, third);
    quarter[2] = _mm256_unpacklo_epi64(second, fourth);
    quarter[3] = _mm256_unpackhi_epi64(second, fourth);
}

// 8 pairs: the high and low word of a double.
INLINE void doubles(__m256i low, __m256i high, __m256d result[HALVES]) {
    result[0] = _mm256_castsi256_pd(_mm256_unpacklo_epi32(low, high));
    result[1] = _mm256_castsi256_pd(_mm256_unpackhi_epi32(low, high));
}

// Half a group at a time, columns 8 x side..: a quarter's even columns, its odd ones, those of the next quarter.
INLINE void fill_side(const int16_t *mantissas, unsigned groups, unsigned side, struct panel *panel) {
    const __m256i order =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15));
    __m256i pieces[PIECES], quarters[QUARTERS];
    for (unsigned piece = 0; piece < PIECES; piece++) {
        const int16_t *from = mantissas + 2 * piece * TERN_GROUP_COLUMNS + 8 * side;
        pieces[piece] = _mm256_setzero_si256();
        if (2 * piece < groups) {
            pieces[piece] = _mm256_shuffle_epi8(
                _mm256_loadu2_m128i((const void *)(from + TERN_GROUP_COLUMNS), (const void *)from), order);
        }
    }
    transpose(pieces, quarters);
    for (unsigned i = 0; i < 2; i++) {
        _mm256_storeu_si256((void *)panel->even[2 * side + i], quarters[2 * i]);
        _mm256_storeu_si256((void *)panel->odd[2 * side + i], quarters[2 * i + 1]);
    }
}

// The high words of the doubles 2^52 x 2^shift.
INLINE __m256i exponents(const uint8_t *shifts, unsigned groups) {
    uint8_t shift[PANEL_GROUPS];
    tern_panel_shifts(PANEL_GROUPS, shifts, groups, shift);
    const __m256i wide = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)shift));
    return _mm256_add_epi32(_mm256_slli_epi32(wide, 20), set32(TERN_EXPONENT_OF_52));
}

TARGET static void fill(const struct tern_matmul_plan *plan, const int16_t *mantissas, const uint8_t *shifts,
                        unsigned groups, void *to) {
    const __m256i largest = set32((uint32_t)tern_plan_largest_level(plan)), ones = _mm256_set1_epi16(1);
    const __m256i exponent = exponents(shifts, groups);
    struct panel *panel = to;
    __m256i sum = _mm256_setzero_si256(), magnitude = sum;
    __m256d offset[HALVES], bound[HALVES], zero[HALVES];
    fill_side(mantissas, groups, 0, panel);
    fill_side(mantissas, groups, 1, panel);
    for (unsigned i = 0; i < 2 * QUARTERS; i++) {
        const __m256i words = load(i % 2 ? panel->odd[i / 2] : panel->even[i / 2]);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(words, ones));
        magnitude = _mm256_add_epi32(magnitude, _mm256_madd_epi16(words, _mm256_sign_epi16(ones, words)));
    }
    doubles(_mm256_add_epi32(_mm256_mullo_epi32(sum, largest), set32(SIGN)), exponent, offset);
    doubles(_mm256_mullo_epi32(magnitude, largest), exponent, bound);
    doubles(_mm256_setzero_si256(), exponent, zero);
    _mm256_storeu_si256((void *)panel->exponent, exponent);
    for (unsigned half = 0; half < HALVES; half++) {
        _mm256_storeu_pd(panel->offset[half], offset[half]);
        bound[half] = _mm256_sub_pd(bound[half], zero[half]);
    }
    _mm256_storeu_pd(panel->bound, _mm256_max_pd(bound[0], bound[1]));
}

struct parts {
    __m256i low, select; // bits 3..0 of digits 0..2; bit 4 as each byte's sign
    __m256i high;        // bits 7..4; the sign is set where digits 3 and 4 are 2
};

INLINE __m256i entries(const uint8_t *from) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)from));
}

INLINE struct parts split(__m256i bytes) {
    // By bits 7..4: what the short form's bits 4..2, all ones, have more than bits 7..5.
    static const uint8_t surplus[16] = {28, 28, 24, 24, 20, 20, 16, 16, 12, 12, 8, 8, 4, 4, 0, 0};
    const __m256i short_bits = _mm256_set1_epi8(TERN_SHORT_BITS), nibble = _mm256_set1_epi8(15);
    const __m256i is_short = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, short_bits), short_bits);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
    const __m256i less = _mm256_and_si256(_mm256_shuffle_epi8(entries(surplus), high), is_short);
    const __m256i digits = _mm256_sub_epi8(bytes, less);
    struct parts parts;
    parts.low = _mm256_and_si256(digits, nibble);
    parts.select = _mm256_slli_epi16(digits, 3);
    parts.high = _mm256_or_si256(high, is_short);
    return parts;
}

// The table's entries for one row. Digit 0 does not depend on bit 4. Digits 3 and 4 that are 2 have the entry 0.
INLINE __m256i look_up(const struct tern_digit_table *table, unsigned row, const struct parts *parts) {
    if (row >= 3) {
        return _mm256_shuffle_epi8(entries(table->high_long[row - 3]), parts->high);
    }
    const __m256i first = _mm256_shuffle_epi8(entries(table->low[row]), parts->low);
    if (row == 0) {
        return first;
    }
    return _mm256_blendv_epi8(first, _mm256_shuffle_epi8(entries(table->low[row] + 16), parts->low), parts->select);
}

// A strip and its checksums so far.
struct strip {
    const uint8_t *codes, *planes;
    uint64_t crc[TERN_MAX_DEPTH];
};

// A panel of a strip.
struct place {
    const struct tern_matmul_plan *plan;
    struct strip *strip;
    size_t panel, ahead; // bytes to what is prefetched
    unsigned pieces;     // that are not beyond the strip's end
};

// The steps of a panel, in double precision.
INLINE void panel_steps(const struct place *at, __m256d steps[ROWS][HALVES]) {
    const struct tern_matmul_plan *plan = at->plan;
    const uint8_t *codes = at->strip->codes + at->panel * PANEL_GROUPS * TERN_CODE_BYTES;
    // A group's three bytes and one to ignore, in the order of the doubles.
    const __m256i order = _mm256_setr_epi8(0, 1, 2, 2, 6, 7, 8, 8, 3, 4, 5, 5, 9, 10, 11, 11, 0, 1, 2, 2, 6, 7, 8, 8, 3,
                                           4, 5, 5, 9, 10, 11, 11);
    const __m256i bytes =
        _mm256_loadu2_m128i((const void *)(codes + PANEL_GROUPS / 2 * TERN_CODE_BYTES), (const void *)codes);
    const struct parts parts = split(_mm256_shuffle_epi8(bytes, order));
    for (unsigned row = 0; row < ROWS; row++) {
        const __m256i digits = look_up(&plan->tables->plane_trits[0], row, &parts);
        const __m256i pairs = _mm256_maddubs_epi16(digits, set32(TERN_CODE_WEIGHTS));
        const __m256i code = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
        const __m256 by_8 = _mm256_castsi256_ps(_mm256_slli_epi32(code, 28));
        const __m256 by_16 = _mm256_castsi256_ps(_mm256_slli_epi32(code, 27));
        const __m256 low = _mm256_blendv_ps(_mm256_permutevar8x32_ps(_mm256_loadu_ps(plan->steps), code),
                                            _mm256_permutevar8x32_ps(_mm256_loadu_ps(plan->steps + 8), code), by_8);
        const __m256 high = _mm256_blendv_ps(_mm256_permutevar8x32_ps(_mm256_loadu_ps(plan->steps + 16), code),
                                             _mm256_permutevar8x32_ps(_mm256_loadu_ps(plan->steps + 24), code), by_8);
        const __m256 step = _mm256_blendv_ps(low, high, by_16);
        steps[row][0] = _mm256_cvtps_pd(_mm256_castps256_ps128(step));
        steps[row][1] = _mm256_cvtps_pd(_mm256_extractf128_ps(step, 1));
    }
}

// Loads a panel of a plane by quarters. Pieces beyond the strip's end are zero.
INLINE void panel_plane(const uint8_t *from, size_t ahead, unsigned pieces, __m256i quarters[QUARTERS]) {
    __m256i data[PIECES];
    for (unsigned piece = 0; piece < PIECES; piece++) {
        data[piece] = piece < pieces ? load(from + 32 * piece) : _mm256_setzero_si256();
    }
    transpose(data, quarters);
    _mm_prefetch((const char *)from + ahead, _MM_HINT_T0);
    _mm_prefetch((const char *)from + ahead + 64, _MM_HINT_T0);
}

INLINE uint64_t crc_of(uint64_t crc, const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return _mm_crc32_u64(crc, word);
}

// Levels of a panel, plus the largest, as 16-bit words: those of even columns, then those of odd ones.
struct levels {
    __m256i even, odd;
};

INLINE void words(__m256i bytes, struct levels *levels) {
    levels->even = _mm256_and_si256(bytes, _mm256_set1_epi16(0xff));
    levels->odd = _mm256_srli_epi16(bytes, 8);
}

// Decodes a quarter.
INLINE void quarter_levels(const struct tern_matmul_plan *plan, unsigned depth, unsigned quarter,
                           __m256i quarters[TERN_MAX_DEPTH][QUARTERS], struct levels levels[ROWS]) {
    __m256i sum[ROWS];
    for (unsigned plane = 0; plane < depth; plane++) {
        const struct parts parts = split(quarters[plane][quarter]);
        for (unsigned row = 0; row < ROWS; row++) {
            const __m256i trits = look_up(&plan->tables->plane_trits[depth - 1 - plane], row, &parts);
            sum[row] = plane == 0 ? trits : _mm256_add_epi8(sum[row], trits);
        }
    }
    for (unsigned row = 0; row < ROWS; row++) {
        words(sum[row], &levels[row]);
    }
}

// Sums of a vector's rows.
struct sums {
    __m256d row[ROWS];
};

INLINE __m256i add_products(__m256i sum, struct levels levels, const struct panel *panel, unsigned quarter) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(levels.even, load(panel->even[quarter])));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(levels.odd, load(panel->odd[quarter])));
}

// Adds a row's terms, from its group sums plus 2^31 and the bias.
INLINE void add_terms(const struct panel *panel, __m256i sums, const __m256d steps[HALVES], __m256d *sum) {
    __m256d term[HALVES];
    doubles(sums, load(panel->exponent), term);
    for (unsigned half = 0; half < HALVES; half++) {
        const __m256d exact = _mm256_sub_pd(term[half], _mm256_loadu_pd(panel->offset[half]));
        *sum = _mm256_fmadd_pd(exact, steps[half], *sum);
    }
}

// Adds a quarter of a panel's share of each plane to the checksums. They go side by side: the instruction starts each
// clock, its result takes three.
INLINE void quarter_crc(const struct place *at, unsigned depth, unsigned quarter) {
    const uint8_t *from = at->strip->planes + at->panel * PANEL_BYTES + 32 * quarter;
    for (unsigned i = 0; i < 32 && quarter < at->pieces; i += 8) {
        for (unsigned plane = 0; plane < depth; plane++) {
            at->strip->crc[plane] = crc_of(at->strip->crc[plane], from + plane * at->plan->plane_bytes + i);
        }
    }
}

INLINE void load_planes(const struct place *at, unsigned depth, __m256i quarters[TERN_MAX_DEPTH][QUARTERS]) {
    for (unsigned plane = 0; plane < depth; plane++) {
        panel_plane(at->strip->planes + plane * at->plan->plane_bytes + at->panel * PANEL_BYTES, at->ahead, at->pieces,
                    quarters[plane]);
    }
}

// One vector: its products go between the decoding of the quarters.
INLINE void single_panel(const struct place *at, unsigned depth, struct sums *to, struct sums *bound) {
    const struct panel *operand = (const struct panel *)at->plan->operand[0] + at->panel;
    __m256i quarters[TERN_MAX_DEPTH][QUARTERS], sums[ROWS];
    __m256d steps[ROWS][HALVES];
    load_planes(at, depth, quarters);
    for (unsigned row = 0; row < ROWS; row++) {
        sums[row] = set32(SIGN);
    }
#pragma GCC unroll 4
    for (unsigned quarter = 0; quarter < QUARTERS; quarter++) {
        struct levels levels[ROWS];
        quarter_crc(at, depth, quarter);
        quarter_levels(at->plan, depth, quarter, quarters, levels);
        for (unsigned row = 0; row < ROWS; row++) {
            sums[row] = add_products(sums[row], levels[row], operand, quarter);
        }
    }
    panel_steps(at, steps);
    for (unsigned row = 0; row < ROWS; row++) {
        const __m256d both = _mm256_add_pd(steps[row][0], steps[row][1]);
        add_terms(operand, sums[row], steps[row], &to->row[row]);
        bound->row[row] = _mm256_fmadd_pd(_mm256_loadu_pd(operand->bound), both, bound->row[row]);
    }
}

INLINE void vector_panel(const struct panel *panel, struct levels levels[QUARTERS][ROWS], __m256d steps[ROWS][HALVES],
                         struct sums *to) {
    for (unsigned row = 0; row < ROWS; row++) {
        __m256i sums = set32(SIGN);
        for (unsigned quarter = 0; quarter < QUARTERS; quarter++) {
            sums = add_products(sums, levels[quarter][row], panel, quarter);
        }
        add_terms(panel, sums, steps[row], &to->row[row]);
    }
}

INLINE void many_panel(const struct place *at, unsigned depth, unsigned vectors, struct sums *to) {
    __m256i quarters[TERN_MAX_DEPTH][QUARTERS];
    struct levels levels[QUARTERS][ROWS];
    __m256d steps[ROWS][HALVES];
    load_planes(at, depth, quarters);
    for (unsigned quarter = 0; quarter < QUARTERS; quarter++) {
        quarter_crc(at, depth, quarter);
        quarter_levels(at->plan, depth, quarter, quarters, levels[quarter]);
    }
    panel_steps(at, steps);
    for (unsigned vector = 0; vector < vectors; vector++) {
        vector_panel((const struct panel *)at->plan->operand[vector] + at->panel, levels, steps, &to[vector]);
    }
}

INLINE double total(__m256d x) {
    const __m128d pair = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
    return _mm_cvtsd_f64(_mm_add_sd(pair, _mm_unpackhi_pd(pair, pair)));
}

INLINE struct strip begin(const struct tern_matmul_plan *plan, const uint8_t *data) {
    return (struct strip){.codes = data, .planes = data + plan->codes_bytes};
}

INLINE void end_crc(const struct tern_matmul_plan *plan, const struct strip *strip, unsigned depth, uint32_t *result) {
    uint64_t codes = 0;
    for (size_t i = 0; i < plan->codes_bytes; i += 8) {
        codes = crc_of(codes, strip->codes + i);
    }
    result[0] = (uint32_t)codes ^ plan->codes_crc;
    for (unsigned plane = 0; plane < depth; plane++) {
        result[plane + 1] = (uint32_t)strip->crc[plane] ^ plan->plane_crc;
    }
}

INLINE void run_single(const struct tern_matmul_plan *plan, unsigned depth, const uint8_t *data,
                       struct tern_strip_sums *result) {
    const size_t whole = plan->job->groups / PANEL_GROUPS;
    struct strip strip = begin(plan, data);
    struct place at = {plan, &strip, 0, STRIPS_AHEAD * plan->strip_bytes, PIECES};
    const double unit = tern_plan_level_unit(plan);
    struct sums to, bound;
    for (unsigned row = 0; row < ROWS; row++) {
        to.row[row] = bound.row[row] = _mm256_setzero_pd();
    }
    for (; at.panel < whole; at.panel++) {
        single_panel(&at, depth, &to, &bound);
    }
    if (plan->job->groups % PANEL_GROUPS != 0) { // a multiple of 4 groups
        at.pieces = PIECES / 2;
        single_panel(&at, depth, &to, &bound);
    }
    end_crc(plan, &strip, depth, result->crc);
    for (unsigned row = 0; row < ROWS; row++) {
        result->sum[0][row] = total(to.row[row]) * unit;
        result->bound[0][row] = total(bound.row[row]) * unit;
    }
}

INLINE void end_vectors(const struct tern_matmul_plan *plan, const struct sums *to, struct tern_strip_sums *result) {
    for (unsigned vector = 0; vector < plan->job->vectors; vector++) {
        for (unsigned row = 0; row < ROWS; row++) {
            result->sum[vector][row] = total(to[vector].row[row]) * tern_plan_level_unit(plan);
            result->bound[vector][row] = plan->bound[vector];
        }
    }
}

// A panel of every strip before the next panel: the first level of cache holds one panel of all vectors.
INLINE void run_many(const struct tern_matmul_plan *plan, unsigned depth, const uint8_t *data, unsigned count,
                     struct tern_strip_sums *result) {
    const size_t whole = plan->job->groups / PANEL_GROUPS;
    struct strip strip[TERN_BLOCK_STRIPS];
    struct sums to[TERN_BLOCK_STRIPS][TERN_MAX_VECTORS];
    struct place at = {plan, strip, 0, count * plan->strip_bytes, PIECES};
    memset(to, 0, count * sizeof to[0]);
    for (unsigned i = 0; i < count; i++) {
        strip[i] = begin(plan, data + i * plan->strip_bytes);
    }
    for (; at.panel < plan->panels; at.panel++) {
        at.pieces = at.panel < whole ? PIECES : PIECES / 2; // groups are a multiple of 4
        for (unsigned i = 0; i < count; i++) {
            at.strip = &strip[i];
            many_panel(&at, depth, plan->job->vectors, to[i]);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        end_crc(plan, &strip[i], depth, result[i].crc);
        end_vectors(plan, to[i], &result[i]);
    }
}

INLINE void run_block(const struct tern_matmul_plan *plan, unsigned depth, const uint8_t *data, unsigned count,
                      struct tern_strip_sums *result) {
    for (unsigned i = 0; i < count && plan->job->vectors == 1; i++) {
        run_single(plan, depth, data + i * plan->strip_bytes, &result[i]);
    }
    if (plan->job->vectors > 1) {
        run_many(plan, depth, data, count, result);
    }
}

TERN_BLOCK_KERNELS(TARGET)

const struct tern_kernel_path *tern_matmul_avx2(void) {
    static const struct tern_kernel_path path = {PANEL_GROUPS, sizeof(struct panel), 2, fill,
                                                 TERN_BLOCK_KERNEL_OF_DEPTH};
    return tern_processor_has(TERN_PROCESSOR_AVX2) ? &path : NULL;
}
#else
const struct tern_kernel_path *tern_matmul_avx2(void) {
    return NULL;
}
#endif
