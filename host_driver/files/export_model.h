// SPDX-License-Identifier: Apache-2.0
// A packed directory to a Hugging Face directory: `tern export`.
#ifndef TERN_HOST_DRIVER_FILES_EXPORT_MODEL_H
#define TERN_HOST_DRIVER_FILES_EXPORT_MODEL_H

#include <stdint.h>
#include <stdio.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// A packed weight becomes float16(step x level): the float32 product rounded to nearest even; of an imported matrix,
// the type it was imported from. Unpacked tensors keep type and bytes. Checksums are checked on the way. Refused: a
// weight over the range of the type. All or nothing, as tern_pack_model().
enum tern_status tern_export_model(const char *input, const char *output, unsigned threads, uint64_t shard_bytes,
                                   FILE *progress, struct tern_error *error);

#ifdef __cplusplus
}
#endif
#endif
