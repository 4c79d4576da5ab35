// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/export_model.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"
#include "host_driver/codec/dequantize.h"
#include "host_driver/formats/float_type.h"
#include "host_driver/formats/json.h"
#include "host_driver/model/config.h"
#include "host_driver/model/model.h"
#include "host_driver/formats/output.h"
#include "host_driver/formats/packed_matrix.h"
#include "host_driver/system/parallel.h"
#include "host_driver/system/path.h"
#include "host_driver/system/progress.h"
#include "host_driver/model/side_files.h"
#include "host_driver/system/staging.h"
#include "host_driver/system/write_file.h"

struct export_job {
    const struct tern_export_options *options;
    struct tern_checkpoint checkpoint;
    struct tern_output output;
    struct tern_staging staging;
    struct tern_progress progress;
    struct tern_packed_list list;
};

static uint64_t element_bytes(const struct tern_packed_entry *entry) {
    return entry->dtype == TERN_DTYPE_F32 ? 4 : 2;
}

static enum tern_status plan_matrix(struct export_job *job, const struct tern_packed_entry *entry, size_t bundle,
                                    struct tern_error *error) {
    const struct tern_matrix *matrix = &entry->matrix;
    size_t index;
    struct tern_output_tensor part = {.name = (char *)matrix->name,
                                      .dtype_name = tern_dtype_name(entry->dtype),
                                      .dimensions = 2,
                                      .shape = {matrix->rows, matrix->columns},
                                      .bytes = element_bytes(entry) * matrix->rows * matrix->columns,
                                      .bundle = bundle,
                                      .rank = entry->dtype == TERN_DTYPE_F32 ? 1 : 2};
    return tern_output_add(&job->output, &part, error, &index);
}

static enum tern_status plan_rest(struct export_job *job, const struct tern_safetensors_tensor *source, size_t bundle,
                                  struct tern_error *error) {
    size_t index;
    static const unsigned rank_of_bytes[9] = {[8] = 0, [4] = 1, [2] = 2, [1] = 3};
    struct tern_output_tensor part = {.name = (char *)source->tensor.name,
                                      .dtype_name = source->dtype_name,
                                      .dimensions = source->tensor.dimensions,
                                      .bytes = source->tensor.bytes,
                                      .bundle = bundle,
                                      .rank = rank_of_bytes[source->element_bytes]};
    memcpy(part.shape, source->tensor.shape, sizeof part.shape);
    return tern_output_add(&job->output, &part, error, &index);
}

// Output tensor i is entry i of the list.
static enum tern_status plan(struct export_job *job, struct tern_error *error) {
    TERN_TRY(tern_output_note(&job->output, TERN_OUTPUT_EVERY_SHARD, "format", "pt", error));
    for (size_t i = 0; i < job->list.count; i++) {
        struct tern_packed_entry *entry = &job->list.entries[i];
        entry->dtype = job->options->dtype == TERN_DTYPE_OTHER ? entry->dtype : job->options->dtype;
        TERN_TRY(entry->rest ? plan_rest(job, entry->rest, i, error) : plan_matrix(job, entry, i, error));
    }
    return tern_output_layout(&job->output, job->options->shard_bytes, error);
}

struct matrix_export {
    struct export_job *job;
    const struct tern_packed_entry *entry;
    size_t index;
    uint64_t strips_a_piece;
};

#define PIECE_ELEMENTS 262144u

static enum tern_status over_range(const struct matrix_export *work, uint64_t element, float weight,
                                   struct tern_error *error) {
    const struct tern_matrix *matrix = &work->entry->matrix;
    return tern_error_set(
        error, TERN_STATUS_UNSUPPORTED, "%s: tensor '%.200s', row %llu, column %llu: %g is over the range of %s",
        work->entry->path, matrix->name, (unsigned long long)(element / matrix->columns),
        (unsigned long long)(element % matrix->columns), (double)weight, tern_dtype_torch_name(work->entry->dtype));
}

// out: the strip's weights in the entry's type.
static enum tern_status round_strip(const struct matrix_export *work, uint64_t strip, const float *weights,
                                    uint64_t count, uint8_t *out, struct tern_error *error) {
    enum tern_dtype dtype = work->entry->dtype;
    uint32_t infinity = tern_dtype_infinity(dtype), sign = dtype == TERN_DTYPE_F32 ? 0x80000000u : 0x8000u;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t bits = tern_dtype_bits(dtype, weights[i]);
        uint16_t half = (uint16_t)bits;
        if ((bits & ~sign) >= infinity) {
            return over_range(work, strip * TERN_STRIP_ROWS * work->entry->matrix.columns + i, weights[i], error);
        }
        if (dtype == TERN_DTYPE_F32) {
            memcpy(out + 4 * i, &bits, sizeof bits);
        } else {
            memcpy(out + 2 * i, &half, sizeof half);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status export_strips(const struct matrix_export *work, uint64_t first, uint64_t end,
                                      struct tern_strip_space *space, float *weights, uint8_t *rounded,
                                      struct tern_error *error) {
    const struct tern_matrix *matrix = &work->entry->matrix;
    uint64_t columns = matrix->columns, element = element_bytes(work->entry), done = 0;
    for (uint64_t strip = first; strip < end; strip++) {
        unsigned rows;
        TERN_TRY(
            tern_strip_dequantize(matrix, strip, matrix->depth, true, work->entry->path, space, error, weights, &rows));
        TERN_TRY(round_strip(work, strip, weights, rows * columns, rounded + element * done, error));
        done += rows * columns;
    }
    tern_progress_add(&work->job->progress, element * done);
    return tern_output_write(&work->job->output, work->index, element * first * TERN_STRIP_ROWS * columns, rounded,
                             element * done, error);
}

static enum tern_status export_piece(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    const struct matrix_export *work = context;
    const struct tern_matrix *matrix = &work->entry->matrix;
    uint64_t strips = tern_strips(matrix->rows), first = piece * work->strips_a_piece;
    uint64_t end = first + work->strips_a_piece < strips ? first + work->strips_a_piece : strips;
    uint64_t strip_elements = (uint64_t)TERN_STRIP_ROWS * matrix->columns;
    struct tern_strip_space space;
    (void)worker;
    bool has_space = tern_strip_space_make(matrix, &space);
    float *weights = malloc(strip_elements * sizeof *weights);
    uint8_t *rounded = malloc(work->strips_a_piece * strip_elements * element_bytes(work->entry));
    enum tern_status status =
        has_space && weights && rounded
            ? export_strips(work, first, end, &space, weights, rounded, error)
            : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory to export '%s'", matrix->name);
    tern_strip_space_free(&space);
    free(weights);
    free(rounded);
    return status;
}

static enum tern_status export_entry(struct export_job *job, size_t index, struct tern_error *error) {
    const struct tern_packed_entry *entry = &job->list.entries[index];
    if (entry->rest) {
        tern_progress_add(&job->progress, entry->rest->tensor.bytes);
        return tern_output_write(&job->output, index, 0, entry->rest->tensor.data, entry->rest->tensor.bytes, error);
    }
    struct matrix_export work = {.job = job, .entry = entry, .index = index};
    work.strips_a_piece = PIECE_ELEMENTS / (TERN_STRIP_ROWS * entry->matrix.columns) + 1;
    uint64_t pieces = (tern_strips(entry->matrix.rows) + work.strips_a_piece - 1) / work.strips_a_piece;
    enum tern_status status = tern_parallel_run(job->options->threads, pieces, export_piece, &work, error);
    tern_checkpoint_release(&job->checkpoint, entry->matrix.trits,
                            tern_matrix_bytes(entry->matrix.rows, entry->matrix.columns, entry->matrix.depth));
    return status;
}

// The type of all matrices; F32, which holds the others, when they differ.
static enum tern_dtype common_dtype(const struct tern_packed_list *list) {
    enum tern_dtype dtype = TERN_DTYPE_OTHER;
    for (size_t i = 0; i < list->count; i++) {
        const struct tern_packed_entry *entry = &list->entries[i];
        if (!entry->rest && dtype != TERN_DTYPE_OTHER && dtype != entry->dtype) {
            return TERN_DTYPE_F32;
        }
        dtype = entry->rest ? dtype : entry->dtype;
    }
    return dtype == TERN_DTYPE_OTHER ? TERN_DTYPE_F16 : dtype;
}

static enum tern_status no_memory(struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory");
}

// Copies config.json and sets both names of the type to that of the matrices. Transformers before 4.56 reads
// torch_dtype, later versions prefer dtype.
static enum tern_status copy_config(const struct export_job *job, const char *from, const char *to,
                                    struct tern_error *error) {
    cJSON *root;
    TERN_TRY(tern_json_load_as_written(from, error, &root));
    char *text =
        tern_config_set_dtype(root, tern_dtype_torch_name(common_dtype(&job->list))) ? cJSON_Print(root) : NULL;
    enum tern_status status = text ? tern_write_file(to, text, strlen(text), error) : no_memory(error);
    cJSON_Delete(root);
    free(text);
    return status;
}

static enum tern_status write_config(const struct export_job *job, const char *input, const char *directory,
                                     struct tern_error *error) {
    char *from = tern_path_join(input, "config.json"), *to = tern_path_join(directory, "config.json");
    enum tern_status status = from && to ? copy_config(job, from, to, error) : no_memory(error);
    free(from);
    free(to);
    return status;
}

static enum tern_status export_entries(struct export_job *job, struct tern_error *error) {
    for (size_t i = 0; i < job->list.count; i++) {
        TERN_TRY(export_entry(job, i, error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status fill_partial(struct export_job *job, const char *input, struct tern_error *error) {
    uint64_t total = 0;
    for (size_t i = 0; i < job->output.count; i++) {
        total += job->output.tensors[i].bytes;
    }
    // A killed export with other options may have left files of other names and lengths.
    TERN_TRY(tern_staging_clear(&job->staging, error));
    TERN_TRY(tern_output_create(&job->output, job->staging.path, error));
    tern_progress_start(&job->progress, job->options->progress, NULL, "export", TERN_PROGRESS_BYTES, (double)total);
    enum tern_status status = export_entries(job, error);
    tern_progress_end(&job->progress, status == TERN_STATUS_OK);
    TERN_TRY(status);
    TERN_TRY(tern_output_finish(&job->output, error));
    TERN_TRY(tern_side_files_copy(input, job->staging.path, error));
    return write_config(job, input, job->staging.path, error);
}

// Opens the model once, which checks everything against config.json.
static enum tern_status check_model(const char *input, struct tern_error *error) {
    struct tern_model *model;
    enum tern_status status = tern_model_open(input, 0, error, &model);
    tern_model_close(model);
    return status;
}

static enum tern_status run_job(struct export_job *job, const char *input, const char *output,
                                struct tern_error *error) {
    uint32_t depth;
    TERN_TRY(tern_checkpoint_open(input, error, &job->checkpoint));
    TERN_TRY(tern_packed_check_version(&job->checkpoint, error, &depth));
    TERN_TRY(check_model(input, error));
    TERN_TRY(tern_packed_list_make(&job->checkpoint, error, &job->list));
    TERN_TRY(plan(job, error));
    TERN_TRY(tern_staging_open(output, "tern export", error, &job->staging));
    return tern_staging_finish(&job->staging, fill_partial(job, input, error), error);
}

enum tern_status tern_export_model(const char *input, const char *output, const struct tern_export_options *options,
                                   struct tern_error *error) {
    struct export_job job = {.options = options};
    enum tern_status status = run_job(&job, input, output, error);
    tern_output_free(&job.output);
    tern_packed_list_free(&job.list);
    tern_checkpoint_close(&job.checkpoint);
    return status;
}
