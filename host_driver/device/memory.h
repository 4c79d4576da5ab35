// SPDX-License-Identifier: Apache-2.0
// The memory of a simulated device, from address TERN_DEVICE_MEMORY_BASE. The address range is reserved; the host
// allocates a page at its first access.
#ifndef TERN_HOST_DRIVER_DEVICE_MEMORY_H
#define TERN_HOST_DRIVER_DEVICE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_memory {
    uint8_t *data;
    uint64_t bytes;
};

// bytes: 0 for TERN_DEVICE_MEMORY_BYTES; rounded up to TERN_DEVICE_MEMORY_PAGE. device: name for the error sentence.
// BAD_ARGUMENT for more than half of the address space, OUT_OF_MEMORY when the host refuses.
enum tern_status tern_memory_reserve(const char *device, uint64_t bytes, struct tern_error *error,
                                     struct tern_memory *memory);
void tern_memory_release(struct tern_memory *memory); // a struct of zeros is allowed

// address: a device address; the caller (host_driver/device/device.c) has checked the range.
void tern_memory_read(const struct tern_memory *memory, uint64_t address, void *data, size_t bytes);
void tern_memory_write(struct tern_memory *memory, uint64_t address, const void *data, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
