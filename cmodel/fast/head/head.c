// SPDX-License-Identifier: Apache-2.0
#include "cmodel/fast/head/head.h"

#include <stdatomic.h>
#include <string.h>

#include "cmodel/fast/pool.h"
#include "cmodel/float/reduce.h"
#include "cmodel/fast/head/head_kernel.h"

#define BATCHES_A_THREAD 4u // few: a thread's first rows of a batch are not prefetched
#define TILE_ROWS 8u        // rows a kernel takes at once, at most
#define PIECE_ELEMENTS 256u // of a row widened at a time, a multiple of the reduction's partial sums

struct work {
    const struct tern_head *head;
    const struct tern_head_kernel *kernel;
    uint32_t batch;
    atomic_uint next;
};

static void portable_row(const struct tern_head *head, uint32_t row) {
    struct tern_sum16 sum[TERN_MAX_VECTORS];
    float piece[PIECE_ELEMENTS];
    for (uint32_t vector = 0; vector < head->vectors; vector++) {
        tern_sum16_start(&sum[vector]);
    }
    for (uint32_t done = 0; done < head->length; done += PIECE_ELEMENTS) {
        uint32_t left = head->length - done, count = left < PIECE_ELEMENTS ? left : PIECE_ELEMENTS;
        tern_tensor_read_f32(head->tensor, (uint64_t)row * head->length + done, count, piece);
        for (uint32_t vector = 0; vector < head->vectors; vector++) {
            tern_sum16_add_products(&sum[vector], piece, head->hidden[vector] + done, count);
        }
    }
    for (uint32_t vector = 0; vector < head->vectors; vector++) {
        head->logits[vector][row] = tern_sum16_finish(&sum[vector]);
    }
}

static void portable_rows(const struct tern_head *head, uint32_t first, uint32_t count) {
    for (uint32_t row = first; row < first + count; row++) {
        portable_row(head, row);
    }
}

const struct tern_head_kernel *tern_head_choose(enum tern_kernel kernel) {
    static const struct tern_head_kernel portable = {portable_rows};
    return tern_kernel_choose(kernel, &portable, tern_head_avx2(), tern_head_avx512());
}

void tern_head_rows(const struct tern_head *head, const struct tern_head_kernel *kernel, uint32_t first,
                    uint32_t count) {
    kernel->rows(head, first, count);
    for (uint32_t vector = 0; vector < head->vectors; vector++) {
        tern_f32_canonical(head->logits[vector] + first, count);
    }
}

static void run_batches(void *context, unsigned worker) {
    struct work *work = context;
    const struct tern_head *head = work->head;
    (void)worker;
    for (uint32_t first; (first = atomic_fetch_add(&work->next, work->batch)) < head->rows;) {
        uint32_t left = head->rows - first, count = left < work->batch ? left : work->batch;
        tern_head_rows(head, work->kernel, first, count);
    }
}

void tern_head_run(const struct tern_head *head, enum tern_kernel kernel, struct tern_pool *pool) {
    struct work work = {.head = head, .kernel = tern_head_choose(kernel)};
    work.batch = (head->rows / (BATCHES_A_THREAD * tern_pool_threads(pool)) / TILE_ROWS + 1) * TILE_ROWS;
    tern_pool_run(pool, run_batches, &work);
}
