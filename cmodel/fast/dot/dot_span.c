// SPDX-License-Identifier: Apache-2.0
// The path of DOT in portable C. It takes one image at a time.
#include "cmodel/fast/dot/dot_span.h"

static void keys(const struct tern_dot_span *span, float *const *scores) {
    const uint8_t *record = span->records;
    for (uint32_t i = 0; i < span->count; i++, record += span->record_bytes) {
        for (uint32_t vector = 0; vector < span->vectors; vector++) {
            const struct tern_dot_image *image = &span->image[vector];
            tern_dot_key_record_portable(record, span->head_size, tern_dot_span_positions(span, i), image->mantissas,
                                         image->shifts, image->base_exponent,
                                         scores[vector] + (span->first + i) * TERN_CACHE_POSITIONS);
        }
    }
}

static void values(const struct tern_dot_span *span, struct tern_wide_sum *sums) {
    for (uint32_t vector = 0; vector < span->vectors; vector++) {
        const struct tern_dot_image *image = &span->image[vector];
        tern_dot_value_records_portable(span->records, span->count, span->head_size,
                                        image->mantissas + (size_t)span->first * TERN_GROUP_COLUMNS,
                                        image->shifts + span->first, sums + vector * span->head_size);
    }
}

void tern_dot_add(struct tern_wide_sum *sums, const struct tern_wide_sum *more, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        sums[i].low += more[i].low;
        sums[i].high += more[i].high + (sums[i].low < more[i].low);
    }
}

const struct tern_dot_path *tern_dot_portable(void) {
    static const struct tern_dot_path path = {keys, values, tern_dot_add, tern_dot_finish_portable};
    return &path;
}
