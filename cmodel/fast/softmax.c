// SPDX-License-Identifier: Apache-2.0
// The threads of a pool take rows, first to find their largest scores, then to compute.
#include "cmodel/fast/softmax.h"

#include <stdatomic.h>
#include <string.h>

#include "cmodel/fast/pool.h"
#include "cmodel/fast/shares.h"
#include "cmodel/layout.h"
#include "cmodel/vector/bfp.h"
#include "cmodel/vector/vector.h"

#define TILE 1024u             // weights between the exponential and the quantizer
#define BYTES_AN_ELEMENT 16ull // of weights: the matmul takes as long for them

struct run {
    const struct tern_softmax_rows *rows;
    float largest[TERN_MAX_HEADS];
    struct tern_shares shares; // rows
    atomic_bool is_bad;
};

static const float *scores_of(const struct tern_softmax_rows *rows, uint32_t row) {
    return (const float *)(const void *)(rows->scores + row * rows->score_stride);
}

static void scan_rows(void *context, unsigned worker) {
    struct run *run = context;
    uint32_t row;
    while ((row = tern_shares_take(&run->shares, worker)) < run->rows->rows) {
        struct tern_softmax_scan scan;
        size_t bad_index;
        tern_softmax_start(&scan);
        tern_softmax_scan_tile(&scan, scores_of(run->rows, row), run->rows->length);
        if (tern_softmax_check(&scan, &bad_index) != TERN_STATUS_OK) {
            atomic_store(&run->is_bad, true);
        }
        run->largest[row] = scan.largest;
    }
}

static void compute_row(const struct tern_softmax_rows *rows, uint32_t row, float largest) {
    const float *scores = scores_of(rows, row);
    uint8_t *image = rows->images + row * rows->image_stride;
    uint8_t *shifts = image + tern_activation_shifts_offset(rows->length);
    int16_t *mantissas = (int16_t *)(void *)(image + TERN_ACTIVATION_HEADER_BYTES);
    struct tern_sum16 sum;
    tern_sum16_start(&sum);
    for (uint32_t start = 0; start < rows->length; start += TILE) {
        const uint32_t count = rows->length - start < TILE ? rows->length - start : TILE;
        float weights[TILE];
        memcpy(weights, scores + start, count * sizeof *weights);
        tern_softmax_weights(weights, count, largest, rows->scale, &sum);
        tern_bfp_quantize_tile(TERN_SOFTMAX_BASE_EXPONENT, weights, count, mantissas + start,
                               shifts + start / TERN_GROUP_COLUMNS);
    }
    tern_bfp_frame(TERN_SOFTMAX_BASE_EXPONENT, rows->length, image);
    rows->totals[row] = tern_sum16_finish(&sum);
    tern_f32_canonical(&rows->totals[row], 1);
}

static void compute_rows(void *context, unsigned worker) {
    struct run *run = context;
    uint32_t row;
    while ((row = tern_shares_take(&run->shares, worker)) < run->rows->rows) {
        compute_row(run->rows, row, run->largest[row]);
    }
}

bool tern_softmax_try_rows(const struct tern_softmax_rows *rows, const struct tern_engine *engine) {
    const uint64_t bytes = BYTES_AN_ELEMENT * rows->rows * rows->length;
    struct tern_pool *pool = engine && bytes >= engine->alone_bytes ? engine->pool : NULL;
    struct run run = {.rows = rows};
    tern_shares_start(&run.shares, rows->rows, tern_pool_threads(pool));
    tern_pool_run(pool, scan_rows, &run);
    if (atomic_load(&run.is_bad)) {
        return false;
    }
    tern_shares_start(&run.shares, rows->rows, tern_pool_threads(pool));
    tern_pool_run(pool, compute_rows, &run);
    return true;
}
