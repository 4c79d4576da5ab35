// SPDX-License-Identifier: Apache-2.0
// For the test of firmware/memory: registers, memory controller, PHY and memory of a board, as far as its start uses
// them. It takes the place of firmware/port_native.c. Bursts have the address 0.
#ifndef TERN_FIRMWARE_MEMORY_TESTS_MEMORY_MODEL_H
#define TERN_FIRMWARE_MEMORY_TESTS_MEMORY_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "firmware/port.h"

#define MODEL_LANES 2u
#define MODEL_BITSLIPS 4u
#define MODEL_PHASES 2u
#define MODEL_WORDS 2u       // of a phase
#define MODEL_WINDOW 0x80000 // bytes

struct memory_model {
    // What a test chooses.
    uint32_t board;
    bool has_controller;
    uint32_t memory_bytes;                        // a power of two; addresses repeat behind it
    uint32_t window[MODEL_LANES][MODEL_BITSLIPS]; // masks of the delays at which a lane reads right
    uint32_t burst[MODEL_LANES][MODEL_BITSLIPS];  // at which it sees a burst
    bool crosses_lanes;                           // the delay of a lane acts on the other one
    uint32_t ignored_address, joined_address;     // bits: never 1; all of them 1 when one is
    uint32_t stuck_data;                          // bits of each word that the DMA engine reads as 1
    bool writes_whole_beats;
    bool dma_hangs, time_stands, unit_is_busy, unit_ends;
    // What has happened.
    uint32_t state, control, init_done, init_error, modes;
    const char *broken; // the first rule of memory that was broken
    // The rest.
    uint32_t time, last_command, select, bitslip[MODEL_LANES], wanted_delay[MODEL_LANES], delay[MODEL_LANES], seen;
    uint32_t phase[MODEL_PHASES][4 + 2 * MODEL_WORDS]; // registers of a phase
    uint32_t dma[8];
    bool dma_is_busy, row_is_open;
    _Alignas(64) uint8_t scratch[TERN_SCRATCH_BYTES];
    uint8_t memory[MODEL_WINDOW];
};

// A board that works, at every delay.
void memory_model_open(struct memory_model *model, uint32_t board);
struct tern_port *memory_model_port(struct memory_model *model);

#endif
