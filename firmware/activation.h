// SPDX-License-Identifier: Apache-2.0
// Writes activation images tile by tile, for QUANTIZE and SOFTMAX. Scratch memory: TERN_IMAGE_INPUT_SLOT is for a tile
// of the operation, the rest belongs to these functions.
#ifndef TERN_FIRMWARE_ACTIVATION_H
#define TERN_FIRMWARE_ACTIVATION_H

#include "cmodel/layout.h"
#include "firmware/tile.h"

#define TERN_IMAGE_TILE 2048u // elements
#define TERN_IMAGE_INPUT_SLOT TERN_LOCAL_WORK
#define TERN_IMAGE_END                                                                                                 \
    (TERN_IMAGE_INPUT_SLOT + TERN_SLOT_BYTES(4u * TERN_IMAGE_TILE) + 2u * TERN_IMAGE_TILE + TERN_MAX_GROUPS +          \
     TERN_ACTIVATION_HEADER_BYTES)

struct tern_image {
    uint64_t address;
    uint32_t length; // elements, 1..MAX_COLUMNS
    int32_t base_exponent;
};

// Quantizes and writes the mantissas of `count` elements from number `start`, a multiple of TERN_IMAGE_TILE, with zeros
// up to the padded groups. Their shifts stay in scratch memory.
enum tern_status tern_image_write_tile(struct tern_context *context, const struct tern_image *image, uint32_t start,
                                       const float *x, uint32_t count);
// After the last tile: writes shifts and header.
enum tern_status tern_image_finish(struct tern_context *context, const struct tern_image *image);

#endif
