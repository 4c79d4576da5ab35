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
#define MOST_GROUPS (TERN_MAX_HEAD_SIZE / GROUP) // of a sum
_Static_assert(MOST_GROUPS == 16, "bits of a sum");
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

// The 16 products of two groups as four sums, each with BIAS. An unsigned half of a word needs no sign.
#define BIAS (INT64_C(1) << 32)
INLINE __m256i products(__m256i left, __m256i right) {
    const __m256i pairs =
        _mm256_xor_si256(_mm256_madd_epi16(left, right), _mm256_set1_epi32((int32_t)TERN_F32_SIGN_BIT));
    return _mm256_add_epi64(_mm256_and_si256(pairs, _mm256_set1_epi64x(UINT32_MAX)), _mm256_srli_epi64(pairs, 32));
}

// The sums over the lanes of a, b, c, d.
INLINE __m256i lane_sums(__m256i a, __m256i b, __m256i c, __m256i d) {
    const __m256i ab = _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    const __m256i cd = _mm256_add_epi64(_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    return _mm256_add_epi64(_mm256_permute2x128_si256(ab, cd, 0x20), _mm256_permute2x128_si256(ab, cd, 0x31));
}

// The sums of four groups, from their products.
INLINE __m256i group_sums(__m256i a, __m256i b, __m256i c, __m256i d) {
    return _mm256_sub_epi64(lane_sums(a, b, c, d), _mm256_set1_epi64x(LANES * BIAS));
}

// Four bytes as counts.
INLINE __m256i counts(const uint8_t *bytes) {
    int32_t four;
    __builtin_memcpy(&four, bytes, sizeof four);
    return _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four));
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

// One image and the keys of a record. Groups go four at a time; the last four may have fewer.
struct keys {
    const int16_t *mantissas;
    const uint8_t *exponents;
    __m256i image[MOST_GROUPS];
    __m256i image_shifts[MOST_GROUPS / LANES]; // less the least shift of all
    size_t groups;
};

INLINE __m256i key_products(const struct keys *keys, size_t at, size_t group) {
    return products(load(keys->mantissas + GROUP * (at + group)), keys->image[group]);
}

INLINE __m256i shifted(const struct keys *keys, size_t at, size_t group, __m256i sums) {
    const __m256i shift = _mm256_add_epi64(counts(keys->exponents + at + group), keys->image_shifts[group / LANES]);
    return _mm256_sllv_epi64(sums, shift);
}

// The last one to three groups of a position. Exponent bytes of a fourth one are not its own; its products are 0.
INLINE __m256i last_key_sums(const struct keys *keys, size_t at, size_t group) {
    const __m256i none = _mm256_set1_epi64x(BIAS);
    const size_t left = keys->groups - group;
    return shifted(keys, at, group,
                   group_sums(key_products(keys, at, group), left > 1 ? key_products(keys, at, group + 1) : none,
                              left > 2 ? key_products(keys, at, group + 2) : none, none));
}

// One position: the sum over the lanes is the dot product.
INLINE __m256i key_sums(const struct keys *keys, size_t position) {
    const size_t at = position * keys->groups;
    __m256i sum = _mm256_setzero_si256();
    size_t group = 0;
    for (; group + LANES <= keys->groups; group += LANES) {
        const __m256i four = group_sums(key_products(keys, at, group), key_products(keys, at, group + 1),
                                        key_products(keys, at, group + 2), key_products(keys, at, group + 3));
        sum = _mm256_add_epi64(sum, shifted(keys, at, group, four));
    }
    return group == keys->groups ? sum : _mm256_add_epi64(sum, last_key_sums(keys, at, group));
}

// factor: a power of two that keeps every result normal. A sum of 64 bits is rounded once, by its conversion. The last
// position stands for those that a last four positions do not have.
TARGET static void key_scores(const struct keys *keys, size_t positions, float factor, float *scores) {
    const size_t last = positions - 1;
    for (size_t start = 0; start < positions; start += LANES) {
        const size_t left = last - start;
        int64_t sums[LANES];
        _mm256_storeu_si256((__m256i *)(void *)sums,
                            lane_sums(key_sums(keys, start), key_sums(keys, left < 1 ? last : start + 1),
                                      key_sums(keys, left < 2 ? last : start + 2),
                                      key_sums(keys, left < 3 ? last : start + 3)));
        for (size_t i = 0; i < LANES && i <= left; i++) {
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
    int64_t shifts[MOST_GROUPS] = {0};
    __m256i bad = _mm256_setzero_si256();
    if (image.most - image.least + key.most - key.least > LARGEST_SPREAD || exponent < -126 || exponent > 127 - 63) {
        return false;
    }
    for (uint32_t group = 0; group < keys.groups; group++) {
        keys.image[group] = load(image_mantissas + GROUP * group);
        shifts[group] = (int64_t)image_shifts[group] - least;
        bad = _mm256_or_si256(bad, least_lanes(keys.image[group]));
    }
    for (uint32_t group = 0; group < keys.groups; group += LANES) {
        keys.image_shifts[group / LANES] = _mm256_loadu_si256((const __m256i *)(const void *)(shifts + group));
    }
    if (is_any(bad)) {
        return false;
    }
    key_scores(&keys, positions, tern_f32_from_bits((uint32_t)(127 + exponent) << 23), scores);
    return true;
}

// sum += value << shift
static inline void add_shifted(struct tern_wide_sum *sum, int64_t value, uint32_t shift) {
    const uint64_t low = (uint64_t)value << shift;
    const int64_t high = shift ? value >> (64 - shift) : value >> 63;
    sum->low += low;
    sum->high += high + (sum->low < low);
}

// Some records. Sums are in 64 bits, counted from the least shift, until all of them are added.
struct values {
    const uint8_t *records; // the first one's exponent bytes
    uint32_t bytes, count, mantissas_offset;
    const int16_t *weights;
    const uint8_t *weight_shifts;
    uint32_t least; // shift
};

// Four elements, from number e.
INLINE void add_four(const struct values *values, uint32_t e, struct tern_wide_sum *sums) {
    __m256i sum = _mm256_setzero_si256();
    int64_t four[LANES];
    for (uint32_t i = 0; i < values->count; i++) {
        const uint8_t *record = values->records + (size_t)i * values->bytes;
        const int16_t *group = (const int16_t *)(const void *)(record + values->mantissas_offset) + GROUP * e;
        const __m256i weight = load(values->weights + GROUP * i);
        const __m256i value =
            group_sums(products(load(group), weight), products(load(group + GROUP), weight),
                       products(load(group + 2 * GROUP), weight), products(load(group + 3 * GROUP), weight));
        const __m256i shift = _mm256_set1_epi64x((int64_t)values->weight_shifts[i] - values->least);
        sum = _mm256_add_epi64(sum, _mm256_sllv_epi64(value, _mm256_add_epi64(counts(record + e), shift)));
    }
    _mm256_storeu_si256((__m256i *)(void *)four, sum);
    for (uint32_t i = 0; i < LANES; i++) {
        add_shifted(&sums[e + i], four[i], values->least);
    }
}

// The least and the largest exponent byte of all records.
static struct range exponents_of(const struct values *values, uint32_t head_size) {
    struct range all = {UINT8_MAX, 0};
    for (uint32_t i = 0; i < values->count; i++) {
        const struct range one = range_of(values->records + (size_t)i * values->bytes, head_size);
        all.least = one.least < all.least ? one.least : all.least;
        all.most = one.most > all.most ? one.most : all.most;
    }
    return all;
}

TARGET static bool try_values(const uint8_t *records, uint32_t count, uint32_t head_size, const int16_t *weights,
                              const uint8_t *weight_shifts, struct tern_wide_sum *sums) {
    struct values values = {.records = records,
                            .bytes = tern_cache_record_bytes(TERN_CACHE_VALUES, head_size),
                            .count = count,
                            .mantissas_offset = tern_cache_mantissas_offset(TERN_CACHE_VALUES, head_size),
                            .weights = weights,
                            .weight_shifts = weight_shifts};
    const struct range weight = range_of(weight_shifts, count), value = exponents_of(&values, head_size);
    __m256i bad = _mm256_setzero_si256();
    for (uint32_t i = 0; i < count; i++) {
        bad = _mm256_or_si256(bad, least_lanes(load(weights + GROUP * i)));
    }
    if (is_any(bad) || head_size % LANES != 0 || count > MOST_GROUPS ||
        weight.most - weight.least + value.most - value.least > LARGEST_SPREAD) {
        return false;
    }
    values.least = weight.least + value.least;
    for (uint32_t e = 0; e < head_size; e += LANES) {
        add_four(&values, e, sums);
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

void tern_dot_value_records(const uint8_t *records, uint32_t count, uint32_t head_size, const int16_t *weights,
                            const uint8_t *weight_shifts, struct tern_wide_sum *sums) {
    if (!has_avx2() || !try_values(records, count, head_size, weights, weight_shifts, sums)) {
        tern_dot_value_records_portable(records, count, head_size, weights, weight_shifts, sums);
    }
}

// A sum of more than 64 bits as one of 63 bits, times 2^*drop. The last bit of the result is 1 when bits are lost. It
// is far below the place of any rounding.
static int64_t top_bits(struct tern_wide_sum sum, int *drop) {
    const int64_t sign = sum.high >> 63;
    const uint64_t above = (uint64_t)(sum.high ^ sign);
    if (above == 0 && (int64_t)(sum.low ^ (uint64_t)sign) >= 0) {
        *drop = 0;
        return (int64_t)sum.low;
    }
    *drop = above ? 66 - __builtin_clzll(above) : 2; // up to 58: |sum| < 2^120
    const uint64_t top = (uint64_t)sum.high << (64 - *drop) | sum.low >> *drop;
    return (int64_t)(top | (sum.low << (64 - *drop) != 0));
}

void tern_dot_finish(const struct tern_wide_sum *sums, uint32_t head_size, int32_t base_exponent, float *output) {
    for (uint32_t i = 0; i < head_size; i++) {
        int drop;
        const int64_t top = top_bits(sums[i], &drop);
        const int32_t exponent = base_exponent + TERN_CACHE_EXPONENT + drop;
        if (exponent >= -126 && exponent <= 127 - 63) {
            output[i] = (float)top * tern_f32_from_bits((uint32_t)(127 + exponent) << 23);
        } else {
            tern_dot_finish_portable(sums + i, 1, base_exponent, output + i);
        }
    }
}
