#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes exp, 1/x, 1/sqrt x and silu by docs/numerics.md, section 5, in NumPy, one operation at a time.

Prints the CRC-32C of their results over every 40503rd float. test_f32_math.c compares them with the C sources.
"""
import numpy as np

F = np.float32
np.seterr(all="ignore")
bits = lambda x: x.view(np.uint32)
floats = lambda b: b.astype(np.uint32).view(F)
c = lambda text: F(float.fromhex(text))
power = lambda n: floats((n + 127) << 23)


def scale(p, n):
    half = n >> 1
    return p * power(half) * power(n - half)


def split(x):
    small = bits(x) < 0x00800000
    x = np.where(small, x * F(2**24), x)
    return floats(bits(x) & 0x7FFFFF | 0x3F800000), (bits(x) >> 23).astype(np.int64) - 127 - np.where(small, 24, 0)


def exp(x):
    inside = np.where((x >= -104) & (x <= F(88.72284)), x, F(0))
    n = np.rint(inside * c("0x1.715476p+0")).astype(np.int64)
    w = n.astype(F)
    r = (inside - w * c("0x1.62e4p-1")) - w * c("0x1.7f7d1cp-20")
    p = np.full_like(x, c("0x1.6d110ep-10"))
    for term in ("0x1.120b72p-7", "0x1.55551ap-5", "0x1.5554dcp-3", "0.5"):
        p = p * r + (c(term) if term != "0.5" else F(0.5))
    result = scale(F(1) + (r + p * (r * r)), n)
    return np.where(np.isnan(x), F(np.nan), np.where(x < -104, F(0), np.where(x > F(88.72284), F(np.inf), result)))


def reciprocal(x):
    magnitude = np.abs(x)
    ordinary = np.isfinite(x) & (x != 0)
    m, n = split(np.where(ordinary, magnitude, F(1)))
    y = floats(0x7EF311C7 - bits(m))
    for _ in range(3):
        y = y + y * (F(1) - m * y)
    result = np.where(ordinary, scale(y, -n), np.where(x == 0, F(np.inf), F(0)))
    return np.where(np.isnan(x), F(np.nan), np.copysign(result, x))


def reciprocal_sqrt(x):
    ordinary = np.isfinite(x) & (x > 0)
    m, n = split(np.where(ordinary, x, F(1)))
    m, n = np.where(n & 1, m + m, m), n - (n & 1)
    y, h = floats(0x5F375A86 - (bits(m) >> 1)), m * F(0.5)
    for _ in range(3):
        y = y + y * (F(0.5) - (h * y) * y)
    result = np.where(x == 0, F(np.inf), np.where(x == np.inf, F(0), y * power(-(n // 2))))
    return np.where(np.isnan(x) | (x < 0), F(np.nan), result)


def silu(x):
    t = exp(-np.abs(x))
    u = reciprocal(F(1) + t)
    return np.where(x < -104, F(-0.0), x * np.where(x < 0, t * u, u))


def crc32c(data):
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


if __name__ == "__main__":
    arguments = floats(np.arange(0, 2**32, 40503))
    for function in (exp, reciprocal, reciprocal_sqrt, silu):
        result = function(arguments)
        result = np.where(np.isnan(result), floats(np.array([0x7FC00000])), result).astype(F)
        print(f"{function.__name__:<16} 0x{crc32c(result.tobytes()):08x}")
