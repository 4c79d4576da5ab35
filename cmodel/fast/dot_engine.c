// SPDX-License-Identifier: Apache-2.0
// Runs of the attention unit. The threads of a pool take spans of records, first to check them, then to compute.
#include "cmodel/fast/dot_engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "cmodel/fast/dot_span.h"
#include "cmodel/fast/pool.h"

#define MOST_SPAN_RECORDS 32u
#define SPANS_A_THREAD 4u

struct run {
    const struct tern_dot_head *job;
    const struct tern_dot_path *path;
    struct tern_dot_span all; // every record
    uint32_t span_records;
    float *results[TERN_DOT_VECTORS];
    atomic_uint next;
    atomic_bool is_bad;
    pthread_mutex_t lock;
    struct tern_wide_sum *sums; // under the lock
};

// The next span that no thread has taken. False when there is none.
static bool take(struct run *run, struct tern_dot_span *span) {
    const uint32_t index = atomic_fetch_add(&run->next, run->span_records);
    if (index >= run->all.count) {
        return false;
    }
    const uint32_t left = run->all.count - index;
    *span = tern_dot_span_part(&run->all, index, left < run->span_records ? left : run->span_records);
    return true;
}

// Exponent bytes of record number `index` of a span that are in use.
static uint32_t groups_of(const struct run *run, const struct tern_dot_span *span, uint32_t index) {
    return run->job->kind == TERN_CACHE_VALUES
               ? span->head_size
               : tern_dot_span_positions(span, index) * tern_cache_head_groups(span->head_size);
}

static void check_spans(void *context, unsigned worker) {
    struct run *run = context;
    struct tern_dot_span span;
    (void)worker;
    while (take(run, &span)) {
        for (uint32_t i = 0; i < span.count; i++) {
            if (!tern_dot_shifts_are_valid(span.records + (size_t)i * span.record_bytes, groups_of(run, &span, i),
                                           TERN_CACHE_MAX_SHIFT)) {
                atomic_store(&run->is_bad, true);
            }
        }
    }
}

static void run_key_spans(void *context, unsigned worker) {
    struct run *run = context;
    struct tern_dot_span span;
    (void)worker;
    while (take(run, &span)) {
        run->path->keys(&span, run->results);
    }
}

static void add_sums(struct run *run, const struct tern_wide_sum *sums, uint32_t count) {
    pthread_mutex_lock(&run->lock);
    for (uint32_t i = 0; i < count; i++) {
        run->sums[i].low += sums[i].low;
        run->sums[i].high += sums[i].high + (run->sums[i].low < sums[i].low);
    }
    pthread_mutex_unlock(&run->lock);
}

// A thread has sums of its own until it finds no span. The sum of all is exact, so their order does not matter.
static void run_value_spans(void *context, unsigned worker) {
    struct run *run = context;
    struct tern_wide_sum own[TERN_DOT_VECTORS * TERN_MAX_HEAD_SIZE];
    const uint32_t count = run->all.vectors * run->all.head_size;
    struct tern_dot_span span;
    (void)worker;
    if (!take(run, &span)) {
        return;
    }
    memset(own, 0, count * sizeof *own);
    do {
        run->path->values(&span, own);
    } while (take(run, &span));
    add_sums(run, own, count);
}

static void finish_values(const struct run *run) {
    const uint32_t head_size = run->all.head_size;
    for (uint32_t vector = 0; vector < run->all.vectors; vector++) {
        tern_dot_finish(run->sums + vector * head_size, head_size, run->all.image[vector].base_exponent,
                        run->results[vector]);
    }
}

// ---- operands

static uint8_t *touch(const struct tern_dot_memory *memory, uint64_t address, uint64_t bytes) {
    enum tern_status status = TERN_STATUS_OK;
    return memory->at(memory->context, address, bytes, &status);
}

static bool find_image(const struct tern_dot_memory *memory, uint64_t address, uint32_t length,
                       struct tern_dot_image *image) {
    const uint8_t *data = touch(memory, address, tern_activation_bytes(length));
    uint32_t word;
    if (!data || tern_dot_check_header((const uint32_t *)(const void *)data, length, &word) != TERN_STATUS_OK) {
        return false;
    }
    *image = (struct tern_dot_image){.mantissas = (const int16_t *)(const void *)(data + TERN_ACTIVATION_HEADER_BYTES),
                                     .shifts = data + tern_activation_shifts_offset(length),
                                     .base_exponent = *(const int32_t *)(const void *)data};
    return tern_dot_shifts_are_valid(image->shifts, (uint32_t)tern_groups(length), TERN_MAX_SHIFT);
}

// The bytes of all records, up to the last position's key.
static uint64_t records_bytes(const struct run *run) {
    const struct tern_dot_span *all = &run->all;
    const uint32_t last = all->count - 1;
    const uint64_t groups = groups_of(run, all, last);
    return last * (uint64_t)all->record_bytes + tern_cache_mantissas_offset(run->job->kind, all->head_size) +
           tern_align_up(TERN_CACHE_GROUP_BYTES * groups, TERN_SEGMENT_ALIGN);
}

static bool find_operands(struct run *run, const struct tern_dot_memory *memory) {
    const struct tern_dot_head *job = run->job;
    const bool has_values = job->kind == TERN_CACHE_VALUES;
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        run->results[vector] = (float *)(void *)touch(memory, job->outputs + vector * job->output_stride,
                                                      4 * (uint64_t)(has_values ? job->head_size : job->positions));
        if (!run->results[vector] ||
            !find_image(memory, job->images + vector * job->image_stride, has_values ? job->positions : job->head_size,
                        &run->all.image[vector])) {
            return false;
        }
    }
    run->all.records = touch(memory, job->records, records_bytes(run));
    return run->all.records;
}

// ---- run

static void run_all(struct run *run, struct tern_pool *pool, tern_pool_work work) {
    atomic_store(&run->next, 0);
    tern_pool_run(pool, work, run);
}

static const struct tern_dot_path *choose_path(enum tern_kernel kernel) {
    return tern_kernel_choose(kernel, tern_dot_portable(), tern_dot_avx2(), tern_dot_avx512());
}

static void compute(struct run *run, struct tern_pool *pool) {
    if (run->job->kind == TERN_CACHE_KEYS) {
        run_all(run, pool, run_key_spans);
        return;
    }
    memset(run->sums, 0, sizeof *run->sums * run->all.vectors * run->all.head_size);
    pthread_mutex_init(&run->lock, NULL);
    run_all(run, pool, run_value_spans);
    pthread_mutex_destroy(&run->lock);
    finish_values(run);
}

static uint32_t span_records(uint32_t records, unsigned threads) {
    const uint32_t share = records / (SPANS_A_THREAD * threads) + 1;
    return share < MOST_SPAN_RECORDS ? share : MOST_SPAN_RECORDS;
}

bool tern_dot_try_head(const struct tern_dot_head *job, const struct tern_dot_memory *memory,
                       const struct tern_engine *engine, struct tern_wide_sum *sums) {
    struct run run = {.job = job,
                      .path = choose_path(engine ? engine->kernel : TERN_KERNEL_BEST),
                      .all = {.head_size = job->head_size,
                              .positions = job->positions,
                              .count = tern_cache_records(job->positions),
                              .record_bytes = tern_cache_record_bytes(job->kind, job->head_size),
                              .vectors = job->vectors},
                      .sums = sums};
    if (!find_operands(&run, memory)) {
        return false;
    }
    const uint64_t bytes = (uint64_t)run.all.count * run.all.record_bytes * job->vectors;
    struct tern_pool *pool = engine && bytes >= engine->alone_bytes ? engine->pool : NULL;
    run.span_records = span_records(run.all.count, tern_pool_threads(pool));
    run_all(&run, pool, check_spans);
    if (atomic_load(&run.is_bad)) {
        return false;
    }
    compute(&run, pool);
    return true;
}
