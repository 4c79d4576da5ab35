// SPDX-License-Identifier: Apache-2.0
// A packed directory to a Hugging Face directory: `tern export`.
#ifndef TERN_HOST_DRIVER_MODEL_EXPORT_MODEL_H
#define TERN_HOST_DRIVER_MODEL_EXPORT_MODEL_H

#include <stdint.h>
#include <stdio.h>

#include "host_driver/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_export_options {
    enum tern_dtype dtype; // F32, F16 or BF16 for every matrix; OTHER: as it was imported, else F16
    unsigned threads;      // 1..TERN_PARALLEL_MAX_THREADS
    uint64_t shard_bytes;  // files larger than this are split between tensors
    FILE *progress;        // NULL: silent
};

// A packed weight becomes float16(step x level): the float32 product rounded to nearest even; of an imported matrix,
// the type it was imported from; F32 has what the devices compute with, to the last bit. Unpacked tensors keep type and
// bytes. Checksums are checked on the way. Refused: a weight over the range of the type. All or nothing, as
// tern_pack_model().
enum tern_status tern_export_model(const char *input, const char *output, const struct tern_export_options *options,
                                   struct tern_error *error);

#ifdef __cplusplus
}
#endif
#endif
