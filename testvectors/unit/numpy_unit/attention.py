# SPDX-License-Identifier: Apache-2.0
"""DOT of the attention unit in integers, by docs/numerics-vector.md, sections 3 and 4."""
import numpy as np

from . import memory as m

AT_SHIFT, AT_EXPONENT, MAX_EXPONENT = 4, 5, 31
KEYS, VALUES = 0, 1
HEADER_ORDER = (3, 1, 2, 0)  # in which the words of an image are checked


class Run:
    """The registers of a run."""

    def __init__(self, case):
        self.images, self.cache, self.output = case.pair(0x10), case.pair(0x18), case.pair(0x20)
        self.image_stride, self.head_stride, self.output_stride = case.pair(0x28), case.pair(0x30), case.pair(0x38)
        self.kind, self.heads, self.vectors, self.size, self.positions = map(case.register, range(0x40, 0x54, 4))

    def check(self):
        counts = [(self.heads, 256), (self.vectors, 8), (self.size, 256), (self.positions, 32768)]
        m.require(self.kind <= VALUES and all(1 <= count <= most for count, most in counts), m.BAD_LENGTH)
        places = self.images | self.cache | self.output | self.image_stride | self.head_stride | self.output_stride
        m.require(places % 64 == 0, m.BAD_ADDRESS)


def dots(images, mantissas, exponents):
    """Float32 bits [vectors] of one sum: groups of mantissas with an exponent byte each."""
    results = []
    for base, x, shifts in images:
        parts = (x[: len(mantissas)].astype(np.int64) * mantissas).sum(axis=1)
        total = sum(int(part) << int(shift) + int(s) for part, shift, s in zip(parts, shifts, exponents))
        results.append(m.round_exact(total, base - 30))
    return results


def read_images(run, memory, head):
    images = []
    for vector in range(run.vectors):
        at = run.images + (head * run.vectors + vector) * run.image_stride
        try:
            columns = run.size if run.kind == KEYS else run.positions
            images.append(m.check_image(memory, at, columns, AT_SHIFT, HEADER_ORDER))
        except m.Refused as refused:
            raise m.Refused(refused.status, refused.detail | head << 8 | vector << 16) from None
    return images


def read_record(run, memory, head, record, used):
    """Exponent bytes [used] and mantissas [used][16] of a record's first groups."""
    groups = run.size if run.kind == VALUES else 16 * -(-run.size // 16)
    offset = m.up(groups, 64)
    at = run.cache + head * run.head_stride + record * (offset + m.up(32 * groups, 64))
    exponents = memory.read(at, used)
    m.require((exponents <= MAX_EXPONENT).all(), m.BAD_ACTIVATION, AT_EXPONENT | head << 8 | record << 16)
    return exponents, memory.read(at + offset, 16 * used, "<i2").reshape(used, 16).astype(np.int64)


def put(run, memory, head, vector, index, bits):
    at = run.output + (head * run.vectors + vector) * run.output_stride + 4 * index
    memory.write(at, np.array([bits], "<u4"))


def run_keys(run, memory, head, images):
    parts = -(-run.size // 16)
    for record in range(-(-run.positions // 16)):
        positions = min(16, run.positions - 16 * record)
        exponents, mantissas = read_record(run, memory, head, record, positions * parts)
        for position in range(positions):
            groups = slice(position * parts, (position + 1) * parts)
            for vector, bits in enumerate(dots(images, mantissas[groups], exponents[groups])):
                put(run, memory, head, vector, 16 * record + position, bits)


def run_values(run, memory, head, images):
    records = [read_record(run, memory, head, record, run.size) for record in range(-(-run.positions // 16))]
    exponents, mantissas = (np.stack(part) for part in zip(*records))  # [records][size], [records][size][16]
    for element in range(run.size):
        for vector, bits in enumerate(dots(images, mantissas[:, element], exponents[:, element])):
            put(run, memory, head, vector, element, bits)


def run(case, memory):
    of_case = Run(case)
    of_case.check()
    for head in range(of_case.heads):
        images = read_images(of_case, memory, head)
        (run_keys if of_case.kind == KEYS else run_values)(of_case, memory, head, images)
