// SPDX-License-Identifier: Apache-2.0
// The command processor: fetches commands from the ring in device memory, checks them, runs them, writes completions.
// One source serves the soft core (rv32/main.c) and the model device (native.h).
#ifndef TERN_FIRMWARE_FIRMWARE_H
#define TERN_FIRMWARE_FIRMWARE_H

#include "firmware/port.h"

#ifdef __cplusplus
extern "C" {
#endif

// Must run once after reset of the core. Writes version and state.
void tern_firmware_start(struct tern_port *port);

// Runs the commands up to DOORBELL, at most RING_ENTRIES, and returns their number. Every command, good or bad, gets a
// completion, and COMPLETED advances by one for it. COMPLETED also advances when the ring cannot be read or written.
uint32_t tern_firmware_poll(struct tern_port *port);

#ifdef __cplusplus
}
#endif
#endif
