// SPDX-License-Identifier: Apache-2.0
// One matrix of a checkpoint to packed strips, on several threads, without ever holding the whole of it.
#ifndef TERN_HOST_DRIVER_FILES_QUANTIZE_MATRIX_H
#define TERN_HOST_DRIVER_FILES_QUANTIZE_MATRIX_H

#include "host_driver/files/safetensors.h"

// Takes `bytes` bytes at `offset` of the matrix's strips. Called from several threads, each range once, in any order.
typedef enum tern_status (*tern_strips_sink)(void *context, uint64_t offset, const uint8_t *data, uint64_t bytes,
                                             struct tern_error *error);

// weights: F32, F16 or BF16 [rows][columns]. steps: [27] out; crc: [strips][depth + 1] out. The result does not depend
// on `threads`. TERN_STATUS_NON_FINITE names file, tensor, row and column of the first weight that is infinite or no
// number.
enum tern_status tern_quantize_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                      tern_strips_sink sink, void *context, struct tern_error *error,
                                      float steps[TERN_STEPS], uint32_t *crc);

#endif
