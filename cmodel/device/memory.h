// SPDX-License-Identifier: Apache-2.0
// Device memory as the units access it: its bus may give errors, and a window limits the addresses of commands.
#ifndef TERN_CMODEL_DEVICE_MEMORY_H
#define TERN_CMODEL_DEVICE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "cmodel/layout.h"

struct tern_bus_memory {
    uint64_t base, bytes; // data[i] has device address base + i
    uint8_t *data;
    uint64_t error_base, error_bytes; // an access to this range ends in a bus error; 0 bytes: no such range
    uint32_t lanes;                   // of the bus; 0: those of the build
};

// Bytes of a beat of the bus, which the units count.
static inline uint32_t tern_bus_beat_bytes(const struct tern_bus_memory *memory) {
    return (memory->lanes ? memory->lanes : TERN_LANES) * TERN_BEAT_BYTES;
}

// The window of the SYSTEM registers, as a unit takes it at start.
struct tern_window {
    uint64_t base, bytes;
};

static inline bool tern_range_holds(uint64_t base, uint64_t bytes, uint64_t address, uint64_t count) {
    return address >= base && count <= bytes && address - base <= bytes - count;
}

static inline bool tern_window_holds(const struct tern_window *window, uint64_t address, uint64_t bytes) {
    return tern_range_holds(window->base, window->bytes, address, bytes);
}

// Memory answers with an error for addresses beyond its end and for the range of errors.
static inline bool tern_bus_errs(const struct tern_bus_memory *memory, uint64_t address, uint64_t bytes) {
    if (!tern_range_holds(memory->base, memory->bytes, address, bytes)) {
        return true;
    }
    if (memory->error_bytes == 0 || bytes == 0) {
        return false;
    }
    return address < memory->error_base ? memory->error_base - address < bytes
                                        : address - memory->error_base < memory->error_bytes;
}

static inline uint8_t *tern_bus_at(const struct tern_bus_memory *memory, uint64_t address) {
    return memory->data + (address - memory->base);
}

#endif
