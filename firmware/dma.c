// SPDX-License-Identifier: Apache-2.0
#include "cmodel/float/f32.h"
#include "firmware/command.h"

#define BUSY 1u
#define TO_SCRATCH 1u
#define TO_DEVICE 2u
#define ABORT 4u

static uint32_t time_now(struct tern_context *context) {
    return tern_port_read(context->port, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_TIME_LO);
}

enum tern_status tern_wait(struct tern_context *context, uint32_t status_address, uint32_t progress_address) {
    if (!(tern_port_read(context->port, status_address) & BUSY)) {
        return TERN_STATUS_OK;
    }
    uint32_t start = time_now(context);
    uint32_t progress = tern_port_read(context->port, progress_address);
    while (tern_port_read(context->port, status_address) & BUSY) {
        uint32_t now = time_now(context);
        uint32_t progress_now = tern_port_read(context->port, progress_address);
        if (progress_now != progress) {
            progress = progress_now;
            start = now;
        } else if (now - start > context->wait_limit) {
            return TERN_STATUS_TIMEOUT;
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status wait_for_dma(struct tern_context *context) {
    return tern_wait(context, TERN_DMA_BASE + TERN_DMA_REG_STATUS, TERN_DMA_BASE + TERN_DMA_REG_BEATS_LO);
}

static enum tern_status abort_dma(struct tern_context *context) {
    tern_port_write(context->port, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, ABORT);
    return wait_for_dma(context) == TERN_STATUS_OK ? TERN_STATUS_TIMEOUT : TERN_STATUS_UNIT_BUSY;
}

static enum tern_status dma_copy(struct tern_context *context, uint64_t address, uint32_t local, uint32_t bytes,
                                 uint32_t direction) {
    struct tern_port *port = context->port;
    // A copy that timed out and would not be aborted gets one more chance.
    if ((tern_port_read(port, TERN_DMA_BASE + TERN_DMA_REG_STATUS) & BUSY) &&
        abort_dma(context) == TERN_STATUS_UNIT_BUSY) {
        return TERN_STATUS_UNIT_BUSY;
    }
    tern_port_write(port, TERN_DMA_BASE + TERN_DMA_REG_ADDRESS_LO, (uint32_t)address);
    tern_port_write(port, TERN_DMA_BASE + TERN_DMA_REG_ADDRESS_HI, (uint32_t)(address >> 32));
    tern_port_write(port, TERN_DMA_BASE + TERN_DMA_REG_LOCAL, local);
    tern_port_write(port, TERN_DMA_BASE + TERN_DMA_REG_LENGTH, bytes);
    tern_port_write(port, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, direction);
    if (wait_for_dma(context) != TERN_STATUS_OK) {
        return abort_dma(context);
    }
    return (enum tern_status)(tern_port_read(port, TERN_DMA_BASE + TERN_DMA_REG_STATUS) >> 8 & 0xffu);
}

enum tern_status tern_dma_read(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes,
                               void **data) {
    uint32_t local = slot + ((uint32_t)address & 15u);
    *data = context->scratch + local;
    return dma_copy(context, address, local, bytes, TO_SCRATCH);
}

enum tern_status tern_dma_write(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes) {
    return dma_copy(context, address, slot + ((uint32_t)address & 15u), bytes, TO_DEVICE);
}

enum tern_status tern_read_f32(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t count,
                               float **data) {
    void *start;
    enum tern_status status = tern_dma_read(context, address, slot, 4 * count, &start);
    *data = start;
    return status;
}

enum tern_status tern_write_f32(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t count) {
    tern_f32_canonical(tern_slot(context, slot, address), count);
    return tern_dma_write(context, address, slot, 4 * count);
}
