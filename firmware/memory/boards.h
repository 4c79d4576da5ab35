// SPDX-License-Identifier: Apache-2.0
// Written by tools/make_controller --header; do not edit.
// The start of each board's memory: what goes to the chip, and the facts of the PHY that levelling needs.
#ifndef TERN_FIRMWARE_MEMORY_BOARDS_H
#define TERN_FIRMWARE_MEMORY_BOARDS_H

#include <stdint.h>

#include "spec/generated/tern_spec.h"

// A step: `control` is written when it is not 0, else the command goes to the chip. Then `cycles` pass at least.
struct tern_memory_step {
    uint16_t address;
    uint8_t bank;
    uint8_t control;
    uint8_t command;
    uint32_t cycles;
};

struct tern_memory_board {
    uint32_t board;      // SYSTEM BOARD
    uint32_t bytes;      // of memory
    uint8_t phases;      // of the controller's interface to the PHY
    uint8_t data_words;  // 32-bit registers that hold the data of a phase, the highest bits first
    uint8_t phase_bytes; // of data
    uint8_t lanes;       // of 8 bits
    uint8_t read_phase;
    uint8_t write_phase;
    uint8_t delays; // of a lane's reads; 0: no levelling
    uint8_t bitslips;
    uint8_t steps;
    const struct tern_memory_step *step;
};

static const struct tern_memory_step tern_memory_steps_ulx3s[] = {
    {0x0000, 0, 0xe, 0x0, 80000}, // bring cke high
    {0x0400, 0, 0x0, 0xb, 16},    // precharge all
    {0x0121, 0, 0x0, 0xf, 800},   // load mode register / reset dll, cl=2, bl=2
    {0x0400, 0, 0x0, 0xb, 16},    // precharge all
    {0x0000, 0, 0x0, 0xd, 16},    // auto refresh
    {0x0000, 0, 0x0, 0xd, 16},    // auto refresh
    {0x0021, 0, 0x0, 0xf, 800},   // load mode register / cl=2, bl=2
};

static const struct tern_memory_step tern_memory_steps_ecpix5[] = {
    {0x0000, 0, 0xc, 0x0, 200000}, // release reset
    {0x0000, 0, 0xe, 0x0, 40000},  // bring cke high
    {0x0200, 2, 0x0, 0xf, 16},     // load mode register 2, cwl=5
    {0x0000, 3, 0x0, 0xf, 16},     // load mode register 3
    {0x0006, 1, 0x0, 0xf, 16},     // load mode register 1
    {0x0320, 0, 0x0, 0xf, 800},    // load mode register 0, cl=6, bl=8
    {0x0400, 0, 0x0, 0x3, 800},    // zq calibration
};

static const struct tern_memory_board tern_memory_boards[] = {
    {TERN_SYSTEM_BOARD_ULX3S, 0x4000000, 2, 1, 2, 2, 0, 0, 0, 0, 7, tern_memory_steps_ulx3s},
    {TERN_SYSTEM_BOARD_ECPIX5, 0x20000000, 2, 2, 8, 2, 0, 1, 8, 4, 7, tern_memory_steps_ecpix5},
};

#endif
