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
    enum tern_dtype dtype; // F32, F16 or BF16 for every matrix; OTHER: the type before `tern import`, else F16
    unsigned threads;      // 1..TERN_PARALLEL_MAX_THREADS
    uint64_t shard_bytes;  // larger files are split between tensors
    FILE *progress;        // NULL: silent
};

// A packed weight becomes step x level: the float32 product, rounded to nearest even in the matrix's type. F32 has the
// exact weights that the devices use. Unpacked tensors keep type and bytes. CHECKSUM names the bad strip. UNSUPPORTED
// names a weight over the range of the type. On any error nothing is left at `output` or OUT.partial.
enum tern_status tern_export_model(const char *input, const char *output, const struct tern_export_options *options,
                                   struct tern_error *error);

#ifdef __cplusplus
}
#endif
#endif
