// SPDX-License-Identifier: Apache-2.0
// The command processor: takes commands from the ring in device memory, checks them, runs them, writes completions.
// One source for the soft core (rv32/main.c loops on it) and for the model device (native.h).
#ifndef TERN_FIRMWARE_FIRMWARE_H
#define TERN_FIRMWARE_FIRMWARE_H

#include "firmware/port.h"

#ifdef __cplusplus
extern "C" {
#endif

// Once after reset of the core: announces version and state.
void tern_firmware_start(struct tern_port *port);

// Runs what the doorbell announced, at most RING_ENTRIES commands, and returns how many. Every command, good or bad,
// ends in a completion and one step of COMPLETED; COMPLETED steps even when the ring itself cannot be read or written.
uint32_t tern_firmware_poll(struct tern_port *port);

#ifdef __cplusplus
}
#endif
#endif
