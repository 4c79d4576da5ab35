// SPDX-License-Identifier: Apache-2.0
#include "host_driver/formats/packed_matrix.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/step_table.h"
#include "cmodel/matmul/strip.h"
#include "host_driver/system/parallel.h"
#include "host_driver/system/path.h"

// Reads a decimal number without sign, at most `most`, and advances *text.
static bool take_number(const char **text, unsigned long most, uint32_t *value) {
    char *end;
    if (**text < '0' || **text > '9') {
        return false;
    }
    errno = 0;
    unsigned long number = strtoul(*text, &end, 10);
    if (errno != 0 || number > most) {
        return false;
    }
    *value = (uint32_t)number;
    *text = end;
    return true;
}

static enum tern_status check_file(const struct tern_safetensors *file, struct tern_error *error, uint32_t *depth) {
    const char *version = tern_safetensors_metadata(file, "tern.format");
    const char *depth_text = tern_safetensors_metadata(file, "tern.depth");
    uint32_t number = 0;
    if (!version) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: metadata tern.format is missing: no packed file; `tern quantize` makes one of a "
                              "checkpoint",
                              file->path);
    }
    if (!take_number(&version, UINT32_MAX, &number) || *version || number != TERN_FORMAT_VERSION) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: packed format version '%.20s'; this program reads %d", file->path,
                              tern_safetensors_metadata(file, "tern.format"), TERN_FORMAT_VERSION);
    }
    if (!depth_text || !take_number(&depth_text, TERN_MAX_DEPTH, depth) || *depth_text || *depth == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: metadata tern.depth is not a number from 1 to %d",
                              file->path, TERN_MAX_DEPTH);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_packed_check_version(const struct tern_checkpoint *checkpoint, struct tern_error *error,
                                           uint32_t *depth) {
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        uint32_t found;
        TERN_TRY(check_file(&checkpoint->files[i], error, &found));
        if (i > 0 && found != *depth) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: depth %u, but the other shards have depth %u",
                                  checkpoint->files[i].path, found, *depth);
        }
        *depth = found;
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_sizes(const char *text, const char *path, struct tern_error *error,
                                   struct tern_matrix *matrix) {
    const char *at = text;
    bool good = at && take_number(&at, TERN_MAX_ROWS, &matrix->rows) && *at++ == ' ' &&
                take_number(&at, TERN_MAX_COLUMNS, &matrix->columns) && *at++ == ' ' &&
                take_number(&at, TERN_MAX_DEPTH, &matrix->depth) && *at == '\0';
    if (!good || matrix->rows == 0 || matrix->columns == 0 || matrix->depth == 0) {
        return tern_error_set(
            error, TERN_STATUS_BAD_FILE,
            "%s: metadata of matrix '%.150s' is '%.40s', not rows (to %d), columns (to %d), depth (to %d)", path,
            matrix->name, text ? text : "missing", TERN_MAX_ROWS, TERN_MAX_COLUMNS, TERN_MAX_DEPTH);
    }
    return TERN_STATUS_OK;
}

struct part {
    const char *suffix;
    enum tern_dtype dtype;
    unsigned dimensions;
    uint64_t shape[2];
    size_t alignment;
};

static enum tern_status read_part(const struct tern_checkpoint *checkpoint, const char *name, const struct part *part,
                                  struct tern_error *error, const void **data) {
    char *full = tern_text_format("%s%s", name, part->suffix);
    const struct tern_safetensors_tensor *found = full ? tern_checkpoint_find(checkpoint, full) : NULL;
    free(full);
    if (!found) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s%s' is missing", checkpoint->directory,
                              name, part->suffix);
    }
    const struct tern_tensor *tensor = &found->tensor;
    if (tensor->dtype != part->dtype) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' has the wrong dtype %s", found->path,
                              tensor->name, found->dtype_name);
    }
    for (unsigned i = 0; i < part->dimensions; i++) {
        if (tensor->dimensions != part->dimensions || tensor->shape[i] != part->shape[i]) {
            return tern_error_set(
                error, TERN_STATUS_BAD_FILE,
                "%s: tensor '%.200s' has %u dimensions, the first %llu; %u, the first %llu are needed", found->path,
                tensor->name, tensor->dimensions, (unsigned long long)tensor->shape[0], part->dimensions,
                (unsigned long long)part->shape[0]);
        }
    }
    if ((uintptr_t)tensor->data % part->alignment != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: tensor '%.200s' does not stand at a multiple of %zu bytes", found->path,
                              tensor->name, part->alignment);
    }
    *data = tensor->data;
    return TERN_STATUS_OK;
}

static enum tern_status check_steps(const struct tern_matrix *matrix, const char *path, struct tern_error *error) {
    uint32_t bits[TERN_STEPS], bad = 0;
    struct tern_step_table table;
    memcpy(bits, matrix->steps, sizeof bits);
    if (tern_step_table_make(bits, &table, &bad) != TERN_STATUS_OK) {
        return tern_error_set(
            error, TERN_STATUS_BAD_STEPS,
            "%s: step %u of tensor '%.150s.steps' is negative, not finite, or 2^%d times the smallest", path, bad,
            matrix->name, TERN_STEP_RATIO_LOG2);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_parts(const struct tern_checkpoint *checkpoint, const char *path, struct tern_error *error,
                                   struct tern_matrix *matrix) {
    const void *trits = NULL, *steps = NULL, *crc = NULL;
    uint64_t bytes = tern_matrix_bytes(matrix->rows, matrix->columns, matrix->depth);
    const struct part trits_part = {".trits", TERN_DTYPE_U8, 1, {bytes, 0}, TERN_SEGMENT_ALIGN};
    const struct part steps_part = {".steps", TERN_DTYPE_F32, 1, {TERN_STEPS, 0}, sizeof(float)};
    const struct part crc_part = {
        ".crc", TERN_DTYPE_U32, 2, {tern_strips(matrix->rows), matrix->depth + 1}, sizeof(uint32_t)};
    TERN_TRY(read_part(checkpoint, matrix->name, &trits_part, error, &trits));
    TERN_TRY(read_part(checkpoint, matrix->name, &steps_part, error, &steps));
    TERN_TRY(read_part(checkpoint, matrix->name, &crc_part, error, &crc));
    matrix->trits = trits;
    matrix->steps = steps;
    matrix->crc = crc;
    return check_steps(matrix, path, error);
}

static enum tern_status read_matrix(const struct tern_checkpoint *checkpoint, const char *trits_name, const char *key,
                                    struct tern_error *error, struct tern_matrix *matrix) {
    if (!trits_name || !key) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", checkpoint->directory);
    }
    const struct tern_safetensors_tensor *trits = tern_checkpoint_find(checkpoint, trits_name);
    if (!trits) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' is missing", checkpoint->directory,
                              trits_name);
    }
    TERN_TRY(read_sizes(tern_checkpoint_metadata(checkpoint, trits->path, key), trits->path, error, matrix));
    return read_parts(checkpoint, trits->path, error, matrix);
}

enum tern_status tern_packed_matrix_read(const struct tern_checkpoint *checkpoint, const char *name,
                                         struct tern_error *error, struct tern_matrix *matrix) {
    char *trits_name = tern_text_format("%s.trits", name), *key = tern_text_format(TERN_MATRIX_KEY "%s", name);
    *matrix = (struct tern_matrix){.name = name};
    enum tern_status status = read_matrix(checkpoint, trits_name, key, error, matrix);
    free(trits_name);
    free(key);
    return status;
}

struct check_job {
    const struct tern_matrix *matrix;
    const char *path;
    bool strict;
};

// Few enough for several pieces in a small matrix, enough for a cheap queue in a large one.
#define STRIPS_A_PIECE 16u

static enum tern_status check_piece(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    (void)worker;
    const struct check_job *job = context;
    const struct tern_matrix *matrix = job->matrix;
    uint64_t strip_bytes = tern_strip_bytes(matrix->columns, matrix->depth), strips = tern_strips(matrix->rows);
    for (uint64_t strip = piece * STRIPS_A_PIECE; strip < (piece + 1) * STRIPS_A_PIECE && strip < strips; strip++) {
        uint64_t left = matrix->rows - strip * TERN_STRIP_ROWS;
        size_t bad_byte = 0;
        enum tern_status status =
            tern_strip_check(matrix->trits + strip * strip_bytes, matrix->crc + strip * (matrix->depth + 1),
                             left < TERN_STRIP_ROWS ? (unsigned)left : TERN_STRIP_ROWS, matrix->columns, matrix->depth,
                             job->strict, &bad_byte);
        if (status != TERN_STATUS_OK) {
            return tern_error_set(error, status, "%s: tensor '%.200s.trits', strip %llu, byte %zu: %s", job->path,
                                  matrix->name, (unsigned long long)strip, bad_byte,
                                  status == TERN_STATUS_CHECKSUM ? "the segment does not match its CRC-32C"
                                                                 : "not canonical, or padding that is not zero");
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_matrix_check(const struct tern_matrix *matrix, const char *path, bool strict, unsigned threads,
                                   struct tern_error *error) {
    struct check_job job = {.matrix = matrix, .path = path, .strict = strict};
    uint64_t pieces = (tern_strips(matrix->rows) + STRIPS_A_PIECE - 1) / STRIPS_A_PIECE;
    return tern_parallel_run(threads, pieces, check_piece, &job, error);
}
