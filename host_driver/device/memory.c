// SPDX-License-Identifier: Apache-2.0
#include "host_driver/device/memory.h"

#include <string.h>
#include <sys/mman.h>

#include "cmodel/layout.h"

enum tern_status tern_memory_reserve(const char *device, uint64_t bytes, struct tern_error *error,
                                     struct tern_memory *memory) {
    bytes = bytes ? bytes : TERN_DEVICE_MEMORY_BYTES;
    if (bytes > SIZE_MAX / 2) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%s: device memory of %llu bytes is more than the address space", device,
                              (unsigned long long)bytes);
    }
    bytes = tern_align_up(bytes, TERN_DEVICE_MEMORY_PAGE);
    void *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: cannot reserve %llu bytes of device memory",
                              device, (unsigned long long)bytes);
    }
    *memory = (struct tern_memory){data, bytes};
    return TERN_STATUS_OK;
}

void tern_memory_release(struct tern_memory *memory) {
    if (memory->data) {
        munmap(memory->data, memory->bytes);
    }
    *memory = (struct tern_memory){NULL, 0};
}

void tern_memory_read(const struct tern_memory *memory, uint64_t address, void *data, size_t bytes) {
    memcpy(data, memory->data + (address - TERN_DEVICE_MEMORY_BASE), bytes);
}

void tern_memory_write(struct tern_memory *memory, uint64_t address, const void *data, size_t bytes) {
    memcpy(memory->data + (address - TERN_DEVICE_MEMORY_BASE), data, bytes);
}
