#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a list of AXI4 handshakes of one case against the rules that every unit keeps (README.md, "The bus").

check_bus.py CASE [BUS]    CASE: a folder that to_readmemh.py has written; BUS: the list, CASE/bus.txt if not named

Exit 1 and a line for the first breach. The order of bursts is free, and so is their length.
"""
import argparse
import collections
import pathlib
import re
import sys

PAGE, MOST_BEATS = 4096, 64


class Breach(Exception):
    pass


def text(path):
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"check_bus.py: {path} cannot be read: {getattr(error, 'strerror', 'it is no text')}")


def words(path):
    """The values of a $readmemh file without addresses but 0."""
    return [int(word, 16) for word in text(path).split() if not word.startswith("@")]


class Case:
    def __init__(self, folder):
        run = words(folder / "run.hex")
        self.base, _, self.window, self.window_bytes = (run[at] | run[at + 1] << 32 for at in (1, 3, 5, 7))
        self.memory, self.after = (bytearray(words(folder / f"{name}.hex")) for name in ("before", "after"))


class Bus:
    """The bursts that are under way."""

    def __init__(self, case):
        self.case = case
        self.reads = collections.defaultdict(collections.deque)  # by ID: [address, beats left]
        self.writes, self.ended = collections.deque(), collections.Counter()

    def require(self, good, what):
        if not good:
            raise Breach(what)

    def burst(self, address, beats, width):
        end = address + beats * width
        self.require(1 <= beats <= MOST_BEATS, f"a burst of {beats} beats")
        self.require(address % width == 0, f"a burst at 0x{address:x}, which is no multiple of {width}")
        self.require(address // PAGE == (end - 1) // PAGE, f"the burst at 0x{address:x} crosses 4 KiB")
        inside = self.case.window <= address and end <= self.case.window + self.case.window_bytes
        self.require(inside, f"the burst at 0x{address:x} leaves the window")

    def read_beat(self, name, data, last):
        self.require(self.reads[name], f"a read beat of ID {name} without an address")
        burst = self.reads[name][0]
        at = burst[0] - self.case.base
        held = self.case.memory[at : at + len(data)]
        self.require(held == data, f"0x{burst[0]:x} is read as {data.hex()}, memory has {held.hex()}")
        burst[0] += len(data)
        burst[1] -= 1
        self.require(last == (burst[1] == 0), f"LAST of the read before 0x{burst[0]:x}")
        if last:
            self.reads[name].popleft()

    def write_beat(self, data, strobes, last):
        self.require(self.writes, "a write beat without an address")
        burst = self.writes[0]
        for lane, byte in enumerate(data):
            if strobes >> lane & 1:
                self.case.memory[burst[1] - self.case.base + lane] = byte
        burst[1] += len(data)
        burst[2] -= 1
        self.require(last == (burst[2] == 0), f"LAST of the write before 0x{burst[1]:x}")
        if last:
            self.ended[burst[0]] += 1
            self.writes.popleft()

    def answer(self, name):
        self.require(self.ended[name], f"an answer of ID {name} without a write that has ended")
        self.ended[name] -= 1

    def end(self):
        self.require(not any(self.reads.values()), "a read has no end")
        self.require(not self.writes and not any(self.ended.values()), "a write has no end")
        for at, (have, want) in enumerate(zip(self.case.memory, self.case.after)):
            self.require(have == want, f"byte 0x{self.case.base + at:x} is {have:02x} in the end, after.hex has {want:02x}")


LINE = re.compile(r"(A[RW]) \w+ [0-9a-f]+ \d+|R \w+ ([0-9a-f]{2})+ [0-3] [01]|W ([0-9a-f]{2})+ [0-9a-f]+ [01]|B \w+ [0-3]")


def beat(data):
    return bytearray(bytes.fromhex(data)[::-1])


def handshake(bus, fields, width):
    kind, answer = fields[0], {"R": -2, "B": -1}.get(fields[0])
    bus.require(answer is None or fields[answer] == "0", "memory answers with an error")
    if kind in ("AR", "AW"):
        address, beats = int(fields[2], 16), int(fields[3])
        bus.burst(address, beats, width)
        if kind == "AR":
            bus.reads[fields[1]].append([address, beats])
        else:
            bus.writes.append([fields[1], address, beats])
    elif kind == "R":
        bus.read_beat(fields[1], beat(fields[2]), fields[4] == "1")
    elif kind == "W":
        bus.write_beat(beat(fields[1]), int(fields[2], 16), fields[3] == "1")
    else:
        bus.answer(fields[1])


def handshakes(path):
    """The fields of each line."""
    lines = [line.split() for line in text(path).splitlines()]
    for number, fields in enumerate(lines, 1):
        if not LINE.fullmatch(" ".join(fields)):
            raise Breach(f"line {number}: no handshake, or unknown bits: {' '.join(fields)[:60]}")
    return lines


def check(path, case):
    """Checks the list and returns the number of its read and write beats."""
    lines = handshakes(path)
    beats = [fields for fields in lines if fields[0] in ("R", "W")]
    width = len(beats[0][2 if beats[0][0] == "R" else 1]) // 2 if beats else 16
    bus = Bus(case)
    for number, fields in enumerate(lines, 1):
        try:
            handshake(bus, fields, width)
        except Breach as breach:
            raise Breach(f"line {number}: {breach}") from None
    bus.end()
    return len(beats)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", metavar="CASE", type=pathlib.Path)
    parser.add_argument("bus", metavar="BUS", type=pathlib.Path, nargs="?")
    options = parser.parse_args()
    path = options.bus or options.case / "bus.txt"
    try:
        print(f"{path}: {check(path, Case(options.case))} beats, every rule is kept")
    except Breach as breach:
        sys.exit(f"{path}: {breach}")


if __name__ == "__main__":
    main()
