// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/bpe_merge.h"

#include <stdlib.h>
#include <string.h>

#include "host_driver/text/tokenizer.h"
#include "host_driver/text/vocabulary.h"

// Most words have a few bytes. Up to this length a search of all pairs is faster than a heap.
#define SHORT_WORD 12

static uint32_t hash_pair(uint32_t left, uint32_t right) {
    uint64_t key = ((uint64_t)left << 32 | right) * UINT64_C(0x9E3779B97F4A7C15);
    key ^= key >> 32;
    return (uint32_t)((key * UINT64_C(0xFF51AFD7ED558CCD)) >> 32);
}

bool tern_merge_table_create(struct tern_merge_table *table, size_t merge_count) {
    size_t slot_count = 16;
    while (slot_count < 2 * merge_count) {
        slot_count *= 2;
    }
    table->slots = malloc(slot_count * sizeof *table->slots);
    if (!table->slots) {
        return false;
    }
    memset(table->slots, 0xFF, slot_count * sizeof *table->slots);
    table->slot_mask = (uint32_t)(slot_count - 1);
    return true;
}

void tern_merge_table_destroy(struct tern_merge_table *table) {
    free(table->slots);
    memset(table, 0, sizeof *table);
}

enum tern_merge_result tern_merge_table_add(struct tern_merge_table *table, struct tern_merge merge) {
    uint32_t slot = hash_pair(merge.left, merge.right) & table->slot_mask;
    for (uint32_t probes = 0; table->slots[slot].left != TERN_NO_TOKEN; probes++) {
        if (table->slots[slot].left == merge.left && table->slots[slot].right == merge.right) {
            return TERN_MERGE_TWICE;
        }
        if (probes == TERN_HASH_MAX_PROBES) {
            return TERN_MERGE_COLLISIONS;
        }
        slot = (slot + 1) & table->slot_mask;
    }
    table->slots[slot] = merge;
    return TERN_MERGE_ADDED;
}

const struct tern_merge *tern_merge_table_find(const struct tern_merge_table *table, uint32_t left, uint32_t right) {
    uint32_t slot = hash_pair(left, right) & table->slot_mask;
    while (table->slots[slot].left != TERN_NO_TOKEN) {
        const struct tern_merge *merge = &table->slots[slot];
        if (merge->left == left && merge->right == right) {
            return merge;
        }
        slot = (slot + 1) & table->slot_mask;
    }
    return NULL;
}

void tern_merge_scratch_destroy(struct tern_merge_scratch *scratch) {
    free(scratch->symbols);
    free(scratch->heap);
    memset(scratch, 0, sizeof *scratch);
}

static bool scratch_reserve(struct tern_merge_scratch *scratch, size_t count) {
    if (count > scratch->symbol_capacity) {
        struct tern_merge_symbol *symbols = realloc(scratch->symbols, count * sizeof *symbols);
        if (!symbols) {
            return false;
        }
        scratch->symbols = symbols;
        scratch->symbol_capacity = count;
    }
    // A word of n symbols has n-1 pairs, and each of its at most n-1 merges makes two more.
    if (3 * count > scratch->heap_capacity) {
        struct tern_merge_candidate *heap = realloc(scratch->heap, 3 * count * sizeof *heap);
        if (!heap) {
            return false;
        }
        scratch->heap = heap;
        scratch->heap_capacity = 3 * count;
    }
    return true;
}

static void heap_push(struct tern_merge_scratch *scratch, struct tern_merge_candidate candidate) {
    struct tern_merge_candidate *heap = scratch->heap;
    size_t at = scratch->heap_count++;
    while (at > 0 && heap[(at - 1) / 2].order > candidate.order) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = candidate;
}

static struct tern_merge_candidate heap_pop(struct tern_merge_scratch *scratch) {
    struct tern_merge_candidate *heap = scratch->heap;
    struct tern_merge_candidate top = heap[0];
    struct tern_merge_candidate last = heap[--scratch->heap_count];
    size_t at = 0;
    for (size_t child = 1; child < scratch->heap_count; child = 2 * at + 1) {
        if (child + 1 < scratch->heap_count && heap[child + 1].order < heap[child].order) {
            ++child;
        }
        if (heap[child].order >= last.order) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return top;
}

static void offer_pair(const struct tern_merge_table *table, struct tern_merge_scratch *scratch, int32_t position) {
    if (position < 0 || scratch->symbols[position].next < 0) {
        return;
    }
    uint32_t left = scratch->symbols[position].id;
    uint32_t right = scratch->symbols[scratch->symbols[position].next].id;
    const struct tern_merge *merge = tern_merge_table_find(table, left, right);
    if (!merge) {
        return;
    }
    heap_push(scratch, (struct tern_merge_candidate){.order = (uint64_t)merge->rank << 32 | (uint32_t)position,
                                                     .merged = merge->merged,
                                                     .left = left,
                                                     .right = right});
}

// A removed symbol has id TERN_NO_TOKEN, so a candidate with it does not match.
static bool is_current(const struct tern_merge_symbol *symbols, int32_t position,
                       const struct tern_merge_candidate *candidate) {
    return symbols[position].id == candidate->left && symbols[position].next >= 0 &&
           symbols[symbols[position].next].id == candidate->right;
}

static void apply(const struct tern_merge_table *table, struct tern_merge_scratch *scratch, int32_t position,
                  uint32_t merged) {
    struct tern_merge_symbol *symbols = scratch->symbols;
    int32_t swallowed = symbols[position].next;
    symbols[position].id = merged;
    symbols[position].next = symbols[swallowed].next;
    if (symbols[position].next >= 0) {
        symbols[symbols[position].next].previous = position;
    }
    symbols[swallowed].id = TERN_NO_TOKEN;
    offer_pair(table, scratch, symbols[position].previous);
    offer_pair(table, scratch, position);
}

static void merge_short(const struct tern_merge_table *table, uint32_t *ids, size_t *count) {
    for (;;) {
        const struct tern_merge *best = NULL;
        size_t best_at = 0;
        for (size_t i = 0; i + 1 < *count; i++) {
            const struct tern_merge *merge = tern_merge_table_find(table, ids[i], ids[i + 1]);
            if (merge && (!best || merge->rank < best->rank)) {
                best = merge;
                best_at = i;
            }
        }
        if (!best) {
            return;
        }
        ids[best_at] = best->merged;
        memmove(ids + best_at + 1, ids + best_at + 2, (*count - best_at - 2) * sizeof *ids);
        --*count;
    }
}

bool tern_merge_word(const struct tern_merge_table *table, struct tern_merge_scratch *scratch, uint32_t *ids,
                     size_t *count) {
    if (*count <= SHORT_WORD) {
        merge_short(table, ids, count);
        return true;
    }
    if (!scratch_reserve(scratch, *count)) {
        return false;
    }
    struct tern_merge_symbol *symbols = scratch->symbols;
    int32_t length = (int32_t)*count;
    for (int32_t i = 0; i < length; i++) {
        symbols[i] = (struct tern_merge_symbol){ids[i], i - 1, i + 1 < length ? i + 1 : -1};
    }
    scratch->heap_count = 0;
    for (int32_t i = 0; i < length; i++) {
        offer_pair(table, scratch, i);
    }
    while (scratch->heap_count > 0) {
        struct tern_merge_candidate best = heap_pop(scratch);
        int32_t position = (int32_t)(uint32_t)best.order;
        if (is_current(symbols, position, &best)) {
            apply(table, scratch, position, best.merged);
        }
    }
    *count = 0;
    for (int32_t i = 0; i >= 0; i = symbols[i].next) {
        ids[(*count)++] = symbols[i].id;
    }
    return true;
}
