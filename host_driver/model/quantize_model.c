// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/quantize_model.h"

#include "host_driver/model/pack_model.h"
#include "host_driver/codec/quantize_matrix.h"

#define QUANTIZER_VERSION 1

static enum tern_status encode(const struct tern_packing *packing, size_t index,
                               const struct tern_safetensors_tensor *weights, tern_strips_sink sink, void *sink_context,
                               struct tern_error *error, float steps[TERN_STEPS], uint32_t *crc) {
    (void)index;
    return tern_quantize_matrix(weights, packing->depth, packing->threads, sink, sink_context, error, steps, crc);
}

enum tern_status tern_quantize_model(const char *input, const char *output, const struct tern_quantize_options *options,
                                     struct tern_error *error) {
    const struct tern_packing packing = {.verb = "quantize",
                                         .version = QUANTIZER_VERSION,
                                         .depth = options->depth,
                                         .threads = options->threads,
                                         .shard_bytes = options->shard_bytes,
                                         .progress = options->progress,
                                         .encode = encode};
    struct tern_checkpoint checkpoint;
    enum tern_status status = tern_source_open(input, error, &checkpoint);
    if (status == TERN_STATUS_OK) {
        status = tern_pack_model(&checkpoint, output, &packing, error);
    }
    tern_checkpoint_close(&checkpoint);
    return status;
}
