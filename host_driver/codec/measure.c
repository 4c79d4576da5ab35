// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/measure.h"

#include <math.h>
#include <stdlib.h>

#include "cmodel/layout.h"
#include "host_driver/codec/dequantize.h"
#include "host_driver/system/parallel.h"

#define PIECE_ELEMENTS 262144u

uint64_t tern_matrix_stored_bytes(const struct tern_matrix *matrix) {
    return tern_matrix_bytes(matrix->rows, matrix->columns, matrix->depth) +
           tern_crc_bytes(matrix->rows, matrix->depth) + TERN_STEPS * sizeof(float);
}

struct energy_job {
    const struct tern_matrix *matrix;
    unsigned depth;
    const char *path;
    const struct tern_tensor *source;
    uint64_t strips_a_piece;
    struct tern_energy *pieces; // added in order at the end
};

static void add_strip(struct tern_energy *energy, const float *source, const float *packed, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        double difference = (double)source[i] - (double)packed[i];
        energy->signal += (double)source[i] * (double)source[i];
        energy->noise += difference * difference;
    }
}

static enum tern_status measure_strips(const struct energy_job *job, uint64_t piece, struct tern_strip_space *space,
                                       float *weights, struct tern_error *error) {
    const struct tern_matrix *matrix = job->matrix;
    uint64_t strips = tern_strips(matrix->rows), first = piece * job->strips_a_piece;
    float *source = weights + (size_t)TERN_STRIP_ROWS * matrix->columns;
    for (uint64_t strip = first; strip < first + job->strips_a_piece && strip < strips; strip++) {
        unsigned rows;
        TERN_TRY(tern_strip_dequantize(matrix, strip, job->depth, false, job->path, space, error, weights, &rows));
        uint64_t count = (uint64_t)rows * matrix->columns;
        tern_tensor_read_f32(job->source, strip * TERN_STRIP_ROWS * matrix->columns, count, source);
        add_strip(&job->pieces[piece], source, weights, count);
    }
    return TERN_STATUS_OK;
}

static enum tern_status measure_piece(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    const struct energy_job *job = context;
    struct tern_strip_space space = {NULL, NULL};
    (void)worker;
    float *weights = malloc(2 * (size_t)TERN_STRIP_ROWS * job->matrix->columns * sizeof *weights);
    enum tern_status status = weights && tern_strip_space_make(job->matrix, &space)
                                  ? measure_strips(job, piece, &space, weights, error)
                                  : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", job->path);
    tern_strip_space_free(&space);
    free(weights);
    return status;
}

static enum tern_status check_source(const struct tern_matrix *matrix, const struct tern_safetensors_tensor *source,
                                     struct tern_error *error) {
    const struct tern_tensor *tensor = &source->tensor;
    if (tensor->dtype > TERN_DTYPE_BF16 || tensor->dimensions != 2 || tensor->shape[0] != matrix->rows ||
        tensor->shape[1] != matrix->columns) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' is no matrix of %u x %u", source->path,
                              tensor->name, matrix->rows, matrix->columns);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_matrix_energy(const struct tern_matrix *matrix, unsigned depth, const char *path,
                                    const struct tern_safetensors_tensor *source, unsigned threads,
                                    struct tern_error *error, struct tern_energy *energy) {
    struct energy_job job = {.matrix = matrix, .depth = depth, .path = path, .source = &source->tensor};
    *energy = (struct tern_energy){0, 0};
    TERN_TRY(check_source(matrix, source, error));
    job.strips_a_piece = PIECE_ELEMENTS / (TERN_STRIP_ROWS * matrix->columns) + 1;
    uint64_t pieces = (tern_strips(matrix->rows) + job.strips_a_piece - 1) / job.strips_a_piece;
    job.pieces = calloc(pieces, sizeof *job.pieces);
    if (!job.pieces) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", path);
    }
    enum tern_status status = tern_parallel_run(threads, pieces, measure_piece, &job, error);
    for (uint64_t i = 0; i < pieces; i++) {
        energy->signal += job.pieces[i].signal;
        energy->noise += job.pieces[i].noise;
    }
    free(job.pieces);
    return status;
}

double tern_energy_decibels(const struct tern_energy *energy) {
    return energy->noise > 0 ? 10.0 * log10(energy->signal / energy->noise) : INFINITY;
}
