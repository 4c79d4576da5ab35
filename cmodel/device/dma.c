// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/dma.h"

#include <string.h>

static bool is_busy(const struct tern_dma_unit *unit) {
    return TERN_FIELD_GET(DMA_STATUS_BUSY, tern_registers_get(&unit->registers, TERN_DMA_REG_STATUS));
}

static void end(struct tern_dma_unit *unit, enum tern_status status) {
    tern_registers_set(&unit->registers, TERN_DMA_REG_STATUS, TERN_FIELD_PUT(DMA_STATUS_CODE, status));
}

static enum tern_status check(const struct tern_dma_unit *unit, const struct tern_dma_copy *copy) {
    if (copy->bytes == 0 || copy->bytes % 4 != 0 ||
        !tern_range_holds(0, TERN_SCRATCH_BYTES, copy->local, copy->bytes)) {
        return TERN_STATUS_BAD_LENGTH;
    }
    if (copy->address % 4 != 0 || (copy->address ^ copy->local) % TERN_BEAT_BYTES != 0 ||
        !tern_window_holds(&copy->window, copy->address, copy->bytes)) {
        return TERN_STATUS_BAD_ADDRESS;
    }
    return tern_bus_errs(unit->memory, copy->address, copy->bytes) ? TERN_STATUS_BUS_ERROR : TERN_STATUS_OK;
}

static void count_beats(struct tern_dma_unit *unit, const struct tern_dma_copy *copy) {
    const uint32_t beat_bytes = tern_bus_beat_bytes(unit->memory);
    tern_registers_add_pair(&unit->registers, TERN_DMA_REG_BEATS_LO,
                            (copy->address % beat_bytes + copy->bytes + beat_bytes - 1) / beat_bytes);
}

static void start(struct tern_dma_unit *unit, bool to_device, struct tern_window window) {
    const struct tern_registers *registers = &unit->registers;
    if (is_busy(unit)) {
        return;
    }
    unit->copy = (struct tern_dma_copy){.window = window,
                                        .address = tern_registers_get_pair(registers, TERN_DMA_REG_ADDRESS_LO),
                                        .local = tern_registers_get(registers, TERN_DMA_REG_LOCAL),
                                        .bytes = tern_registers_get(registers, TERN_DMA_REG_LENGTH),
                                        .to_device = to_device};
    tern_registers_set(&unit->registers, TERN_DMA_REG_STATUS, TERN_FIELD_PUT(DMA_STATUS_BUSY, 1));
}

static void control(struct tern_dma_unit *unit, uint32_t value, struct tern_window window) {
    if (TERN_FIELD_GET(DMA_CONTROL_ABORT, value)) {
        if (is_busy(unit) && !unit->ignores_abort) {
            end(unit, TERN_STATUS_TIMEOUT);
        }
    } else if (TERN_FIELD_GET(DMA_CONTROL_TO_SCRATCH, value) || TERN_FIELD_GET(DMA_CONTROL_TO_DEVICE, value)) {
        start(unit, TERN_FIELD_GET(DMA_CONTROL_TO_DEVICE, value), window);
    }
}

enum tern_status tern_dma_unit_check(const struct tern_dma_unit *unit) {
    return check(unit, &unit->copy);
}

void tern_dma_unit_reset(struct tern_dma_unit *unit, struct tern_bus_memory *memory, uint8_t *scratch) {
    memset(unit, 0, sizeof *unit);
    unit->registers.block = TERN_BLOCK_DMA;
    unit->memory = memory;
    unit->scratch = scratch;
}

uint32_t tern_dma_unit_read(const struct tern_dma_unit *unit, uint32_t offset) {
    return tern_registers_read(&unit->registers, offset);
}

void tern_dma_unit_write(struct tern_dma_unit *unit, uint32_t offset, uint32_t value, struct tern_window window) {
    if (offset == TERN_DMA_REG_CONTROL) {
        control(unit, value, window);
    } else {
        tern_registers_write(&unit->registers, offset, value);
    }
}

void tern_dma_unit_step(struct tern_dma_unit *unit) {
    const struct tern_dma_copy *copy = &unit->copy;
    if (!is_busy(unit) || unit->hangs) {
        return;
    }
    enum tern_status status = tern_dma_unit_check(unit);
    if (status == TERN_STATUS_OK) {
        uint8_t *remote = tern_bus_at(unit->memory, copy->address), *local = unit->scratch + copy->local;
        memcpy(copy->to_device ? remote : local, copy->to_device ? local : remote, copy->bytes);
        count_beats(unit, copy);
    }
    end(unit, status);
}

void *tern_dma_unit_view(struct tern_dma_unit *unit, uint64_t address, uint32_t bytes, struct tern_window window) {
    const struct tern_dma_copy copy = {
        .window = window, .address = address, .local = (uint32_t)address % TERN_BEAT_BYTES, .bytes = bytes};
    if (is_busy(unit) || unit->hangs || check(unit, &copy) != TERN_STATUS_OK) {
        return NULL;
    }
    count_beats(unit, &copy);
    return tern_bus_at(unit->memory, address);
}
