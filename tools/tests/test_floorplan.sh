#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/floorplan.py on a netlist made by hand: registers go into a multiplier only when nothing else takes them. And no
# two cells of the SoC's plan have one place.
set -euo pipefail
cd "$TERN_SOURCE_DIR/tools"
python3 - <<'END'
import floorplan


def register(data, out, enable="1"):
    return {"type": "TRELLIS_FF", "parameters": {}, "attributes": {}, "connections": {"CLK": [1], "CE": [enable], "DI": [data], "Q": [out]},
            "port_directions": {"CLK": "input", "CE": "input", "DI": "input", "Q": "output"}}


def multiplier(a, b, product):
    return {"type": "MULT18X18D", "parameters": {}, "attributes": {}, "connections": {"A0": [a], "B0": [b], "P0": [product]},
            "port_directions": {"A0": "input", "B0": "input", "P0": "output"}}


def lut(data, out):
    return {"type": "LUT4", "parameters": {}, "attributes": {}, "connections": {"A": [data], "Z": [out]},
            "port_directions": {"A": "input", "Z": "output"}}


cells = {"a": register(2, 3), "b": register(4, 5, 6), "it": multiplier(3, 5, 7), "product": register(7, 8), "user": lut(8, 9),
         "shared": register(10, 11), "c": register(12, 13), "other": multiplier(11, 13, 14), "taker": lut(11, 15), "direct": lut(14, 16)}
floorplan.pack(cells)
assert sorted(cells) == ["c", "direct", "it", "other", "shared", "taker", "user"], sorted(cells)
pins = {port: bits[0] for port, bits in cells["it"]["connections"].items()}
assert pins == {"A0": 2, "B0": 4, "P0": 8, "CLK0": 1, "RST0": "0", "CE0": "1", "CE1": "1", "CE2": 6}, pins
assert not cells["other"]["parameters"]

names = {"MULT18X18D": [f"vector.way_of[{way}].{i}" for way in range(8) for i in range(4)] +
                       [f"attention.query_of[{query}].{i}" for query in range(8) for i in range(8)]}
cells = {name: multiplier(1, 2, 3) for name in names["MULT18X18D"]}
floorplan.place(cells)
places = [cell["attributes"]["BEL"] for cell in cells.values()]
assert len(set(places)) == len(places) == 96, places
END
