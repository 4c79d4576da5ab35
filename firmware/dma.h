// SPDX-License-Identifier: Apache-2.0
// Copies between device memory and scratch memory. A slot is room in scratch memory for data at any address: the data
// starts at slot + address modulo TERN_BEAT_BYTES, as the engine asks for.
#ifndef TERN_FIRMWARE_DMA_H
#define TERN_FIRMWARE_DMA_H

#include "firmware/context.h"

// Device memory to scratch memory; *data is where the data starts. bytes: a multiple of 4.
enum tern_status tern_dma_read(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes,
                               void **data);
// Scratch memory to device memory.
enum tern_status tern_dma_write(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes);

#endif
