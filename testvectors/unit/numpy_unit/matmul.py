# SPDX-License-Identifier: Apache-2.0
"""The trit matmul in integers, by docs/numerics.md, section 4, and docs/packed-format.md."""
import numpy as np

from . import memory as m
from .floats import crc32c

DIGITS = np.zeros((256, 5), np.int64)  # of each byte: five base-3 digits
for T in range(256):
    if T >> 2 & 7 == 7:
        C, v4, v3 = T >> 5 << 2 | T & 3, 2, 2
    else:
        C = T & 31
        v4, v3 = (2, T >> 7) if T >> 5 & 3 == 3 else (T >> 7, T >> 5 & 3)
    if C & 3 == 3:
        v2, v1, v0 = 2, C >> 4, (C >> 3 & 1) << 1 | (C >> 2 & 1) & ~(C >> 3)
    elif C >> 2 & 3 == 3:
        v2, v1, v0 = 2, 2, C & 3
    else:
        v2, v1, v0 = C >> 4, C >> 2 & 3, (C >> 1 & 1) << 1 | (C & 1) & ~(C >> 1)
    DIGITS[T] = v0, v1, v2, v3, v4
TRITS = np.array([0, 1, -1])


def step_table(memory, address):
    """Mantissas, shifts and base exponent of the 27 steps."""
    bits = memory.read(address, 27, "<u4").astype(np.int64)
    fields, exponents = bits & 0x7FFFFF, bits >> 23
    for entry in range(27):
        m.require(exponents[entry] < 255, m.BAD_STEPS, entry)  # negative, infinite or NaN
    mantissas = np.where(exponents > 0, fields | 0x800000, fields)
    exponents = np.maximum(exponents, 1)
    least = int(exponents[mantissas > 0].min()) if mantissas.any() else 150
    shifts = np.where(mantissas > 0, exponents - least, 0)
    for entry in range(27):
        m.require(shifts[entry] <= 32, m.BAD_STEPS, entry)
    return mantissas, shifts, least - 150


def check_sums(segments, words, strip):
    for segment, word in zip(segments, words):
        m.require(crc32c(segment.tobytes()) == word, m.CHECKSUM, strip)


def strip_rows(codes, planes, groups, stored, image, steps):
    """Float32 bits of the five rows of a strip."""
    base, x, shifts = image
    mantissas, step_shifts, step_base = steps
    levels = sum(3 ** (stored - 1 - j) * TRITS[DIGITS[plane]] for j, plane in enumerate(planes))  # [columns][5]
    code = DIGITS[codes[: 3 * groups]].reshape(groups, 3, 5)
    code = 9 * code[:, 0] + 3 * code[:, 1] + code[:, 2]
    sums = (levels.reshape(groups, 16, 5) * x.astype(np.int64)[:, :, None]).sum(axis=1)  # [groups][5]
    rows = []
    for row in range(5):
        total = sum((int(sums[g, row]) << int(shifts[g])) * (int(mantissas[c]) << int(step_shifts[c]))
                    for g, c in enumerate(code[:, row]))
        rows.append(m.round_exact(total, base + step_base))
    return np.array(rows, "<u4")


class Run:
    """The registers of a run."""

    def __init__(self, case):
        self.weights, self.crc, self.steps = case.pair(0x010), case.pair(0x018), case.pair(0x020)
        self.images, self.output = case.pair(0x028), case.pair(0x030)
        self.rows, self.columns, self.vectors = case.register(0x038), case.register(0x03C), case.register(0x044)
        self.stored, self.used = case.register(0x040) & 15, case.register(0x040) >> 4 & 15
        self.image_stride, self.output_stride = case.pair(0x048), case.pair(0x050)
        self.groups = m.stored_groups(self.columns)
        self.codes_bytes, self.plane_bytes = m.up(3 * self.groups, 64), 16 * self.groups
        self.strip_bytes = self.codes_bytes + self.stored * self.plane_bytes
        self.strips = -(-self.rows // 5)

    def buffers(self):
        """First address and bytes of everything that the run touches."""
        yield self.weights, self.strips * self.strip_bytes
        yield self.crc, 4 * self.strips * (self.stored + 1)
        yield self.steps, 4 * 27
        for vector in range(self.vectors):
            yield self.images + vector * self.image_stride, m.image_bytes(self.columns)
            yield self.output + vector * self.output_stride, 4 * self.rows

    def check(self, window):
        first, size = window
        counts = [(self.rows, 0x40000), (self.columns, 32768), (self.vectors, 32)]
        m.require(all(1 <= count <= most for count, most in counts), m.BAD_LENGTH)
        m.require(1 <= self.stored <= 4 and 1 <= self.used <= self.stored, m.BAD_DEPTH)
        for address, count in self.buffers():
            m.require(address % 64 == 0 and first <= address and address + count <= first + size, m.BAD_ADDRESS)


def read_images(run, memory):
    images = []
    for vector in range(run.vectors):
        try:
            images.append(m.check_image(memory, run.images + vector * run.image_stride, run.columns, 4, (0, 1, 2, 3)))
        except m.Refused as refused:
            raise m.Refused(refused.status, refused.detail | vector << 8) from None
    return images


def run(case, memory):
    of_case = Run(case)
    of_case.check(case.window)
    images = read_images(of_case, memory)
    steps = step_table(memory, of_case.steps)
    for strip in range(of_case.strips):
        at = of_case.weights + strip * of_case.strip_bytes
        codes = memory.read(at, of_case.codes_bytes)
        planes = [memory.read(at + of_case.codes_bytes + j * of_case.plane_bytes, of_case.plane_bytes)
                  for j in range(of_case.used)]
        words = memory.read(of_case.crc + 4 * strip * (of_case.stored + 1), of_case.used + 1, "<u4")
        check_sums([codes, *planes], words, strip)
        for vector, image in enumerate(images):
            result = strip_rows(codes, planes, of_case.groups, of_case.stored, image, steps)
            memory.write(of_case.output + vector * of_case.output_stride + 20 * strip, result[: of_case.rows - 5 * strip])
