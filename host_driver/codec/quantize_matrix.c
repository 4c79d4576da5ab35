// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/quantize_matrix.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/parallel.h"
#include "host_driver/codec/quantizer.h"

#define SAMPLE_GROUPS 4096u

struct workspace {
    float largest;
    float *row; // [groups x 16], zero beyond the matrix
};

struct matrix_job {
    const struct tern_safetensors_tensor *weights;
    struct tern_pieces pieces;
    unsigned depth, threads;
    struct tern_quantizer quantizer;
    struct workspace *workspaces;
};

static float largest_magnitude(const float *values, uint64_t count) {
    float largest = 0;
    bool is_finite = true;
    for (uint64_t i = 0; i < count; i++) {
        float magnitude = fabsf(values[i]);
        is_finite &= magnitude <= 3.402823466e38f;
        largest = magnitude > largest ? magnitude : largest;
    }
    return is_finite ? largest : INFINITY;
}

static enum tern_status scan_piece(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    struct matrix_job *job = context;
    struct workspace *space = &job->workspaces[worker];
    uint64_t columns = job->pieces.columns, first, end;
    tern_piece_rows(&job->pieces, piece, &first, &end);
    for (uint64_t row = first; row < end; row++) {
        tern_tensor_read_f32(&job->weights->tensor, row * columns, columns, space->row);
        float largest = largest_magnitude(space->row, columns);
        if (isinf(largest)) {
            return tern_row_not_finite(job->weights, row, space->row, error);
        }
        space->largest = largest > space->largest ? largest : space->largest;
    }
    return TERN_STATUS_OK;
}

static void quantize_row(void *context, unsigned worker, uint64_t row, int8_t *levels, uint8_t *codes) {
    const struct matrix_job *job = context;
    float *weights = job->workspaces[worker].row;
    tern_tensor_read_f32(&job->weights->tensor, row * job->pieces.columns, job->pieces.columns, weights);
    for (uint64_t group = 0; group < job->pieces.groups; group++) {
        codes[group] = tern_quantizer_group(&job->quantizer, weights + group * TERN_GROUP_COLUMNS,
                                            levels + group * TERN_GROUP_COLUMNS);
    }
}

static uint64_t take_sample(const struct matrix_job *job, float *sample) {
    uint64_t per_row = (job->pieces.columns + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS;
    uint64_t total = job->pieces.rows * per_row, count = total < SAMPLE_GROUPS ? total : SAMPLE_GROUPS;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t group = (uint64_t)((unsigned __int128)i * total / count);
        uint64_t column = group % per_row * TERN_GROUP_COLUMNS, left = job->pieces.columns - column;
        memset(sample + i * TERN_GROUP_COLUMNS, 0, TERN_GROUP_COLUMNS * sizeof *sample);
        tern_tensor_read_f32(&job->weights->tensor, group / per_row * job->pieces.columns + column,
                             left < TERN_GROUP_COLUMNS ? left : TERN_GROUP_COLUMNS, sample + i * TERN_GROUP_COLUMNS);
    }
    return count;
}

static enum tern_status out_of_memory(const struct matrix_job *job, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory to quantize tensor '%.200s'",
                          job->weights->path, job->weights->tensor.name);
}

static enum tern_status make_workspaces(struct matrix_job *job, struct tern_error *error) {
    job->workspaces = calloc(job->threads, sizeof *job->workspaces);
    for (unsigned i = 0; job->workspaces && i < job->threads; i++) {
        job->workspaces[i].row = calloc(job->pieces.groups * TERN_GROUP_COLUMNS, sizeof *job->workspaces[i].row);
        if (!job->workspaces[i].row) {
            return out_of_memory(job, error);
        }
    }
    return job->workspaces ? TERN_STATUS_OK : out_of_memory(job, error);
}

static void free_workspaces(struct matrix_job *job) {
    for (unsigned i = 0; job->workspaces && i < job->threads; i++) {
        free(job->workspaces[i].row);
    }
    free(job->workspaces);
}

static enum tern_status make_quantizer(struct matrix_job *job, struct tern_error *error) {
    float largest = 0, *sample = malloc(SAMPLE_GROUPS * TERN_GROUP_COLUMNS * sizeof *sample);
    if (!sample) {
        return out_of_memory(job, error);
    }
    for (unsigned i = 0; i < job->threads; i++) {
        largest = job->workspaces[i].largest > largest ? job->workspaces[i].largest : largest;
    }
    tern_quantizer_make(job->depth, largest, sample, take_sample(job, sample), &job->quantizer);
    free(sample);
    return TERN_STATUS_OK;
}

// Scans the matrix for its largest magnitude, chooses the steps, then encodes.
static enum tern_status run_job(struct matrix_job *job, tern_strips_sink sink, void *context, struct tern_error *error,
                                uint32_t *crc) {
    const struct tern_row_encoder encoder = {quantize_row, job};
    TERN_TRY(make_workspaces(job, error));
    TERN_TRY(tern_parallel_run(job->threads, job->pieces.count, scan_piece, job, error));
    TERN_TRY(make_quantizer(job, error));
    return tern_encode_matrix(job->weights, job->depth, job->threads, &encoder, sink, context, error, crc);
}

enum tern_status tern_quantize_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                      tern_strips_sink sink, void *context, struct tern_error *error,
                                      float steps[TERN_STEPS], uint32_t *crc) {
    TERN_TRY(tern_encode_check(weights, depth, error));
    struct matrix_job job = {.weights = weights,
                             .pieces = tern_pieces_of(&weights->tensor),
                             .depth = depth,
                             .threads = threads < TERN_PARALLEL_MAX_THREADS ? threads : TERN_PARALLEL_MAX_THREADS};
    job.threads += job.threads == 0;
    enum tern_status status = run_job(&job, sink, context, error, crc);
    if (status == TERN_STATUS_OK) {
        memcpy(steps, job.quantizer.steps, sizeof job.quantizer.steps);
    }
    free_workspaces(&job);
    return status;
}
