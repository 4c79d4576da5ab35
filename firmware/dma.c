// SPDX-License-Identifier: Apache-2.0
#include "firmware/dma.h"

#include "firmware/wait.h"

#define DMA(name) (TERN_DMA_BASE + TERN_DMA_REG_##name)

static enum tern_status wait_for_dma(struct tern_context *context, uint32_t *word) {
    return tern_wait(context, DMA(STATUS), TERN_SYSTEM_SLEEP_DMA_MASK, DMA(BEATS_LO), word);
}

static enum tern_status abort_dma(struct tern_context *context) {
    uint32_t word;
    tern_port_write(context->port, DMA(CONTROL), TERN_DMA_CONTROL_ABORT_MASK);
    return wait_for_dma(context, &word) == TERN_STATUS_OK ? TERN_STATUS_TIMEOUT : TERN_STATUS_UNIT_BUSY;
}

enum tern_status tern_dma_recover(struct tern_context *context) {
    const bool is_stuck = tern_is_busy(context, DMA(STATUS)) && abort_dma(context) == TERN_STATUS_UNIT_BUSY;
    return is_stuck ? TERN_STATUS_UNIT_BUSY : TERN_STATUS_OK;
}

// direction: TO_SCRATCH or TO_DEVICE of the CONTROL register.
static enum tern_status dma_copy(struct tern_context *context, uint64_t address, uint32_t local, uint32_t bytes,
                                 uint32_t direction) {
    struct tern_port *port = context->port;
    // An earlier copy timed out and did not end on abort: aborts it once more.
    if (tern_is_busy(context, DMA(STATUS)) && tern_dma_recover(context) == TERN_STATUS_UNIT_BUSY) {
        return TERN_STATUS_UNIT_BUSY;
    }
    tern_port_write(port, DMA(ADDRESS_LO), (uint32_t)address);
    tern_port_write(port, DMA(ADDRESS_HI), (uint32_t)(address >> 32));
    tern_port_write(port, DMA(LOCAL), local);
    tern_port_write(port, DMA(LENGTH), bytes);
    tern_port_write(port, DMA(CONTROL), direction);
    uint32_t word;
    if (wait_for_dma(context, &word) != TERN_STATUS_OK) {
        return abort_dma(context);
    }
    return (enum tern_status)TERN_FIELD_GET(DMA_STATUS_CODE, word);
}

enum tern_status tern_dma_read(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes,
                               void **data) {
    uint32_t local = slot + (uint32_t)address % TERN_BEAT_BYTES;
    *data = context->scratch + local;
    return dma_copy(context, address, local, bytes, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
}

enum tern_status tern_dma_write(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes) {
    uint32_t local = slot + (uint32_t)address % TERN_BEAT_BYTES;
    return dma_copy(context, address, local, bytes, TERN_DMA_CONTROL_TO_DEVICE_MASK);
}
