// SPDX-License-Identifier: Apache-2.0
// u = 2^-24 in this file. docs/speed.md proves that the intervals hold the logits.
#include "cmodel/fast/head/screen.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cmodel/float/f32.h"
#include "cmodel/fast/pool.h"
#include "cmodel/fast/head/head_kernel.h"
#include "cmodel/fast/head/largest.h"
#include "cmodel/fast/head/screen_kernel.h"

#define BATCHES_A_THREAD 4u
#define SETTLE_ROWS 512u // rows settled in one piece: all of them fit the second-level cache
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

struct tern_screen {
    uint32_t rows, length, columns; // columns: the length, rounded up to a multiple of TERN_SCREEN_COLUMNS
    int8_t *weights;                // [rows rounded up to whole tiles][columns]
    float *scale, *error;           // of each row: weight = scale x int8 + rest; make_row() gives the error
};

static uint32_t round_up(uint32_t count, uint32_t to) {
    return (count + to - 1) / to * to;
}

// Returns a float that is not below the exact value of x. It allows for the rounding in the computation of x.
static float above(double x) {
    return (float)(x * (1 + 0x1p-20)) + 0x1p-149f;
}

static void portable_dots(const int8_t *weights, uint32_t columns, const struct tern_screen_vector *vector,
                          float dot[TERN_SCREEN_ROWS]) {
    for (uint32_t row = 0; row < TERN_SCREEN_ROWS; row++, weights += columns) {
        int64_t total = 0;
        for (uint32_t at = 0; at < columns; at += TERN_SCREEN_COLUMNS) {
            int32_t sum = 0;
            for (uint32_t i = at; i < at + TERN_SCREEN_COLUMNS; i++) {
                sum += weights[i] * vector->mantissas[i];
            }
            total += sum;
        }
        dot[row] = (float)total;
    }
}

static float portable_quantize(const struct tern_screen_row *row, float *weights, double squares[2]) {
    return tern_screen_quantize(row, weights, squares);
}

static const struct tern_screen_kernel *choose_kernel(enum tern_kernel kernel) {
    static const struct tern_screen_kernel portable = {portable_dots, portable_quantize};
    return tern_kernel_choose(kernel, &portable, tern_screen_avx2(), tern_screen_avx512());
}

struct making {
    struct tern_screen *screen;
    const struct tern_tensor *tensor;
    const struct tern_screen_kernel *kernel;
    float *weights; // [threads][columns]; zeros from the length on
    atomic_uint next;
};

// error = |rest|_2 + roundings x u x (|weight|_2 + |rest|_2). scale x |level|_2 is at most the last bracket.
static void make_row(const struct making *making, uint32_t r, float *weights) {
    struct tern_screen *screen = making->screen;
    const struct tern_screen_row row = {making->tensor, (uint64_t)r * screen->length, screen->length, screen->columns,
                                        screen->weights + (size_t)r * screen->columns};
    double squares[2];
    const float scale = making->kernel->quantize(&row, weights, squares);
    if (isinf(scale)) {
        screen->error[r] = INFINITY;
        return;
    }
    const double norm = sqrt(squares[0]), rest = sqrt(squares[1]), roundings = (screen->length + 15) / 16 + 16;
    screen->scale[r] = scale;
    screen->error[r] = above(rest + roundings * 0x1p-24 * (norm + rest));
}

static void make_rows(void *context, unsigned worker) {
    struct making *making = context;
    struct tern_screen *screen = making->screen;
    float *weights = making->weights + (size_t)worker * screen->columns;
    for (uint32_t first; (first = atomic_fetch_add(&making->next, TERN_SCREEN_ROWS)) < screen->rows;) {
        for (uint32_t r = first; r < first + TERN_SCREEN_ROWS; r++) {
            if (r < screen->rows) {
                make_row(making, r, weights);
            } else {
                memset(screen->weights + (size_t)r * screen->columns, 0, screen->columns);
                screen->error[r] = INFINITY;
            }
        }
    }
}

static enum tern_status allocate(uint32_t rows, uint32_t length, struct tern_screen **screen) {
    struct tern_screen *made = calloc(1, sizeof *made);
    if (!made) {
        return TERN_STATUS_OUT_OF_MEMORY;
    }
    const uint32_t padded = round_up(rows, TERN_SCREEN_ROWS), columns = round_up(length, TERN_SCREEN_COLUMNS);
    const size_t bytes = ((size_t)padded * columns + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    *made = (struct tern_screen){rows,
                                 length,
                                 columns,
                                 aligned_alloc(HUGE_PAGE_BYTES, bytes),
                                 calloc(padded, sizeof(float)),
                                 calloc(padded, sizeof(float))};
    if (!made->weights || !made->scale || !made->error) {
        tern_screen_free(made);
        return TERN_STATUS_OUT_OF_MEMORY;
    }
    madvise(made->weights, bytes, MADV_HUGEPAGE); // fewer address translations; a failure costs only time
    *screen = made;
    return TERN_STATUS_OK;
}

enum tern_status tern_screen_make(const struct tern_tensor *tensor, uint32_t rows, uint32_t length,
                                  enum tern_kernel kernel, struct tern_pool *pool, struct tern_screen **screen) {
    if (length == 0 || length > TERN_SCREEN_MAX_LENGTH) {
        return TERN_STATUS_BAD_LENGTH;
    }
    struct making making = {.tensor = tensor, .kernel = choose_kernel(kernel)};
    TERN_TRY(allocate(rows, length, &making.screen));
    making.weights = calloc((size_t)tern_pool_threads(pool) * making.screen->columns, sizeof(float));
    if (!making.weights) {
        tern_screen_free(making.screen);
        return TERN_STATUS_OUT_OF_MEMORY;
    }
    tern_pool_run(pool, make_rows, &making);
    free(making.weights);
    *screen = making.screen;
    return TERN_STATUS_OK;
}

void tern_screen_free(struct tern_screen *screen) {
    if (screen) {
        free(screen->weights);
        free(screen->scale);
        free(screen->error);
        free(screen);
    }
}

struct run {
    const struct tern_screen *screen;
    const struct tern_head *head;
    const struct tern_screen_kernel *kernel;
    const struct tern_head_kernel *exact_kernel;
    struct tern_screen_vector vector[TERN_MAX_VECTORS];
    int16_t *parts; // mantissas [vectors][columns], then the high and low bytes in the same shape
    float *heaps;   // [threads][vectors][best]
    uint32_t best, batch;
    atomic_uint next;
    atomic_uint_fast64_t exact_rows;
};

// The first is the best-th largest lower end that the thread has seen.
static float *largest_of(const struct run *run, unsigned worker, uint32_t vector) {
    return run->heaps + ((size_t)worker * run->head->vectors + vector) * run->best;
}

static void split(const float *hidden, uint32_t length, struct tern_screen_vector *vector) {
    double square = 0, rest_sum = 0;
    for (uint32_t i = 0; i < length; i++) {
        const double value = (double)hidden[i], exact = value / (double)vector->step;
        const double mantissa = fmin(nearbyint(exact), 32767);
        square += value * value;
        rest_sum += fabs(value - mantissa * (double)vector->step);
        vector->mantissas[i] = (int16_t)mantissa;
        vector->low[i] = (uint8_t)(vector->mantissas[i] & 255);
        vector->high[i] = (int8_t)((vector->mantissas[i] - vector->low[i]) / 256);
        vector->high_sum += vector->high[i];
    }
    vector->norm = above(sqrt(square));
    vector->rest = above((double)TERN_SCREEN_LEVELS * rest_sum);
}

// Here |hidden| < step x 2^15. A vector outside the limits gets infinite intervals.
static void quantize_vector(const float *hidden, uint32_t length, struct tern_screen_vector *vector) {
    const float largest = tern_screen_largest(hidden, length);
    int exponent = 0;
    if (!(largest >= TERN_SCREEN_LEAST_HIDDEN && largest <= TERN_SCREEN_LARGEST_HIDDEN)) {
        vector->step = vector->norm = vector->rest = 1;
        vector->slack = INFINITY;
        return;
    }
    frexpf(largest, &exponent);
    vector->step = ldexpf(1, exponent - 15);
    vector->slack = (float)(length + 16) * 0x1p-149f;
    split(hidden, length, vector);
}

// Computes the intervals of the tile's rows: low[i] <= logit <= high[i].
static void intervals(const struct tern_screen *screen, const struct tern_screen_vector *vector, uint32_t row,
                      const float *dot, float *low, float *high) {
    for (uint32_t i = 0; i < TERN_SCREEN_ROWS; i++) {
        const float scale = screen->scale[row + i], middle = dot[i] * scale * vector->step;
        const float reach = screen->error[row + i] * vector->norm + scale * vector->rest + vector->slack;
        low[i] = middle - reach;
        high[i] = middle + reach;
    }
}

static void screen_tile(const struct run *run, uint32_t row, uint32_t vector, float *largest) {
    float dot[TERN_SCREEN_ROWS], low[TERN_SCREEN_ROWS], high[TERN_SCREEN_ROWS];
    const struct tern_screen *screen = run->screen;
    const uint32_t left = screen->rows - row, count = left < TERN_SCREEN_ROWS ? left : TERN_SCREEN_ROWS;
    uint32_t above_least = 0;
    run->kernel->dots(screen->weights + (size_t)row * screen->columns, screen->columns, &run->vector[vector], dot);
    intervals(screen, &run->vector[vector], row, dot, low, high);
    memcpy(run->head->logits[vector] + row, high, count * sizeof *high);
    for (uint32_t i = 0; i < TERN_SCREEN_ROWS; i++) {
        above_least += low[i] > largest[0];
    }
    for (uint32_t i = 0; above_least && i < TERN_SCREEN_ROWS; i++) {
        tern_largest_push(largest, run->best, low[i]);
    }
}

static void screen_batches(void *context, unsigned worker) {
    struct run *run = context;
    const uint32_t rows = run->screen->rows;
    for (uint32_t first; (first = atomic_fetch_add(&run->next, run->batch)) < rows;) {
        const uint32_t end = rows - first < run->batch ? rows : first + run->batch;
        for (uint32_t row = first; row < end; row += TERN_SCREEN_ROWS) {
            for (uint32_t vector = 0; vector < run->head->vectors; vector++) {
                screen_tile(run, row, vector, largest_of(run, worker, vector));
            }
        }
    }
}

// The rows lie at scattered addresses. Prefetches of all come before the first use.
static void prefetch_rows(const struct tern_head *head, const float *logits, uint32_t first, uint32_t end,
                          float least) {
    const size_t row_bytes = head->tensor->bytes / head->rows;
    for (uint32_t row = first; row < end; row++) {
        const char *from = (const char *)head->tensor->data + row * row_bytes;
        for (size_t at = 0; logits[row] >= least && at < row_bytes; at += 64) {
            __builtin_prefetch(from + at);
        }
    }
}

// Computes rows that may reach `least`. Neighbouring rows are computed together.
static uint32_t settle_rows(const struct run *run, uint32_t vector, uint32_t first, uint32_t end, float least) {
    const float *logits = run->head->logits[vector];
    struct tern_head one = *run->head;
    uint32_t settled = 0;
    one.vectors = 1;
    one.hidden[0] = run->head->hidden[vector];
    one.logits[0] = run->head->logits[vector];
    prefetch_rows(&one, logits, first, end, least);
    for (uint32_t row = first; row < end; row++) {
        uint32_t count = 0;
        while (row + count < end && logits[row + count] >= least) {
            count++;
        }
        if (count) {
            tern_head_rows(&one, run->exact_kernel, row, count);
            settled += count;
            row += count;
        }
    }
    return settled;
}

static void settle_batches(void *context, unsigned worker) {
    struct run *run = context;
    const uint32_t rows = run->screen->rows;
    (void)worker;
    for (uint32_t first; (first = atomic_fetch_add(&run->next, SETTLE_ROWS)) < rows;) {
        const uint32_t end = rows - first < SETTLE_ROWS ? rows : first + SETTLE_ROWS;
        for (uint32_t vector = 0; vector < run->head->vectors; vector++) {
            const float least = largest_of(run, 0, vector)[0];
            atomic_fetch_add(&run->exact_rows, settle_rows(run, vector, first, end, least));
        }
    }
}

// Merges the heaps of all threads into that of the first.
static void merge(const struct run *run, unsigned threads) {
    for (uint32_t vector = 0; vector < run->head->vectors; vector++) {
        float *all = largest_of(run, 0, vector);
        for (unsigned worker = 1; worker < threads; worker++) {
            const float *found = largest_of(run, worker, vector);
            for (uint32_t i = 0; i < run->best; i++) {
                tern_largest_push(all, run->best, found[i]);
            }
        }
    }
}

static void prepare(struct run *run, size_t heap_floats) {
    const uint32_t columns = run->screen->columns, vectors = run->head->vectors;
    int8_t *bytes = (int8_t *)(run->parts + (size_t)vectors * columns);
    for (uint32_t v = 0; v < vectors; v++, bytes += 2 * columns) {
        run->vector[v].mantissas = run->parts + (size_t)v * columns;
        run->vector[v].high = bytes;
        run->vector[v].low = (uint8_t *)bytes + columns;
        quantize_vector(run->head->hidden[v], run->screen->length, &run->vector[v]);
    }
    tern_largest_start(run->heaps, heap_floats);
}

enum tern_status tern_screen_run(const struct tern_screen *screen, const struct tern_head *head, uint32_t best,
                                 enum tern_kernel kernel, struct tern_pool *pool, uint64_t *exact_rows) {
    const unsigned threads = tern_pool_threads(pool);
    const size_t heap_floats = (size_t)threads * head->vectors * best;
    struct run run = {.screen = screen,
                      .head = head,
                      .kernel = choose_kernel(kernel),
                      .exact_kernel = tern_head_choose(kernel),
                      .parts = calloc((size_t)head->vectors * screen->columns, 4),
                      .heaps = malloc(heap_floats * sizeof(float)),
                      .best = best,
                      .batch = round_up(screen->rows / (BATCHES_A_THREAD * threads) + 1, TERN_SCREEN_ROWS)};
    if (run.parts && run.heaps) {
        prepare(&run, heap_floats);
        tern_pool_run(pool, screen_batches, &run);
        merge(&run, threads);
        atomic_store(&run.next, 0);
        tern_pool_run(pool, settle_batches, &run);
        *exact_rows += run.exact_rows;
    }
    const enum tern_status status = run.parts && run.heaps ? TERN_STATUS_OK : TERN_STATUS_OUT_OF_MEMORY;
    free(run.parts);
    free(run.heaps);
    return status;
}
