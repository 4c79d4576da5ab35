// SPDX-License-Identifier: Apache-2.0
// Packed strips to float32 weights.
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

// Returns false without memory.
bool tern_strip_space_make(const struct tern_matrix *matrix, struct tern_strip_space *space);
void tern_strip_space_free(struct tern_strip_space *space);

// Computes the weights of one strip, which are float32 products step x level. depth: planes in use, 1 to the stored
// depth. The other planes count as zero. check: whether to verify the checksums of the strip. weights: f32
// [*rows][columns] out. *rows: 1..5. CHECKSUM names path, tensor and strip.
enum tern_status tern_strip_dequantize(const struct tern_matrix *matrix, uint64_t strip, unsigned depth, bool check,
                                       const char *path, struct tern_strip_space *space, struct tern_error *error,
                                       float *weights, unsigned *rows);

#endif
