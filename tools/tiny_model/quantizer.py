# SPDX-License-Identifier: Apache-2.0
"""The quantizer of the packed format, for both numpy and jax.numpy (pass the module as `np`).

A matrix has 27 log-spaced steps. A group is 16 columns. Four order statistics of its magnitudes each give the step
nearest in log. The group takes the one of lowest squared error. The structure is that of `tern quantize`, but the bits
may differ.
"""

GROUP = 16
STEPS = 27
ORDER_STATISTICS = (5, 3, 1, 0)  # 6th, 4th, 2nd largest and the largest, counted from 0
SMALLEST_RATIO = 2.0**-31  # largest over smallest step stays below 2^32


def largest_level(depth):
    return (3**depth - 1) // 2


def quantize(np, weight, depth):
    """weight [rows][columns], columns a multiple of 16 -> (step [rows][columns/16][1], q [rows][columns/16][16])."""
    rows, columns = weight.shape
    groups = weight.reshape(rows, columns // GROUP, GROUP)
    magnitudes = np.sort(np.abs(groups), axis=-1)
    level = largest_level(depth)
    candidates = magnitudes[..., [GROUP - 1 - k for k in ORDER_STATISTICS]] / level
    top = np.max(candidates)
    bottom = np.min(np.where(candidates > top * SMALLEST_RATIO, candidates, top))
    log_top, log_bottom = np.log(top), np.log(bottom)
    spacing = np.maximum(log_top - log_bottom, 1e-9) / (STEPS - 1)
    code = np.round((log_top - np.log(np.maximum(candidates, bottom))) / spacing)
    steps = np.exp(log_top - np.clip(code, 0, STEPS - 1) * spacing)

    best_step, best_q, best_error = None, None, None
    for k in range(len(ORDER_STATISTICS)):
        step = steps[..., k:k + 1]
        q = np.clip(np.round(groups / step), -level, level)
        error = np.sum((groups - q * step)**2, axis=-1, keepdims=True)
        if best_error is None:
            best_step, best_q, best_error = step, q, error
            continue
        better = error < best_error
        best_step = np.where(better, step, best_step)
        best_q = np.where(better, q, best_q)
        best_error = np.where(better, error, best_error)
    return best_step, best_q


def quantized_weight(np, weight, depth_stored, depth_in_use):
    """The weights at depth_in_use of depth_stored planes; the most significant planes are kept."""
    step, q = quantize(np, weight, depth_stored)
    dropped = 3**(depth_stored - depth_in_use)
    return (step * dropped * np.round(q / dropped)).reshape(weight.shape)
