// SPDX-License-Identifier: Apache-2.0
// The paths of DOT that take one image at a time.
#include "cmodel/fast/dot_span.h"

#include "cmodel/fast/processor.h"

#define AT_ONCE 16u // value records: sums of so many fit the 64 bits of fast/dot.c

static void keys_by_record(const struct tern_dot_span *span, float *const *scores,
                           __typeof__(tern_dot_key_record) *dot) {
    const uint8_t *record = span->records;
    for (uint32_t i = 0; i < span->count; i++, record += span->record_bytes) {
        for (uint32_t vector = 0; vector < span->vectors; vector++) {
            const struct tern_dot_image *image = &span->image[vector];
            dot(record, span->head_size, tern_dot_span_positions(span, i), image->mantissas, image->shifts,
                image->base_exponent, scores[vector] + (span->first + i) * TERN_CACHE_POSITIONS);
        }
    }
}

static void values_by_image(const struct tern_dot_span *span, struct tern_wide_sum *sums,
                            __typeof__(tern_dot_value_records) *dot) {
    for (uint32_t i = 0; i < span->count; i += AT_ONCE) {
        const uint32_t count = span->count - i < AT_ONCE ? span->count - i : AT_ONCE, record = span->first + i;
        for (uint32_t vector = 0; vector < span->vectors; vector++) {
            const struct tern_dot_image *image = &span->image[vector];
            dot(span->records + (size_t)i * span->record_bytes, count, span->head_size,
                image->mantissas + record * TERN_GROUP_COLUMNS, image->shifts + record,
                sums + vector * span->head_size);
        }
    }
}

static void portable_keys(const struct tern_dot_span *span, float *const *scores) {
    keys_by_record(span, scores, tern_dot_key_record_portable);
}

static void portable_values(const struct tern_dot_span *span, struct tern_wide_sum *sums) {
    values_by_image(span, sums, tern_dot_value_records_portable);
}

static void avx2_keys(const struct tern_dot_span *span, float *const *scores) {
    keys_by_record(span, scores, tern_dot_key_record);
}

static void avx2_values(const struct tern_dot_span *span, struct tern_wide_sum *sums) {
    values_by_image(span, sums, tern_dot_value_records);
}

static void add(struct tern_wide_sum *sums, const struct tern_wide_sum *more, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        sums[i].low += more[i].low;
        sums[i].high += more[i].high + (sums[i].low < more[i].low);
    }
}

const struct tern_dot_path *tern_dot_portable(void) {
    static const struct tern_dot_path path = {portable_keys, portable_values, add, tern_dot_finish_portable};
    return &path;
}

const struct tern_dot_path *tern_dot_avx2(void) {
    static const struct tern_dot_path path = {avx2_keys, avx2_values, add, tern_dot_finish};
    return tern_processor_has(TERN_PROCESSOR_AVX2) ? &path : NULL;
}
