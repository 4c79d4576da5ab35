// SPDX-License-Identifier: Apache-2.0
// Runs of the unit. The threads of a pool take strips in batches. A vector kernel or the exact path computes each
// strip.
#include "cmodel/fast/matmul_engine.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/float/f32.h"
#include "cmodel/layout.h"
#include "cmodel/fast/matmul_plan.h"
#include "cmodel/fast/pool.h"
#include "cmodel/fast/seconds.h"

// With such exponents a sum below 2^120 in double precision neither overflows nor loses bits.
#define LARGEST_EXPONENT 800

// Batches are few: their first strips are not prefetched, and their last strips prefetch for another thread.
#define BATCHES_A_THREAD 2u

struct run {
    const struct tern_matmul_job *job;
    struct tern_matmul_plan plan;
    const struct tern_kernel_path *path; // NULL is the exact path
    double error_unit;                   // a kernel's bound times this is the largest error of its sum
    double scale[TERN_MAX_VECTORS];      // 2^exponent
    uint32_t strips, batch;
    float *staged; // [vectors][rows]: several threads may be ahead of a bad strip; NULL for one thread
    atomic_uint next, first_bad;
    atomic_ullong undecided;
};

// The working space of a thread.
struct worker {
    struct run *run;
    uint64_t undecided;
};

static bool crc_matches(const struct tern_matmul_job *job, uint32_t index, const uint32_t *crc) {
    const uint32_t *expected = job->crc + (size_t)index * (job->depth_stored + 1);
    uint32_t different = 0;
    for (unsigned segment = 0; segment <= job->depth_used; segment++) {
        different |= crc[segment] ^ expected[segment];
    }
    return different == 0;
}

static float *output_of(const struct run *run, uint32_t vector) {
    return run->staged ? run->staged + (size_t)vector * run->job->rows : run->job->vector[vector].output;
}

static uint32_t rows_of(const struct run *run, uint32_t index) {
    const uint32_t left = run->job->rows - index * TERN_STRIP_ROWS;
    return left < TERN_STRIP_ROWS ? left : TERN_STRIP_ROWS;
}

static void put(const struct run *run, uint32_t vector, uint32_t index, const float values[TERN_STRIP_ROWS]) {
    memcpy(output_of(run, vector) + index * TERN_STRIP_ROWS, values, rows_of(run, index) * sizeof values[0]);
}

// Limits an exponent to +-LARGEST_EXPONENT.
static double power_of_two(int32_t exponent) {
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// Rounds both ends of the interval of each true sum. The exact path computes rows whose ends differ.
static void settle(struct worker *worker, uint32_t vector, uint32_t index, float low[1][TERN_STRIP_ROWS],
                   const float high[TERN_STRIP_ROWS]) {
    uint32_t undecided = 0;
    for (unsigned row = 0; row < rows_of(worker->run, index); row++) {
        undecided += tern_f32_to_bits(low[0][row]) != tern_f32_to_bits(high[row]);
    }
    if (undecided != 0) {
        worker->undecided += undecided;
        tern_matmul_strip(worker->run->job, index, vector, 1, low);
    }
}

static void finish_vector(struct worker *worker, uint32_t vector, uint32_t index, const struct tern_strip_sums *sums) {
    const struct run *run = worker->run;
    const double *sum = sums->sum[vector], *bound = sums->bound[vector], scale = run->scale[vector];
    float low[1][TERN_STRIP_ROWS], high[TERN_STRIP_ROWS];
    uint32_t different = 0;
    for (unsigned row = 0; row < TERN_STRIP_ROWS; row++) {
        const double error = bound[row] * run->error_unit;
        low[0][row] = (float)((sum[row] - error) * scale);
        high[row] = (float)((sum[row] + error) * scale);
        different |= tern_f32_to_bits(low[0][row]) ^ tern_f32_to_bits(high[row]);
    }
    if (different == 0 && rows_of(run, index) == TERN_STRIP_ROWS) {
        memcpy(output_of(run, vector) + index * TERN_STRIP_ROWS, low[0], sizeof low[0]); // from registers
        return;
    }
    settle(worker, vector, index, low, high);
    put(run, vector, index, low[0]);
}

// False when a checksum of the strip does not match.
static bool run_strip_exact(const struct run *run, uint32_t index) {
    float values[TERN_MAX_VECTORS][TERN_STRIP_ROWS];
    if (!tern_matmul_strip_is_sound(run->job, index)) {
        return false;
    }
    tern_matmul_strip(run->job, index, 0, run->job->vectors, values);
    for (uint32_t vector = 0; vector < run->job->vectors; vector++) {
        put(run, vector, index, values[vector]);
    }
    return true;
}

// Returns the number of strips before the first bad one.
static uint32_t run_block(struct worker *worker, uint32_t first, uint32_t count) {
    const struct run *run = worker->run;
    const struct tern_matmul_job *job = run->job;
    struct tern_strip_sums sums[TERN_BLOCK_STRIPS];
    run->path->block[job->depth_used - 1](&run->plan, job->weights + first * run->plan.strip_bytes, count, sums);
    for (uint32_t i = 0; i < count; i++) {
        if (job->crc && !crc_matches(job, first + i, sums[i].crc)) {
            return i;
        }
        for (uint32_t vector = 0; vector < job->vectors; vector++) {
            finish_vector(worker, vector, first + i, &sums[i]);
        }
    }
    return count;
}

static uint32_t run_block_exact(const struct run *run, uint32_t first, uint32_t count) {
    uint32_t done = 0;
    while (done < count && run_strip_exact(run, first + done)) {
        done++;
    }
    return done;
}

static void lower_to(atomic_uint *least, uint32_t value) {
    unsigned seen = atomic_load(least);
    while (value < seen && !atomic_compare_exchange_weak(least, &seen, value)) {
    }
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// Threads take batches in rising order, so all strips before the first bad one are computed.
static void run_batches(void *context, unsigned number) {
    struct run *run = context;
    struct worker worker = {.run = run};
    (void)number;
    for (;;) {
        const uint32_t first = atomic_fetch_add(&run->next, run->batch), end = least(first + run->batch, run->strips);
        for (uint32_t index = first; index < end; index += TERN_BLOCK_STRIPS) {
            if (index >= atomic_load_explicit(&run->first_bad, memory_order_relaxed)) {
                break;
            }
            const uint32_t count = least(end - index, TERN_BLOCK_STRIPS);
            const uint32_t good = run->path ? run_block(&worker, index, count) : run_block_exact(run, index, count);
            if (good < count) {
                lower_to(&run->first_bad, index + good);
            }
        }
        if (first >= atomic_load(&run->first_bad) || first >= run->strips) {
            break;
        }
    }
    atomic_fetch_add(&run->undecided, worker.undecided);
}

static const struct tern_kernel_path *choose_path(const struct tern_matmul_job *job, enum tern_kernel kernel) {
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        int32_t exponent = job->vector[vector].exponent;
        if (exponent > LARGEST_EXPONENT || exponent < -LARGEST_EXPONENT) {
            return NULL;
        }
    }
    return tern_kernel_choose(kernel, NULL, tern_matmul_avx2(), tern_matmul_avx512());
}

static void commit(const struct run *run) {
    const uint32_t bad = atomic_load(&run->first_bad);
    const uint32_t rows = bad < run->strips ? bad * TERN_STRIP_ROWS : run->job->rows;
    for (uint32_t vector = 0; vector < run->job->vectors; vector++) {
        memcpy(run->job->vector[vector].output, output_of(run, vector), rows * sizeof(float));
    }
}

static void prepare_finish(struct run *run) {
    run->error_unit = (tern_plan_additions(&run->plan, run->path) + 16) * 0x1p-53;
    for (uint32_t vector = 0; vector < run->job->vectors; vector++) {
        run->scale[vector] = power_of_two(run->job->vector[vector].exponent);
    }
}

static enum tern_status run_all(struct run *run, struct tern_pool *pool, uint32_t *bad_strip) {
    const uint32_t threads = tern_pool_threads(pool);
    if (run->path) {
        prepare_finish(run);
    }
    run->batch = run->strips / (BATCHES_A_THREAD * threads) + 1;
    if (threads > 1 && run->job->crc) {
        run->staged = malloc(run->job->vectors * (size_t)run->job->rows * sizeof(float));
        if (!run->staged) {
            return TERN_STATUS_OUT_OF_MEMORY;
        }
    }
    tern_pool_run(pool, run_batches, run);
    if (run->staged) {
        commit(run);
        free(run->staged);
    }
    if (atomic_load(&run->first_bad) < run->strips) {
        *bad_strip = atomic_load(&run->first_bad);
        return TERN_STATUS_CHECKSUM;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_matmul_run(const struct tern_matmul_job *job, struct tern_engine *engine, uint32_t *bad_strip) {
    TERN_TRY(tern_matmul_check(job));
    if (engine && !tern_kernel_is_supported(engine->kernel)) {
        return TERN_STATUS_UNSUPPORTED;
    }
    const double start = tern_seconds();
    struct run run = {.job = job, .strips = (uint32_t)tern_strips(job->rows)};
    atomic_init(&run.first_bad, run.strips);
    run.path = choose_path(job, engine ? engine->kernel : TERN_KERNEL_BEST);
    enum tern_status status = tern_matmul_plan_make(job, run.path, &run.plan);
    if (status == TERN_STATUS_OK) {
        uint64_t bytes = (uint64_t)run.strips * run.plan.strip_bytes * job->vectors;
        status = run_all(&run, engine && bytes >= engine->alone_bytes ? engine->pool : NULL, bad_strip);
        tern_matmul_plan_free(&run.plan);
    }
    if (engine) {
        engine->seconds += tern_seconds() - start;
        engine->undecided_rows += atomic_load(&run.undecided);
    }
    return status;
}
