// SPDX-License-Identifier: Apache-2.0
// A packed matrix in host memory.
#ifndef TERN_HOST_DRIVER_FORMATS_MATRIX_H
#define TERN_HOST_DRIVER_FORMATS_MATRIX_H

#include <stdint.h>

// y = W x, W [rows][columns]. Sizes: cmodel/layout.h. Bytes: docs/packed-format.md.
struct tern_matrix {
    const char *name; // "model.layers.0.mlp.up_proj.weight"
    uint32_t rows, columns, depth;
    const uint8_t *trits; // tern_matrix_bytes(rows, columns, depth) bytes
    const uint32_t *crc;  // [strips][depth + 1]
    const float *steps;   // [27]
};

#endif
