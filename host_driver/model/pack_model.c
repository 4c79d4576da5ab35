// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/model/pack_model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmodel/layout.h"
#include "host_driver/model/config.h"
#include "host_driver/model/model_check.h"
#include "host_driver/formats/packed_output.h"
#include "host_driver/system/hash.h"
#include "host_driver/system/path.h"
#include "host_driver/system/progress.h"
#include "host_driver/formats/packed_matrix.h"
#include "host_driver/model/side_files.h"
#include "host_driver/system/staging.h"
#include "host_driver/system/write_file.h"

struct item { // a tensor of the source
    const struct tern_safetensors_tensor *source;
    bool packed;
    size_t first_output; // first output tensor of its bundle
};

struct pack_job {
    const struct tern_packing *packing;
    const struct tern_checkpoint *checkpoint;
    struct tern_output output;
    struct tern_staging staging;
    struct tern_progress progress;
    struct item *items;
};

static enum tern_status add_dtype(struct pack_job *job, const struct tern_safetensors_tensor *source, size_t bundle,
                                  struct tern_error *error) {
    char *key = tern_text_format(TERN_DTYPE_KEY "%s", source->tensor.name);
    enum tern_status status = key ? tern_output_note(&job->output, bundle, key, source->dtype_name, error)
                                  : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory");
    free(key);
    return status;
}

static enum tern_status add_item(struct pack_job *job, struct item *item, size_t bundle, struct tern_error *error) {
    const struct tern_tensor *tensor = &item->source->tensor;
    if (item->packed) {
        TERN_TRY(tern_packed_output_matrix(&job->output, tensor->name, tensor->shape[0], tensor->shape[1],
                                           job->packing->depth, bundle, error, &item->first_output));
        return job->packing->is_exact ? add_dtype(job, item->source, bundle, error) : TERN_STATUS_OK;
    }
    struct tern_output_tensor part = {.name = (char *)tensor->name,
                                      .dtype_name = item->source->dtype_name,
                                      .dimensions = tensor->dimensions,
                                      .bytes = tensor->bytes};
    memcpy(part.shape, tensor->shape, sizeof part.shape);
    return tern_packed_output_rest(&job->output, &part, item->source->element_bytes, bundle, error,
                                   &item->first_output);
}

static enum tern_status plan(struct pack_job *job, struct tern_error *error) {
    TERN_TRY(tern_packed_output_start(&job->output, job->packing->depth, error));
    job->items = calloc(job->checkpoint->count + 1, sizeof *job->items);
    if (!job->items) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for the list of tensors");
    }
    for (size_t i = 0; i < job->checkpoint->count; i++) {
        struct item *item = &job->items[i];
        item->source = job->checkpoint->tensors[i];
        item->packed = tern_is_packable(&item->source->tensor);
        TERN_TRY(add_item(job, item, i, error));
    }
    return tern_output_layout(&job->output, job->packing->shard_bytes, error);
}

static uint64_t hash_file(uint64_t hash, const char *path) {
    struct stat status = {0};
    char text[96];
    if (stat(path, &status) != 0) {
        return hash;
    }
    snprintf(text, sizeof text, "%lld %lld.%09ld", (long long)status.st_size, (long long)status.st_mtim.tv_sec,
             status.st_mtim.tv_nsec);
    return tern_hash_text(tern_hash_text(hash, path), text);
}

// The input's path, file sizes and times, and everything that decides the output's bytes.
static char *make_fingerprint(const struct pack_job *job) {
    const struct tern_packing *packing = job->packing;
    const char *input = job->checkpoint->directory;
    char *path = realpath(input, NULL), *config = tern_path_join(input, "config.json");
    uint64_t hash = tern_hash_text(TERN_HASH_START, path ? path : input);
    for (size_t i = 0; i < job->checkpoint->file_count; i++) {
        hash = hash_file(hash, job->checkpoint->files[i].path);
    }
    hash = config ? hash_file(hash, config) : hash;
    free(path);
    free(config);
    return tern_text_format("tern %s: format %d, version %u, depth %u, shard bytes %" PRIu64 ", input %016" PRIx64,
                            packing->verb, TERN_FORMAT_VERSION, packing->version, packing->depth, packing->shard_bytes,
                            hash);
}

struct strips_target {
    struct pack_job *job;
    const struct item *item;
};

static enum tern_status write_strips(void *context, uint64_t offset, const uint8_t *data, uint64_t bytes,
                                     struct tern_error *error) {
    const struct strips_target *target = context;
    const struct tern_tensor *tensor = &target->item->source->tensor;
    uint64_t strip_bytes = tern_strip_bytes(tensor->shape[1], target->job->packing->depth);
    uint64_t first = offset / strip_bytes * TERN_STRIP_ROWS, end = first + bytes / strip_bytes * TERN_STRIP_ROWS;
    end = end < tensor->shape[0] ? end : tensor->shape[0];
    tern_progress_add(&target->job->progress, (end - first) * (tensor->bytes / tensor->shape[0]));
    return tern_output_write(&target->job->output, target->item->first_output + TERN_PACKED_TRITS, offset, data, bytes,
                             error);
}

static enum tern_status write_matrix(struct pack_job *job, const struct item *item, uint32_t *crc, uint64_t crc_bytes,
                                     struct tern_error *error) {
    struct strips_target target = {.job = job, .item = item};
    float steps[TERN_STEPS];
    TERN_TRY(job->packing->encode(job->packing, (size_t)(item - job->items), item->source, write_strips, &target, error,
                                  steps, crc));
    TERN_TRY(tern_output_write(&job->output, item->first_output + TERN_PACKED_STEPS, 0, steps, sizeof steps, error));
    return tern_output_write(&job->output, item->first_output + TERN_PACKED_CRC, 0, crc, crc_bytes, error);
}

static enum tern_status encode_item(struct pack_job *job, const struct item *item, struct tern_error *error) {
    uint64_t crc_bytes = tern_crc_bytes(item->source->tensor.shape[0], job->packing->depth);
    uint32_t *crc = malloc(crc_bytes);
    if (!crc) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for '%s'", item->source->tensor.name);
    }
    enum tern_status status = write_matrix(job, item, crc, crc_bytes, error);
    free(crc);
    return status;
}

static enum tern_status copy_item(struct pack_job *job, const struct item *item, struct tern_error *error) {
    const struct tern_tensor *tensor = &item->source->tensor;
    TERN_TRY(tern_check_finite(item->source, error));
    return tern_output_write(&job->output, item->first_output, 0, tensor->data, tensor->bytes, error);
}

static enum tern_status write_item(struct pack_job *job, const struct item *item, struct tern_error *error) {
    TERN_TRY(item->packed ? encode_item(job, item, error) : copy_item(job, item, error));
    TERN_TRY(tern_output_sync(&job->output, item->first_output, error));
    TERN_TRY(tern_staging_mark(&job->staging, item->source->tensor.name, error));
    if (!item->packed) {
        tern_progress_add(&job->progress, item->source->tensor.bytes);
    }
    return TERN_STATUS_OK;
}

static enum tern_status run_item(struct pack_job *job, const struct item *item, struct tern_error *error) {
    const struct tern_tensor *tensor = &item->source->tensor;
    if (tern_staging_is_done(&job->staging, tensor->name)) {
        tern_progress_skip(&job->progress, tensor->bytes);
        return TERN_STATUS_OK;
    }
    enum tern_status status = write_item(job, item, error);
    tern_checkpoint_release(job->checkpoint, tensor->data, tensor->bytes);
    return status;
}

static enum tern_status run_items(struct pack_job *job, struct tern_error *error) {
    for (size_t i = 0; i < job->checkpoint->count; i++) {
        TERN_TRY(run_item(job, &job->items[i], error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status fill_partial(struct pack_job *job, struct tern_error *error) {
    uint64_t total = 0;
    for (size_t i = 0; i < job->checkpoint->count; i++) {
        total += job->items[i].source->tensor.bytes;
    }
    TERN_TRY(tern_output_create(&job->output, job->staging.path, error));
    tern_progress_start(&job->progress, job->packing->progress, NULL, job->packing->verb, TERN_PROGRESS_BYTES,
                        (double)total);
    enum tern_status status = run_items(job, error);
    tern_progress_end(&job->progress, status == TERN_STATUS_OK);
    TERN_TRY(status);
    TERN_TRY(tern_output_finish(&job->output, error));
    return tern_side_files_copy(job->checkpoint->directory, job->staging.path, error);
}

static enum tern_status run_job(struct pack_job *job, const char *output, struct tern_error *error) {
    char *fingerprint = make_fingerprint(job);
    if (!fingerprint) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory");
    }
    enum tern_status status = tern_staging_open(output, fingerprint, error, &job->staging);
    free(fingerprint);
    TERN_TRY(status);
    return tern_staging_finish(&job->staging, fill_partial(job, error), error);
}

// transformers with peft adds such an adapter to the model, and without peft it does not.
static enum tern_status refuse_adapter(const char *input, struct tern_error *error) {
    char *path = tern_path_join(input, "adapter_config.json");
    enum tern_status status = TERN_STATUS_OK;
    if (!path) {
        status = tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory");
    } else if (tern_path_exists(path)) {
        status = tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                                "%s: an adapter beside the model is not applied; merge it, or remove this file", path);
    }
    free(path);
    return status;
}

enum tern_status tern_source_open(const char *input, struct tern_error *error, struct tern_checkpoint *checkpoint) {
    struct tern_model_config config;
    *checkpoint = (struct tern_checkpoint){0};
    TERN_TRY(refuse_adapter(input, error));
    TERN_TRY(tern_config_load(input, error, &config));
    TERN_TRY(tern_checkpoint_open(input, error, checkpoint));
    if (tern_checkpoint_is_packed(checkpoint)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: is packed already; every command takes it as it is",
                              input);
    }
    return tern_check_weights(checkpoint, &config, error);
}

enum tern_status tern_pack_model(const struct tern_checkpoint *checkpoint, const char *output,
                                 const struct tern_packing *packing, struct tern_error *error) {
    struct pack_job job = {.packing = packing, .checkpoint = checkpoint};
    enum tern_status status = plan(&job, error);
    if (status == TERN_STATUS_OK) {
        status = run_job(&job, output, error);
    }
    tern_output_free(&job.output);
    free(job.items);
    return status;
}
