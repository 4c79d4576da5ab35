# SPDX-License-Identifier: Apache-2.0
"""Device memory of a run, and what all units need: images, block floating point and the rounding of exact sums."""
import numpy as np

GROUP = 16
MAGIC = 0x31504642
OK, BAD_OPCODE, BAD_LENGTH, BAD_ADDRESS, BAD_DEPTH, BAD_STEPS, NON_FINITE, CHECKSUM = range(8)
BAD_ACTIVATION = 10
LEAST_BASE, LARGEST_BASE, MAX_SHIFT = -178, 99, 15


class Refused(Exception):
    """A run that ends with this status, and with the error's detail."""

    def __init__(self, status, detail=0):
        super().__init__(status)
        self.status, self.detail = status, detail


class Memory:
    def __init__(self, case):
        self.bytes, self.base, self.window = bytearray(case.before), case.base, case.window

    def _place(self, address, count):
        first, size = self.window
        if address < first or address + count > first + size:
            raise Refused(BAD_ADDRESS)
        return address - self.base

    def read(self, address, count, dtype=np.uint8):
        at = self._place(address, count * np.dtype(dtype).itemsize)
        return np.frombuffer(bytes(self.bytes), dtype, count, at)

    def write(self, address, array):
        data = np.ascontiguousarray(array).tobytes()
        at = self._place(address, len(data))
        self.bytes[at : at + len(data)] = data


def require(good, status, detail=0):
    if not good:
        raise Refused(status, detail)


def up(count, multiple):
    return -(-count // multiple) * multiple


def stored_groups(columns):
    return up(-(-columns // GROUP), 4)


def image_bytes(columns):
    return 64 + 32 * stored_groups(columns) + up(stored_groups(columns), 64)


def group_exponents(groups):
    """Of each row of 16 finite doubles: the smallest e for which its largest magnitude / 2^e rounds to 32767 at most."""
    largest = np.abs(groups).max(axis=1)
    exponents = np.frexp(largest)[1] - 1 - 14
    exponents += np.rint(np.ldexp(largest, -exponents)) > 32767
    return exponents, largest > 0


def in_groups(x, groups):
    """float32 elements as doubles [groups][16], with zeros after the last one."""
    padded = np.zeros(GROUP * groups)
    padded[: len(x)] = x
    return padded.reshape(groups, GROUP)


def image(x, base=None):
    """The activation image of finite float32 elements. base: its base exponent; None: by the elements."""
    groups = in_groups(x, stored_groups(len(x)))
    exponents, has_any = group_exponents(groups)
    if base is None:
        base = int(exponents[has_any].max()) - 15 if has_any.any() else 0
    shifts = np.where(has_any, np.maximum(exponents - base, 0), 0)
    mantissas = np.rint(np.ldexp(groups, -(base + shifts)[:, None])).astype("<i2")
    header = np.array([base, len(groups), len(x), MAGIC] + [0] * 12, "<i8").astype("<i4")
    padding = bytes(up(len(groups), 64) - len(groups))
    return np.frombuffer(header.tobytes() + mantissas.tobytes() + shifts.astype(np.uint8).tobytes() + padding, np.uint8)


def check_image(memory, address, columns, shift_word, order):
    """Returns base exponent, mantissas [groups][16] and shifts. The words of the header are checked in this order."""
    groups = stored_groups(columns)
    header = memory.read(address, 4, "<i4")
    right = [LEAST_BASE <= header[0] <= LARGEST_BASE, header[1] == groups, header[2] == columns, header[3] == MAGIC]
    for word in order:
        require(right[word], BAD_ACTIVATION, word)
    mantissas = memory.read(address + 64, GROUP * groups, "<i2").reshape(groups, GROUP)
    shifts = memory.read(address + 64 + 32 * groups, groups)
    require((shifts <= MAX_SHIFT).all(), BAD_ACTIVATION, shift_word)
    return int(header[0]), mantissas, shifts


def round_exact(total, exponent):
    """The float32 bits of the integer total x 2^exponent, rounded once to nearest even (numerics.md, section 4)."""
    sign, magnitude = (0x80000000 if total < 0 else 0), abs(total)
    if magnitude == 0:
        return 0
    drop = max(magnitude.bit_length() - 24, -149 - exponent)
    if drop <= 0:
        significand = magnitude << -drop
    else:
        significand, rest = magnitude >> drop, magnitude & ((1 << drop) - 1)
        half = 1 << (drop - 1)
        significand += rest > half or (rest == half and significand & 1)
    field = drop + exponent + 149
    bits = (field << 23) + significand
    return sign | min(bits, 0x7F800000)
