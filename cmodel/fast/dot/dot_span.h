// SPDX-License-Identifier: Apache-2.0
// Some records of a head with the images of all vectors: what a path of DOT takes at once.
#ifndef TERN_CMODEL_FAST_DOT_DOT_SPAN_H
#define TERN_CMODEL_FAST_DOT_DOT_SPAN_H

#include "cmodel/attention/dot.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_dot_image {
    const int16_t *mantissas;
    const uint8_t *shifts;
    int32_t base_exponent;
};

struct tern_dot_span {
    uint32_t head_size;
    uint32_t positions;     // of the head, from record 0
    uint32_t first, count;  // records
    const uint8_t *records; // record `first`
    uint32_t record_bytes;  // from one to the next
    uint32_t vectors;       // 1..DOT_VECTORS
    struct tern_dot_image image[TERN_DOT_VECTORS];
};

// Images and exponent bytes are sound, as tern_dot_run_head() checks them. Any other operands are taken.
struct tern_dot_path {
    // scores[v]: f32 [positions] of vector v. Those of the span are written.
    void (*keys)(const struct tern_dot_span *span, float *const *scores);
    // Adds the span to sums [vectors][head_size].
    void (*values)(const struct tern_dot_span *span, struct tern_wide_sum *sums);
    // sums[i] += more[i]
    void (*add)(struct tern_wide_sum *sums, const struct tern_wide_sum *more, uint32_t count);
    // Rounds sums, as tern_dot_finish() does.
    void (*finish)(const struct tern_wide_sum *sums, uint32_t count, int32_t base_exponent, float *output);
};

// NULL where this processor cannot run it.
const struct tern_dot_path *tern_dot_portable(void);
const struct tern_dot_path *tern_dot_avx2(void);
const struct tern_dot_path *tern_dot_avx512(void);

// sums[i] += more[i], in portable C.
void tern_dot_add(struct tern_wide_sum *sums, const struct tern_wide_sum *more, uint32_t count);

// `count` records from number `index` of the span.
static inline struct tern_dot_span tern_dot_span_part(const struct tern_dot_span *span, uint32_t index,
                                                      uint32_t count) {
    struct tern_dot_span part = *span;
    part.first += index;
    part.count = count;
    part.records += (size_t)index * span->record_bytes;
    return part;
}

// Positions of record number `index` of the span that are in use.
static inline uint32_t tern_dot_span_positions(const struct tern_dot_span *span, uint32_t index) {
    const uint32_t left = span->positions - (span->first + index) * TERN_CACHE_POSITIONS;
    return left < TERN_CACHE_POSITIONS ? left : TERN_CACHE_POSITIONS;
}

#ifdef __cplusplus
}
#endif
#endif
