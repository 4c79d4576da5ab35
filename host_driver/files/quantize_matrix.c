// SPDX-License-Identifier: Apache-2.0
#include "host_driver/files/quantize_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/pack.h"
#include "host_driver/files/parallel.h"
#include "host_driver/files/quantizer.h"

#define PIECE_ELEMENTS 262144u // about what a thread works on between two looks at the queue
#define SAMPLE_GROUPS 4096u

struct workspace {
    float largest;
    float *row;      // [groups x 16], columns that do not exist zero
    int8_t *levels;  // [5][groups x 16]
    uint8_t *codes;  // [5][groups]
    uint8_t *strips; // [strips_a_piece][strip bytes]
};

struct matrix_job {
    const struct tern_safetensors_tensor *weights;
    uint64_t rows, columns, groups, strips, strips_a_piece;
    unsigned depth, threads;
    struct tern_quantizer quantizer;
    tern_strips_sink sink;
    void *context;
    uint32_t *crc;
    struct workspace *workspaces;
};

static float largest_magnitude(const float *values, uint64_t count) {
    float largest = 0;
    int finite = 1;
    for (uint64_t i = 0; i < count; i++) {
        float magnitude = fabsf(values[i]);
        finite &= magnitude <= 3.402823466e38f;
        largest = magnitude > largest ? magnitude : largest;
    }
    return finite ? largest : INFINITY;
}

static enum tern_status non_finite(const struct matrix_job *job, uint64_t row, const float *values,
                                   struct tern_error *error) {
    uint64_t column = 0;
    while (column + 1 < job->columns && isfinite(values[column]))
        column++;
    return tern_error_set(error, TERN_STATUS_NON_FINITE, "%s: tensor '%.200s' has %s at row %llu, column %llu",
                          job->weights->path, job->weights->tensor.name, isnan(values[column]) ? "NaN" : "an infinity",
                          (unsigned long long)row, (unsigned long long)column);
}

static void piece_strips(const struct matrix_job *job, uint64_t piece, uint64_t *first, uint64_t *end) {
    *first = piece * job->strips_a_piece;
    *end = *first + job->strips_a_piece < job->strips ? *first + job->strips_a_piece : job->strips;
}

static enum tern_status scan_piece(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    struct matrix_job *job = context;
    struct workspace *space = &job->workspaces[worker];
    uint64_t first, end;
    piece_strips(job, piece, &first, &end);
    for (uint64_t row = first * TERN_STRIP_ROWS; row < end * TERN_STRIP_ROWS && row < job->rows; row++) {
        tern_tensor_read_f32(&job->weights->tensor, row * job->columns, job->columns, space->row);
        float largest = largest_magnitude(space->row, job->columns);
        if (isinf(largest))
            return non_finite(job, row, space->row, error);
        space->largest = largest > space->largest ? largest : space->largest;
    }
    return TERN_STATUS_OK;
}

static unsigned quantize_strip(const struct matrix_job *job, struct workspace *space, uint64_t strip) {
    uint64_t first = strip * TERN_STRIP_ROWS, pitch = job->groups * TERN_GROUP_COLUMNS;
    unsigned rows = job->rows - first < TERN_STRIP_ROWS ? (unsigned)(job->rows - first) : TERN_STRIP_ROWS;
    for (unsigned row = 0; row < rows; row++) {
        tern_tensor_read_f32(&job->weights->tensor, (first + row) * job->columns, job->columns, space->row);
        for (uint64_t group = 0; group < job->groups; group++)
            space->codes[row * job->groups + group] =
                tern_quantizer_group(&job->quantizer, space->row + group * TERN_GROUP_COLUMNS,
                                     space->levels + row * pitch + group * TERN_GROUP_COLUMNS);
    }
    return rows;
}

static enum tern_status pack_piece(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    struct matrix_job *job = context;
    struct workspace *space = &job->workspaces[worker];
    uint64_t first, end, strip_bytes = tern_strip_bytes(job->columns, job->depth);
    piece_strips(job, piece, &first, &end);
    for (uint64_t strip = first; strip < end; strip++) {
        unsigned rows = quantize_strip(job, space, strip);
        tern_strip_pack(space->levels, job->groups * TERN_GROUP_COLUMNS, space->codes, job->groups, rows, job->columns,
                        job->depth, space->strips + (strip - first) * strip_bytes, job->crc + strip * (job->depth + 1));
    }
    return job->sink(job->context, first * strip_bytes, space->strips, (end - first) * strip_bytes, error);
}

static uint64_t take_sample(const struct matrix_job *job, float *sample) {
    uint64_t per_row = (job->columns + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS;
    uint64_t total = job->rows * per_row, count = total < SAMPLE_GROUPS ? total : SAMPLE_GROUPS;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t group = (uint64_t)((unsigned __int128)i * total / count);
        uint64_t column = group % per_row * TERN_GROUP_COLUMNS, left = job->columns - column;
        memset(sample + i * TERN_GROUP_COLUMNS, 0, TERN_GROUP_COLUMNS * sizeof *sample);
        tern_tensor_read_f32(&job->weights->tensor, group / per_row * job->columns + column,
                             left < TERN_GROUP_COLUMNS ? left : TERN_GROUP_COLUMNS, sample + i * TERN_GROUP_COLUMNS);
    }
    return count;
}

static enum tern_status out_of_memory(const struct matrix_job *job, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory to quantise tensor '%.200s'",
                          job->weights->path, job->weights->tensor.name);
}

static enum tern_status make_workspaces(struct matrix_job *job, struct tern_error *error) {
    uint64_t pitch = job->groups * TERN_GROUP_COLUMNS, strip_bytes = tern_strip_bytes(job->columns, job->depth);
    job->workspaces = calloc(job->threads, sizeof *job->workspaces);
    for (unsigned i = 0; job->workspaces && i < job->threads; i++) {
        struct workspace *space = &job->workspaces[i];
        space->row = calloc(pitch, sizeof *space->row);
        space->levels = calloc(TERN_STRIP_ROWS, pitch);
        space->codes = calloc(TERN_STRIP_ROWS, job->groups);
        space->strips = malloc(job->strips_a_piece * strip_bytes);
        if (!space->row || !space->levels || !space->codes || !space->strips)
            return out_of_memory(job, error);
    }
    return job->workspaces ? TERN_STATUS_OK : out_of_memory(job, error);
}

static void free_workspaces(struct matrix_job *job) {
    for (unsigned i = 0; job->workspaces && i < job->threads; i++) {
        free(job->workspaces[i].row);
        free(job->workspaces[i].levels);
        free(job->workspaces[i].codes);
        free(job->workspaces[i].strips);
    }
    free(job->workspaces);
}

static enum tern_status make_quantizer(struct matrix_job *job, struct tern_error *error) {
    float largest = 0, *sample = malloc(SAMPLE_GROUPS * TERN_GROUP_COLUMNS * sizeof *sample);
    if (!sample)
        return out_of_memory(job, error);
    for (unsigned i = 0; i < job->threads; i++)
        largest = job->workspaces[i].largest > largest ? job->workspaces[i].largest : largest;
    tern_quantizer_make(job->depth, largest, sample, take_sample(job, sample), &job->quantizer);
    free(sample);
    return TERN_STATUS_OK;
}

static enum tern_status run_job(struct matrix_job *job, struct tern_error *error) {
    uint64_t pieces = (job->strips + job->strips_a_piece - 1) / job->strips_a_piece;
    enum tern_status status = make_workspaces(job, error);
    if (status == TERN_STATUS_OK)
        status = tern_parallel_run(job->threads, pieces, scan_piece, job, error);
    if (status == TERN_STATUS_OK)
        status = make_quantizer(job, error);
    if (status == TERN_STATUS_OK)
        status = tern_parallel_run(job->threads, pieces, pack_piece, job, error);
    return status;
}

enum tern_status tern_quantize_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                      tern_strips_sink sink, void *context, struct tern_error *error,
                                      float steps[TERN_STEPS], uint32_t *crc) {
    const struct tern_tensor *tensor = &weights->tensor;
    if (depth < 1 || depth > TERN_MAX_DEPTH || tensor->dimensions != 2 || tensor->bytes == 0 ||
        tensor->dtype > TERN_DTYPE_BF16)
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: tensor '%.200s' cannot be packed at depth %u",
                              weights->path, tensor->name, depth);
    struct matrix_job job = {.weights = weights,
                             .rows = tensor->shape[0],
                             .columns = tensor->shape[1],
                             .groups = tern_groups(tensor->shape[1]),
                             .strips = tern_strips(tensor->shape[0]),
                             .depth = depth,
                             .threads = threads ? threads : 1,
                             .sink = sink,
                             .context = context,
                             .crc = crc};
    if (job.threads > TERN_PARALLEL_MAX_THREADS)
        job.threads = TERN_PARALLEL_MAX_THREADS;
    job.strips_a_piece = PIECE_ELEMENTS / (TERN_STRIP_ROWS * job.columns) + 1;
    enum tern_status status = run_job(&job, error);
    if (status == TERN_STATUS_OK)
        memcpy(steps, job.quantizer.steps, sizeof job.quantizer.steps);
    free_workspaces(&job);
    return status;
}
