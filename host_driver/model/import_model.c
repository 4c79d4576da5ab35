// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/import_model.h"

#include <stdlib.h>
#include <string.h>

#include "host_driver/codec/import_matrix.h"
#include "host_driver/model/model_check.h"
#include "host_driver/model/pack_model.h"
#include "host_driver/system/progress.h"
#include "host_driver/codec/recover_steps.h"
#include "host_driver/system/staging.h"

#define IMPORTER_VERSION 1

static enum tern_status encode(const struct tern_packing *packing, size_t index,
                               const struct tern_safetensors_tensor *weights, tern_strips_sink sink, void *sink_context,
                               struct tern_error *error, float steps[TERN_STEPS], uint32_t *crc) {
    const struct tern_recovered *recovered = packing->context;
    memcpy(steps, recovered[index].steps, sizeof recovered[index].steps);
    return tern_import_matrix(weights, packing->depth, packing->threads, steps, sink, sink_context, error, crc);
}

static enum tern_status recover_tensors(const struct tern_checkpoint *checkpoint, unsigned threads,
                                        struct tern_progress *progress, struct tern_error *error,
                                        struct tern_recovered *recovered, struct tern_import_result *result) {
    for (size_t i = 0; i < checkpoint->count; i++) {
        const struct tern_tensor *tensor = &checkpoint->tensors[i]->tensor;
        if (!tern_is_packable(tensor)) {
            continue;
        }
        TERN_TRY(tern_recover_steps(checkpoint->tensors[i], threads, error, &recovered[i]));
        result->depth = recovered[i].depth > result->depth ? recovered[i].depth : result->depth;
        result->matrices++;
        result->weights += tensor->shape[0] * tensor->shape[1];
        result->negative_zeros += recovered[i].negative_zeros;
        tern_checkpoint_release(checkpoint, tensor->data, tensor->bytes);
        tern_progress_add(progress, tensor->bytes);
    }
    return TERN_STATUS_OK;
}

static enum tern_status recover_all(const struct tern_checkpoint *checkpoint, const struct tern_import_options *options,
                                    struct tern_error *error, struct tern_recovered *recovered,
                                    struct tern_import_result *result) {
    struct tern_progress progress;
    uint64_t total = 0;
    for (size_t i = 0; i < checkpoint->count; i++) {
        total += tern_is_packable(&checkpoint->tensors[i]->tensor) ? checkpoint->tensors[i]->tensor.bytes : 0;
    }
    tern_progress_start(&progress, options->progress, NULL, "import: steps", TERN_PROGRESS_BYTES, (double)total);
    enum tern_status status = recover_tensors(checkpoint, options->threads, &progress, error, recovered, result);
    tern_progress_end(&progress, status == TERN_STATUS_OK);
    return status;
}

// recovered: [tensors of the checkpoint], zero.
static enum tern_status recover_and_pack(const struct tern_checkpoint *checkpoint, const char *output,
                                         const struct tern_import_options *options, struct tern_error *error,
                                         struct tern_recovered *recovered, struct tern_import_result *result) {
    TERN_TRY(recover_all(checkpoint, options, error, recovered, result));
    const struct tern_packing packing = {.verb = "import",
                                         .version = IMPORTER_VERSION,
                                         .depth = result->depth,
                                         .threads = options->threads,
                                         .shard_bytes = options->shard_bytes,
                                         .is_exact = true,
                                         .progress = options->progress,
                                         .encode = encode,
                                         .context = recovered};
    return tern_pack_model(checkpoint, output, &packing, error);
}

static enum tern_status import_checkpoint(const struct tern_checkpoint *checkpoint, const char *output,
                                          const struct tern_import_options *options, struct tern_error *error,
                                          struct tern_import_result *result) {
    TERN_TRY(tern_staging_check(output, error)); // before the long search for the steps
    struct tern_recovered *recovered = calloc(checkpoint->count + 1, sizeof *recovered);
    if (!recovered) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for the steps");
    }
    enum tern_status status = recover_and_pack(checkpoint, output, options, error, recovered, result);
    free(recovered);
    return status;
}

enum tern_status tern_import_model(const char *input, const char *output, const struct tern_import_options *options,
                                   struct tern_error *error, struct tern_import_result *result) {
    struct tern_checkpoint checkpoint;
    *result = (struct tern_import_result){0};
    enum tern_status status = tern_source_open(input, error, &checkpoint);
    if (status == TERN_STATUS_OK) {
        status = import_checkpoint(&checkpoint, output, options, error, result);
    }
    tern_checkpoint_close(&checkpoint);
    return status;
}
