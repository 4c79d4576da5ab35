#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts one fault after the other into spec/tern.toml: tools/gen_spec must refuse each and name it."""
import importlib.machinery
import importlib.util
import pathlib
import sys
import tomllib

sys.dont_write_bytecode = True  # tools/ keeps no __pycache__
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LOADER = importlib.machinery.SourceFileLoader("gen_spec", str(ROOT / "tools" / "gen_spec"))
GEN_SPEC = importlib.util.module_from_spec(importlib.util.spec_from_loader("gen_spec", LOADER))
LOADER.exec_module(GEN_SPEC)

TEXT = (ROOT / "spec" / "tern.toml").read_text()
AFTER_2 = [command["opcode"] for command in tomllib.loads(TEXT)["commands"]][3:]

# Text of the specification, its replacement at the first place, words that gen_spec must print.
FAULTS = [
    ('name = "CODE_BYTES"', 'name = "BEAT_BYTES"', "constant BEAT_BYTES twice"),
    ('name = "SPEC_HASH", offset = 0x08', 'name = "SPEC_HASH", offset = 0x04', "SYSTEM: offset 0x4 twice"),
    ('name = "HARDWARE", offset = 0x0c', 'name = "HARDWARE", offset = 0x0e', "SYSTEM.HARDWARE is misaligned"),
    ('name = "TIME", offset = 0x20', 'name = "TIME", offset = 0x24', "SYSTEM: offset 0x28 twice"),
    ('name = "TIME", offset = 0x20', 'name = "WINDOW_BASE", offset = 0x20', "SYSTEM: register WINDOW_BASE_LO twice"),
    ('"STALLED", offset = 0x118', '"STALLED", offset = 0xffc', "MATMUL.STALLED is beyond its block"),
    ('"SYSTEM_BASE", value = 0x20000000', '"SYSTEM_BASE", value = 0x20010000', "SYSTEM overlaps DMA"),
    ('"SYSTEM_BASE", value = 0x20000000', '"SYSTEM_BASE", value = 0x20000100', "SYSTEM_BASE is no multiple of its size"),
    ('"SCRATCH_BASE", value = 0x10000000', '"SCRATCH_BASE", value = 0x4000', "SCRATCH_BASE is no multiple of its size"),
    ('"SCRATCH_BASE", value = 0x10000000', '"SCRATCH_BASE", value = 0', "SCRATCH overlaps BOOT"),
    ('"SCRATCH_BYTES", value = 0x00008000', '"SCRATCH_BYTES", value = 0xc000', "SCRATCH_BYTES is no power of two"),
    ('"BOOT_BYTES", value = 0x0000c000', '"BOOT_BYTES", value = 0xc400', "BOOT_BYTES is no multiple of 4096"),
    ('"BOOT_BYTES", value = 0x0000c000', '"BOOT_BYTES", value = 0x20000000', "SCRATCH overlaps BOOT"),
    ('offset = 0x40, access = "rw"', 'offset = 0x40, access = "w"', "SYSTEM.RING_ENTRIES: access w"),
    ("captured = true", "capture = true", "SYSTEM.WINDOW_BASE: unknown key capture"),
    ('name = "DEPTH", bits = "15:8"', 'name = "DEPTH", bits = "15:7"', "SYSTEM.HARDWARE.DEPTH overlaps another field"),
    ('name = "DEPTH", bits = "15:8"', 'name = "DEPTH", bits = "8:15"', "SYSTEM.HARDWARE.DEPTH: bits 8:15"),
    ('name = "DEPTH", bits = "15:8"', 'name = "DEPTH", bits = "32:31"', "SYSTEM.HARDWARE.DEPTH: bits 32:31"),
    ('name = "TRAPPED", bits = "1"', 'name = "RUNS", bits = "1"', "SYSTEM.STATUS: field RUNS twice"),
    ('name = "IDLE", value = 1', 'name = "IDLE", value = 2', "SYSTEM.FIRMWARE_STATE: value 2 twice"),
    ('name = "BAD_LENGTH", value = 2', 'name = "BAD_LENGTH", value = 1', "status 1 twice"),
    ('name = "BAD_LENGTH", value = 2', 'name = "BAD_OPCODE", value = 2', "status BAD_OPCODE twice"),
    ("opcode = 2\n", "opcode = 9\n", f"opcodes {[0, 1, 9, *AFTER_2]} do not rise from 0 without a hole"),
    ("opcode = 2\n", "opcode = 1\n", f"opcodes {[0, 1, 1, *AFTER_2]} do not rise from 0 without a hole"),
    ('name = "SWIGLU"', 'name = "ADD"', "command ADD twice"),
    ('name = "length", word = 2', 'name = "length", word = 1', "QUANTIZE.length overlaps another field"),
    ('name = "input", word = 4', 'name = "input", word = 5', "QUANTIZE.input is misaligned"),
    ('name = "output", word = 6', 'name = "output", word = 4', "QUANTIZE.output overlaps another field"),
    ('name = "output", word = 6', 'name = "output", word = 32', "QUANTIZE.output is beyond word 31"),
]


def said_of(text):
    try:
        GEN_SPEC.check(tomllib.loads(text))
    except GEN_SPEC.Refused as refused:
        return str(refused)
    return "accepted"


def main():
    cases = [(TEXT, "accepted")]
    for old, new, expected in FAULTS:
        assert old in TEXT, f"{old!r} is not in spec/tern.toml"
        cases.append((TEXT.replace(old, new, 1), expected))
    wrong = [(said_of(changed), expected) for changed, expected in cases if said_of(changed) != expected]
    for said, expected in wrong:
        print(f"expected '{expected}', got '{said}'")
    print(f"{len(FAULTS)} faults, {len(wrong)} not refused as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
