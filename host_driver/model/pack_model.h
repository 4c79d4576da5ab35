// SPDX-License-Identifier: Apache-2.0
// A Hugging Face directory to a packed one, with any encoder of matrices: plans the files, resumes a killed run, shows
// progress.
#ifndef TERN_HOST_DRIVER_MODEL_PACK_MODEL_H
#define TERN_HOST_DRIVER_MODEL_PACK_MODEL_H

#include <stdbool.h>
#include <stdio.h>

#include "host_driver/formats/checkpoint.h"
#include "host_driver/codec/encode_matrix.h"

struct tern_packing {
    const char *verb;     // "quantize", for the progress line and the journal
    unsigned version;     // of the encoder; a new one for other bytes, so that no run of an old one is resumed
    unsigned depth;       // 1..TERN_MAX_DEPTH
    unsigned threads;     // 1..TERN_PARALLEL_MAX_THREADS
    uint64_t shard_bytes; // larger files are split between matrices
    bool is_exact;        // the packed weights equal the source's: `tern export` writes the source's types
    FILE *progress;       // NULL: silent
    // Encodes one matrix, as tern_quantize_matrix(). index: of the tensor in the checkpoint.
    enum tern_status (*encode)(const struct tern_packing *packing, size_t index,
                               const struct tern_safetensors_tensor *weights, tern_strips_sink sink, void *sink_context,
                               struct tern_error *error, float steps[TERN_STEPS], uint32_t *crc);
    void *context; // of the encoder
};

// Opens an unpacked checkpoint and checks it against its config.json. The caller closes it, also after a failure.
enum tern_status tern_source_open(const char *input, struct tern_error *error, struct tern_checkpoint *checkpoint);

// Holds one piece of a matrix a thread in memory. A call with the same input, output and packing resumes a killed one
// and keeps its finished matrices. On any error nothing is left at `output` or OUT.partial.
enum tern_status tern_pack_model(const struct tern_checkpoint *checkpoint, const char *output,
                                 const struct tern_packing *packing, struct tern_error *error);

#endif
