// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/matmul/crc32c.h"
#include "cmodel/fast/pool.h"
#include "cmodel/fast/seconds.h"
#include "host_driver/cli/commands/bench.h"

#define REPEATS 7
#define LARGEST_RUN_SECONDS 1.0 // of all repeats: slow kernels get fewer

// Each thread reads its share of `words`.
struct reading {
    const uint64_t *words;
    size_t count;
    unsigned threads;
    uint64_t sum[TERN_POOL_MAX_THREADS]; // keeps the compiler from removing the loads
};

static void read_share(void *context, unsigned worker) {
    struct reading *reading = context;
    const size_t share = reading->count / reading->threads / 16 * 16;
    const uint64_t *words = reading->words + share * worker;
    uint64_t sum[16] = {0};
    for (size_t i = 0; i < share; i += 16) {
        for (unsigned j = 0; j < 16; j++) {
            sum[j] += words[i + j];
        }
    }
    for (unsigned j = 0; j < 16; j++) {
        reading->sum[worker] += sum[j];
    }
}

static void read_once(struct tern_bench_matmul *bench) {
    struct reading reading = {.words = (const uint64_t *)(const void *)bench->weights,
                              .count = bench->bytes / sizeof(uint64_t),
                              .threads = tern_pool_threads(bench->engine->pool)};
    const double start = tern_seconds();
    tern_pool_run(bench->engine->pool, read_share, &reading);
    const double seconds = tern_seconds() - start;
    bench->read_seconds = bench->read_seconds == 0 || seconds < bench->read_seconds ? seconds : bench->read_seconds;
}

enum tern_status tern_bench_matmul_open(struct tern_engine *engine, uint64_t bytes, struct tern_error *error,
                                        struct tern_bench_matmul *bench) {
    const struct tern_bench_matmul opened = {.engine = engine, .bytes = bytes, .weights = aligned_alloc(64, bytes)};
    if (!opened.weights) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %llu bytes of weights",
                              (unsigned long long)bytes);
    }
    *bench = opened;
    uint64_t state = 88172645463325252u; // xorshift64
    for (uint64_t i = 0; i < bytes; i += sizeof state) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(bench->weights + i, &state, sizeof state);
    }
    return TERN_STATUS_OK;
}

void tern_bench_matmul_close(struct tern_bench_matmul *bench) {
    free(bench->weights);
}

static void fill_checksums(const struct tern_bench_matmul *bench, const struct tern_bench_matrix *matrix,
                           uint32_t *crc) {
    const size_t codes_bytes = tern_codes_bytes(matrix->columns), plane_bytes = tern_plane_bytes(matrix->columns);
    const uint8_t *at = bench->weights;
    for (uint64_t strip = 0; strip < tern_strips(matrix->rows); strip++) {
        *crc++ = tern_crc32c(at, codes_bytes);
        at += codes_bytes;
        for (uint32_t plane = 0; plane < matrix->depth; plane++, at += plane_bytes) {
            *crc++ = tern_crc32c(at, plane_bytes);
        }
    }
}

// Activations of every size and steps as a matrix has them: neighbouring steps 15 % apart, of full precision.
static void fill_operands(struct tern_matmul_job *job, int16_t *mantissas, uint8_t *shifts) {
    static const uint32_t octave[5] = {0x800000, 0x93088c, 0xa8e5a3, 0xc20300, 0xdedc67};
    const size_t columns = (size_t)job->groups * TERN_GROUP_COLUMNS;
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        for (size_t i = 0; i < columns; i++) {
            mantissas[vector * columns + i] = (int16_t)((i * 2654435761u + vector * 40503u) >> 8);
        }
        for (uint32_t group = 0; group < job->groups; group++) {
            shifts[(size_t)vector * job->groups + group] = (uint8_t)((group * 7 + vector) % 5);
        }
        job->vector[vector].mantissas = mantissas + vector * columns;
        job->vector[vector].shifts = shifts + (size_t)vector * job->groups;
        job->vector[vector].exponent = -60;
    }
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        job->steps.mantissa[i] = octave[i % 5];
        job->steps.shift[i] = (uint8_t)(i / 5);
    }
}

static enum tern_status run_repeats(struct tern_bench_matmul *bench, const struct tern_matmul_job *job,
                                    struct tern_error *error, struct tern_bench_matrix *matrix) {
    double all = 0;
    for (int i = 0; i < REPEATS && all < LARGEST_RUN_SECONDS; i++) {
        uint32_t bad_strip = 0;
        read_once(bench);
        const double start = tern_seconds();
        enum tern_status status = tern_matmul_run(job, bench->engine, &bad_strip);
        const double seconds = tern_seconds() - start;
        if (status != TERN_STATUS_OK) {
            return tern_error_set(error, status, "matmul of %u x %u, depth %u: %s", matrix->rows, matrix->columns,
                                  matrix->depth, tern_status_text(status));
        }
        matrix->seconds = i == 0 || seconds < matrix->seconds ? seconds : matrix->seconds;
        all += seconds;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_bench_matrix(struct tern_bench_matmul *bench, struct tern_error *error,
                                   struct tern_bench_matrix *matrix) {
    const uint64_t strips = bench->bytes / tern_strip_bytes(matrix->columns, matrix->depth);
    const uint64_t most = TERN_MAX_ROWS / TERN_STRIP_ROWS;
    matrix->rows = (uint32_t)((strips < most ? strips : most) * TERN_STRIP_ROWS);
    matrix->bytes = tern_matrix_bytes(matrix->rows, matrix->columns, matrix->depth);
    struct tern_matmul_job job = {.rows = matrix->rows,
                                  .groups = (uint32_t)tern_groups(matrix->columns),
                                  .depth_stored = matrix->depth,
                                  .depth_used = matrix->depth,
                                  .weights = bench->weights,
                                  .vectors = matrix->vectors};
    uint32_t *crc = malloc(tern_crc_bytes(matrix->rows, matrix->depth));
    int16_t *mantissas = malloc((size_t)job.vectors * job.groups * TERN_GROUP_COLUMNS * sizeof *mantissas);
    uint8_t *shifts = malloc((size_t)job.vectors * job.groups);
    float *output = malloc((size_t)job.vectors * job.rows * sizeof *output);
    enum tern_status status;
    if (crc && mantissas && shifts && output) {
        fill_checksums(bench, matrix, crc);
        fill_operands(&job, mantissas, shifts);
        job.crc = crc;
        for (uint32_t vector = 0; vector < job.vectors; vector++) {
            job.vector[vector].output = output + (size_t)vector * job.rows;
        }
        status = run_repeats(bench, &job, error, matrix);
    } else {
        status = tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a matmul");
    }
    free(crc);
    free(mantissas);
    free(shifts);
    free(output);
    return status;
}
