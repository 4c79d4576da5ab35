// SPDX-License-Identifier: Apache-2.0
// The host's dot products of records: exact sums in 64-bit integers, four at a time. Operands beyond that, and
// processors without AVX2, use the portable functions.
#include "cmodel/attention/dot.h"

#include "cmodel/fast/processor.h"
#include "cmodel/float/f32.h"

#if defined(TERN_X86)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define GROUP TERN_GROUP_COLUMNS
#define LANES 4u
#define MOST_KEY_GROUPS (TERN_MAX_HEAD_SIZE / GROUP)
// 16 groups of 2^34, and so many bits between the smallest and the largest shift, stay below 2^62.
#define LARGEST_SPREAD 24u

INLINE __m256i load(const int16_t *group) {
    return _mm256_loadu_si256((const __m256i *)(const void *)group);
}

// Two products of -32768 by itself are the only pair whose sum leaves 32 bits.
INLINE __m256i least_lanes(__m256i mantissas) {
    return _mm256_cmpeq_epi16(mantissas, _mm256_set1_epi16(INT16_MIN));
}

INLINE bool is_any(__m256i mask) {
    return _mm256_movemask_epi8(mask) != 0;
}

// The 16 products of two groups as four sums.
INLINE __m256i products(__m256i left, __m256i right) {
    const __m256i pairs = _mm256_madd_epi16(left, right);
    return _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(pairs)),
                            _mm256_cvtepi32_epi64(_mm256_extracti128_si256(pairs, 1)));
}

// The sums over the lanes of a, b, c, d.
INLINE __m256i lane_sums(__m256i a, __m256i b, __m256i c, __m256i d) {
    const __m256i ab = _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    const __m256i cd = _mm256_add_epi64(_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    return _mm256_add_epi64(_mm256_permute2x128_si256(ab, cd, 0x20), _mm256_permute2x128_si256(ab, cd, 0x31));
}

struct range {
    uint32_t least, most;
};

static inline struct range range_of(const uint8_t *bytes, uint32_t count) {
    struct range range = {UINT8_MAX, 0};
    for (uint32_t i = 0; i < count; i++) {
        range.least = bytes[i] < range.least ? bytes[i] : range.least;
        range.most = bytes[i] > range.most ? bytes[i] : range.most;
    }
    return range;
}

// One image and the keys of a record. Shifts are counted from `least`, that of the smallest sum.
struct keys {
    const int16_t *mantissas;
    const uint8_t *exponents;
    __m256i image[MOST_KEY_GROUPS];
    int64_t image_shifts[MOST_KEY_GROUPS]; // less `least`
    uint32_t groups;
};

INLINE __m256i key_sums(const struct keys *keys, uint32_t position) {
    __m256i sum = _mm256_setzero_si256();
    for (uint32_t group = 0; group < keys->groups; group++) {
        const uint32_t at = position * keys->groups + group;
        const __m256i shift = _mm256_set1_epi64x(keys->image_shifts[group] + keys->exponents[at]);
        sum = _mm256_add_epi64(
            sum, _mm256_sllv_epi64(products(load(keys->mantissas + GROUP * at), keys->image[group]), shift));
    }
    return sum;
}

// factor: a power of two that keeps every result normal. A sum of 64 bits is rounded once, by its conversion.
TARGET static void key_scores(const struct keys *keys, uint32_t positions, float factor, float *scores) {
    for (uint32_t start = 0; start < positions; start += LANES) {
        __m256i sum[LANES];
        int64_t sums[LANES];
        for (uint32_t i = 0; i < LANES; i++) {
            sum[i] = start + i < positions ? key_sums(keys, start + i) : _mm256_setzero_si256();
        }
        _mm256_storeu_si256((__m256i *)(void *)sums, lane_sums(sum[0], sum[1], sum[2], sum[3]));
        for (uint32_t i = 0; i < LANES && start + i < positions; i++) {
            scores[start + i] = (float)sums[i] * factor;
        }
    }
}

// Returns false and writes nothing for operands beyond 64 bits.
TARGET static bool try_keys(const uint8_t *record, uint32_t head_size, uint32_t positions,
                            const int16_t *image_mantissas, const uint8_t *image_shifts, int32_t base_exponent,
                            float *scores) {
    struct keys keys = {
        .mantissas = (const int16_t *)(const void *)(record + tern_cache_mantissas_offset(TERN_CACHE_KEYS, head_size)),
        .exponents = record,
        .groups = tern_cache_head_groups(head_size)};
    const struct range image = range_of(image_shifts, keys.groups), key = range_of(record, positions * keys.groups);
    const int32_t least = (int32_t)(image.least + key.least);
    const int32_t exponent = least + base_exponent + TERN_CACHE_EXPONENT;
    __m256i bad = _mm256_setzero_si256();
    if (image.most - image.least + key.most - key.least > LARGEST_SPREAD || exponent < -126 || exponent > 127 - 63) {
        return false;
    }
    for (uint32_t group = 0; group < keys.groups; group++) {
        keys.image[group] = load(image_mantissas + GROUP * group);
        keys.image_shifts[group] = (int64_t)image_shifts[group] - least;
        bad = _mm256_or_si256(bad, least_lanes(keys.image[group]));
    }
    if (is_any(bad)) {
        return false;
    }
    key_scores(&keys, positions, tern_f32_from_bits((uint32_t)(127 + exponent) << 23), scores);
    return true;
}

// Adds value << shift to four sums of 128 bits. Elements are in the order 0, 2, 1, 3, which is that of the low words
// of two pairs of sums.
INLINE void add_four(struct tern_wide_sum *sums, __m256i value, __m256i shift) {
    const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
    const __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)sums);
    const __m256i second = _mm256_loadu_si256((const __m256i *)(const void *)(sums + 2));
    const __m256i is_negative = _mm256_cmpgt_epi64(_mm256_setzero_si256(), value);
    const __m256i low = _mm256_sllv_epi64(value, shift);
    __m256i high = _mm256_srlv_epi64(value, _mm256_sub_epi64(_mm256_set1_epi64x(64), shift));
    high = _mm256_or_si256(high, _mm256_sllv_epi64(is_negative, shift));
    const __m256i new_low = _mm256_add_epi64(_mm256_unpacklo_epi64(first, second), low);
    const __m256i carry = _mm256_cmpgt_epi64(_mm256_xor_si256(low, sign), _mm256_xor_si256(new_low, sign));
    high = _mm256_add_epi64(_mm256_unpackhi_epi64(first, second), high);
    high = _mm256_sub_epi64(high, carry);
    _mm256_storeu_si256((__m256i *)(void *)sums, _mm256_unpacklo_epi64(new_low, high));
    _mm256_storeu_si256((__m256i *)(void *)(sums + 2), _mm256_unpackhi_epi64(new_low, high));
}

TARGET static bool try_values(const uint8_t *record, uint32_t head_size, const int16_t *weights, uint8_t weight_shift,
                              struct tern_wide_sum *sums) {
    const int16_t *value =
        (const int16_t *)(const void *)(record + tern_cache_mantissas_offset(TERN_CACHE_VALUES, head_size));
    const __m256i weight = load(weights), weight_shifts = _mm256_set1_epi64x(weight_shift);
    if (head_size % LANES != 0 || is_any(least_lanes(weight))) {
        return false;
    }
    for (uint32_t e = 0; e < head_size; e += LANES) {
        const int16_t *group = value + GROUP * e;
        const __m256i value_sums =
            lane_sums(products(load(group), weight), products(load(group + 2 * GROUP), weight),
                      products(load(group + GROUP), weight), products(load(group + 3 * GROUP), weight));
        const __m256i exponents = _mm256_set_epi64x(record[e + 3], record[e + 1], record[e + 2], record[e]);
        add_four(sums + e, value_sums, _mm256_add_epi64(exponents, weight_shifts));
    }
    return true;
}

static bool has_avx2(void) {
    return tern_processor_has(TERN_PROCESSOR_AVX2);
}
#else
#define has_avx2() false
#define try_keys(...) false
#define try_values(...) false
#endif

void tern_dot_key_record(const uint8_t *record, uint32_t head_size, uint32_t positions, const int16_t *image_mantissas,
                         const uint8_t *image_shifts, int32_t base_exponent, float *scores) {
    if (!has_avx2() || !try_keys(record, head_size, positions, image_mantissas, image_shifts, base_exponent, scores)) {
        tern_dot_key_record_portable(record, head_size, positions, image_mantissas, image_shifts, base_exponent,
                                     scores);
    }
}

void tern_dot_value_record(const uint8_t *record, uint32_t head_size, const int16_t *weights, uint8_t weight_shift,
                           struct tern_wide_sum *sums) {
    if (!has_avx2() || !try_values(record, head_size, weights, weight_shift, sums)) {
        tern_dot_value_record_portable(record, head_size, weights, weight_shift, sums);
    }
}
