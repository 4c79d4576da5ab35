// SPDX-License-Identifier: Apache-2.0
// One dequantised matrix to packed strips that give it back: every strip is expanded again, the way `export` does it,
// and compared with the source before it is written.
#ifndef TERN_HOST_DRIVER_CODEC_IMPORT_MATRIX_H
#define TERN_HOST_DRIVER_CODEC_IMPORT_MATRIX_H

#include "host_driver/codec/encode_matrix.h"

// steps: as tern_recover_steps() gave them, at this depth or a smaller one. Of the codes that explain a group the
// smallest step is taken, since large levels lose least when planes are left out; code 0 for zeros. -0 becomes 0. The
// rest as tern_quantize_matrix(); TERN_STATUS_UNSUPPORTED names tensor, row and column of a weight that does not come
// back.
enum tern_status tern_import_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                    const float steps[TERN_STEPS], tern_strips_sink sink, void *context,
                                    struct tern_error *error, uint32_t *crc);

#endif
