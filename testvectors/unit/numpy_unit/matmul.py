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


def run(case, memory):
    rows, columns, depth = case.register(0x038), case.register(0x03C), case.register(0x040)
    stored, used = depth & 15, depth >> 4 & 15
    m.require(1 <= rows <= 0x40000 and 1 <= columns <= 32768 and case.register(0x044) == 1, m.BAD_LENGTH)
    m.require(1 <= stored <= 4 and 1 <= used <= stored, m.BAD_DEPTH)
    image = m.check_image(memory, case.pair(0x028), columns, 4, (0, 1, 2, 3))
    steps = step_table(memory, case.pair(0x020))
    groups = m.stored_groups(columns)
    codes_bytes, plane = m.up(3 * groups, 64), 16 * groups
    for strip in range(-(-rows // 5)):
        at = case.pair(0x010) + strip * (codes_bytes + stored * plane)
        codes = memory.read(at, codes_bytes)
        planes = [memory.read(at + codes_bytes + j * plane, plane) for j in range(used)]
        words = memory.read(case.pair(0x018) + 4 * strip * (stored + 1), used + 1, "<u4")
        check_sums([codes, *planes], words, strip)
        result = strip_rows(codes, planes, groups, stored, image, steps)
        memory.write(case.pair(0x030) + 20 * strip, result[: rows - 5 * strip])
