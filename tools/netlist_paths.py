# SPDX-License-Identifier: Apache-2.0
"""A netlist of Yosys for ECP5 as the graph of tools/sdf_paths.py, with delays guessed before placement (tools/fmax).

Delays inside of cells are nextpnr's for speed 6. A wire's delay grows with the number of its sinks; that of the clock and
of the carry inside a chain is nothing. So the order of paths is about right, and the MHz are a guess.
"""
import collections
import math
import re

import sdf_paths
import synthesis

LUT, CARRY_IN, CARRY, CARRY_OUT, MULTIPLIER, BLOCK_RAM, REGISTER, SETUP = 240, 450, 70, 440, 3900, 5800, 520, 100
MULTIPLIER_SETUP, MULTIPLIER_OUT = 3490, 735  # with a register of the product inside
WIRE, WIRE_A_DOUBLING, WIRE_MOST = 550, 220, 2600
CLOCKS = {"CLK", "CLKA", "CLKB", "WCK", "CLK0", "CLK1", "CLK2", "CLK3"}


def lut(pins, pin):
    return [(source, LUT) for source in pins if source in "ABCD"]


def carry(pins, pin):
    """Operands reach the sums and the carry behind them."""
    operand = CARRY_IN if pin == "COUT" else LUT if pin == "S0" else CARRY_IN + CARRY
    ends = "0" if pin == "S0" else "01"
    return [(source, operand) for source in pins if source[:-1] in ("A", "B", "C", "D") and source[-1] in ends] + \
           [(source, CARRY if pin == "COUT" else CARRY_OUT) for source in pins if source == "CIN"]


def multiplier(pins, pin):
    return [(source, MULTIPLIER) for source in pins if re.fullmatch(r"[AB]\d+", source)]


def memory(pins, pin):
    return [(source, LUT) for source in pins if source.startswith("RAD")]


# Delays through a cell: from which pins to an output. Other kinds begin and end paths.
THROUGH = {"LUT4": lut, "CCU2C": carry, "MULT18X18D": multiplier, "TRELLIS_DPR16X4": memory}
BEGINS = {"TRELLIS_FF": REGISTER, "DP16KD": BLOCK_RAM}


def pins_of(cell, direction):
    """Net of each pin; PIN[3] of a port of several bits."""
    return {f"{port}{index}" if len(bits) > 1 else port: bit for port, bits in cell["connections"].items()
            for index, bit in enumerate(bits) if cell["port_directions"][port] == direction and bit not in ("0", "1", "x")}


def has_register(cell, which):
    return cell["parameters"].get(f"REG_{which}_CLK", "NONE") != "NONE"


def add_cell(graph, name, cell, inputs, outputs):
    """Its delays; inputs that go nowhere else have a setup time."""
    if has_register(cell, "OUTPUT"):
        setup = SETUP if has_register(cell, "INPUTA") else MULTIPLIER_SETUP
        graph.begins.update({f"{name}/{pin}": MULTIPLIER_OUT for pin in outputs})
        graph.setup.update({f"{name}/{pin}": setup if pin[0] in "AB" else SETUP for pin in inputs if pin not in CLOCKS})
        return
    through = THROUGH.get(cell["type"])
    passed = set()
    for pin in outputs:
        if not through:
            graph.begins[f"{name}/{pin}"] = BEGINS.get(cell["type"], REGISTER)
            continue
        for source, delay in through(inputs, pin):
            graph.edges[f"{name}/{source}"].append((f"{name}/{pin}", delay, False))
            passed.add(source)
    for pin in inputs:
        if pin not in passed and pin not in CLOCKS:
            graph.setup[f"{name}/{pin}"] = SETUP


def wire_delay(sinks):
    return min(WIRE + WIRE_A_DOUBLING * math.log2(sinks), WIRE_MOST)


def read(netlist):
    graph = sdf_paths.Graph()
    drivers, sinks = {}, collections.defaultdict(list)
    for name, cell in synthesis.load(netlist)["modules"]["tern_place"]["cells"].items():
        inputs, outputs = pins_of(cell, "input"), pins_of(cell, "output")
        add_cell(graph, name, cell, inputs, outputs)
        drivers.update({bit: f"{name}/{pin}" for pin, bit in outputs.items()})
        for pin, bit in inputs.items():
            sinks[bit].append(f"{name}/{pin}")
    for bit, driver in drivers.items():
        delay = wire_delay(max(1, len(sinks[bit])))
        for sink in sinks[bit]:
            graph.edges[driver].append((sink, 0 if sink.endswith("/CIN") else delay, True))
    return graph
