// SPDX-License-Identifier: Apache-2.0
// Byte-pair merging. The neighbouring pair with the lowest rank in the merge table, the leftmost among equals, becomes
// one token, until no pair is in the table. A heap of pairs over a linked list takes O(n log n) for a word of n bytes.
#ifndef TERN_HOST_DRIVER_TEXT_BPE_MERGE_H
#define TERN_HOST_DRIVER_TEXT_BPE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tern_merge {
    uint32_t left;
    uint32_t right;
    uint32_t rank;
    uint32_t merged;
};

struct tern_merge_table {
    struct tern_merge *slots; // open-addressed; left == TERN_NO_TOKEN marks a free one
    uint32_t slot_mask;
};

enum tern_merge_result { TERN_MERGE_ADDED, TERN_MERGE_TWICE, TERN_MERGE_COLLISIONS };

bool tern_merge_table_create(struct tern_merge_table *table, size_t merge_count);
void tern_merge_table_destroy(struct tern_merge_table *table);
enum tern_merge_result tern_merge_table_add(struct tern_merge_table *table, struct tern_merge merge);
// NULL if the pair does not merge.
const struct tern_merge *tern_merge_table_find(const struct tern_merge_table *table, uint32_t left, uint32_t right);

struct tern_merge_symbol {
    uint32_t id;
    int32_t previous; // -1 at the ends
    int32_t next;
};

struct tern_merge_candidate {
    uint64_t order; // rank << 32 | position of the left symbol
    uint32_t merged;
    uint32_t right; // left and right: ids when the candidate was made, to detect one that is out of date
    uint32_t left;
};

// Memory that is reused for all words. The caller sets it to zero before the first.
struct tern_merge_scratch {
    struct tern_merge_symbol *symbols;
    size_t symbol_capacity;
    struct tern_merge_candidate *heap;
    size_t heap_count;
    size_t heap_capacity;
};

void tern_merge_scratch_destroy(struct tern_merge_scratch *scratch);

// Merges ids[0..*count-1] in place; *count is at most 2^30. Returns false without memory.
bool tern_merge_word(const struct tern_merge_table *table, struct tern_merge_scratch *scratch, uint32_t *ids,
                     size_t *count);

#endif
