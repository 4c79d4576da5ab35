// SPDX-License-Identifier: Apache-2.0
// Runs of the attention unit. The threads of a pool take spans of records: of keys first to check them, then to
// compute. Values are checked as they are added, because results are written after the last record.
#include "cmodel/fast/dot/dot_engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "cmodel/fast/dot/dot_span.h"
#include "cmodel/fast/pool.h"
#include "cmodel/fast/shares.h"

#define MOST_SPAN_RECORDS 32u
#define SPANS_A_THREAD 4u
#define ALONE_EXPONENTS 32768u // of keys: the threads take longer to meet than one takes to check so many
#define PREFETCHED 12u         // records ahead; processors expect no steps as long as a record

struct run {
    const struct tern_dot_heads *heads;
    const struct tern_dot_path *path;
    struct tern_dot_span head[TERN_MAX_HEADS]; // all records of each
    float *results[TERN_MAX_HEADS];            // of the images of all heads
    uint32_t span_records, spans;              // of a head
    struct tern_shares shares;                 // spans of all heads
    atomic_bool is_bad;
    pthread_mutex_t lock;
    struct tern_wide_sum *sums; // [heads][vectors][head_size], under the lock
};

static uint32_t vectors_of(const struct run *run) {
    return run->heads->first.vectors;
}

// Sums of a head.
static uint32_t sums_of(const struct run *run) {
    return vectors_of(run) * run->heads->first.head_size;
}

// The next span for a thread. False when there is none.
static bool take(struct run *run, unsigned worker, struct tern_dot_span *span, uint32_t *head) {
    const uint32_t number = tern_shares_take(&run->shares, worker);
    *head = number / run->spans;
    if (*head >= run->heads->count) {
        return false;
    }
    const uint32_t index = number % run->spans * run->span_records, left = run->head[*head].count - index;
    *span = tern_dot_span_part(&run->head[*head], index, left < run->span_records ? left : run->span_records);
    return true;
}

// Exponent bytes of record number `index` of a span that are in use.
static uint32_t groups_of(const struct run *run, const struct tern_dot_span *span, uint32_t index) {
    return run->heads->first.kind == TERN_CACHE_VALUES
               ? span->head_size
               : tern_dot_span_positions(span, index) * tern_cache_head_groups(span->head_size);
}

static bool is_sound(const struct run *run, const struct tern_dot_span *span) {
    const uint8_t *record = span->records;
    for (uint32_t i = 0; i < span->count; i++, record += span->record_bytes) {
        __builtin_prefetch(record + PREFETCHED * (size_t)span->record_bytes);
        if (!tern_dot_shifts_are_valid(record, groups_of(run, span, i), TERN_CACHE_MAX_SHIFT)) {
            return false;
        }
    }
    return true;
}

static void check_spans(void *context, unsigned worker) {
    struct run *run = context;
    struct tern_dot_span span;
    uint32_t head;
    while (take(run, worker, &span, &head)) {
        if (!is_sound(run, &span)) {
            atomic_store(&run->is_bad, true);
        }
    }
}

static void run_key_spans(void *context, unsigned worker) {
    struct run *run = context;
    struct tern_dot_span span;
    uint32_t head;
    while (take(run, worker, &span, &head)) {
        run->path->keys(&span, run->results + head * vectors_of(run));
    }
}

static void add_sums(struct run *run, uint32_t head, const struct tern_wide_sum *own) {
    pthread_mutex_lock(&run->lock);
    run->path->add(run->sums + head * sums_of(run), own, sums_of(run));
    pthread_mutex_unlock(&run->lock);
}

// A thread has sums of its own until it goes to another head. The sums are exact, so their order does not matter.
static void run_value_spans(void *context, unsigned worker) {
    struct run *run = context;
    struct tern_wide_sum own[TERN_DOT_VECTORS * TERN_MAX_HEAD_SIZE];
    struct tern_dot_span span;
    uint32_t head, present = UINT32_MAX;
    while (take(run, worker, &span, &head)) {
        if (!is_sound(run, &span)) {
            atomic_store(&run->is_bad, true);
            return;
        }
        if (head != present) {
            if (present != UINT32_MAX) {
                add_sums(run, present, own);
            }
            memset(own, 0, sums_of(run) * sizeof *own);
            present = head;
        }
        run->path->values(&span, own);
    }
    if (present != UINT32_MAX) {
        add_sums(run, present, own);
    }
}

static void finish_values(const struct run *run) {
    const uint32_t vectors = vectors_of(run), head_size = run->heads->first.head_size;
    for (uint32_t i = 0; i < run->heads->count * vectors; i++) {
        run->path->finish(run->sums + i * head_size, head_size, run->head[i / vectors].image[i % vectors].base_exponent,
                          run->results[i]);
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
static uint64_t records_bytes(const struct run *run, const struct tern_dot_span *span) {
    const uint32_t last = span->count - 1;
    const uint64_t groups = groups_of(run, span, last);
    return last * (uint64_t)span->record_bytes + tern_cache_mantissas_offset(run->heads->first.kind, span->head_size) +
           tern_align_up(TERN_CACHE_GROUP_BYTES * groups, TERN_SEGMENT_ALIGN);
}

static bool find_head(struct run *run, const struct tern_dot_memory *memory, uint32_t number) {
    const struct tern_dot_head job = tern_dot_head_at(run->heads, number);
    const bool has_values = job.kind == TERN_CACHE_VALUES;
    const uint64_t result_bytes = 4 * (uint64_t)(has_values ? job.head_size : job.positions);
    struct tern_dot_span *span = &run->head[number];
    *span = (struct tern_dot_span){.head_size = job.head_size,
                                   .positions = job.positions,
                                   .count = tern_cache_records(job.positions),
                                   .record_bytes = tern_cache_record_bytes(job.kind, job.head_size),
                                   .vectors = job.vectors};
    span->records = touch(memory, job.records, records_bytes(run, span));
    for (uint32_t vector = 0; span->records && vector < job.vectors; vector++) {
        float **results = &run->results[number * job.vectors + vector];
        *results = (float *)(void *)touch(memory, job.outputs + vector * job.output_stride, result_bytes);
        if (!*results || !find_image(memory, job.images + vector * job.image_stride,
                                     has_values ? job.positions : job.head_size, &span->image[vector])) {
            return false;
        }
    }
    return span->records;
}

static bool find_heads(struct run *run, const struct tern_dot_memory *memory) {
    if (run->heads->count * run->heads->first.vectors > TERN_MAX_HEADS) {
        return false;
    }
    for (uint32_t number = 0; number < run->heads->count; number++) {
        if (!find_head(run, memory, number)) {
            return false;
        }
    }
    return true;
}

// ---- run

static bool run_all(struct run *run, struct tern_pool *pool, tern_pool_work work) {
    tern_shares_start(&run->shares, run->heads->count * run->spans, tern_pool_threads(pool));
    tern_pool_run(pool, work, run);
    return !atomic_load(&run->is_bad);
}

static bool run_keys(struct run *run, struct tern_pool *pool) {
    const struct tern_dot_span *head = run->head;
    const uint32_t exponents = run->heads->count * head->positions * tern_cache_head_groups(head->head_size);
    return run_all(run, exponents > ALONE_EXPONENTS ? pool : NULL, check_spans) && run_all(run, pool, run_key_spans);
}

static bool run_values(struct run *run, struct tern_pool *pool) {
    memset(run->sums, 0, sizeof *run->sums * run->heads->count * sums_of(run));
    pthread_mutex_init(&run->lock, NULL);
    const bool is_good = run_all(run, pool, run_value_spans);
    pthread_mutex_destroy(&run->lock);
    if (is_good) {
        finish_values(run);
    }
    return is_good;
}

static const struct tern_dot_path *choose_path(enum tern_kernel kernel) {
    return tern_kernel_choose(kernel, tern_dot_portable(), tern_dot_avx2(), tern_dot_avx512());
}

// Spans of a size that gives each thread some.
static void set_spans(struct run *run, unsigned threads) {
    const uint32_t records = run->head[0].count;
    const uint32_t share = run->heads->count * records / (SPANS_A_THREAD * threads) + 1;
    run->span_records = share < MOST_SPAN_RECORDS ? share : MOST_SPAN_RECORDS;
    run->spans = (records + run->span_records - 1) / run->span_records;
}

struct tern_dot_head tern_dot_head_at(const struct tern_dot_heads *heads, uint32_t number) {
    struct tern_dot_head head = heads->first;
    head.records += number * heads->head_stride;
    head.images += number * head.vectors * head.image_stride;
    head.outputs += number * head.vectors * head.output_stride;
    return head;
}

bool tern_dot_try_heads(const struct tern_dot_heads *heads, const struct tern_dot_memory *memory,
                        const struct tern_engine *engine, struct tern_wide_sum *sums) {
    struct run run = {.heads = heads, .path = choose_path(engine ? engine->kernel : TERN_KERNEL_BEST), .sums = sums};
    if (!find_heads(&run, memory)) {
        return false;
    }
    const uint64_t bytes = (uint64_t)heads->count * run.head[0].count * run.head[0].record_bytes * run.head[0].vectors;
    struct tern_pool *pool = engine && bytes >= engine->alone_bytes ? engine->pool : NULL;
    set_spans(&run, tern_pool_threads(pool));
    return heads->first.kind == TERN_CACHE_KEYS ? run_keys(&run, pool) : run_values(&run, pool);
}
