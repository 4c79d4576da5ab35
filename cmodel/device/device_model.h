// SPDX-License-Identifier: Apache-2.0
// The hardware below the core, register for register and without time: each unit of cmodel/device at its place in the
// address map, with one device memory. A copy or a run ends inside the write that starts it. SYSTEM TIME advances by
// one a read, so that a wait ends. The model has no firmware: firmware/native.h or a simulated processor adds it.
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

// Faults for tests; all zero is a healthy device.
struct tern_device_fault {
    uint64_t bus_error_address, bus_error_bytes; // an access that touches this range of device memory ends in BUS_ERROR
    bool dma_hangs;                              // a copy that is started stays busy until it is aborted
    bool matmul_hangs;                           // a run that is started stays busy until it is aborted
    bool abort_fails;                            // an abort does not help either
};

// memory: `memory_bytes` bytes at device address `memory_base`, owned by the caller, 64-byte aligned, with any
// contents. BAD_ARGUMENT when it is misaligned or wraps at 2^64, OUT_OF_MEMORY.
enum tern_status tern_device_model_create(uint64_t memory_base, uint64_t memory_bytes, void *memory,
                                          struct tern_device_model **model);
void tern_device_model_destroy(struct tern_device_model *model); // NULL is fine

// How the unit computes; the caller keeps the engine. NULL (at first) is the best kernel on the calling thread.
struct tern_engine;
void tern_device_model_set_engine(struct tern_device_model *model, struct tern_engine *engine);

// Registers and scratch memory at the addresses of spec/ (boot memory and holes read 0 and ignore writes).
uint32_t tern_device_model_read(struct tern_device_model *model, uint32_t address);
void tern_device_model_write(struct tern_device_model *model, uint32_t address, uint32_t value);

// TERN_SCRATCH_BYTES bytes, 64-byte aligned.
uint8_t *tern_device_model_scratch(struct tern_device_model *model);

// What a DMA copy of `bytes` bytes from device memory would bring, where it lies: for tiles that are only read. Counts
// the beats. NULL when the copy would be refused or would not end: it then tells why.
void *tern_device_model_view(struct tern_device_model *model, uint64_t address, uint32_t bytes);

void tern_device_model_set_fault(struct tern_device_model *model, const struct tern_device_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
