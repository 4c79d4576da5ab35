// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/files/quantize_model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmodel/layout.h"
#include "host_driver/files/model_check.h"
#include "host_driver/files/packed_output.h"
#include "host_driver/files/path.h"
#include "host_driver/files/progress.h"
#include "host_driver/files/quantize_matrix.h"
#include "host_driver/files/side_files.h"
#include "host_driver/files/staging.h"
#include "host_driver/files/write_file.h"

// Raised whenever the same weights would give other bytes, so that no run is resumed across the change.
#define QUANTIZER_VERSION 1

struct item { // a tensor of the source and where it goes: first output tensor of its bundle
    const struct tern_safetensors_tensor *source;
    int packed;
    size_t first_output;
};

struct quantize_job {
    const struct tern_quantize_options *options;
    struct tern_checkpoint checkpoint;
    struct tern_output output;
    struct tern_staging staging;
    struct tern_progress progress;
    struct item *items;
};

static enum tern_status add_item(struct quantize_job *job, struct item *item, size_t bundle, struct tern_error *error) {
    const struct tern_tensor *tensor = &item->source->tensor;
    if (item->packed)
        return tern_packed_output_matrix(&job->output, tensor->name, tensor->shape[0], tensor->shape[1],
                                         job->options->depth, bundle, error, &item->first_output);
    struct tern_output_tensor part = {.name = (char *)tensor->name,
                                      .dtype_name = item->source->dtype_name,
                                      .dimensions = tensor->dimensions,
                                      .bytes = tensor->bytes};
    memcpy(part.shape, tensor->shape, sizeof part.shape);
    return tern_packed_output_rest(&job->output, &part, item->source->element_bytes, bundle, error,
                                   &item->first_output);
}

static enum tern_status plan(struct quantize_job *job, struct tern_error *error) {
    enum tern_status status = tern_packed_output_start(&job->output, job->options->depth, error);
    job->items = calloc(job->checkpoint.count + 1, sizeof *job->items);
    if (!job->items)
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for the list of tensors");
    for (size_t i = 0; i < job->checkpoint.count && status == TERN_STATUS_OK; i++) {
        struct item *item = &job->items[i];
        item->source = job->checkpoint.tensors[i];
        item->packed = tern_is_packable(&item->source->tensor);
        status = add_item(job, item, i, error);
    }
    return status == TERN_STATUS_OK ? tern_output_layout(&job->output, job->options->shard_bytes, error) : status;
}

static uint64_t hash_text(uint64_t hash, const char *text) {
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u; // FNV-1a
    return hash;
}

static uint64_t hash_file(uint64_t hash, const char *path) {
    struct stat status = {0};
    char text[96];
    if (stat(path, &status) != 0)
        return hash;
    snprintf(text, sizeof text, "%lld %lld.%09ld", (long long)status.st_size, (long long)status.st_mtim.tv_sec,
             status.st_mtim.tv_nsec);
    return hash_text(hash_text(hash, path), text);
}

// Input path, sizes and times, and everything that decides the output's bytes.
static char *make_fingerprint(const struct quantize_job *job, const char *input) {
    char *path = realpath(input, NULL), *config = tern_path_join(input, "config.json");
    uint64_t hash = hash_text(0xcbf29ce484222325u, path ? path : input);
    for (size_t i = 0; i < job->checkpoint.file_count; i++)
        hash = hash_file(hash, job->checkpoint.files[i].path);
    hash = config ? hash_file(hash, config) : hash;
    free(path);
    free(config);
    return tern_text_format(
        "tern quantize: format %d, quantizer %d, depth %u, shard bytes %" PRIu64 ", input %016" PRIx64,
        TERN_FORMAT_VERSION, QUANTIZER_VERSION, job->options->depth, job->options->shard_bytes, hash);
}

struct strips_target {
    struct quantize_job *job;
    const struct item *item;
};

static enum tern_status write_strips(void *context, uint64_t offset, const uint8_t *data, uint64_t bytes,
                                     struct tern_error *error) {
    const struct strips_target *target = context;
    const struct tern_tensor *tensor = &target->item->source->tensor;
    uint64_t strip_bytes = tern_strip_bytes(tensor->shape[1], target->job->options->depth);
    uint64_t first = offset / strip_bytes * TERN_STRIP_ROWS, end = first + bytes / strip_bytes * TERN_STRIP_ROWS;
    end = end < tensor->shape[0] ? end : tensor->shape[0];
    tern_progress_add(&target->job->progress, (end - first) * (tensor->bytes / tensor->shape[0]));
    return tern_output_write(&target->job->output, target->item->first_output + TERN_PACKED_TRITS, offset, data, bytes,
                             error);
}

static enum tern_status quantize_item(struct quantize_job *job, const struct item *item, struct tern_error *error) {
    uint64_t rows = item->source->tensor.shape[0], crc_bytes = tern_crc_bytes(rows, job->options->depth);
    struct strips_target target = {.job = job, .item = item};
    float steps[TERN_STEPS];
    uint32_t *crc = malloc(crc_bytes);
    if (!crc)
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for '%s'", item->source->tensor.name);
    enum tern_status status = tern_quantize_matrix(item->source, job->options->depth, job->options->threads,
                                                   write_strips, &target, error, steps, crc);
    if (status == TERN_STATUS_OK)
        status = tern_output_write(&job->output, item->first_output + TERN_PACKED_STEPS, 0, steps, sizeof steps, error);
    if (status == TERN_STATUS_OK)
        status = tern_output_write(&job->output, item->first_output + TERN_PACKED_CRC, 0, crc, crc_bytes, error);
    free(crc);
    return status;
}

static enum tern_status run_item(struct quantize_job *job, const struct item *item, struct tern_error *error) {
    const struct tern_tensor *tensor = &item->source->tensor;
    if (tern_staging_is_done(&job->staging, tensor->name)) {
        tern_progress_skip(&job->progress, tensor->bytes);
        return TERN_STATUS_OK;
    }
    enum tern_status status;
    if (item->packed) {
        status = quantize_item(job, item, error);
    } else {
        status = tern_check_finite(item->source, error);
        if (status == TERN_STATUS_OK)
            status = tern_output_write(&job->output, item->first_output, 0, tensor->data, tensor->bytes, error);
    }
    if (status == TERN_STATUS_OK)
        status = tern_output_sync(&job->output, item->first_output, error);
    if (status == TERN_STATUS_OK)
        status = tern_staging_mark(&job->staging, tensor->name, error);
    if (status == TERN_STATUS_OK && !item->packed)
        tern_progress_add(&job->progress, tensor->bytes);
    return status;
}

static enum tern_status fill_partial(struct quantize_job *job, const char *input, struct tern_error *error) {
    uint64_t total = 0;
    for (size_t i = 0; i < job->checkpoint.count; i++)
        total += job->items[i].source->tensor.bytes;
    enum tern_status status = tern_output_create(&job->output, job->staging.path, error);
    if (status != TERN_STATUS_OK)
        return status;
    tern_progress_start(&job->progress, job->options->progress, "quantize", total);
    for (size_t i = 0; i < job->checkpoint.count && status == TERN_STATUS_OK; i++)
        status = run_item(job, &job->items[i], error);
    tern_progress_end(&job->progress, status == TERN_STATUS_OK);
    if (status == TERN_STATUS_OK)
        status = tern_output_finish(&job->output, error);
    if (status == TERN_STATUS_OK)
        status = tern_side_files_copy(input, job->staging.path, error);
    return status;
}

static enum tern_status run_job(struct quantize_job *job, const char *input, const char *output,
                                struct tern_error *error) {
    char *fingerprint = make_fingerprint(job, input);
    if (!fingerprint)
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory");
    enum tern_status status = tern_staging_open(output, fingerprint, error, &job->staging);
    free(fingerprint);
    if (status != TERN_STATUS_OK)
        return status;
    status = fill_partial(job, input, error);
    if (status == TERN_STATUS_OK)
        status = tern_staging_publish(&job->staging, error);
    if (status != TERN_STATUS_OK)
        tern_staging_discard(&job->staging);
    tern_staging_close(&job->staging);
    return status;
}

enum tern_status tern_quantize_model(const char *input, const char *output, const struct tern_quantize_options *options,
                                     struct tern_error *error) {
    struct quantize_job job = {.options = options};
    struct tern_model_config config;
    enum tern_status status = tern_config_load(input, error, &config);
    if (status == TERN_STATUS_OK)
        status = tern_checkpoint_open(input, error, &job.checkpoint);
    if (status != TERN_STATUS_OK)
        return status;
    if (tern_checkpoint_is_packed(&job.checkpoint))
        status = tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: is packed already", input);
    if (status == TERN_STATUS_OK)
        status = tern_check_weights(&job.checkpoint, &config, error);
    if (status == TERN_STATUS_OK)
        status = plan(&job, error);
    if (status == TERN_STATUS_OK)
        status = run_job(&job, input, output, error);
    tern_output_free(&job.output);
    tern_checkpoint_close(&job.checkpoint);
    free(job.items);
    return status;
}
