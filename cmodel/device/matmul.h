// SPDX-License-Identifier: Apache-2.0
// The trit matmul unit behind its registers. Model of rtl/matmul/tern_matmul.v. cmodel/matmul has the arithmetic.
//
// A write of CONTROL takes the registers and the window and makes the unit busy. The run is done in the next step. A
// refused run writes no memory. Its status is:
//   BAD_LENGTH      rows, columns or vectors out of range
//   BAD_DEPTH       a depth out of range
//   BAD_ADDRESS     a buffer is misaligned or leaves the window
//   BAD_ACTIVATION  an activation image does not fit the matrix
//   BAD_STEPS       a step is negative, not finite, or the range too wide
// A check (CONTROL CHECK) looks only for the first four. TAKEN counts as in hardware. The other counters stay 0.
#ifndef TERN_CMODEL_DEVICE_MATMUL_H
#define TERN_CMODEL_DEVICE_MATMUL_H

#include "cmodel/device/memory.h"
#include "cmodel/device/registers.h"
#include "cmodel/fast/matmul_engine.h"

#ifdef __cplusplus
extern "C" {
#endif

// The registers of a run, taken at its start.
struct tern_matmul_unit_run {
    struct tern_window window;
    bool is_check;                                    // ends when the images are checked
    uint64_t weights, crc, steps, activation, output; // device addresses
    uint64_t activation_stride, output_stride;
    uint32_t rows, columns, depth_stored, depth_used, first_vector, vectors;
    uint64_t groups, strips, strip_bytes; // derived
};

struct tern_matmul_unit {
    struct tern_registers registers;
    struct tern_bus_memory *memory;
    struct tern_matmul_unit_run run;
    uint32_t most_vectors;      // of a run: VECTORS of the hardware
    struct tern_engine *engine; // how it computes; NULL is the best kernel on the calling thread
    bool hangs, ignores_abort;  // faults: a run never ends by itself; an abort does not end it
    bool skips;                 // a run ends well without being computed: for a platform that only counts time
};

void tern_matmul_unit_reset(struct tern_matmul_unit *unit, struct tern_bus_memory *memory);
uint32_t tern_matmul_unit_read(const struct tern_matmul_unit *unit, uint32_t offset);
void tern_matmul_unit_write(struct tern_matmul_unit *unit, uint32_t offset, uint32_t value, struct tern_window window);
// Why the run that is under way will be refused, from its registers alone; OK when it will not.
enum tern_status tern_matmul_unit_check(const struct tern_matmul_unit *unit);
// Does the run that is under way, if there is one.
void tern_matmul_unit_step(struct tern_matmul_unit *unit);

#ifdef __cplusplus
}
#endif

#endif
