// SPDX-License-Identifier: Apache-2.0
// A Hugging Face directory to a packed one, whatever encodes its matrices: planning the files, resuming a killed run,
// progress, all or nothing.
#ifndef TERN_HOST_DRIVER_MODEL_PACK_MODEL_H
#define TERN_HOST_DRIVER_MODEL_PACK_MODEL_H

#include <stdio.h>

#include "host_driver/formats/checkpoint.h"
#include "host_driver/codec/encode_matrix.h"

struct tern_packing {
    const char *verb;     // "quantize", for the progress line and the journal
    unsigned version;     // raised whenever the same weights would give other bytes, so that no run is resumed across
    unsigned depth;       // 1..TERN_MAX_DEPTH
    unsigned threads;     // 1..TERN_PARALLEL_MAX_THREADS
    uint64_t shard_bytes; // files larger than this are split between matrices
    int exact;            // the packed weights are the source's own, so `export` shall write the source's types
    FILE *progress;       // NULL: silent
    // One matrix, as tern_quantize_matrix(); `index` is its place in the checkpoint's tensors.
    enum tern_status (*encode)(const struct tern_packing *packing, size_t index,
                               const struct tern_safetensors_tensor *weights, tern_strips_sink sink, void *sink_context,
                               struct tern_error *error, float steps[TERN_STEPS], uint32_t *crc);
    void *context; // the encoder's
};

// Opens an unpacked checkpoint that has every tensor its config.json asks for. Close it also after a failure.
enum tern_status tern_source_open(const char *input, struct tern_error *error, struct tern_checkpoint *checkpoint);

// Streams: holds a piece of one matrix a thread. Matrices finished before a kill are not done again by the next call
// with the same input, output and packing. On any error OUT.partial is removed and nothing stands under `output`.
enum tern_status tern_pack_model(const struct tern_checkpoint *checkpoint, const char *output,
                                 const struct tern_packing *packing, struct tern_error *error);

#endif
