# SPDX-License-Identifier: Apache-2.0
"""A netlist for LFE5U-85F before placement: registers go into its multipliers, which then get places (tools/fmax).

Yosys 0.23 uses no register of a multiplier: 5,476 registers of the SoC fit into them.
nextpnr's placer puts multipliers and block RAMs of a nearly full device far from their users. So the SoC has a plan.
"""
import collections
import re

MULTIPLIER, BLOCK_RAM, REGISTER = "MULT18X18D", "DP16KD", "TRELLIS_FF"
# The device has 13 groups of columns, each with four multipliers or block RAMs in a row.
GROUPS = [4 + 9 * group + 2 * (group >= 7) for group in range(13)]
PLACES = {MULTIPLIER: [(0, "MULT18_0"), (1, "MULT18_1"), (4, "MULT18_4"), (5, "MULT18_5")],
          BLOCK_RAM: [(0, "EBR0"), (2, "EBR1"), (4, "EBR2"), (6, "EBR3")]}
QUERY, WAY = r"attention.*query_of\[{}\]", r"vector.*way_of\[{}\]"
SUMS, OPERANDS = r"query_of\[{}\].*sums", r"pair_of\[{}\].*operands"
# Row, first place in it, places from cell to cell, and patterns of names. Row 10 is at the edge of the device. Units
# stand from there on: attention, then vector left and matmul right, then core and memories.
PLAN = {
    MULTIPLIER: [
        (10, 0, 1, [QUERY.format(query) for query in range(6)]),
        (34, 0, 1, [QUERY.format(7), QUERY.format(6)]),
        (34, 16, 1, [r"matmul_lane"]),
        (34, 28, 1, [r"finish\.row_of\[[012]\]"]),
        (58, 0, 1, [WAY.format(way) for way in range(8)]),
        (58, 32, 1, [r"core\..*float"]),
        (58, 36, 1, [r"core\..*multiply"]),
        (58, 40, 1, [r"finish\.row_of\[[34]\]"]),
    ],
    BLOCK_RAM: [
        (22, 0, 1.12, [SUMS.format(0), SUMS.format(7), OPERANDS.format(0), SUMS.format(6), OPERANDS.format(6), SUMS.format(1),
                       r"attention\.shifts", SUMS.format(2), OPERANDS.format(2), SUMS.format(3), r"attention\.reads\.queue",
                       SUMS.format(4), OPERANDS.format(4), SUMS.format(5)]),
        (46, 0, 2, [WAY.format(way) for way in range(8)]),
        (46, 1, 2, [r"left_load", r"right_load", r"vector\.store\.queue", r"vector\.store\.shifts"]),
        (46, 32, 1, [r"matmul\.queue", r"code_buffer", r"activations\.shifts"]),
        (70, 8, 1, [r"program_memory"]),
        (70, 22, 1, [r"activations\..*halves"]),
        (82, 6, 1, [r"boot_memory", r"scratch_memory"]),
    ],
}


class Users:
    """Who drives a net and who takes it, and what a register's control is."""

    def __init__(self, cells):
        self.cells, self.driver, self.takers = cells, {}, collections.defaultdict(list)
        for name, cell in cells.items():
            for port, bits in cell["connections"].items():
                for bit in bits:
                    if cell["port_directions"][port] == "input":
                        self.takers[bit].append((name, port))
                    else:
                        self.driver[bit] = name

    def control(self, names):
        """Clock and enable that all of these registers have; None if they differ, or one can be reset."""
        controls = set()
        for name in names:
            pins, set_up = self.cells[name]["connections"], self.cells[name]["parameters"]
            reset = pins.get("LSR", ["0"])[0] != ("1" if set_up.get("LSRMUX") == "INV" else "0")
            controls.add(None if reset or set_up.get("CEMUX") == "INV" else (pins["CLK"][0], pins.get("CE", ["1"])[0]))
        return controls.pop() if len(controls) == 1 else None


def pins(cell, letter):
    """Nets at the pins LETTER0, LETTER1, ... that have one."""
    return {port: bits[0] for port, bits in cell["connections"].items()
            if re.fullmatch(rf"{letter}\d+", port) and isinstance(bits[0], int)}


def connect(cell, port, bit):
    cell["connections"][port] = [bit]
    cell["port_directions"][port] = "input"


def use_register(cell, which, control, enable):
    """Registers A, B or the product have a clock and an enable of their own."""
    cell["parameters"].update({f"REG_{which}_CLK": "CLK0", f"REG_{which}_CE": f"CE{enable}", f"REG_{which}_RST": "RST0"})
    connect(cell, "CLK0", control[0])
    connect(cell, f"CE{enable}", control[1])
    connect(cell, "RST0", "0")


def registered_product(users, cell):
    """The registers behind each pin of the product, and their control; None unless the product goes nowhere else."""
    takers = {port: users.takers[bit] for port, bit in pins(cell, "P").items() if users.takers[bit]}
    if any(len(taker) != 1 or users.cells[taker[0][0]]["type"] != REGISTER or taker[0][1] not in ("DI", "M")
           for taker in takers.values()):
        return None
    registers = {port: taker[0][0] for port, taker in takers.items()}
    control = users.control(registers.values())
    return control and (registers, control)


def registered_operands(users, cell):
    """For A and B: the registers of each pin and their control. None unless multipliers alone take them."""
    found = []
    for letter in "AB":
        registers = {port: users.driver.get(bit) for port, bit in pins(cell, letter).items()}
        if any(name not in users.cells or users.cells[name]["type"] != REGISTER for name in registers.values()):
            return None
        control = users.control(registers.values())
        if not control:
            return None
        found.append((registers, control))
    return found


def product_registers(users, multipliers):
    """Returns the registers that are in multipliers now."""
    packed = set()
    for cell in multipliers.values():
        found = registered_product(users, cell)
        if found:
            registers, control = found
            use_register(cell, "OUTPUT", control, 0)
            for port, name in registers.items():
                cell["connections"][port] = users.cells[name]["connections"]["Q"]
            packed.update(registers.values())
    return packed


def operand_registers(users, multipliers):
    """The same for operands: a register goes when all multipliers that take it have it inside."""
    able = {name: found for name, cell in multipliers.items() if (found := registered_operands(users, cell))}
    outside = True
    while outside:
        outside = [name for name, found in able.items() for registers, _ in found for register in registers.values()
                   if any(taker not in able for taker, _ in users.takers[users.cells[register]["connections"]["Q"][0]])]
        for name in set(outside):
            del able[name]
    for name, found in able.items():
        for enable, (which, (registers, control)) in enumerate(zip(("INPUTA", "INPUTB"), found), 1):
            use_register(multipliers[name], which, control, enable)
            for port, register in registers.items():
                data = users.cells[register]["connections"]
                connect(multipliers[name], port, data.get("DI", data.get("M"))[0])
    return {register for found in able.values() for registers, _ in found for register in registers.values()}


def pack(cells):
    """Moves registers into multipliers."""
    users = Users(cells)
    multipliers = {name: cell for name, cell in cells.items() if cell["type"] == MULTIPLIER}
    for name in product_registers(users, multipliers) | operand_registers(users, multipliers):
        del cells[name]


def in_order(name):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def place(cells):
    """Gives each cell of the plan its place. The rest is left to nextpnr."""
    for kind, rows in PLAN.items():
        left = sorted((name for name, cell in cells.items() if cell["type"] == kind), key=in_order)
        for row, place_in_row, step, patterns in rows:
            for name in [name for pattern in patterns for name in left if re.search(pattern, name)]:
                column, bel = PLACES[kind][int(place_in_row) % 4]
                cells[name]["attributes"]["BEL"] = f"X{GROUPS[int(place_in_row) // 4] + column}/Y{row}/{bel}"
                place_in_row += step
                left.remove(name)
