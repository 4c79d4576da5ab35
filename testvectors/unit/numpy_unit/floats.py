# SPDX-License-Identifier: Apache-2.0
"""Float32 sequences of docs/numerics.md: those of cmodel/tests/f32_math_bits.py, and sum16."""
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "cmodel" / "tests"))
from f32_math_bits import crc32c, exp, reciprocal, reciprocal_sqrt, silu  # noqa: E402, F401

F = np.float32


def sum16(x):
    """The sum in 16 parts (numerics-vector.md, section 1)."""
    partial = np.zeros(16, F)
    for at in range(0, len(x), 16):
        part = x[at : at + 16]
        partial[: len(part)] += part
    for width in (8, 4, 2, 1):
        partial = partial[:width] + partial[width : 2 * width]
    return partial[0]


def one(function, value):
    """A function of arrays, of one float."""
    return function(np.array([value], F))[0].astype(F)


def canonical(x):
    return np.where(np.isnan(x), np.array(0x7FC00000, "<u4").view(F), x).astype("<f4")
