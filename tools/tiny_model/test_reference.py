#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks reference.py: against the training forward (needs jax), with and without its cache, and the stored logits.

Usage: test_reference.py MODEL_DIR [--write]   --write stores reference_logits.json beside the model.
Without jax it checks only the cache and the stored logits and says so.
"""
import json
import sys
from pathlib import Path

import numpy as np

from reference import Model

SEED = 5
STORED = "reference_logits.json"
# float32 against float64, relative to the largest logit, as for the other oracles.
TOLERANCE = 2e-5
CASES = {"float": (None, None), "d=3": (3, 3), "d=2 cut from 3": (3, 2), "d=1": (1, 1)}


def compare(what, got, expected, tolerance):
    """Prints the worst place; returns whether it is within tolerance of the largest expected value."""
    error = np.abs(got - expected) / np.max(np.abs(expected))
    where = np.unravel_index(np.argmax(error), error.shape)
    verdict = bool(error[where] <= tolerance)
    print(f"{'ok  ' if verdict else 'FAIL'} {what}: largest error {error[where]:.1e} of {tolerance:.0e} at "
          f"{tuple(map(int, where))}: got {got[where]!r}, expected {expected[where]!r}, seed {SEED}")
    return verdict


def against_training(ids, label, depths, model):
    try:
        import jax.numpy as jnp
        from train import forward
    except ImportError:
        print(f"skip {label} against the training forward: needs jax and tokenizers")
        return True
    parameters = {name: jnp.float32(weight) for name, weight in model.weights.items()}
    expected = np.asarray(forward(parameters, np.array([ids])))[0].astype(np.float64)
    return compare(f"{label} against the training forward", model.forward(ids), expected, TOLERANCE)


def main():
    directory = Path(sys.argv[1])
    ids = np.random.default_rng(SEED).integers(0, 512, 200).tolist()
    passed, stored = True, {"about": "float64 logits of the last of `ids`, weights as in model.safetensors or passed "
                                     "through tools/tiny_model/quantizer.py", "ids": ids[:24], "logits": {}}
    for label, depths in CASES.items():
        model = Model(directory, *depths)
        whole = model.forward(ids)
        cache = model.start()
        pieces = np.concatenate([model.forward(ids[:7], cache), model.forward(ids[7:50], cache)]
                                + [model.forward([i], cache) for i in ids[50:]])
        passed &= compare(f"{label} in pieces through the cache", pieces, whole, 1e-12)
        passed &= against_training(ids, label, depths, model)
        stored["logits"][label] = [round(float(x), 9) for x in whole[23]]
    if "--write" in sys.argv:
        (directory / STORED).write_text(json.dumps(stored) + "\n")
    expected = json.loads((directory / STORED).read_text())
    for label in CASES:
        passed &= compare(f"{label} against {STORED}", np.array(stored["logits"][label]),
                          np.array(expected["logits"][label]), 1e-8)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
