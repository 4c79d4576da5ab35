// SPDX-License-Identifier: Apache-2.0
// The model of the hardware below the core: the registers of the units of cmodel/device and one device memory.
// Registers have the addresses of the address map. The model has no time. A copy or a run ends inside the write that
// starts it. SYSTEM TIME advances by one a read, so that a wait ends. The model has no firmware: firmware/native.h or a
// simulated processor adds it.
#ifndef TERN_CMODEL_DEVICE_DEVICE_MODEL_H
#define TERN_CMODEL_DEVICE_DEVICE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_device_model;

// Faults for tests. All zero is a healthy device.
struct tern_device_fault {
    uint64_t bus_error_address, bus_error_bytes; // an access to this range of device memory ends in BUS_ERROR
    bool dma_hangs;                              // a copy that is started stays busy until it is aborted
    bool matmul_hangs;                           // a run that is started stays busy until it is aborted
    bool vector_hangs;                           // the same of the vector unit
    bool attention_hangs;                        // likewise, of the attention unit
    bool abort_fails;                            // an abort does not end a copy or run that hangs
};

// memory: `memory_bytes` bytes for device address `memory_base` and up. The caller owns it. It is 64-byte aligned and
// may have any contents. BAD_ARGUMENT: it is misaligned or wraps at 2^64. OUT_OF_MEMORY.
enum tern_status tern_device_model_create(uint64_t memory_base, uint64_t memory_bytes, void *memory,
                                          struct tern_device_model **model);
void tern_device_model_destroy(struct tern_device_model *model); // NULL is fine

// Sets how the units compute. The caller keeps the engine. NULL is the best kernel on the calling thread, as after
// creation.
struct tern_engine;
void tern_device_model_set_engine(struct tern_device_model *model, struct tern_engine *engine);

// Registers and scratch memory have the addresses of spec/. Boot memory and holes read 0 and ignore writes.
uint32_t tern_device_model_read(struct tern_device_model *model, uint32_t address);
void tern_device_model_write(struct tern_device_model *model, uint32_t address, uint32_t value);

// TERN_SCRATCH_BYTES bytes, 64-byte aligned.
uint8_t *tern_device_model_scratch(struct tern_device_model *model);

// Returns the device memory that a DMA copy of `bytes` bytes would read, for tiles that are only read. Counts the beats
// of that copy. NULL: the copy would be refused or would not end. The device then reports why.
void *tern_device_model_view(struct tern_device_model *model, uint64_t address, uint32_t bytes);

void tern_device_model_set_fault(struct tern_device_model *model, const struct tern_device_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
