// SPDX-License-Identifier: Apache-2.0
// The attention unit behind its registers: DOT of up to DOT_VECTORS images for each of some key/value heads. Model of
// rtl/attention/tern_attention.v. cmodel/attention has the arithmetic.
//
// A write of CONTROL takes the registers and the window and makes the unit busy. The run is done in the next step. A
// refused run touches no memory. Its status is:
//   BAD_LENGTH     a count is out of range
//   BAD_ADDRESS    an address or a stride is no multiple of 64; ERROR is 0
// Heads follow each other, each as tern_dot_run_head() says. The first failure ends the run:
//   BAD_ACTIVATION an image or an exponent byte is wrong
//   BAD_ADDRESS    an access leaves the window
//   BUS_ERROR      memory refuses an access. Hardware may have written results after it
// TAKEN counts as in hardware when the run is good. The other counters stay 0.
#ifndef TERN_CMODEL_DEVICE_ATTENTION_H
#define TERN_CMODEL_DEVICE_ATTENTION_H

#include "cmodel/attention/dot.h"
#include "cmodel/device/memory.h"
#include "cmodel/device/registers.h"

#ifdef __cplusplus
extern "C" {
#endif

// The registers of a run, taken at its start.
struct tern_attention_unit_run {
    struct tern_window window;
    uint64_t head_stride;
    uint32_t kind, kv_heads;
    struct tern_dot_head head; // the first one, without its kind
};

struct tern_attention_unit {
    struct tern_registers registers;
    struct tern_bus_memory *memory;
    struct tern_attention_unit_run run;
    struct tern_wide_sum sums[TERN_MAX_HEADS * TERN_MAX_HEAD_SIZE];
    struct tern_engine *engine; // NULL: the best kernel, no threads
    bool hangs, ignores_abort;  // faults: a run never ends by itself; an abort does not end it
    bool skips;                 // a run ends well without being computed: for a platform that only counts time
};

void tern_attention_unit_reset(struct tern_attention_unit *unit, struct tern_bus_memory *memory);
uint32_t tern_attention_unit_read(const struct tern_attention_unit *unit, uint32_t offset);
void tern_attention_unit_write(struct tern_attention_unit *unit, uint32_t offset, uint32_t value,
                               struct tern_window window);
// Why the run that is under way will be refused, from its registers alone; OK when it will not.
enum tern_status tern_attention_unit_check(const struct tern_attention_unit *unit);
// Does the run that is under way, if there is one.
void tern_attention_unit_step(struct tern_attention_unit *unit);

#ifdef __cplusplus
}
#endif

#endif
