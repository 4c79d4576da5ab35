// SPDX-License-Identifier: Apache-2.0
// QUANTIZE: two passes over tiles, the first for the exponent, the second for the mantissas. Writes start after the
// first pass, which checks that every element is finite. A vector of one tile is read once.
#include "cmodel/layout.h"
#include "cmodel/vector/bfp.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/tile.h"

#define TILE_ELEMENTS 8192u

#define INPUT_SLOT TERN_LOCAL_WORK
#define MANTISSA_SLOT (INPUT_SLOT + 4 * TILE_ELEMENTS)
#define SHIFT_SLOT (MANTISSA_SLOT + 2 * TILE_ELEMENTS + TERN_SEGMENT_ALIGN * 2)
#define HEADER_SLOT (SHIFT_SLOT + TERN_MAX_GROUPS)
_Static_assert(HEADER_SLOT + TERN_ACTIVATION_HEADER_BYTES <= TERN_SCRATCH_BYTES, "QUANTIZE fits scratch memory");
_Static_assert(TILE_ELEMENTS % (TERN_GROUP_COLUMNS * TERN_GROUP_MULTIPLE) == 0, "a tile ends on padded groups");

static enum tern_status scan(struct tern_context *context, const struct tern_command_quantize *command,
                             int32_t *base_exponent) {
    struct tern_bfp_scan scan;
    tern_bfp_scan_start(&scan);
    for (uint32_t start = 0; start < command->length; start += TILE_ELEMENTS) {
        uint32_t count = tern_min_u32(command->length - start, TILE_ELEMENTS);
        float *x;
        size_t bad_index;
        TERN_TRY(tern_read_f32(context, command->input + 4 * (uint64_t)start, INPUT_SLOT, count, &x));
        enum tern_status status = tern_bfp_scan_tile(&scan, x, count, &bad_index);
        if (status != TERN_STATUS_OK) {
            return tern_refuse(context, status, start + (uint32_t)bad_index);
        }
    }
    *base_exponent = tern_bfp_base_exponent(&scan);
    return TERN_STATUS_OK;
}

// Writes one tile of mantissas with zeros up to the padded groups, and keeps its shifts in scratch memory.
static enum tern_status write_tile(struct tern_context *context, const struct tern_command_quantize *command,
                                   int32_t base_exponent, uint32_t start) {
    uint32_t count = tern_min_u32(command->length - start, TILE_ELEMENTS);
    float *x = (void *)(context->scratch + INPUT_SLOT);
    if (command->length > TILE_ELEMENTS) {
        TERN_TRY(tern_read_f32(context, command->input + 4 * (uint64_t)start, INPUT_SLOT, count, &x));
    }
    int16_t *mantissas = (void *)(context->scratch + MANTISSA_SLOT);
    uint8_t *shifts = context->scratch + SHIFT_SLOT + start / TERN_GROUP_COLUMNS;
    tern_bfp_quantize_tile(base_exponent, x, count, mantissas, shifts);
    uint32_t padded = (uint32_t)tern_groups(count) * TERN_GROUP_COLUMNS;
    uint32_t filled = (count + TERN_GROUP_COLUMNS - 1) & ~(TERN_GROUP_COLUMNS - 1u);
    for (uint32_t i = filled; i < padded; i++) {
        mantissas[i] = 0;
    }
    return tern_dma_write(context, command->output + TERN_ACTIVATION_HEADER_BYTES + 2 * (uint64_t)start, MANTISSA_SLOT,
                          2 * padded);
}

static enum tern_status write_shifts(struct tern_context *context, const struct tern_command_quantize *command) {
    uint32_t offset = (uint32_t)tern_activation_shifts_offset(command->length);
    uint32_t bytes = (uint32_t)tern_activation_bytes(command->length) - offset;
    for (uint32_t i = (command->length + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS; i < bytes; i++) {
        context->scratch[SHIFT_SLOT + i] = 0;
    }
    return tern_dma_write(context, command->output + offset, SHIFT_SLOT, bytes);
}

static enum tern_status write_header(struct tern_context *context, const struct tern_command_quantize *command,
                                     int32_t base_exponent) {
    uint32_t *header = (void *)(context->scratch + HEADER_SLOT);
    for (uint32_t i = 4; i < TERN_ACTIVATION_HEADER_BYTES / 4; i++) {
        header[i] = 0;
    }
    header[0] = (uint32_t)base_exponent;
    header[1] = (uint32_t)tern_groups(command->length);
    header[2] = command->length;
    header[3] = TERN_ACTIVATION_MAGIC;
    return tern_dma_write(context, command->output, HEADER_SLOT, TERN_ACTIVATION_HEADER_BYTES);
}

enum tern_status tern_run_quantize(struct tern_context *context, const struct tern_command_quantize *command) {
    TERN_TRY(tern_check_count(context, TERN_WORD(quantize, length), command->length, TERN_MAX_COLUMNS));
    TERN_TRY(tern_check_f32(context, TERN_WORD(quantize, input), command->input, command->length));
    TERN_TRY(tern_check_buffer(context, TERN_WORD(quantize, output), command->output,
                               tern_activation_bytes(command->length), TERN_SEGMENT_ALIGN));
    int32_t base_exponent;
    TERN_TRY(scan(context, command, &base_exponent));
    for (uint32_t start = 0; start < command->length; start += TILE_ELEMENTS) {
        TERN_TRY(write_tile(context, command, base_exponent, start));
    }
    TERN_TRY(write_shifts(context, command));
    return write_header(context, command, base_exponent);
}
