// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/encode_matrix.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cmodel/matmul/strip.h"
#include "host_driver/system/parallel.h"

#define PIECE_ELEMENTS 262144u

struct workspace {
    int8_t *levels;  // [5][groups x 16]
    uint8_t *codes;  // [5][groups]
    uint8_t *strips; // [strips_a_piece][strip bytes]
};

struct encode_job {
    const struct tern_safetensors_tensor *weights;
    const struct tern_row_encoder *encoder;
    struct tern_pieces pieces;
    unsigned depth, threads;
    tern_strips_sink sink;
    void *context;
    uint32_t *crc;
    struct workspace *workspaces;
};

struct tern_pieces tern_pieces_of(const struct tern_tensor *matrix) {
    struct tern_pieces pieces = {.rows = matrix->shape[0], .columns = matrix->shape[1]};
    pieces.groups = tern_groups(pieces.columns);
    pieces.strips = tern_strips(pieces.rows);
    pieces.strips_a_piece = PIECE_ELEMENTS / (TERN_STRIP_ROWS * pieces.columns) + 1;
    pieces.count = (pieces.strips + pieces.strips_a_piece - 1) / pieces.strips_a_piece;
    return pieces;
}

void tern_piece_strips(const struct tern_pieces *pieces, uint64_t piece, uint64_t *first, uint64_t *end) {
    *first = piece * pieces->strips_a_piece;
    *end = *first + pieces->strips_a_piece < pieces->strips ? *first + pieces->strips_a_piece : pieces->strips;
}

void tern_piece_rows(const struct tern_pieces *pieces, uint64_t piece, uint64_t *first, uint64_t *end) {
    tern_piece_strips(pieces, piece, first, end);
    *first *= TERN_STRIP_ROWS;
    *end = *end * TERN_STRIP_ROWS < pieces->rows ? *end * TERN_STRIP_ROWS : pieces->rows;
}

enum tern_status tern_row_not_finite(const struct tern_safetensors_tensor *weights, uint64_t row, const float *values,
                                     struct tern_error *error) {
    uint64_t column = 0;
    while (column + 1 < weights->tensor.shape[1] && isfinite(values[column])) {
        column++;
    }
    return tern_error_set(error, TERN_STATUS_NON_FINITE, "%s: tensor '%.200s' has %s at row %llu, column %llu",
                          weights->path, weights->tensor.name, isnan(values[column]) ? "NaN" : "an infinity",
                          (unsigned long long)row, (unsigned long long)column);
}

static enum tern_status encode_piece(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    const struct encode_job *job = context;
    const struct workspace *space = &job->workspaces[worker];
    uint64_t first, end, groups = job->pieces.groups, pitch = groups * TERN_GROUP_COLUMNS;
    uint64_t strip_bytes = tern_strip_bytes(job->pieces.columns, job->depth);
    tern_piece_strips(&job->pieces, piece, &first, &end);
    for (uint64_t strip = first; strip < end; strip++) {
        uint64_t row = strip * TERN_STRIP_ROWS, left = job->pieces.rows - row;
        unsigned rows = left < TERN_STRIP_ROWS ? (unsigned)left : TERN_STRIP_ROWS;
        for (unsigned i = 0; i < rows; i++) {
            job->encoder->encode(job->encoder->context, worker, row + i, space->levels + i * pitch,
                                 space->codes + i * groups);
        }
        tern_strip_pack(space->levels, pitch, space->codes, groups, rows, job->pieces.columns, job->depth,
                        space->strips + (strip - first) * strip_bytes, job->crc + strip * (job->depth + 1));
    }
    return job->sink(job->context, first * strip_bytes, space->strips, (end - first) * strip_bytes, error);
}

static bool make_workspaces(struct encode_job *job) {
    uint64_t pitch = job->pieces.groups * TERN_GROUP_COLUMNS;
    uint64_t strip_bytes = tern_strip_bytes(job->pieces.columns, job->depth);
    job->workspaces = calloc(job->threads, sizeof *job->workspaces);
    for (unsigned i = 0; job->workspaces && i < job->threads; i++) {
        struct workspace *space = &job->workspaces[i];
        space->levels = calloc(TERN_STRIP_ROWS, pitch);
        space->codes = calloc(TERN_STRIP_ROWS, job->pieces.groups);
        space->strips = malloc(job->pieces.strips_a_piece * strip_bytes);
        if (!space->levels || !space->codes || !space->strips) {
            return false;
        }
    }
    return job->workspaces != NULL;
}

static void free_workspaces(struct encode_job *job) {
    for (unsigned i = 0; job->workspaces && i < job->threads; i++) {
        free(job->workspaces[i].levels);
        free(job->workspaces[i].codes);
        free(job->workspaces[i].strips);
    }
    free(job->workspaces);
}

enum tern_status tern_encode_check(const struct tern_safetensors_tensor *weights, unsigned depth,
                                   struct tern_error *error) {
    const struct tern_tensor *tensor = &weights->tensor;
    if (depth >= 1 && depth <= TERN_MAX_DEPTH && tensor->dimensions == 2 && tensor->bytes > 0 &&
        tensor->dtype <= TERN_DTYPE_BF16) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: tensor '%.200s' cannot be packed at depth %u",
                          weights->path, tensor->name, depth);
}

enum tern_status tern_encode_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                    const struct tern_row_encoder *encoder, tern_strips_sink sink, void *context,
                                    struct tern_error *error, uint32_t *crc) {
    struct encode_job job = {.weights = weights,
                             .encoder = encoder,
                             .pieces = tern_pieces_of(&weights->tensor),
                             .depth = depth,
                             .threads = threads,
                             .sink = sink,
                             .context = context,
                             .crc = crc};
    enum tern_status status =
        make_workspaces(&job)
            ? tern_parallel_run(threads, job.pieces.count, encode_piece, &job, error)
            : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory to pack tensor '%.200s'", weights->path,
                             weights->tensor.name);
    free_workspaces(&job);
    return status;
}
