// SPDX-License-Identifier: Apache-2.0
// What the paths of DOT with vector instructions share: their operands, and how many bits their sums take.
#ifndef TERN_CMODEL_FAST_DOT_DOT_OPERANDS_H
#define TERN_CMODEL_FAST_DOT_DOT_OPERANDS_H

#include "cmodel/fast/dot/dot_span.h"

#define GROUP TERN_GROUP_COLUMNS
#define PAIRS (GROUP / 2)
#define MOST_GROUPS (TERN_MAX_HEAD_SIZE / GROUP) // of a key, and of 16 elements each in a value record
#define PREFETCHED 4u                            // records ahead
#define MOST_RECORDS 32u                         // of values whose sums are added before they are widened
// A group sum is at most 2^34. A sum of n of them, with so many bits between the smallest and the largest shift, stays
// within 2^62.
#define SPREAD_OF(n) (28u - (31u - (uint32_t)__builtin_clz(2 * (n)-1)))
_Static_assert(SPREAD_OF(1) == 28 && SPREAD_OF(16) == 24 && SPREAD_OF(17) == 23 && SPREAD_OF(32) == 23,
               "34 bits, those of n - 1 and the spread are 62");
// A multiplier of the high bytes, 2^(8 + spread), is a positive word.
#define LARGEST_ROW_SPREAD 22u

// The mantissas of an image's group as pairs, and its shift less the least one. A mantissa is 256 x a signed byte + an
// unsigned byte. 16 products with either of them fit 32 bits.
struct operand {
    int32_t high[PAIRS], low[PAIRS];
    int64_t shift;
};

struct range {
    uint32_t least, most;
};

static inline struct range wider(struct range a, struct range b) {
    return (struct range){a.least < b.least ? a.least : b.least, a.most > b.most ? a.most : b.most};
}

static inline uint32_t spread(struct range range) {
    return range.most - range.least;
}

// Brings a later record near, also one that another thread takes. Nothing else reads the exponents so early, and the
// processor's own prefetching ends at a page.
static inline void prefetch(const struct tern_dot_span *span, uint32_t index) {
    const uint8_t *record = span->records + (size_t)(index + PREFETCHED) * span->record_bytes;
    for (uint32_t i = 0; i < span->record_bytes; i += 64) {
        __builtin_prefetch(record + i, 0, 2);
    }
}

#endif
