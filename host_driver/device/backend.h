// SPDX-License-Identifier: Apache-2.0
// The interface of a back end: registers of the map in spec/, and device memory. Identity check, firmware, ring and
// counters use these calls in host_driver/device/device.h.
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

// Configuration of a simulated device. Zero means the default. A back end ignores members of other back ends.
struct tern_backend_config {
    const char *address;     // fpga: where the board is, "udp:HOST:PORT"; tern_device_open() sets it
    uint64_t memory_bytes;   // device memory, default TERN_DEVICE_MEMORY_BYTES; rounded up to TERN_DEVICE_MEMORY_PAGE
    uint32_t latency_cycles; // rtl, vp: from address accepted to first beat, default 60
    uint32_t bandwidth_percent; // rtl, vp: beats that the memory moves in 100 cycles, 1..100, default 100
    uint32_t stall_seed; // rtl, Verilated units of vp: non-zero adds random bubbles and back-pressure on every channel
    const char *memory;  // rtl: "litedram", behind a board's real controller; NULL: latency and bandwidth as above
    uint32_t lanes, vectors; // rtl, vp: of the SoC, 1, 2 or 4; default those of the build
    uint32_t ways;           // vp: of the vector unit, 4, 8 or 16; default those of the build or of the lanes
    bool lacks_vector, lacks_attention; // vp: hardware without the unit, whose work the core does
    bool times_only;       // vp: units take their time; if none is missing, they compute nothing; other devices compute
    const char *verilated; // vp: units whose RTL takes the place of their model, "matmul,vector"; NULL for none
    const char *waves_path;     // rtl: file for an FST waveform of the top level, NULL for none; others: UNSUPPORTED
    bool waves_later;           // the waveform begins at waves() below, not at reset
    struct tern_engine *engine; // model: computes the matmul, owned by the caller; NULL for one thread
};

// Parts of a simulated device that a trace shows.
enum tern_part { TERN_PART_CORE, TERN_PART_DMA, TERN_PART_MATMUL, TERN_PART_VECTOR, TERN_PART_ATTENTION };
#define TERN_PARTS 5

// A time from `begin` to before `end`, in cycles of SYSTEM TIME: the core slept, or a unit was busy. Beats of device
// memory that the unit read and wrote meanwhile.
struct tern_activity {
    enum tern_part part;
    uint64_t begin, end, read_beats, written_beats;
};
typedef void (*tern_activity_receiver)(void *context, const struct tern_activity *activity);

struct tern_backend {
    const char *name;
    uint64_t memory_base; // device address of the first byte of device memory
    uint64_t memory_bytes;
    bool has_boot_memory; // whether firmware is loaded through registers at TERN_BOOT_BASE (rtl, fpga)
    bool is_simulated;    // whether time only passes inside advance()
    bool has_clock;       // whether TIME and the counters of the units count cycles
    bool times_only;      // whether its results are of no interest, so that no weights need be written
    void *context;
    // One 32-bit register or word of boot memory. The address is that of the core's map in spec/.
    enum tern_status (*register_read)(void *context, uint32_t address, uint32_t *value, struct tern_error *error);
    enum tern_status (*register_write)(void *context, uint32_t address, uint32_t value, struct tern_error *error);
    // Device memory. The caller has checked the range.
    enum tern_status (*memory_read)(void *context, uint64_t address, void *data, size_t bytes,
                                    struct tern_error *error);
    enum tern_status (*memory_write)(void *context, uint64_t address, const void *data, size_t bytes,
                                     struct tern_error *error);
    // Lets time pass. A simulated device runs about `cycles` cycles, fewer when it becomes idle. The model runs all
    // pending commands. A board sleeps for a short time.
    enum tern_status (*advance)(void *context, uint64_t cycles, struct tern_error *error);
    // Clock cycles simulated so far; no time passes. NULL for a device that cannot say.
    uint64_t (*cycles)(void *context);
    // Calls the receiver at the end of each activity from now on. Those of a part come in order. receiver NULL: no
    // more. NULL for a device that cannot say.
    void (*observe)(void *context, tern_activity_receiver receiver, void *receiver_context);
    // Writes where and why the core trapped, "at pc 0x..., a misaligned load of 0x...". Nothing when it has not. NULL
    // for a device that cannot say.
    void (*describe_trap)(void *context, char *text, size_t bytes);
    // Writes the waveform for so many cycles from now on. NULL without waves_path.
    void (*waves)(void *context, uint64_t cycles);
    void (*close)(void *context);
};

#ifdef __cplusplus
}
#endif
#endif
