// SPDX-License-Identifier: Apache-2.0
// Items of work for the threads of a pool. Each thread has a share of neighbouring items, and the same one in the next
// round: its cache holds their memory. A thread that has none left takes those of others.
#ifndef TERN_CMODEL_FAST_SHARES_H
#define TERN_CMODEL_FAST_SHARES_H

#include <stdatomic.h>
#include <stdint.h>

#include "cmodel/fast/pool.h"

struct tern_shares {
    uint32_t items, shares, items_a_share;
    atomic_uint next[TERN_POOL_MAX_THREADS]; // within each share
};

// Before each round.
static inline void tern_shares_start(struct tern_shares *shares, uint32_t items, unsigned threads) {
    shares->items = items;
    shares->shares = threads;
    shares->items_a_share = (items + threads - 1) / threads;
    for (uint32_t i = 0; i < threads; i++) {
        atomic_store_explicit(&shares->next[i], 0, memory_order_relaxed);
    }
}

// An item that no thread has taken, first of the worker's share. `items` when there is none.
static inline uint32_t tern_shares_take(struct tern_shares *shares, unsigned worker) {
    for (uint32_t i = 0; i < shares->shares; i++) {
        const uint32_t share = (worker + i) % shares->shares, first = share * shares->items_a_share;
        const uint32_t item = first + atomic_fetch_add(&shares->next[share], 1);
        if (item < first + shares->items_a_share && item < shares->items) {
            return item;
        }
    }
    return shares->items;
}

#endif
