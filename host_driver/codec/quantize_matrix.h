// SPDX-License-Identifier: Apache-2.0
// One matrix of a checkpoint to packed strips, quantized.
#ifndef TERN_HOST_DRIVER_CODEC_QUANTIZE_MATRIX_H
#define TERN_HOST_DRIVER_CODEC_QUANTIZE_MATRIX_H

#include "host_driver/codec/encode_matrix.h"

// weights: F32, F16 or BF16 [rows][columns]. steps: [27] out; crc: [strips][depth + 1] out. The result does not depend
// on `threads`. NON_FINITE names file, tensor, row and column of the first weight that is not finite.
enum tern_status tern_quantize_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                      tern_strips_sink sink, void *context, struct tern_error *error,
                                      float steps[TERN_STEPS], uint32_t *crc);

#endif
