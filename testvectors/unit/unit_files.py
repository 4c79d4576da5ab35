# SPDX-License-Identifier: Apache-2.0
"""Reads the golden vectors of testvectors/unit as runs: register writes, device memory before and after, status.

The headers unit_vectors.h and run_vectors.h have the layouts. A case of matmul.tuv has operands without addresses: they
are put into memory here.
"""
import dataclasses
import pathlib
import re
import struct
import sys

MATMUL, VECTOR, ATTENTION = 0x304D4D54, 0x30434556, 0x30544154  # the registers ID
MEMORY_BASE = 0x300000000  # of the matmul cases
FILL = 0x7F
HERE = pathlib.Path(__file__).resolve().parent
FILES = [HERE / f"{name}.tuv" for name in ("matmul", "matmul_runs", "vector", "attention")]


@dataclasses.dataclass
class Case:
    name: str
    unit: int
    status: int
    detail: int | None  # None: the register has no meaning
    base: int
    window: tuple  # first address, bytes
    writes: list  # (offset, value)
    before: bytes
    after: bytes

    @property
    def slug(self):
        """Names the case in paths: `one_row_depth_1`."""
        return re.sub(r"[^a-z0-9]+", "_", re.sub(r"-(?=[0-9i])", "minus ", self.name.lower())).strip("_")

    def register(self, offset):
        return dict(self.writes).get(offset, 0)

    def pair(self, offset):
        return self.register(offset) | self.register(offset + 4) << 32


def pad(count):
    return (count + 63) // 64 * 64


def text(field):
    return field.split(b"\0")[0].decode()


class Memory:
    """Device memory of a matmul case while it is made. Operands have a gap of 64 bytes between them."""

    def __init__(self):
        self.bytes = bytearray([FILL] * 64)

    def put(self, data):
        at = len(self.bytes)
        self.bytes += data + bytes([FILL]) * (pad(len(data)) - len(data) + 64)
        return MEMORY_BASE + at


def matmul_arrays(rows, groups, stored):
    """Bytes of the five arrays of a case."""
    strips = (rows + 4) // 5
    weights = strips * (pad(3 * groups) + 16 * groups * stored)
    return [weights, 4 * strips * (stored + 1), 64 + 32 * groups + pad(groups), 4 * 27, 4 * rows]


def matmul_case(data):
    name, rows, groups, stored, used, status, detail, written, _ = struct.unpack_from("<24s8I", data)
    memory, places, at = Memory(), [], 64
    sizes = matmul_arrays(rows, groups, stored)
    for size in sizes[:4]:
        places.append(memory.put(data[at : at + size]))
        at += pad(size)
    places.append(memory.put(bytes([FILL]) * sizes[4]))
    before, output = bytes(memory.bytes), places[4] - MEMORY_BASE
    after = before[:output] + data[at : at + 4 * written] + before[output + 4 * written :]
    weights, crc, activation, steps, _ = places
    writes = [(0x038, rows), (0x03C, 16 * groups), (0x040, stored | used << 4), (0x044, 1)]
    for offset, address in ((0x010, weights), (0x018, crc), (0x020, steps), (0x028, activation), (0x030, places[4])):
        writes += [(offset, address & 0xFFFFFFFF), (offset + 4, address >> 32)]
    return Case(text(name), MATMUL, status, detail, MEMORY_BASE, (MEMORY_BASE, len(before)), writes, before, after)


def run_case(data):
    name, unit, status, has_detail, detail, count, _ = struct.unpack_from("<32s6I", data)
    base, size, window, window_bytes, changed_at, changed = struct.unpack_from("<6Q", data, 56)
    words = struct.unpack_from(f"<{2 * count}I", data, 128)
    at = 128 + pad(8 * count)
    before = data[at : at + size]
    at += pad(size)
    place = changed_at - base if changed else 0
    after = before[:place] + data[at : at + changed] + before[place + changed :]
    return Case(text(name), unit, status, detail if has_detail else None, base, (window, window_bytes),
                list(zip(words[::2], words[1::2])), before, after)


FORMATS = {b"TERNUNIT": (2, matmul_case), b"TERNRUNS": (1, run_case)}  # version
HEADER_BYTES = 64
LENGTH_AT = 52  # in both records


def read(path):
    """Yields the cases of a file."""
    try:
        data = pathlib.Path(path).read_bytes()
    except OSError as error:
        sys.exit(f"{path} cannot be read: {error.strerror}")
    if data[:8] not in FORMATS or len(data) < HEADER_BYTES:
        sys.exit(f"{path}: no file of golden vectors: it does not begin with TERNUNIT or TERNRUNS")
    wanted, make = FORMATS[data[:8]]
    version, cases, size = struct.unpack_from("<3I", data, 8)
    if version != wanted or size != len(data):
        sys.exit(f"{path}: version {version}, {len(data)} bytes; this reader takes version {wanted}, the header says {size}")
    at = HEADER_BYTES
    for _ in range(cases):
        (length,) = struct.unpack_from("<I", data, at + LENGTH_AT)
        yield make(data[at : at + length])
        at += length
