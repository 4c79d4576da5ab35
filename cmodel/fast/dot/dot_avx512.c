// SPDX-License-Identifier: Apache-2.0
// DOT with AVX-512 and VNNI. A square is 16 groups: 16 positions of a key record, or 16 elements of a value record. It
// is transposed once for all vectors, so that a lane is a group. An image's mantissa is 256 x a signed byte + an
// unsigned byte. 16 products with either of them fit 32 bits.
#include "cmodel/fast/dot/dot_span.h"
#include "cmodel/fast/processor.h"
#include "cmodel/float/f32.h"

#if defined(TERN_X86)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vnni")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define ROWS 16u
#define GROUP TERN_GROUP_COLUMNS
#define PAIRS (GROUP / 2)

// The mantissas of an image's group as pairs, and its shift.
struct operand {
    int32_t high[PAIRS], low[PAIRS];
    int64_t shift;
};

// Sums of the even and the odd groups.
struct sums {
    __m512i even, odd;
};

#include "cmodel/fast/dot/dot_records.h"

// 16 groups. A multiplier is 2^(exponent byte - least one), times 256 for the high bytes. vpmuldq takes the even words
// of its operands, so odd groups have their own.
struct square {
    __m512i pair[PAIRS]; // word r: columns 2 j and 2 j + 1 of group r
    __m512i even_low, odd_low, even_high, odd_high;
};

INLINE bool load_operand(const int16_t *mantissas, uint32_t shift, struct operand *operand) {
    const __m256i both = _mm256_loadu_si256((const __m256i *)(const void *)mantissas);
    _mm256_storeu_si256((__m256i *)(void *)operand->high, _mm256_srai_epi16(both, 8));
    _mm256_storeu_si256((__m256i *)(void *)operand->low, _mm256_and_si256(both, _mm256_set1_epi16(255)));
    operand->shift = shift;
    return true;
}

// Moves odd words to the even places.
#define ODD _MM_PERM_DDBB

INLINE struct range range_of(const uint8_t *bytes, uint32_t count, uint32_t rows, size_t stride) {
    __m512i least = _mm512_set1_epi8(-1), most = _mm512_setzero_si512();
    for (uint32_t row = 0; row < rows; row++) {
        for (uint32_t i = 0; i < count; i += 64) {
            const __mmask64 mask = count - i < 64 ? ((__mmask64)1 << (count - i)) - 1 : ~(__mmask64)0;
            const __m512i some = _mm512_maskz_loadu_epi8(mask, bytes + row * stride + i);
            least = _mm512_mask_min_epu8(least, mask, least, some);
            most = _mm512_max_epu8(most, some);
        }
    }
    // The lowest byte of a word becomes that of all four.
    least = _mm512_min_epu8(least, _mm512_srli_epi32(least, 16));
    least = _mm512_min_epu8(least, _mm512_srli_epi32(least, 8));
    most = _mm512_max_epu8(most, _mm512_srli_epi32(most, 16));
    most = _mm512_max_epu8(most, _mm512_srli_epi32(most, 8));
    const __m512i byte = _mm512_set1_epi32(255);
    return (struct range){_mm512_reduce_min_epu32(_mm512_and_si512(least, byte)),
                          _mm512_reduce_max_epu32(_mm512_and_si512(most, byte))};
}

INLINE __m512i two_rows(const int16_t *first, const int16_t *second) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(const void *)first)),
                              _mm256_loadu_si256((const __m256i *)(const void *)second), 1);
}

// Transposes 16 rows of 8 words. A step exchanges one bit of a register's number with one of a word's number.
INLINE void transpose(__m512i r[PAIRS]) {
    const __m512i even = _mm512_setr_epi32(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
    const __m512i odd = _mm512_setr_epi32(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
    const __m512i even_2 = _mm512_setr_epi32(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
    const __m512i odd_2 = _mm512_setr_epi32(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    const __m512i even_4 = _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 16, 24, 17, 25, 18, 26, 19, 27);
    const __m512i odd_4 = _mm512_setr_epi32(4, 12, 5, 13, 6, 14, 7, 15, 20, 28, 21, 29, 22, 30, 23, 31);
    __m512i a[PAIRS], b[PAIRS];
    for (unsigned i = 0; i < 4; i++) { // a[j0 + 2 i]: i is i2 i1
        a[2 * i] = _mm512_permutex2var_epi32(r[2 * i], even, r[2 * i + 1]);
        a[2 * i + 1] = _mm512_permutex2var_epi32(r[2 * i], odd, r[2 * i + 1]);
    }
    for (unsigned i = 0; i < 2; i++) { // b[j0 + 2 j1 + 4 i2]
        for (unsigned j = 0; j < 2; j++) {
            b[4 * i + j] = _mm512_permutex2var_epi32(a[4 * i + j], even_2, a[4 * i + 2 + j]);
            b[4 * i + 2 + j] = _mm512_permutex2var_epi32(a[4 * i + j], odd_2, a[4 * i + 2 + j]);
        }
    }
    for (unsigned j = 0; j < 4; j++) {
        r[j] = _mm512_permutex2var_epi32(b[j], even_4, b[4 + j]);
        r[4 + j] = _mm512_permutex2var_epi32(b[j], odd_4, b[4 + j]);
    }
}

// Rows are `stride` groups apart. The last one stands for those that the square does not have: nothing reads theirs.
INLINE void load_rows(const int16_t *mantissas, uint32_t stride, uint32_t rows, __m512i pair[PAIRS]) {
    const size_t step = GROUP * stride;
#pragma GCC unroll 8
    for (uint32_t i = 0; rows == GROUP && i < GROUP; i += 2) {
        pair[i / 2] = two_rows(mantissas + i * step, mantissas + (i + 1) * step);
    }
    for (uint32_t i = 0; rows < GROUP && i < GROUP; i += 2) {
        const uint32_t first = i < rows ? i : rows - 1, second = i + 1 < rows ? i + 1 : rows - 1;
        pair[i / 2] = two_rows(mantissas + first * step, mantissas + second * step);
    }
}

// exponents: of the rows, in the lowest byte of each word. Those of rows that the square does not have may be any.
INLINE void load_square(const int16_t *mantissas, __m512i exponents, uint32_t stride, uint32_t rows, uint32_t least,
                        struct square *square) {
    load_rows(mantissas, stride, rows, square->pair);
    transpose(square->pair);
    const __m512i shift =
        _mm512_sub_epi32(_mm512_and_si512(exponents, _mm512_set1_epi32(255)), _mm512_set1_epi32((int32_t)least));
    const __m512i low = _mm512_sllv_epi32(_mm512_set1_epi32(1), shift), high = _mm512_slli_epi32(low, 8);
    square->even_low = low;
    square->odd_low = _mm512_srli_epi64(low, 32);
    square->even_high = high;
    square->odd_high = _mm512_srli_epi64(high, 32);
}

INLINE void add_products(const struct square *square, __m512i high, __m512i low, int64_t image_shift,
                         struct sums *sums) {
    const __m512i shift = _mm512_set1_epi64(image_shift);
    const __m512i even =
        _mm512_add_epi64(_mm512_mul_epi32(high, square->even_high), _mm512_mul_epi32(low, square->even_low));
    const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_shuffle_epi32(high, ODD), square->odd_high),
                                         _mm512_mul_epi32(_mm512_shuffle_epi32(low, ODD), square->odd_low));
    sums->even = _mm512_add_epi64(sums->even, _mm512_sllv_epi64(even, shift));
    sums->odd = _mm512_add_epi64(sums->odd, _mm512_sllv_epi64(odd, shift));
}

// Two chains of additions for each of high and low bytes: one is too slow for the products.
INLINE void multiply(const struct square *square, const struct operand *operand, struct sums *sums) {
    __m512i high[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()}, low[2] = {high[0], high[0]};
#pragma GCC unroll 8
    for (unsigned j = 0; j < PAIRS; j++) {
        high[j % 2] = _mm512_dpwssd_epi32(high[j % 2], square->pair[j], _mm512_set1_epi32(operand->high[j]));
        low[j % 2] = _mm512_dpwssd_epi32(low[j % 2], square->pair[j], _mm512_set1_epi32(operand->low[j]));
    }
    add_products(square, _mm512_add_epi32(high[0], high[1]), _mm512_add_epi32(low[0], low[1]), operand->shift, sums);
}

// ---- keys

// A sum of 64 bits is rounded once, by its conversion. factor: a power of two that keeps every result normal.
INLINE void put_scores(const struct sums *sums, float factor, uint32_t positions, float *scores) {
    const __m512i order = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512 rounded = _mm512_permutex2var_ps(_mm512_castps256_ps512(_mm512_cvtepi64_ps(sums->even)), order,
                                                  _mm512_castps256_ps512(_mm512_cvtepi64_ps(sums->odd)));
    _mm512_mask_storeu_ps(scores, (__mmask16)((1u << positions) - 1), _mm512_mul_ps(rounded, _mm512_set1_ps(factor)));
}

// Returns false and writes nothing for operands beyond 64 bits.
TARGET static bool try_record(const struct tern_dot_span *span, const struct queries *queries, uint32_t index,
                              float *const *scores) {
    const uint32_t groups = tern_cache_head_groups(span->head_size), record = span->first + index;
    const uint32_t positions = tern_dot_span_positions(span, index);
    const uint8_t *data = span->records + (size_t)index * span->record_bytes;
    const int16_t *mantissas =
        (const int16_t *)(const void *)(data + tern_cache_mantissas_offset(TERN_CACHE_KEYS, span->head_size));
    const struct range range = range_of(data, positions * groups, 1, 0);
    struct sums sums[TERN_DOT_VECTORS];
    int32_t exponent[TERN_DOT_VECTORS];
    if (spread(range) > LARGEST_ROW_SPREAD) {
        return false;
    }
    for (uint32_t vector = 0; vector < span->vectors; vector++) {
        exponent[vector] = (int32_t)(queries->range[vector].least + range.least) + span->image[vector].base_exponent +
                           TERN_CACHE_EXPONENT;
        if (spread(queries->range[vector]) + spread(range) > SPREAD_OF(MOST_GROUPS) || exponent[vector] < -126 ||
            exponent[vector] > 127 - 63) {
            return false;
        }
        sums[vector].even = sums[vector].odd = _mm512_setzero_si512();
    }
    const __m512i rows = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                            _mm512_set1_epi32((int32_t)groups));
    for (uint32_t group = 0; group < groups; group++) {
        // A word of exponent bytes ends before the record's mantissas do.
        const __m512i exponents = _mm512_i32gather_epi32(rows, data + group, 1);
        struct square square;
        load_square(mantissas + GROUP * group, exponents, groups, positions, range.least, &square);
        for (uint32_t vector = 0; vector < span->vectors; vector++) {
            multiply(&square, &queries->operand[group][vector], &sums[vector]);
        }
    }
    for (uint32_t vector = 0; vector < span->vectors; vector++) {
        put_scores(&sums[vector], tern_f32_from_bits((uint32_t)(127 + exponent[vector]) << 23), positions,
                   scores[vector] + record * TERN_CACHE_POSITIONS);
    }
    return true;
}

// ---- values

INLINE void add_record(const struct tern_dot_span *span, const uint8_t *record, const struct operand *operands,
                       struct weighted *weighted) {
    const int16_t *mantissas =
        (const int16_t *)(const void *)(record + tern_cache_mantissas_offset(TERN_CACHE_VALUES, span->head_size));
    struct sums *sums = weighted->sums;
    for (uint32_t element = 0; element < span->head_size; element += GROUP) {
        const uint32_t left = span->head_size - element;
        // The bytes after the last exponent are padding.
        const __m512i exponents =
            _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)(record + element)));
        struct square square;
        load_square(mantissas + GROUP * element, exponents, 1, left < GROUP ? left : GROUP, weighted->exponents.least,
                    &square);
        for (uint32_t vector = 0; vector < span->vectors; vector++) {
            multiply(&square, &operands[vector], sums++);
        }
    }
}

#define SUMS 4u // in a register: the low words in even places, the high words in odd ones

INLINE void add_wide(struct tern_wide_sum *sums, __m512i more, __mmask8 mask) {
    const __m512i sum = _mm512_add_epi64(_mm512_maskz_loadu_epi64(mask, sums), more);
    const __mmask8 carries = _mm512_mask_cmplt_epu64_mask(0x55, sum, more);
    _mm512_mask_storeu_epi64(sums, mask,
                             _mm512_mask_add_epi64(sum, (__mmask8)(carries << 1), sum, _mm512_set1_epi64(1)));
}

// Places of `count` sums, at most SUMS.
static inline uint8_t places(uint32_t count) {
    return (uint8_t)(count < SUMS ? (1u << 2 * count) - 1 : 255);
}

// The first and the last half of even[0], odd[0], even[1], odd[1] ...
INLINE __m512i first_of(__m512i even, __m512i odd) {
    return _mm512_permutex2var_epi64(even, _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), odd);
}

INLINE __m512i last_of(__m512i even, __m512i odd) {
    return _mm512_permutex2var_epi64(even, _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15), odd);
}

// sums[i] += values[i] << shift, for the first `count` of 8.
INLINE void add_shifted(struct tern_wide_sum *sums, __m512i values, uint32_t shift, uint32_t count) {
    const __m512i low = _mm512_sllv_epi64(values, _mm512_set1_epi64(shift));
    const __m512i high = _mm512_srav_epi64(values, _mm512_set1_epi64(64 - (int64_t)shift)); // by 64: the sign
    add_wide(sums, first_of(low, high), places(count));
    if (count > SUMS) {
        add_wide(sums + SUMS, last_of(low, high), places(count - SUMS));
    }
}

INLINE void add_sums(const struct tern_dot_span *span, const struct weighted *weighted, struct tern_wide_sum *sums) {
    const struct sums *square = weighted->sums;
    for (uint32_t element = 0; element < span->head_size; element += GROUP) {
        const uint32_t left = span->head_size - element;
        for (uint32_t vector = 0; vector < span->vectors; vector++, square++) {
            const uint32_t shift = weighted->exponents.least + weighted->shifts[vector].least;
            struct tern_wide_sum *to = sums + vector * span->head_size + element;
            add_shifted(to, first_of(square->even, square->odd), shift, left);
            if (left > GROUP / 2) {
                add_shifted(to + GROUP / 2, last_of(square->even, square->odd), shift, left - GROUP / 2);
            }
        }
    }
}

// ---- sums

TARGET static void add(struct tern_wide_sum *sums, const struct tern_wide_sum *more, uint32_t count) {
    for (uint32_t i = 0; i < count; i += SUMS) {
        add_wide(sums + i, _mm512_maskz_loadu_epi64(places(count - i), more + i), places(count - i));
    }
}

// Sums as in fast/dot.c: 63 bits of each, times 2^drop. The last bit is 1 when bits are lost.
INLINE __m512i top_bits(__m512i low, __m512i high, __m512i *drop) {
    const __m512i all = _mm512_set1_epi64(64), sign = _mm512_srai_epi64(high, 63);
    const __m512i above = _mm512_xor_si512(high, sign);
    // The first bit of the low word must be a sign too.
    const __mmask8 fits = _mm512_cmpeq_epi64_mask(above, _mm512_setzero_si512()) &
                          _mm512_cmpge_epi64_mask(_mm512_xor_si512(low, sign), _mm512_setzero_si512());
    const __m512i needed = _mm512_sub_epi64(_mm512_set1_epi64(66), _mm512_lzcnt_epi64(above));
    *drop = _mm512_maskz_mov_epi64((__mmask8)~fits, needed);
    const __m512i up = _mm512_sub_epi64(all, *drop), lost = _mm512_sllv_epi64(low, up);
    const __m512i top = _mm512_or_si512(_mm512_sllv_epi64(high, up), _mm512_srlv_epi64(low, *drop));
    return _mm512_mask_or_epi64(top, _mm512_test_epi64_mask(lost, lost), top, _mm512_set1_epi64(1));
}

// Rounds 8 sums. False, with nothing written, when a result may not be normal.
INLINE bool try_finish(const struct tern_wide_sum *sums, int32_t base_exponent, float *output) {
    const __m512i first = _mm512_loadu_si512(sums), last = _mm512_loadu_si512(sums + SUMS);
    const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14),
                  odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    __m512i drop;
    const __m512i top =
        top_bits(_mm512_permutex2var_epi64(first, even, last), _mm512_permutex2var_epi64(first, odd, last), &drop);
    const __m512i field = _mm512_add_epi64(drop, _mm512_set1_epi64(127 + base_exponent + TERN_CACHE_EXPONENT));
    if (_mm512_cmplt_epi64_mask(field, _mm512_set1_epi64(1)) |
        _mm512_cmpgt_epi64_mask(field, _mm512_set1_epi64(127 + 127 - 63))) {
        return false;
    }
    const __m256 factor = _mm256_castsi256_ps(_mm256_slli_epi32(_mm512_cvtepi64_epi32(field), 23));
    _mm256_storeu_ps(output, _mm256_mul_ps(_mm512_cvtepi64_ps(top), factor));
    return true;
}

TARGET static void finish(const struct tern_wide_sum *sums, uint32_t count, int32_t base_exponent, float *output) {
    uint32_t i = 0;
    while (i + 2 * SUMS <= count && try_finish(sums + i, base_exponent, output + i)) {
        i += 2 * SUMS;
    }
    tern_dot_finish(sums + i, count - i, base_exponent, output + i);
}

const struct tern_dot_path *tern_dot_avx512(void) {
    static const struct tern_dot_path path = {keys, values, add, finish};
    return tern_processor_has(TERN_PROCESSOR_AVX512_VNNI) ? &path : NULL;
}
#else
const struct tern_dot_path *tern_dot_avx512(void) {
    return NULL;
}
#endif
