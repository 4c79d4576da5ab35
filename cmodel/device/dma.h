// SPDX-License-Identifier: Apache-2.0
// The DMA engine: checked copies between device memory and scratch memory. Model of rtl/dma/tern_dma.v.
//
// A write of CONTROL takes the registers and the window and makes the unit busy. The copy is done in the next step. A
// refused copy touches no memory. Its status is:
//   BAD_LENGTH     LENGTH is 0, no multiple of 4, or passes the end of scratch memory
//   BAD_ADDRESS    the address is no multiple of 4, differs from LOCAL modulo 16, or the copy leaves the window
// BEATS counts as in hardware. CYCLES stays 0.
#ifndef TERN_CMODEL_DEVICE_DMA_H
#define TERN_CMODEL_DEVICE_DMA_H

#include "cmodel/device/memory.h"
#include "cmodel/device/registers.h"

#ifdef __cplusplus
extern "C" {
#endif

// The registers of a copy, taken at its start.
struct tern_dma_copy {
    struct tern_window window;
    uint64_t address;
    uint32_t local, bytes;
    bool to_device;
};

struct tern_dma_unit {
    struct tern_registers registers;
    struct tern_bus_memory *memory;
    uint8_t *scratch; // [TERN_SCRATCH_BYTES]
    struct tern_dma_copy copy;
    bool hangs, ignores_abort; // faults: a copy never ends by itself; an abort does not end it
};

void tern_dma_unit_reset(struct tern_dma_unit *unit, struct tern_bus_memory *memory, uint8_t *scratch);
uint32_t tern_dma_unit_read(const struct tern_dma_unit *unit, uint32_t offset);
void tern_dma_unit_write(struct tern_dma_unit *unit, uint32_t offset, uint32_t value, struct tern_window window);
// Why the copy that is under way will be refused, from its registers alone; OK when it will not.
enum tern_status tern_dma_unit_check(const struct tern_dma_unit *unit);
// Does the copy that is under way, if there is one.
void tern_dma_unit_step(struct tern_dma_unit *unit);

// Returns the device memory that a copy of `bytes` bytes to scratch memory would read, for tiles that are only read.
// Counts the beats. NULL: the copy would be refused or would not end. The unit then reports why.
void *tern_dma_unit_view(struct tern_dma_unit *unit, uint64_t address, uint32_t bytes, struct tern_window window);

#ifdef __cplusplus
}
#endif

#endif
