// SPDX-License-Identifier: Apache-2.0
// The hardware interface of the command processor: 32-bit registers and scratch memory. On the soft core both are plain
// memory. On the host cmodel/device answers at the same addresses. The two builds differ in nothing else.
#ifndef TERN_FIRMWARE_PORT_H
#define TERN_FIRMWARE_PORT_H

#include <stdint.h>

#include "spec/generated/tern_spec.h"

struct tern_port; // the model device; always NULL on the soft core

#ifdef __riscv

// A register for the compiler. uint32_t is unsigned long here, which is another type. So a write to a register changes
// no member of a structure, and the compiler need not load it again.
typedef volatile unsigned tern_register;

static inline uint32_t tern_port_read(struct tern_port *port, uint32_t address) {
    (void)port;
    return *(tern_register *)(uintptr_t)address;
}

static inline void tern_port_write(struct tern_port *port, uint32_t address, uint32_t value) {
    (void)port;
    *(tern_register *)(uintptr_t)address = value;
}

static inline uint8_t *tern_port_scratch(struct tern_port *port) {
    (void)port;
    return (uint8_t *)(uintptr_t)TERN_SCRATCH_BASE;
}

static inline void *tern_port_view(struct tern_port *port, uint64_t address, uint32_t bytes) {
    (void)port;
    (void)address;
    (void)bytes;
    return 0;
}

#else

// Reads or writes the register at an address of the core's map (SYSTEM_BASE, DMA_BASE, MATMUL_BASE).
uint32_t tern_port_read(struct tern_port *port, uint32_t address);
void tern_port_write(struct tern_port *port, uint32_t address, uint32_t value);
// The scratch memory of TERN_SCRATCH_BYTES bytes, 16-byte aligned.
uint8_t *tern_port_scratch(struct tern_port *port);
// A pointer into device memory, instead of a copy by DMA. It must be read before any write. NULL: a copy is needed.
void *tern_port_view(struct tern_port *port, uint64_t address, uint32_t bytes);

#endif
#endif
