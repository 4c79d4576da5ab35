// SPDX-License-Identifier: Apache-2.0
// Copies between device memory and scratch memory. A slot is room in scratch memory for data of any device address. The
// data start at slot + address modulo TERN_BEAT_BYTES, because the engine does not shift bytes within a beat.
#ifndef TERN_FIRMWARE_DMA_H
#define TERN_FIRMWARE_DMA_H

#include "firmware/context.h"

// Device memory to scratch memory. *data: the start of the data. bytes: a multiple of 4. TIMEOUT or UNIT_BUSY when the
// engine hangs, else the status of the engine.
enum tern_status tern_dma_read(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes,
                               void **data);
// Scratch memory to device memory; the same errors.
enum tern_status tern_dma_write(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes);
// Ends an earlier copy. UNIT_BUSY when it does not end on abort.
enum tern_status tern_dma_recover(struct tern_context *context);

#endif
