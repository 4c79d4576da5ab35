# SPDX-License-Identifier: Apache-2.0
"""Dequantized checkpoints with other grids, ties, orders and widths of arithmetic than those of tern."""
import numpy as np

import checkpoint_maker as maker

GROUP = 16


def to_bf16(values):
    bits = np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7fff + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def cast(values, dtype):
    """The bits of a file of this type."""
    if dtype == "BF16":
        return to_bf16(values)
    return np.asarray(values).astype(np.float16).view(np.uint16) if dtype == "F16" else \
        np.asarray(values).astype(np.float32).view(np.uint32)


def widen(bits, dtype):
    if dtype == "BF16":
        return (bits.astype(np.uint32) << 16).view(np.float32)
    return bits.view(np.float16).astype(np.float32) if dtype == "F16" else bits.view(np.float32)


# Ways to make a number from a scale (the magnitude of the highest level) and a level, before the cast.
ARITHMETIC = {
    "float16 step and product": lambda scale, level, top: np.float16(scale / top) * level.astype(np.float16),
    "float32 step": lambda scale, level, top: np.float32(scale / top) * level.astype(np.float32),
    "double throughout": lambda scale, level, top: scale / top * level,
    "normalized levels": lambda scale, level, top: np.float32(scale) * (level.astype(np.float32) / np.float32(top)),
    "scale by level, then divided": lambda scale, level, top: np.float32(scale) * level.astype(np.float32) / np.float32(top),
    "bfloat16 step": lambda scale, level, top: (to_bf16(scale / top).astype(np.uint32) << 16).view(np.float32) * level,
}

# 27 scales of a matrix from the largest magnitudes of its groups.
GRIDS = {
    "from the smallest group": lambda m: np.geomspace(m[m > 0].min(), m.max(), 27),
    "from a thousandth": lambda m: np.geomspace(m.max() / 1000, m.max(), 27),
    "from the 5th percentile": lambda m: np.geomspace(np.quantile(m[m > 0], 0.05), m.max(), 27),
    "evenly spaced": lambda m: np.linspace(m.max() / 27, m.max(), 27),
    "from a half": lambda m: np.geomspace(m.max() / 2, m.max(), 27),
    "one scale": lambda m: np.full(27, m.max()),
}

ROUNDINGS = {
    "ties to even": np.rint,
    "ties away": lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5),
    "ties up": lambda x: np.floor(x + 0.5),
}


def quantize(weights, top, grid, rounding):
    """(scales [groups], levels [groups][16]): the best of four order statistics, on the grid's nearest scale."""
    groups = np.concatenate([weights, np.zeros((len(weights), -weights.shape[1] % GROUP))], 1).reshape(-1, GROUP)
    magnitudes = np.sort(np.abs(groups), axis=1)
    scales = GRIDS[grid](magnitudes[:, -1])
    best, chosen, levels = np.full(len(groups), np.inf), np.zeros(len(groups)), np.zeros(groups.shape)
    for rank in (6, 4, 2, 1):
        scale = scales[np.abs(np.log(np.maximum(magnitudes[:, -rank, None], 1e-30) / scales)).argmin(1)]
        trial = np.clip(ROUNDINGS[rounding](groups / (scale[:, None] / top)), -top, top)
        error = ((groups - trial * scale[:, None] / top) ** 2).sum(1)
        better = error < best
        best, chosen = np.where(better, error, best), np.where(better, scale, chosen)
        levels[better] = trial[better]
    return chosen, levels


def special_groups(weights):
    """All zeros, one value, one value with both signs, a single weight, and a whole row of zeros."""
    for row in range(0, len(weights), 7):
        weights[row, :16] = 0
        weights[row, 16:32] = weights[row, 40]
        weights[row, 32:48] = weights[row, 50] * np.where(np.arange(16) % 3, 1, -1)
        weights[row, 48:64] = np.where(np.arange(16) == row % 16, weights[row, 51], 0)
    weights[3] = 0


def dequantized(shape, depth, arithmetic, grid, rounding, dtype, generator):
    """Bits of a dequantized matrix. Zeros of negative weights are -0 where the arithmetic makes them so."""
    rows, columns = shape
    top = (3 ** depth - 1) // 2
    weights = generator.standard_normal(shape) * np.exp(generator.standard_normal((rows, 1)) / 2) * 0.02
    special_groups(weights)
    scale, level = quantize(weights, top, grid, rounding)
    product = ARITHMETIC[arithmetic](scale[:, None], level, top)
    return cast(product.reshape(rows, -1)[:, :columns], dtype)


def model(depth, arithmetic, grid, rounding, dtype, seed=1, **sizes):
    """name -> (dtype, shape, bytes) of a checkpoint whose matrices are dequantized; depth may be one for each matrix."""
    generator = np.random.default_rng(seed)
    tensors = maker.make_tensors(maker.shapes(**sizes), dtype, seed)
    for i, (name, (_, shape, _)) in enumerate(tensors.items()):
        if name.endswith("_proj.weight"):
            one = depth if isinstance(depth, int) else depth[i % len(depth)]
            tensors[name] = (dtype, shape, dequantized(shape, one, arithmetic, grid, rounding, dtype,
                                                       generator).tobytes())
    return tensors
