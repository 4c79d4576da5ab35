// SPDX-License-Identifier: Apache-2.0
// One run of a unit on a device, without firmware: the core is held, and the host programs the registers.
#ifndef TERN_SIM_DEVICES_VP_TIMING_TABLE_BENCH_H
#define TERN_SIM_DEVICES_VP_TIMING_TABLE_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "host_driver/device/backends.h"

enum timing_unit { TIMING_DMA, TIMING_MATMUL, TIMING_VECTOR, TIMING_ATTENTION };

// Operands are zeros, with valid images and checksums: no duration depends on data.
struct timing_case {
    enum timing_unit unit;
    uint32_t latency, bandwidth; // of memory: cycles, beats in 100 cycles
    union {
        struct {
            uint32_t bytes, skew; // of the address modulo 16
            bool to_device;
        } dma;
        struct {
            uint32_t rows, columns, stored, used, vectors;
            bool is_check;
        } matmul;
        struct {
            uint32_t operation, rows, parts, length;
        } vector;
        struct {
            uint32_t kind, kv_heads, vectors, head_size, positions;
        } attention;
    };
};

// The counters of a unit, or what a run added to them. The DMA engine has the first two.
struct timing_counts {
    uint64_t run, worked, starved, stalled;
};

struct timing_bench {
    struct tern_backend backend;
    uint32_t lanes, vectors;     // of the device
    uint32_t latency, bandwidth; // of the open device
    bool is_open;
};

// "MATMUL 896 x 4864, planes 3 of 4".
void timing_name(const struct timing_case *timing_case, char *name, size_t bytes);
// Runs it on the back end `name`. The device stays open for the next case of the same memory. BAD_DEVICE when the run
// does not end well.
enum tern_status timing_run(struct timing_bench *bench, const char *name, const struct timing_case *timing_case,
                            struct timing_counts *counts, struct tern_error *error);
void timing_close(struct timing_bench *bench);

#endif
