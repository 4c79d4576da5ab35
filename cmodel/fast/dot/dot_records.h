// SPDX-License-Identifier: Apache-2.0
// What the vector paths of DOT share: the limits of their sums, their operands and the order of the records. A square
// is ROWS groups. A path defines TARGET, INLINE, ROWS, struct operand, an image's group, and struct sums, the sums of a
// square. Then it includes this file. After it the path defines the functions declared below.
#ifndef TERN_CMODEL_FAST_DOT_DOT_RECORDS_H
#define TERN_CMODEL_FAST_DOT_DOT_RECORDS_H

#include "cmodel/fast/dot/dot_span.h"

#define MOST_GROUPS (TERN_MAX_HEAD_SIZE / GROUP) // of a key
#define MOST_SQUARES (TERN_MAX_HEAD_SIZE / ROWS) // of a value record
#define PREFETCHED 4u                            // records ahead
#define MOST_RECORDS 32u                         // of values whose sums are added before they are widened
// A group sum is at most 2^34. A sum of n of them, with so many bits between the smallest and the largest shift, stays
// within 2^62.
#define SPREAD_OF(n) (28u - (31u - (uint32_t)__builtin_clz(2 * (n)-1)))
_Static_assert(SPREAD_OF(1) == 28 && SPREAD_OF(16) == 24 && SPREAD_OF(17) == 23 && SPREAD_OF(32) == 23,
               "34 bits, those of n - 1 and the spread are 62");
// A multiplier of the high bytes, 2^(8 + spread), is a positive word.
#define LARGEST_ROW_SPREAD 22u

struct range {
    uint32_t least, most;
};

// The images of all vectors.
struct queries {
    struct operand operand[MOST_GROUPS][TERN_DOT_VECTORS];
    struct range range[TERN_DOT_VECTORS];
    bool are_fit; // all operands
};

// Weights of some records, and the sums of their products.
struct weighted {
    struct operand operand[MOST_RECORDS][TERN_DOT_VECTORS];
    struct range exponents, shifts[TERN_DOT_VECTORS];
    struct sums sums[MOST_SQUARES * TERN_DOT_VECTORS]; // [squares][vectors]
};

// Takes a group of an image, its shift less the least one. Returns false for mantissas that the path cannot take.
INLINE bool load_operand(const int16_t *mantissas, uint32_t shift, struct operand *operand);
// Of `count` bytes in each of some rows.
INLINE struct range range_of(const uint8_t *bytes, uint32_t count, uint32_t rows, size_t stride);
// Scores of a record. Returns false and writes nothing for operands beyond 64 bits.
TARGET static bool try_record(const struct tern_dot_span *span, const struct queries *queries, uint32_t index,
                              float *const *scores);
// Adds the products of a value record to weighted->sums.
INLINE void add_record(const struct tern_dot_span *span, const uint8_t *record, const struct operand *operands,
                       struct weighted *weighted);
// Adds weighted->sums to those of the span.
INLINE void add_sums(const struct tern_dot_span *span, const struct weighted *weighted, struct tern_wide_sum *sums);

INLINE struct range wider(struct range a, struct range b) {
    return (struct range){a.least < b.least ? a.least : b.least, a.most > b.most ? a.most : b.most};
}

static inline uint32_t spread(struct range range) {
    return range.most - range.least;
}

// Brings a later record near, also one that another thread takes. Nothing else reads the exponents so early, and the
// processor's own prefetching ends at a page.
INLINE void prefetch(const struct tern_dot_span *span, uint32_t index) {
    const uint8_t *record = span->records + (size_t)(index + PREFETCHED) * span->record_bytes;
    for (uint32_t i = 0; i < span->record_bytes; i += 64) {
        _mm_prefetch((const char *)record + i, _MM_HINT_T1);
    }
}

// ---- keys

TARGET static void load_queries(const struct tern_dot_span *span, struct queries *queries) {
    const uint32_t groups = tern_cache_head_groups(span->head_size);
    queries->are_fit = true;
    for (uint32_t vector = 0; vector < span->vectors; vector++) {
        const struct tern_dot_image *image = &span->image[vector];
        const struct range range = queries->range[vector] = range_of(image->shifts, groups, 1, 0);
        for (uint32_t group = 0; group < groups; group++) {
            queries->are_fit &= load_operand(image->mantissas + GROUP * group, image->shifts[group] - range.least,
                                             &queries->operand[group][vector]);
        }
    }
}

TARGET static void keys(const struct tern_dot_span *span, float *const *scores) {
    struct queries queries;
    load_queries(span, &queries);
    for (uint32_t index = 0; index < span->count; index++) {
        prefetch(span, index);
        if (!queries.are_fit || !try_record(span, &queries, index, scores)) {
            const struct tern_dot_span one = tern_dot_span_part(span, index, 1);
            tern_dot_portable()->keys(&one, scores);
        }
    }
}

// ---- values

// Returns false when 64 bits may not hold the sums of `count` records, or the path cannot take a weight.
INLINE bool load_weights(const struct tern_dot_span *span, uint32_t index, uint32_t count, struct weighted *weighted) {
    const uint32_t record = span->first + index;
    weighted->exponents =
        range_of(span->records + (size_t)index * span->record_bytes, span->head_size, count, span->record_bytes);
    for (uint32_t vector = 0; vector < span->vectors; vector++) {
        const struct tern_dot_image *image = &span->image[vector];
        const struct range range = weighted->shifts[vector] = range_of(image->shifts + record, count, 1, 0);
        if (spread(range) + spread(weighted->exponents) > SPREAD_OF(count) ||
            spread(weighted->exponents) > LARGEST_ROW_SPREAD) {
            return false;
        }
        for (uint32_t i = 0; i < count; i++) {
            if (!load_operand(image->mantissas + GROUP * (record + i), image->shifts[record + i] - range.least,
                              &weighted->operand[i][vector])) {
                return false;
            }
        }
    }
    return true;
}

TARGET static bool try_records(const struct tern_dot_span *span, uint32_t index, uint32_t count,
                               struct weighted *weighted, struct tern_wide_sum *sums) {
    const uint32_t squares = (span->head_size + ROWS - 1) / ROWS;
    if (!load_weights(span, index, count, weighted)) {
        return false;
    }
    __builtin_memset(weighted->sums, 0, sizeof *weighted->sums * squares * span->vectors);
    for (uint32_t i = 0; i < count; i++) {
        prefetch(span, index + i);
        add_record(span, span->records + (size_t)(index + i) * span->record_bytes, weighted->operand[i], weighted);
    }
    add_sums(span, weighted, sums);
    return true;
}

// Records whose shifts differ much are taken fewer at once; a single one with operands of any size.
static void add_records(const struct tern_dot_span *span, uint32_t index, uint32_t count, struct weighted *weighted,
                        struct tern_wide_sum *sums) {
    if (try_records(span, index, count, weighted, sums)) {
        return;
    }
    if (count > 1) {
        add_records(span, index, count / 2, weighted, sums);
        add_records(span, index + count / 2, count - count / 2, weighted, sums);
        return;
    }
    const struct tern_dot_span one = tern_dot_span_part(span, index, 1);
    tern_dot_portable()->values(&one, sums);
}

static void values(const struct tern_dot_span *span, struct tern_wide_sum *sums) {
    struct weighted weighted;
    for (uint32_t index = 0; index < span->count; index += MOST_RECORDS) {
        const uint32_t left = span->count - index;
        add_records(span, index, left < MOST_RECORDS ? left : MOST_RECORDS, &weighted, sums);
    }
}

#endif
