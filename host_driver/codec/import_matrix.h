// SPDX-License-Identifier: Apache-2.0
// One dequantized matrix to packed strips. Every strip is expanded again, as `tern export` does it, and compared with
// the source before it is written.
#ifndef TERN_HOST_DRIVER_CODEC_IMPORT_MATRIX_H
#define TERN_HOST_DRIVER_CODEC_IMPORT_MATRIX_H

#include "host_driver/codec/encode_matrix.h"

// steps: from tern_recover_steps(), at this depth or a smaller one. A group gets the code with the smallest step that
// explains it, because large levels lose least when planes are left out. A group of zeros gets code 0. -0 becomes 0.
// UNSUPPORTED names tensor, row and column of the first weight that the strip does not reproduce. The other parameters
// are those of tern_quantize_matrix().
enum tern_status tern_import_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                    const float steps[TERN_STEPS], tern_strips_sink sink, void *context,
                                    struct tern_error *error, uint32_t *crc);

#endif
