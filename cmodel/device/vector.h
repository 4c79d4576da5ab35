// SPDX-License-Identifier: Apache-2.0
// The vector unit: vector commands on rows of float32 in device memory. Model of rtl/vector/tern_vector.v.
//
// A write of CONTROL takes the registers and the window and makes the unit busy. The run is done in the next step. A
// refused run writes nothing. Its status is:
//   BAD_OPCODE     OPERATION is no vector command
//   BAD_LENGTH     ROWS, PARTS or LENGTH is 0, over its limit, or not for this operation
//   BAD_ADDRESS    an address or a stride is misaligned
// A run that ends early has written the rows before, and perhaps some words of the row:
//   NON_FINITE     ERROR_ELEMENT is the element; nothing of its row is written, of STORE nothing at all
//   BAD_ADDRESS    an operand or a result leaves the window
//   BUS_ERROR
// The counters stay 0.
#ifndef TERN_CMODEL_DEVICE_VECTOR_H
#define TERN_CMODEL_DEVICE_VECTOR_H

#include "cmodel/device/memory.h"
#include "cmodel/device/registers.h"

#ifdef __cplusplus
extern "C" {
#endif

// The registers of a run, taken at its start.
struct tern_vector_run {
    struct tern_window window;
    uint32_t operation, rows, parts, length;
    uint64_t left, left_stride, right, output, output_stride, side;
    float scalar_0, scalar_1;
};

struct tern_vector_unit {
    struct tern_registers registers;
    struct tern_bus_memory *memory;
    struct tern_vector_run run;
    struct tern_engine *engine; // NULL: no threads
    bool hangs, ignores_abort;  // faults: a run never ends by itself; an abort does not end it
    bool skips;                 // a run ends well without being computed: for a platform that only counts time
};

void tern_vector_unit_reset(struct tern_vector_unit *unit, struct tern_bus_memory *memory);
uint32_t tern_vector_unit_read(const struct tern_vector_unit *unit, uint32_t offset);
void tern_vector_unit_write(struct tern_vector_unit *unit, uint32_t offset, uint32_t value, struct tern_window window);
// Why the run that is under way will be refused, from its registers alone; OK when it will not.
enum tern_status tern_vector_unit_check(const struct tern_vector_unit *unit);
// Does the run that is under way, if there is one.
void tern_vector_unit_step(struct tern_vector_unit *unit);

#ifdef __cplusplus
}
#endif

#endif
