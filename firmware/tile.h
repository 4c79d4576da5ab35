// SPDX-License-Identifier: Apache-2.0
// Operands in tiles of float32, and their slots in scratch memory.
#ifndef TERN_FIRMWARE_TILE_H
#define TERN_FIRMWARE_TILE_H

#include "cmodel/float/f32.h"
#include "firmware/dma.h"

// A slot for tiles of `tile_bytes` bytes at any address modulo TERN_BEAT_BYTES.
#define TERN_SLOT_BYTES(tile_bytes)                                                                                    \
    (((tile_bytes) + TERN_BEAT_BYTES - 1u) / TERN_BEAT_BYTES * TERN_BEAT_BYTES + TERN_BEAT_BYTES)

static inline uint32_t tern_min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// The place in a slot for the data of a device address.
static inline void *tern_slot(struct tern_context *context, uint32_t slot, uint64_t address) {
    return context->scratch + slot + (uint32_t)address % TERN_BEAT_BYTES;
}

static inline enum tern_status tern_read_f32(struct tern_context *context, uint64_t address, uint32_t slot,
                                             uint32_t count, float **data) {
    void *start;
    enum tern_status status = tern_dma_read(context, address, slot, 4 * count, &start);
    *data = start;
    return status;
}

// Like tern_read_f32, without a copy when device memory is visible. The tile must not be written and must be read
// before any other write.
static inline enum tern_status tern_view_f32(struct tern_context *context, uint64_t address, uint32_t slot,
                                             uint32_t count, float **data) {
    void *view = tern_port_view(context->port, address, 4 * count);
    if (view) {
        *data = view;
        return TERN_STATUS_OK;
    }
    return tern_read_f32(context, address, slot, count, data);
}

// Writes results of arithmetic. On the host it first makes NaNs canonical, as the soft core does.
static inline enum tern_status tern_write_f32(struct tern_context *context, uint64_t address, uint32_t slot,
                                              uint32_t count) {
    tern_f32_canonical(tern_slot(context, slot, address), count);
    return tern_dma_write(context, address, slot, 4 * count);
}

#endif
