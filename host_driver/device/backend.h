// SPDX-License-Identifier: Apache-2.0
// A device as the driver sees it, whatever is behind it: registers of the map in spec/ and device memory.
// host_driver/device/device.h builds everything else (identity check, firmware, ring, counters) on these calls.
#ifndef TERN_HOST_DRIVER_DEVICE_BACKEND_H
#define TERN_HOST_DRIVER_DEVICE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/fast/matmul_engine.h"

#ifdef __cplusplus
extern "C" {
#endif

// How to build a simulated device; a back end ignores what it has no use for. Zero means the default.
struct tern_backend_config {
    uint64_t memory_bytes;   // device memory, default TERN_DEVICE_MEMORY_BYTES; rounded up to TERN_DEVICE_MEMORY_PAGE
    uint32_t latency_cycles; // rtl: from address accepted to first beat, default 60
    uint32_t bandwidth_percent; // rtl: beats the memory can move in 100 cycles, 1..100, default 100
    uint32_t stall_seed;        // rtl: non-zero adds random bubbles and back-pressure on every channel
    const char *trace_path;     // rtl: FST trace of the top level, NULL for none; model: refused
    struct tern_engine *engine; // model: how the matmul unit computes, kept by the caller; NULL for one thread
};

struct tern_backend {
    const char *name;
    uint64_t memory_base; // device address of the first byte of device memory
    uint64_t memory_bytes;
    bool has_boot_memory; // whether firmware is loaded through registers at TERN_BOOT_BASE (rtl, fpga)
    bool is_simulated;    // whether time only passes inside advance()
    void *context;
    // One 32-bit register or boot memory word; address as in spec/ (host and core share one map).
    enum tern_status (*register_read)(void *context, uint32_t address, uint32_t *value, struct tern_error *error);
    enum tern_status (*register_write)(void *context, uint32_t address, uint32_t value, struct tern_error *error);
    // Device memory; the range has been checked by the caller.
    enum tern_status (*memory_read)(void *context, uint64_t address, void *data, size_t bytes,
                                    struct tern_error *error);
    enum tern_status (*memory_write)(void *context, uint64_t address, const void *data, size_t bytes,
                                     struct tern_error *error);
    // Let time pass: about `cycles` on a simulated device (less is allowed when the device goes idle),
    // a short sleep on a board, the pending commands on the model.
    enum tern_status (*advance)(void *context, uint64_t cycles, struct tern_error *error);
    void (*close)(void *context);
};

#ifdef __cplusplus
}
#endif
#endif
