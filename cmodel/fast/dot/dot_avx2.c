// SPDX-License-Identifier: Apache-2.0
// DOT with AVX2, as dot_avx512.c does it. A square is 8 groups: 8 positions of a key record, or 8 elements of a value
// record. It is transposed once for all vectors, so that a lane is a group. Two products of mantissas fit 32 bits, 16
// of them do not. So their sum is taken modulo 2^32. From each two the part above 8 bits is summed as well.
#include "cmodel/fast/dot/dot_span.h"
#include "cmodel/fast/processor.h"
#include "cmodel/float/f32.h"

#if defined(TERN_X86)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define ROWS 8u
#define GROUP TERN_GROUP_COLUMNS
#define PAIRS (GROUP / 2)
#define LOWEST INT16_MIN // two products of it do not fit 32 bits
#define PART 8           // bits of two products that `high` below is without

// The mantissas of an image's group as pairs, and its shift.
struct operand {
    int32_t pair[PAIRS];
    int64_t shift;
};

// Sums of the even and the odd groups.
struct sums {
    __m256i even, odd;
};

#include "cmodel/fast/dot/dot_records.h"

// So much less, and the sum is within 2^53: it is exact in double precision.
#define LESS_FOR_DOUBLE 9u

// A multiplier is 2^(exponent byte - least one), times 2^PART for the high parts. vpmuldq takes the even words of its
// operands, so odd groups have their own.
struct square {
    __m256i pair[PAIRS]; // word r: columns 2 j and 2 j + 1 of group r
    __m256i even_low, odd_low, even_high, odd_high;
};

// Moves odd words to the even places.
#define ODD 0xf5

INLINE __m256i load(const void *bytes) {
    return _mm256_loadu_si256((const __m256i *)bytes);
}

INLINE __m128i load_half(const void *bytes) {
    return _mm_loadu_si128((const __m128i *)bytes);
}

// Of 16 bytes that are not all in use: the lowest byte of each word of 16 bits is theirs and its neighbour's.
INLINE uint32_t least_of(__m128i bytes) {
    const __m128i pairs = _mm_min_epu8(bytes, _mm_srli_epi16(bytes, 8));
    return (uint32_t)_mm_cvtsi128_si32(_mm_minpos_epu16(_mm_and_si128(pairs, _mm_set1_epi16(255)))) & 255;
}

INLINE bool load_operand(const int16_t *mantissas, uint32_t shift, struct operand *operand) {
    const __m256i pairs = load(mantissas);
    _mm256_storeu_si256((__m256i *)(void *)operand->pair, pairs);
    operand->shift = shift;
    return _mm256_testz_si256(_mm256_cmpeq_epi16(pairs, _mm256_set1_epi16(LOWEST)), _mm256_set1_epi8(-1));
}

INLINE struct range range_of_row(const uint8_t *bytes, uint32_t count) {
    const __m128i all = _mm_set1_epi8(-1);
    __m128i least = all, least_inverted = all;
    struct range range = {UINT8_MAX, 0};
    uint32_t i = 0;
    for (; i + sizeof least <= count; i += sizeof least) {
        const __m128i some = load_half(bytes + i);
        least = _mm_min_epu8(least, some);
        least_inverted = _mm_min_epu8(least_inverted, _mm_xor_si128(some, all));
    }
    for (; i < count; i++) {
        range = wider(range, (struct range){bytes[i], bytes[i]});
    }
    return wider(range, (struct range){least_of(least), 255 - least_of(least_inverted)});
}

INLINE struct range range_of(const uint8_t *bytes, uint32_t count, uint32_t rows, size_t stride) {
    struct range range = range_of_row(bytes, count);
    for (uint32_t row = 1; row < rows; row++) {
        range = wider(range, range_of_row(bytes + row * stride, count));
    }
    return range;
}

// Transposes 4 x 4 words in either half of the registers: rows r and r + 4 share one.
INLINE void transpose(const __m256i rows[4], __m256i columns[4]) {
    const __m256i a = _mm256_unpacklo_epi32(rows[0], rows[1]), b = _mm256_unpackhi_epi32(rows[0], rows[1]);
    const __m256i c = _mm256_unpacklo_epi32(rows[2], rows[3]), d = _mm256_unpackhi_epi32(rows[2], rows[3]);
    columns[0] = _mm256_unpacklo_epi64(a, c);
    columns[1] = _mm256_unpackhi_epi64(a, c);
    columns[2] = _mm256_unpacklo_epi64(b, d);
    columns[3] = _mm256_unpackhi_epi64(b, d);
}

// Rows are `stride` groups apart. The last one stands for those that the square does not have: nothing reads theirs.
INLINE void load_pairs(const int16_t *mantissas, uint32_t stride, uint32_t rows, __m256i pair[PAIRS]) {
    __m256i first[4], last[4];
#pragma GCC unroll 4
    for (uint32_t i = 0; i < 4; i++) {
        const int16_t *low = mantissas + (size_t)GROUP * stride * (i < rows ? i : rows - 1);
        const int16_t *high = mantissas + (size_t)GROUP * stride * (i + 4 < rows ? i + 4 : rows - 1);
        first[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(load_half(low)), load_half(high), 1);
        last[i] =
            _mm256_inserti128_si256(_mm256_castsi128_si256(load_half(low + GROUP / 2)), load_half(high + GROUP / 2), 1);
    }
    transpose(first, pair);
    transpose(last, pair + 4);
}

// exponents: of the rows, in the lowest byte of each word. Those of rows that the square does not have may be any.
INLINE void load_square(const int16_t *mantissas, __m256i exponents, uint32_t stride, uint32_t rows, uint32_t least,
                        struct square *square) {
    if (rows >= ROWS) {
        load_pairs(mantissas, stride, ROWS, square->pair);
    } else {
        load_pairs(mantissas, stride, rows, square->pair);
    }
    const __m256i shift =
        _mm256_sub_epi32(_mm256_and_si256(exponents, _mm256_set1_epi32(255)), _mm256_set1_epi32((int32_t)least));
    const __m256i low = _mm256_sllv_epi32(_mm256_set1_epi32(1), shift), high = _mm256_slli_epi32(low, PART);
    square->even_low = low;
    square->odd_low = _mm256_shuffle_epi32(low, ODD);
    square->even_high = high;
    square->odd_high = _mm256_shuffle_epi32(high, ODD);
}

INLINE void add_products(const struct square *square, __m256i high, __m256i low, int64_t image_shift,
                         struct sums *sums) {
    const __m256i shift = _mm256_set1_epi64x(image_shift);
    const __m256i even =
        _mm256_add_epi64(_mm256_mul_epi32(high, square->even_high), _mm256_mul_epi32(low, square->even_low));
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_shuffle_epi32(high, ODD), square->odd_high),
                                         _mm256_mul_epi32(_mm256_shuffle_epi32(low, ODD), square->odd_low));
    sums->even = _mm256_add_epi64(sums->even, _mm256_sllv_epi64(even, shift));
    sums->odd = _mm256_add_epi64(sums->odd, _mm256_sllv_epi64(odd, shift));
}

// The sum is 2^PART x high and the rest of it, which is below 8 x 2^PART and so right modulo 2^32.
INLINE void multiply(const struct square *square, const struct operand *operand, struct sums *sums) {
    __m256i sum = _mm256_madd_epi16(square->pair[0], _mm256_set1_epi32(operand->pair[0]));
    __m256i high = _mm256_srai_epi32(sum, PART);
#pragma GCC unroll 8
    for (unsigned j = 1; j < PAIRS; j++) {
        const __m256i two = _mm256_madd_epi16(square->pair[j], _mm256_set1_epi32(operand->pair[j]));
        sum = _mm256_add_epi32(sum, two);
        high = _mm256_add_epi32(high, _mm256_srai_epi32(two, PART));
    }
    add_products(square, high, _mm256_sub_epi32(sum, _mm256_slli_epi32(high, PART)), operand->shift, sums);
}

// ---- rounding

// Above 2^52 the last 12 bits are below any rounding of binary32. They become one bit that is not 0 when they are not.
INLINE __m256i without_last_bits(__m256i sums) {
    const __m256i last = _mm256_and_si256(sums, _mm256_set1_epi64x(0xfff)),
                  limit = _mm256_set1_epi64x(INT64_C(1) << 52);
    const __m256i none = _mm256_cmpeq_epi64(last, _mm256_setzero_si256());
    const __m256i other =
        _mm256_or_si256(_mm256_xor_si256(sums, last), _mm256_andnot_si256(none, _mm256_set1_epi64x(0x800)));
    const __m256i is_large = _mm256_or_si256(_mm256_cmpgt_epi64(sums, limit),
                                             _mm256_cmpgt_epi64(_mm256_sub_epi64(_mm256_setzero_si256(), limit), sums));
    return _mm256_blendv_epi8(sums, other, is_large);
}

// Rounds integers of at most 53 bits and the zeros that follow. The upper and the lower 32 bits are written under 2^84
// and 2^52. The last addition is exact.
INLINE __m128 rounded(__m256i sums) {
    const __m256i lower = _mm256_blend_epi32(_mm256_set1_epi64x(0x4330000000000000), sums, 0x55);
    const __m256i upper =
        _mm256_xor_si256(_mm256_srli_epi64(sums, 32), _mm256_set1_epi64x(0x4530000080000000));       // 2^84 + 2^63
    const __m256d rest = _mm256_sub_pd(_mm256_castsi256_pd(upper), _mm256_set1_pd(0x1.00000801p84)); // and 2^52
    return _mm256_cvtpd_ps(_mm256_add_pd(rest, _mm256_castsi256_pd(lower)));
}

// ---- keys

// Some positions of a record, at most 8.
struct keys {
    const uint8_t *exponents;
    const int16_t *mantissas;
    uint32_t positions, groups, vectors;
    struct range range; // of the record's exponents
};

// Bytes of 8 rows, one each, as words.
INLINE __m256i column_of(const uint8_t *bytes, uint32_t stride) {
    uint64_t column = 0;
#pragma GCC unroll 8
    for (uint32_t row = 0; row < ROWS; row++) {
        column |= (uint64_t)bytes[(size_t)row * stride] << 8 * row;
    }
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((int64_t)column));
}

INLINE void multiply_keys(const struct keys *keys, const struct queries *queries, struct sums *sums) {
    for (uint32_t vector = 0; vector < keys->vectors; vector++) {
        sums[vector].even = sums[vector].odd = _mm256_setzero_si256();
    }
    for (uint32_t group = 0; group < keys->groups; group++) {
        const __m256i exponents = column_of(keys->exponents + group, keys->groups);
        struct square square;
        load_square(keys->mantissas + GROUP * group, exponents, keys->groups, keys->positions, keys->range.least,
                    &square);
        for (uint32_t vector = 0; vector < keys->vectors; vector++) {
            multiply(&square, &queries->operand[group][vector], &sums[vector]);
        }
    }
}

// factor: a power of two that keeps every result normal.
INLINE void put_scores(const struct sums *sums, bool is_double, float factor, uint32_t positions, float *scores) {
    const __m128 even = rounded(is_double ? sums->even : without_last_bits(sums->even));
    const __m128 odd = rounded(is_double ? sums->odd : without_last_bits(sums->odd));
    const __m256 all =
        _mm256_mul_ps(_mm256_set_m128(_mm_unpackhi_ps(even, odd), _mm_unpacklo_ps(even, odd)), _mm256_set1_ps(factor));
    if (positions >= ROWS) {
        _mm256_storeu_ps(scores, all);
        return;
    }
    const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_maskstore_ps(scores, _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)positions), places), all);
}

static inline int32_t exponent_of(const struct tern_dot_span *span, uint32_t vector, const struct queries *queries,
                                  struct range range) {
    return (int32_t)(queries->range[vector].least + range.least) + span->image[vector].base_exponent +
           TERN_CACHE_EXPONENT;
}

// Whether 64 bits hold the sums of a record with exponents of this range, and results are normal.
static bool fits(const struct tern_dot_span *span, const struct queries *queries, struct range range) {
    for (uint32_t vector = 0; vector < span->vectors; vector++) {
        const int32_t exponent = exponent_of(span, vector, queries, range);
        if (spread(queries->range[vector]) + spread(range) > SPREAD_OF(MOST_GROUPS) || exponent < -126 ||
            exponent > 127 - 63) {
            return false;
        }
    }
    return spread(range) <= LARGEST_ROW_SPREAD;
}

// Returns false and writes nothing for operands beyond 64 bits.
TARGET static bool try_record(const struct tern_dot_span *span, const struct queries *queries, uint32_t index,
                              float *const *scores) {
    const uint32_t positions = tern_dot_span_positions(span, index);
    const uint8_t *data = span->records + (size_t)index * span->record_bytes;
    struct keys keys = {.exponents = data,
                        .mantissas = (const int16_t *)(const void *)(data + tern_cache_mantissas_offset(
                                                                                TERN_CACHE_KEYS, span->head_size)),
                        .groups = tern_cache_head_groups(span->head_size),
                        .vectors = span->vectors};
    keys.range = range_of(data, positions * keys.groups, 1, 0);
    if (!fits(span, queries, keys.range)) {
        return false;
    }
    for (uint32_t first = 0; first < positions; first += ROWS) {
        struct sums sums[TERN_DOT_VECTORS];
        keys.positions = positions - first;
        multiply_keys(&keys, queries, sums);
        for (uint32_t vector = 0; vector < span->vectors; vector++) {
            const uint32_t bits = spread(queries->range[vector]) + spread(keys.range);
            const int32_t exponent = exponent_of(span, vector, queries, keys.range);
            put_scores(&sums[vector], bits <= SPREAD_OF(MOST_GROUPS) - LESS_FOR_DOUBLE,
                       tern_f32_from_bits((uint32_t)(127 + exponent) << 23), keys.positions,
                       scores[vector] + (span->first + index) * TERN_CACHE_POSITIONS + first);
        }
        keys.exponents += ROWS * keys.groups;
        keys.mantissas += (size_t)ROWS * GROUP * keys.groups;
    }
    return true;
}

// ---- values

INLINE void add_record(const struct tern_dot_span *span, const uint8_t *record, const struct operand *operands,
                       struct weighted *weighted) {
    const int16_t *mantissas =
        (const int16_t *)(const void *)(record + tern_cache_mantissas_offset(TERN_CACHE_VALUES, span->head_size));
    struct sums *sums = weighted->sums;
    for (uint32_t element = 0; element < span->head_size; element += ROWS) {
        // The bytes after the last exponent are padding.
        const __m256i exponents =
            _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(record + element)));
        struct square square;
        load_square(mantissas + (size_t)GROUP * element, exponents, 1, span->head_size - element,
                    weighted->exponents.least, &square);
        for (uint32_t vector = 0; vector < span->vectors; vector++) {
            multiply(&square, &operands[vector], sums++);
        }
    }
}

// sum += value << shift
static inline void add_shifted(struct tern_wide_sum *sum, int64_t value, uint32_t shift) {
    const uint64_t low = (uint64_t)value << shift;
    const int64_t high = shift ? value >> (64 - shift) : value >> 63;
    sum->low += low;
    sum->high += high + (sum->low < low);
}

INLINE void add_sums(const struct tern_dot_span *span, const struct weighted *weighted, struct tern_wide_sum *sums) {
    const struct sums *square = weighted->sums;
    for (uint32_t element = 0; element < span->head_size; element += ROWS) {
        const uint32_t left = span->head_size - element, rows = left < ROWS ? left : ROWS;
        for (uint32_t vector = 0; vector < span->vectors; vector++, square++) {
            int64_t values[2][ROWS / 2]; // even, odd
            __builtin_memcpy(values, square, sizeof values);
            for (uint32_t i = 0; i < rows; i++) {
                add_shifted(&sums[vector * span->head_size + element + i], values[i % 2][i / 2],
                            weighted->exponents.least + weighted->shifts[vector].least);
            }
        }
    }
}

// ---- sums

// Four sums of 128 bits.
struct wide {
    __m256i low, high;
};

INLINE struct wide load_wide(const struct tern_wide_sum *sums) {
    const __m256i a = load(sums), b = load(sums + 2);
    return (struct wide){_mm256_permute4x64_epi64(_mm256_unpacklo_epi64(a, b), 0xd8),
                         _mm256_permute4x64_epi64(_mm256_unpackhi_epi64(a, b), 0xd8)};
}

// Whether each sum has at most 96 bits.
INLINE bool fit_96(struct wide sums) {
    const __m256i signs = _mm256_shuffle_epi32(_mm256_srai_epi32(sums.high, 31), 0xa0);
    return (_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(signs, sums.high))) & 0xaa) == 0xaa;
}

// Rounds sums of at most 96 bits. One of more than 64 bits gives away its last 32: they become one bit that is not 0
// when they are not. It is far below the place of any rounding.
INLINE void finish_four(struct wide sums, __m128 factor, __m128 wide_factor, float *output) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i fits = _mm256_cmpeq_epi64(sums.high, _mm256_cmpgt_epi64(zero, sums.low));
    const __m256i is_none = _mm256_cmpeq_epi64(_mm256_slli_epi64(sums.low, 32), zero);
    const __m256i top = _mm256_or_si256(_mm256_slli_epi64(sums.high, 32), _mm256_srli_epi64(sums.low, 32));
    const __m256i wide = _mm256_or_si256(top, _mm256_andnot_si256(is_none, _mm256_set1_epi64x(1)));
    const __m256i words = _mm256_permutevar8x32_epi32(fits, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    const __m128 factors = _mm_blendv_ps(wide_factor, factor, _mm_castsi128_ps(_mm256_castsi256_si128(words)));
    const __m256i chosen = _mm256_blendv_epi8(wide, sums.low, fits);
    _mm_storeu_ps(output, _mm_mul_ps(rounded(without_last_bits(chosen)), factors));
}

TARGET static void finish(const struct tern_wide_sum *sums, uint32_t count, int32_t base_exponent, float *output) {
    const int32_t exponent = base_exponent + TERN_CACHE_EXPONENT;
    const bool are_normal = exponent >= -126 && exponent <= 127 - 63 - 32; // all results
    const uint32_t bits = (uint32_t)(127 + exponent) << 23, wide_bits = (uint32_t)(127 + exponent + 32) << 23;
    const __m128 factor = _mm_set1_ps(tern_f32_from_bits(bits)),
                 wide_factor = _mm_set1_ps(tern_f32_from_bits(wide_bits));
    uint32_t i = 0;
    for (; are_normal && i + 4 <= count; i += 4) {
        const struct wide four = load_wide(sums + i);
        if (!fit_96(four)) {
            break;
        }
        finish_four(four, factor, wide_factor, output + i);
    }
    tern_dot_finish(sums + i, count - i, base_exponent, output + i);
}

const struct tern_dot_path *tern_dot_avx2(void) {
    static const struct tern_dot_path path = {keys, values, tern_dot_add, finish};
    return tern_processor_has(TERN_PROCESSOR_AVX2) ? &path : NULL;
}
#else
const struct tern_dot_path *tern_dot_avx2(void) {
    return NULL;
}
#endif
