#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes the golden vectors again, in NumPy and Python's integers, from the normative pages alone.

replay.py [FILE ...]    all files of this folder if none is named

Status, detail and every byte of memory must be those of the file. Exit 1 and the first difference if they are not.
"""
import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import unit_files  # noqa: E402

try:
    import numpy  # noqa: F401
except ImportError:
    sys.exit("replay.py: needs NumPy; tools/install puts it into build/venv: build/venv/bin/python testvectors/unit/replay.py")
from numpy_unit import attention, matmul, vector  # noqa: E402
from numpy_unit.memory import OK, Memory, Refused  # noqa: E402

RUNS = {unit_files.MATMUL: matmul.run, unit_files.VECTOR: vector.run, unit_files.ATTENTION: attention.run}


def difference(case):
    """What differs, in words; None if nothing does."""
    memory, status, detail = Memory(case), OK, 0
    try:
        RUNS[case.unit](case, memory)
    except Refused as refused:
        status, detail = refused.status, refused.detail
    if status != case.status:
        return f"status {status}, the file says {case.status}"
    if case.detail is not None and detail != case.detail:
        return f"detail 0x{detail:x}, the file says 0x{case.detail:x}"
    for at, (have, want) in enumerate(zip(memory.bytes, case.after)):
        if have != want:
            return f"byte 0x{case.base + at:x} is {have:02x}, the file says {want:02x}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", nargs="*", type=pathlib.Path)
    failures = 0
    for path in parser.parse_args().files or unit_files.FILES:
        cases = list(unit_files.read(path))
        for case in cases:
            what = difference(case)
            if what:
                failures += 1
                print(f"FAIL {path.name}, {case.name}: {what}")
        print(f"{path.name}: {len(cases)} cases")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
