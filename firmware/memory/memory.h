// SPDX-License-Identifier: Apache-2.0
// Memory behind LiteDRAM's controller: its start, the delays of its reads, and a test. The start is done anew each
// time, because the core does not know what an earlier program left. Every wait ends.
#ifndef TERN_FIRMWARE_MEMORY_MEMORY_H
#define TERN_FIRMWARE_MEMORY_MEMORY_H

#include <stdbool.h>

#include "firmware/context.h"

struct tern_memory_board;

// On hardware with a memory controller: makes memory ready and writes MEMORY_STATE. False: memory does not work, and
// *report says why. Without a controller memory is ready.
bool tern_memory_start(struct tern_port *port, struct tern_memory_report *report);

// ---- parts of it

// Gives the mode registers to memory, as the board's table says. The controller's own commands stop before.
void tern_memory_initialise(struct tern_context *context, const struct tern_memory_board *board);
// Lets the controller give the commands.
void tern_memory_hand_over(struct tern_context *context, bool works);
// Finds the delay and the bitslip of each lane, and sets them. Fills that part of the report. Returns MEMORY_READY or
// MEMORY_NO_WINDOW with report->lane.
uint32_t tern_memory_level(struct tern_context *context, const struct tern_memory_board *board,
                           struct tern_memory_report *report);
// Writes and reads through the DMA engine: data, single words, addresses. Fills that part of the report. Returns
// MEMORY_READY, MEMORY_WRONG_DATA or MEMORY_NO_ANSWER.
uint32_t tern_memory_test(struct tern_context *context, struct tern_memory_report *report);

#endif
