#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints CASES.md, the list of the golden vectors with their shapes and endings.

list_cases.py > CASES.md
"""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import unit_files  # noqa: E402

OPERATIONS = {1: "QUANTIZE", 3: "ADD", 4: "RMSNORM", 5: "ROPE", 6: "SWIGLU", 7: "COPY", 8: "STORE", 10: "SOFTMAX", 11: "SCALE"}
STATUS = ["OK", "BAD_OPCODE", "BAD_LENGTH", "BAD_ADDRESS", "BAD_DEPTH", "BAD_STEPS", "NON_FINITE", "CHECKSUM"]
STATUS += ["BUS_ERROR", "TIMEOUT", "BAD_ACTIVATION"]
COLUMNS = {
    "matmul.tuv": "rows x columns, depth used of stored",
    "matmul_runs.tuv": "rows x columns, depth used of stored, vectors",
    "vector.tuv": "operation, rows x parts x length, bytes above a multiple of 64: left, output",
    "attention.tuv": "kind, heads x vectors, head size, positions",
}


def shape(case, of_one):
    if case.unit == unit_files.MATMUL:
        depth = case.register(0x40)
        vectors = "" if of_one else f", {case.register(0x44)}"
        return f"{case.register(0x38)} x {case.register(0x3C)}, {depth >> 4} of {depth & 15}{vectors}"
    if case.unit == unit_files.VECTOR:
        operation, rows, parts, length = map(case.register, range(0x10, 0x20, 4))
        places = f"{case.register(0x20) % 64}, {case.register(0x38) % 64}"
        return f"{OPERATIONS.get(operation, operation)}, {rows} x {parts} x {length}, {places}"
    kind, heads, vectors, size, positions = map(case.register, range(0x40, 0x54, 4))
    return f"{['keys', 'values', 'none'][kind]}, {heads} x {vectors}, {size}, {positions}"


def ending(case):
    detail = "" if case.detail is None or case.status in (0, 2, 3) else f", 0x{case.detail:x}"
    return STATUS[case.status] + detail


def main():
    print("<!-- SPDX-License-Identifier: Apache-2.0 -->")
    print("# The cases of the golden vectors")
    print()
    print("Written by `list_cases.py`; do not edit. [README.md](README.md) says what they are.")
    for path in unit_files.FILES:
        print(f"\n## {path.name}\n\n| case | {COLUMNS[path.name]} | status, detail |\n|---|---|---|")
        for case in unit_files.read(path):
            print(f"| {case.name} | {shape(case, path.name == 'matmul.tuv')} | {ending(case)} |")


if __name__ == "__main__":
    main()
