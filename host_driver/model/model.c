// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cmodel/layout.h"
#include "host_driver/codec/measure.h"
#include "host_driver/model/config.h"
#include "host_driver/model/model_check.h"
#include "host_driver/formats/packed_matrix.h"
#include "host_driver/system/parallel.h"
#include "host_driver/codec/quantize_matrix.h"

struct model_matrix {
    char name[TERN_TENSOR_NAME_BYTES];
    struct tern_matrix matrix;
    void *owned; // trits, checksums and steps of a matrix packed in memory; NULL when mapped
};

struct tern_model {
    struct tern_checkpoint checkpoint;
    struct tern_model_config config;
    size_t matrix_count;
    struct model_matrix *matrices; // by rising name
    uint8_t *outline;              // [outline_bytes]: zeros that are all tensors of a model without weights; else NULL
    uint64_t outline_bytes;
};

static int by_name(const void *left, const void *right) {
    return strcmp(((const struct model_matrix *)left)->name, ((const struct model_matrix *)right)->name);
}

static enum tern_status read_packed(const struct tern_model *model, const struct tern_needed_tensor *needed,
                                    struct tern_error *error, struct model_matrix *out) {
    TERN_TRY(tern_packed_matrix_read(&model->checkpoint, out->name, error, &out->matrix));
    if (out->matrix.rows != needed->rows || out->matrix.columns != needed->columns) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: matrix '%s' is %u x %u; config.json asks for %llu x %llu",
                              model->checkpoint.directory, out->name, out->matrix.rows, out->matrix.columns,
                              (unsigned long long)needed->rows, (unsigned long long)needed->columns);
    }
    return TERN_STATUS_OK;
}

static enum tern_status store_strips(void *context, uint64_t offset, const uint8_t *data, uint64_t bytes,
                                     struct tern_error *error) {
    (void)error;
    memcpy((uint8_t *)context + offset, data, bytes);
    return TERN_STATUS_OK;
}

// Allocates strips, checksums and steps as one piece of memory.
static enum tern_status pack_now(const struct tern_safetensors_tensor *weights, uint32_t depth,
                                 struct tern_error *error, struct model_matrix *out) {
    uint64_t rows = weights->tensor.shape[0], columns = weights->tensor.shape[1];
    uint64_t trits_bytes = tern_matrix_bytes(rows, columns, depth), crc_bytes = tern_crc_bytes(rows, depth);
    uint64_t total = tern_align_up(trits_bytes + crc_bytes + TERN_STEPS * sizeof(float), TERN_SEGMENT_ALIGN);
    uint8_t *trits = aligned_alloc(TERN_SEGMENT_ALIGN, total);
    if (!trits) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for %llu bytes of '%s'", weights->path,
                              (unsigned long long)total, out->name);
    }
    out->owned = trits;
    uint32_t *crc = (uint32_t *)(trits + trits_bytes);
    float *steps = (float *)(trits + trits_bytes + crc_bytes);
    out->matrix = (struct tern_matrix){.name = out->name,
                                       .rows = (uint32_t)rows,
                                       .columns = (uint32_t)columns,
                                       .depth = depth,
                                       .trits = trits,
                                       .crc = crc,
                                       .steps = steps};
    return tern_quantize_matrix(weights, depth, tern_parallel_processors(), store_strips, trits, error, steps, crc);
}

// depth 0: the checkpoint is packed.
static enum tern_status take_needed(struct tern_model *model, uint32_t depth, const struct tern_needed_tensor *needed,
                                    struct tern_error *error) {
    const struct tern_safetensors_tensor *found = NULL;
    if (!needed->packed || depth > 0) {
        TERN_TRY(tern_needed_find(&model->checkpoint, needed, error, &found));
    }
    if (!needed->packed) {
        // Embedding and head are not read here: opening a large model must not load their pages.
        return needed->columns ? TERN_STATUS_OK : tern_check_finite(found, error);
    }
    struct model_matrix *out = &model->matrices[model->matrix_count++];
    memcpy(out->name, needed->name, sizeof out->name);
    TERN_TRY(depth == 0 ? read_packed(model, needed, error, out) : pack_now(found, depth, error, out));
    return TERN_STATUS_OK;
}

static void sort_matrices(struct tern_model *model) {
    qsort(model->matrices, model->matrix_count, sizeof *model->matrices, by_name);
    for (size_t i = 0; i < model->matrix_count; i++) {
        model->matrices[i].matrix.name = model->matrices[i].name;
    }
}

static enum tern_status take_tensors(struct tern_model *model, uint32_t depth, struct tern_error *error) {
    uint64_t count = tern_config_tensor_count(&model->config);
    // Checks every shape before the first matrix is packed, because packing may take minutes.
    TERN_TRY(depth > 0 ? tern_check_weights(&model->checkpoint, &model->config, error)
                       : tern_check_others(&model->checkpoint, &model->config, error));
    model->matrices = calloc(count, sizeof *model->matrices);
    if (!model->matrices) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", model->checkpoint.directory);
    }
    for (uint64_t i = 0; i < count; i++) {
        struct tern_needed_tensor needed;
        tern_config_tensor(&model->config, i, &needed);
        TERN_TRY(take_needed(model, depth, &needed, error));
    }
    sort_matrices(model);
    return TERN_STATUS_OK;
}

static enum tern_status open_parts(struct tern_model *model, const char *directory, uint32_t depth,
                                   struct tern_error *error) {
    TERN_TRY(tern_config_load(directory, error, &model->config));
    TERN_TRY(tern_checkpoint_open(directory, error, &model->checkpoint));
    if (!tern_checkpoint_is_packed(&model->checkpoint)) {
        return take_tensors(model, depth ? depth : 3, error);
    }
    uint32_t stored;
    TERN_TRY(tern_packed_check_version(&model->checkpoint, error, &stored));
    return take_tensors(model, 0, error);
}

enum tern_status tern_model_open(const char *directory, uint32_t depth, struct tern_error *error,
                                 struct tern_model **model) {
    *model = NULL;
    if (depth > TERN_MAX_DEPTH) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: cannot be packed at depth %u", directory, depth);
    }
    struct tern_model *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", directory);
    }
    enum tern_status status = open_parts(opened, directory, depth, error);
    if (status != TERN_STATUS_OK) {
        tern_model_close(opened);
        return status;
    }
    *model = opened;
    return TERN_STATUS_OK;
}

static uint64_t packed_bytes(const struct tern_needed_tensor *needed, uint32_t depth) {
    return tern_align_up(tern_matrix_bytes(needed->rows, needed->columns, depth), TERN_SEGMENT_ALIGN) +
           tern_align_up(tern_crc_bytes(needed->rows, depth), TERN_SEGMENT_ALIGN) +
           tern_align_up(TERN_STEPS * sizeof(float), TERN_SEGMENT_ALIGN);
}

// Each matrix has addresses of its own, by which the runner knows what it has uploaded.
static void place_matrix(struct model_matrix *out, const struct tern_needed_tensor *needed, uint32_t depth,
                         const uint8_t *at) {
    const uint64_t strips = tern_align_up(tern_matrix_bytes(needed->rows, needed->columns, depth), TERN_SEGMENT_ALIGN);
    const uint64_t crc = tern_align_up(tern_crc_bytes(needed->rows, depth), TERN_SEGMENT_ALIGN);
    memcpy(out->name, needed->name, sizeof out->name);
    out->matrix = (struct tern_matrix){.rows = (uint32_t)needed->rows,
                                       .columns = (uint32_t)needed->columns,
                                       .depth = depth,
                                       .trits = at,
                                       .crc = (const uint32_t *)(const void *)(at + strips),
                                       .steps = (const float *)(const void *)(at + strips + crc)};
}

static uint64_t zeros_bytes(const struct tern_needed_tensor *needed) {
    return needed->rows * (needed->columns ? needed->columns : 1) * sizeof(float);
}

// Matrices side by side. All other tensors begin where the first matrix does.
static enum tern_status reserve_outline(struct tern_model *model, uint32_t depth) {
    uint64_t packed = 0, longest = 0;
    struct tern_needed_tensor needed;
    for (uint64_t i = 0; i < tern_config_tensor_count(&model->config); i++) {
        tern_config_tensor(&model->config, i, &needed);
        packed += needed.packed ? packed_bytes(&needed, depth) : 0;
        longest = !needed.packed && zeros_bytes(&needed) > longest ? zeros_bytes(&needed) : longest;
    }
    model->outline_bytes = packed > longest ? packed : longest;
    void *zeros = mmap(NULL, model->outline_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    model->outline = zeros == MAP_FAILED ? NULL : zeros;
    model->matrices = calloc(tern_config_tensor_count(&model->config), sizeof *model->matrices);
    return model->outline && model->matrices ? TERN_STATUS_OK : TERN_STATUS_OUT_OF_MEMORY;
}

enum tern_status tern_model_outline(const struct tern_model_config *config, uint32_t depth, struct tern_error *error,
                                    struct tern_model **model) {
    struct tern_model *opened = calloc(1, sizeof *opened);
    if (opened) {
        opened->config = *config;
    }
    if (!opened || reserve_outline(opened, depth) != TERN_STATUS_OK) {
        tern_model_close(opened);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the outline of a model");
    }
    const uint8_t *at = opened->outline;
    for (uint64_t i = 0; i < tern_config_tensor_count(config); i++) {
        struct tern_needed_tensor needed;
        tern_config_tensor(config, i, &needed);
        if (needed.packed) {
            place_matrix(&opened->matrices[opened->matrix_count++], &needed, depth, at);
            at += packed_bytes(&needed, depth);
        }
    }
    sort_matrices(opened);
    *model = opened;
    return TERN_STATUS_OK;
}

// Whether the outline has the tensor.
static bool outline_tensor(const struct tern_model *model, const char *name, struct tern_tensor *tensor) {
    for (uint64_t i = 0; model->outline && i < tern_config_tensor_count(&model->config); i++) {
        struct tern_needed_tensor needed;
        tern_config_tensor(&model->config, i, &needed);
        if (!needed.packed && strcmp(needed.name, name) == 0) {
            *tensor = (struct tern_tensor){.name = name,
                                           .dtype = TERN_DTYPE_F32,
                                           .dimensions = needed.columns ? 2 : 1,
                                           .shape = {needed.rows, needed.columns},
                                           .data = model->outline,
                                           .bytes = zeros_bytes(&needed)};
            return true;
        }
    }
    return false;
}

void tern_model_close(struct tern_model *model) {
    if (!model) {
        return;
    }
    for (size_t i = 0; i < model->matrix_count; i++) {
        free(model->matrices[i].owned);
    }
    free(model->matrices);
    if (model->outline) {
        munmap(model->outline, model->outline_bytes);
    }
    tern_checkpoint_close(&model->checkpoint);
    free(model);
}

const struct tern_model_config *tern_model_config(const struct tern_model *model) {
    return &model->config;
}

const char *tern_model_directory(const struct tern_model *model) {
    return model->checkpoint.directory;
}

enum tern_status tern_model_matrix(const struct tern_model *model, const char *name, struct tern_error *error,
                                   struct tern_matrix *matrix) {
    struct model_matrix key;
    if (strlen(name) >= sizeof key.name) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: matrix '%.200s' is missing",
                              model->checkpoint.directory, name);
    }
    strcpy(key.name, name);
    const struct model_matrix *found =
        bsearch(&key, model->matrices, model->matrix_count, sizeof *model->matrices, by_name);
    if (!found) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: matrix '%s' is missing", model->checkpoint.directory,
                              name);
    }
    *matrix = found->matrix;
    return TERN_STATUS_OK;
}

enum tern_status tern_model_tensor(const struct tern_model *model, const char *name, struct tern_error *error,
                                   struct tern_tensor *tensor) {
    if (outline_tensor(model, name, tensor)) {
        return TERN_STATUS_OK;
    }
    const struct tern_safetensors_tensor *found = tern_checkpoint_find(&model->checkpoint, name);
    if (!found) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' is missing",
                              model->checkpoint.directory, name);
    }
    if (found->tensor.dtype > TERN_DTYPE_BF16) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' is %s; F32, F16 or BF16 is needed",
                              found->path, name, found->dtype_name);
    }
    *tensor = found->tensor;
    return TERN_STATUS_OK;
}

void tern_model_release(const struct tern_model *model, const void *data, uint64_t bytes) {
    tern_checkpoint_release(&model->checkpoint, data, bytes);
}
