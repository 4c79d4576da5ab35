// SPDX-License-Identifier: Apache-2.0
#include "firmware/activation.h"

#include "cmodel/vector/bfp.h"

#define MANTISSA_SLOT (TERN_IMAGE_INPUT_SLOT + TERN_SLOT_BYTES(4u * TERN_IMAGE_TILE))
#define SHIFT_SLOT (MANTISSA_SLOT + 2u * TERN_IMAGE_TILE)
#define HEADER_SLOT (SHIFT_SLOT + TERN_MAX_GROUPS)
_Static_assert(TERN_IMAGE_END == HEADER_SLOT + TERN_ACTIVATION_HEADER_BYTES && TERN_IMAGE_END <= TERN_SCRATCH_BYTES,
               "an image's tiles fit scratch memory");
_Static_assert(TERN_IMAGE_TILE % (TERN_GROUP_COLUMNS * TERN_GROUP_MULTIPLE) == 0, "a tile ends on padded groups");

enum tern_status tern_image_write_tile(struct tern_context *context, const struct tern_image *image, uint32_t start,
                                       const float *x, uint32_t count) {
    int16_t *mantissas = (void *)(context->scratch + MANTISSA_SLOT);
    uint8_t *shifts = context->scratch + SHIFT_SLOT + start / TERN_GROUP_COLUMNS;
    tern_bfp_quantize_tile(image->base_exponent, x, count, mantissas, shifts);
    uint32_t padded = (uint32_t)tern_groups(count) * TERN_GROUP_COLUMNS;
    uint32_t filled = (count + TERN_GROUP_COLUMNS - 1) & ~(TERN_GROUP_COLUMNS - 1u);
    for (uint32_t i = filled; i < padded; i++) {
        mantissas[i] = 0;
    }
    return tern_dma_write(context, image->address + TERN_ACTIVATION_HEADER_BYTES + 2 * (uint64_t)start, MANTISSA_SLOT,
                          2 * padded);
}

static enum tern_status write_shifts(struct tern_context *context, const struct tern_image *image) {
    uint32_t offset = (uint32_t)tern_activation_shifts_offset(image->length);
    uint32_t bytes = (uint32_t)tern_activation_bytes(image->length) - offset;
    for (uint32_t i = (image->length + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS; i < bytes; i++) {
        context->scratch[SHIFT_SLOT + i] = 0;
    }
    return tern_dma_write(context, image->address + offset, SHIFT_SLOT, bytes);
}

enum tern_status tern_image_finish(struct tern_context *context, const struct tern_image *image) {
    uint32_t *header = (void *)(context->scratch + HEADER_SLOT);
    TERN_TRY(write_shifts(context, image));
    for (uint32_t i = 4; i < TERN_ACTIVATION_HEADER_BYTES / 4; i++) {
        header[i] = 0;
    }
    header[0] = (uint32_t)image->base_exponent;
    header[1] = (uint32_t)tern_groups(image->length);
    header[2] = image->length;
    header[3] = TERN_ACTIVATION_MAGIC;
    return tern_dma_write(context, image->address, HEADER_SLOT, TERN_ACTIVATION_HEADER_BYTES);
}
