// SPDX-License-Identifier: Apache-2.0
// The trit matmul unit behind its registers. Model of rtl/matmul/tern_matmul.v; the arithmetic is cmodel/matmul's.
//
// A write of CONTROL takes the registers and the window and makes the unit busy; the run is done in the next step. It
// is refused, and touches nothing, with BAD_LENGTH for rows, groups or vectors, BAD_DEPTH, BAD_ADDRESS for a buffer
// that is misaligned or leaves the window, BAD_STEPS for a shift over STEP_RATIO_LOG2. TAKEN counts as in hardware; the
// other counters stay 0.
#ifndef TERN_CMODEL_DEVICE_MATMUL_H
#define TERN_CMODEL_DEVICE_MATMUL_H

#include "cmodel/device/memory.h"
#include "cmodel/device/registers.h"
#include "cmodel/fast/matmul_engine.h"

// A run as it was when it started.
struct tern_matmul_unit_run {
    struct tern_window window;
    uint64_t weights, crc, activation, output; // device addresses
    uint64_t activation_stride, output_stride;
    uint32_t rows, groups, depth_stored, depth_used, first_vector, vectors;
    int32_t exponents[TERN_MAX_VECTORS];
    struct tern_step_table steps;
    uint64_t columns, strips, strip_bytes; // derived
};

struct tern_matmul_unit {
    struct tern_registers registers;
    struct tern_bus_memory *memory;
    struct tern_matmul_unit_run run;
    struct tern_engine *engine; // how it computes; NULL is the best kernel on the calling thread
    bool hangs, ignores_abort;  // faults: a run never ends by itself; nor when it is aborted
};

void tern_matmul_unit_reset(struct tern_matmul_unit *unit, struct tern_bus_memory *memory);
uint32_t tern_matmul_unit_read(const struct tern_matmul_unit *unit, uint32_t offset);
void tern_matmul_unit_write(struct tern_matmul_unit *unit, uint32_t offset, uint32_t value, struct tern_window window);
// Does the run that is under way, if there is one.
void tern_matmul_unit_step(struct tern_matmul_unit *unit);

#endif
