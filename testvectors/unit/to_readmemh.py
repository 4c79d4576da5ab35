#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes golden vectors as hexadecimal text that Verilog's $readmemh reads.

to_readmemh.py IN OUT [CASE ...]    IN: a file *.tuv; OUT: a folder, made new or added to

A case becomes a folder OUT/CASE with the files run.hex, before.hex and after.hex. OUT/cases.txt lists the folders.
Without CASE all cases of the file are written.
"""
import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import unit_files  # noqa: E402

RUN_WORDS = 128
LINE_BYTES = 16


def run_words(case):
    """The words of run.hex; README.md has their table."""
    halves = [case.base, len(case.before), *case.window]
    words = [case.unit]
    for value in halves:
        words += [value & 0xFFFFFFFF, value >> 32]
    words += [case.status, case.detail is not None, case.detail or 0, len(case.writes)]
    for offset, value in case.writes:
        words += [offset, value]
    return words + [0] * (RUN_WORDS - len(words))


def memory_text(data):
    lines = (data[at : at + LINE_BYTES].hex(" ") for at in range(0, len(data), LINE_BYTES))
    return "@0\n" + "\n".join(lines) + "\n"


def write_case(case, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.hex").write_text("@0\n" + "".join(f"{int(word):08x}\n" for word in run_words(case)))
    (folder / "before.hex").write_text(memory_text(case.before))
    (folder / "after.hex").write_text(memory_text(case.after))


def write_list(out):
    """A line `FOLDER` for each case that the folder has."""
    names = sorted(path.parent.name for path in out.glob("*/run.hex"))
    (out / "cases.txt").write_text("".join(f"{name}\n" for name in names))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="IN", type=pathlib.Path)
    parser.add_argument("out", metavar="OUT", type=pathlib.Path)
    parser.add_argument("cases", metavar="CASE", nargs="*")
    options = parser.parse_args()
    cases = {case.slug: case for case in unit_files.read(options.file)}
    unknown = sorted(set(options.cases) - set(cases))
    if unknown:
        sys.exit(f"{options.file}: no case {unknown[0]}; it has {', '.join(cases)}")
    chosen = options.cases or list(cases)
    for name in chosen:
        write_case(cases[name], options.out / name)
    write_list(options.out)
    print(f"{options.out}: {len(chosen)} cases of {options.file.name}")


if __name__ == "__main__":
    main()
