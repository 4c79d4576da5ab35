// SPDX-License-Identifier: Apache-2.0
#ifndef TERN_HOST_DRIVER_CODEC_DEQUANTIZE_H
#define TERN_HOST_DRIVER_CODEC_DEQUANTIZE_H

#include <stdbool.h>

#include "cmodel/error.h"
#include "host_driver/formats/matrix.h"

// Working space of one strip: levels i8 [5][columns], codes u8 [5][groups].
struct tern_strip_space {
    int8_t *levels;
    uint8_t *codes;
};

bool tern_strip_space_make(const struct tern_matrix *matrix, struct tern_strip_space *space); // 0 without memory
void tern_strip_space_free(struct tern_strip_space *space);

// Rows of one strip as float32 products step x level, weights: f32 [rows of the strip][columns] out. depth: planes in
// use, 1 to what is stored; planes left out count as zero. The strip's checksums are checked when `check`; errors name
// path, tensor and strip. *rows: 1..5.
enum tern_status tern_strip_dequantize(const struct tern_matrix *matrix, uint64_t strip, unsigned depth, bool check,
                                       const char *path, struct tern_strip_space *space, struct tern_error *error,
                                       float *weights, unsigned *rows);

#endif
