// SPDX-License-Identifier: Apache-2.0
// The Verilated core with boot memory that holds the firmware. A model device has all other addresses of its bus. Boot
// and scratch memory answer after one wait cycle, like block RAM with registered outputs. Registers do the same.
#ifndef TERN_SIM_FIRMWARE_CORE_H
#define TERN_SIM_FIRMWARE_CORE_H

#include <stdint.h>

#include "cmodel/device/device_model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct firmware_core;

// Resets the core and runs it until the firmware is idle. NULL: it was not within a million cycles.
struct firmware_core *firmware_core_open(const uint32_t *image, uint32_t words, struct tern_device_model *model);
void firmware_core_close(struct firmware_core *core);

// Runs until COMPLETED equals DOORBELL. Returns the number of steps of COMPLETED; 0 after a trap, a bad access or 2^32
// cycles.
uint32_t firmware_core_poll(void *core);
// Cycles and instructions of the last poll.
uint64_t firmware_core_cycles(const struct firmware_core *core);
uint64_t firmware_core_instructions(const struct firmware_core *core);
// The largest use of the stack so far, in bytes.
uint32_t firmware_core_stack_bytes(const struct firmware_core *core);

#ifdef __cplusplus
}
#endif
#endif
