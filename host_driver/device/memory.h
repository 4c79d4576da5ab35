// SPDX-License-Identifier: Apache-2.0
// The memory of a simulated device, from TERN_DEVICE_MEMORY_BASE on. It is reserved, not allocated: the host gives a
// page when it is first touched.
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

// bytes: TERN_DEVICE_MEMORY_BYTES when 0; rounded up to TERN_DEVICE_MEMORY_PAGE. `device` begins the error sentence.
enum tern_status tern_memory_reserve(const char *device, uint64_t bytes, struct tern_error *error,
                                     struct tern_memory *memory);
void tern_memory_release(struct tern_memory *memory); // also of a struct of zeros

// host_driver/device/device.c has checked the range.
void tern_memory_read(const struct tern_memory *memory, uint64_t address, void *data, size_t bytes);
void tern_memory_write(struct tern_memory *memory, uint64_t address, const void *data, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
