# SPDX-License-Identifier: Apache-2.0
"""firmware/memory/boards.h: how the memory of each board is started, from LiteDRAM's description of the chip."""
import boards
from controller import core

NUMBERS = {value["name"]: value["value"] for group in boards.read_spec()["constants"] for value in group["values"]}
# LiteDRAM counts turns of a waiting loop, of some cycles each. Software counts cycles.
CYCLES_A_TURN = 4
LEAST_CYCLES = 16
HEAD = """// SPDX-License-Identifier: Apache-2.0
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
"""


def bits(command, kind):
    """("DFII_CONTROL_CKE|...") -> its value by spec/tern.toml, or 0 if it is of the other kind."""
    words = command.split("|")
    return sum(NUMBERS[word.replace("DFII", "CONTROLLER")] for word in words) if words[0].startswith(f"DFII_{kind}") else 0


def steps(key, sequence):
    """The array of a board's steps."""
    values = [f"    {{{address:#06x}, {bank}, {bits(command, 'CONTROL'):#x}, {bits(command, 'COMMAND'):#x}, "
              f"{max(turns * CYCLES_A_TURN, LEAST_CYCLES)}}}," for _, address, bank, command, turns in sequence]
    width = max(map(len, values))
    lines = [f"{value:<{width}} // {step[0].lower()}" for value, step in zip(values, sequence)]
    return "\n".join([f"\nstatic const struct tern_memory_step tern_memory_steps_{key}[] = {{", *lines, "};"])


def row(key, board, settings, count):
    """The board's row of the table."""
    memory = board["memory"]
    levels = settings.read_leveling
    return (f"    {{TERN_SYSTEM_BOARD_{board['number']}, {memory['bytes']:#x}, {settings.nphases}, "
            f"{(settings.dfi_databits + 31) // 32}, {settings.dfi_databits // 8}, {settings.strobes}, "
            f"{settings.rdphase}, {settings.wrphase}, {settings.delays if levels else 0}, "
            f"{settings.bitslips if levels else 0}, {count}, tern_memory_steps_{key}}},")


def make(table):
    """The whole file."""
    starts = {key: core.start(board) for key, board in table.items()}
    parts = [HEAD]
    parts += [steps(key, sequence) + "\n" for key, (_, sequence) in starts.items()]
    rows = [row(key, table[key], settings, len(sequence)) for key, (settings, sequence) in starts.items()]
    parts += ["\nstatic const struct tern_memory_board tern_memory_boards[] = {\n", "\n".join(rows), "\n};\n",
              "\n#endif\n"]
    return "".join(parts)
