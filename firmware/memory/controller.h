// SPDX-License-Identifier: Apache-2.0
// Registers of LiteDRAM's controller, which give single commands to memory.
#ifndef TERN_FIRMWARE_MEMORY_CONTROLLER_H
#define TERN_FIRMWARE_MEMORY_CONTROLLER_H

#include "firmware/memory/boards.h"
#include "firmware/memory/memory.h"

#define TERN_MEMORY_COMMAND_CYCLES 32u // more than any time between two commands of memory

static inline void tern_controller_write(struct tern_context *context, uint32_t offset, uint32_t value) {
    tern_port_write(context->port, TERN_CONTROLLER_BASE + offset, value);
}

static inline uint32_t tern_controller_read(struct tern_context *context, uint32_t offset) {
    return tern_port_read(context->port, TERN_CONTROLLER_BASE + offset);
}

// How far the registers of a phase are behind those of phase 0.
static inline uint32_t tern_controller_phase(const struct tern_memory_board *board, uint32_t phase) {
    return phase * (TERN_CONTROLLER_DFII_PI0_WRDATA - TERN_CONTROLLER_DFII_PI0_COMMAND + 8u * board->data_words);
}

// Waits so many cycles of SYSTEM TIME at least. Ends also when TIME stands still.
void tern_memory_wait(struct tern_context *context, uint32_t cycles);
// Gives a command in a phase. Then `cycles` pass.
void tern_memory_command(struct tern_context *context, uint32_t phase_offset, uint32_t command, uint32_t bank,
                         uint32_t address, uint32_t cycles);

#endif
