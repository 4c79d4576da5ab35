// SPDX-License-Identifier: Apache-2.0
#include "cmodel/attention/dot.h"

#include "cmodel/float/f32.h"

#define GROUP TERN_GROUP_COLUMNS
#define LARGEST_GROUP_SUM (16ll << 30) // memory may hold the mantissa -32768
#define LARGEST_SHIFT (TERN_MAX_SHIFT + TERN_CACHE_MAX_SHIFT)
#define MOST_GROUPS (TERN_MAX_POSITIONS / GROUP) // of a sum: values have more than keys
_Static_assert(LARGEST_GROUP_SUM == 1ll << 34 && LARGEST_SHIFT == 46 && MOST_GROUPS <= 1 << 11,
               "sums are at most 2^91, and tern_round_wide_sum() takes sums below 2^120");

enum tern_status tern_dot_check_header(const uint32_t header[4], uint32_t length, uint32_t *word) {
    int32_t base_exponent = (int32_t)header[0];
    if (header[3] != TERN_ACTIVATION_MAGIC) {
        *word = 3;
    } else if (header[1] != tern_groups(length)) {
        *word = 1;
    } else if (header[2] != length) {
        *word = 2;
    } else if (base_exponent < TERN_LEAST_BASE_EXPONENT || base_exponent > TERN_LARGEST_BASE_EXPONENT) {
        *word = 0;
    } else {
        return TERN_STATUS_OK;
    }
    return TERN_STATUS_BAD_ACTIVATION;
}

bool tern_dot_shifts_are_valid(const uint8_t *shifts, uint32_t count, uint32_t largest) {
    uint32_t bits = 0; // `largest` is one less than a power of two
    for (uint32_t i = 0; i < count; i++) {
        bits |= shifts[i];
    }
    return (bits & ~largest) == 0;
}

static int64_t group_sum(const int16_t *left, const int16_t *right) {
    int64_t sum = 0;
#pragma GCC unroll 16
    for (unsigned i = 0; i < GROUP; i++) {
        sum += left[i] * right[i];
    }
    return sum;
}

// sum += value x 2^shift; |value| <= 2^34, shift <= 46.
static void add_shifted(struct tern_wide_sum *sum, int64_t value, unsigned shift) {
    uint64_t low = (uint64_t)value << shift;
    int64_t high = shift ? value >> (64 - shift) : value >> 63;
    sum->low += low;
    sum->high += high + (sum->low < low);
}

void TERN_PORTABLE(tern_dot_key_record)(const uint8_t *record, uint32_t head_size, uint32_t positions,
                                        const int16_t *image_mantissas, const uint8_t *image_shifts,
                                        int32_t base_exponent, float *scores) {
    const uint32_t groups = tern_cache_head_groups(head_size);
    const uint8_t *exponent = record;
    const int16_t *key =
        (const int16_t *)(const void *)(record + tern_cache_mantissas_offset(TERN_CACHE_KEYS, head_size));
    for (uint32_t position = 0; position < positions; position++) {
        struct tern_wide_sum sum = {0, 0};
        for (uint32_t group = 0; group < groups; group++) {
            add_shifted(&sum, group_sum(key, image_mantissas + GROUP * group), *exponent++ + image_shifts[group]);
            key += GROUP;
        }
        scores[position] = tern_f32_from_bits(tern_round_wide_sum(sum, base_exponent + TERN_CACHE_EXPONENT));
    }
}

static void add_value_record(const uint8_t *record, uint32_t head_size, const int16_t *weights, uint8_t weight_shift,
                             struct tern_wide_sum *sums) {
    const int16_t *value =
        (const int16_t *)(const void *)(record + tern_cache_mantissas_offset(TERN_CACHE_VALUES, head_size));
    for (uint32_t element = 0; element < head_size; element++) {
        add_shifted(&sums[element], group_sum(value + GROUP * element, weights), record[element] + weight_shift);
    }
}

void TERN_PORTABLE(tern_dot_value_records)(const uint8_t *records, uint32_t count, uint32_t head_size,
                                           const int16_t *weights, const uint8_t *weight_shifts,
                                           struct tern_wide_sum *sums) {
    const uint32_t bytes = tern_cache_record_bytes(TERN_CACHE_VALUES, head_size);
    for (uint32_t i = 0; i < count; i++) {
        add_value_record(records + (size_t)i * bytes, head_size, weights + GROUP * i, weight_shifts[i], sums);
    }
}

void TERN_PORTABLE(tern_dot_finish)(const struct tern_wide_sum *sums, uint32_t head_size, int32_t base_exponent,
                                    float *output) {
    for (uint32_t element = 0; element < head_size; element++) {
        output[element] = tern_f32_from_bits(tern_round_wide_sum(sums[element], base_exponent + TERN_CACHE_EXPONENT));
    }
}
