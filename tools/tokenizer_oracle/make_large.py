#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a tokenizer.json of random merges with the size of Qwen2's (151,643 tokens, 151,387 merges), to measure loading.
Needs no packages. Usage: make_large.py OUT.json [pairs]"""

import json
import random
import sys
from pathlib import Path


def byte_symbols():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = (256 + i for i in range(68))
    return [chr(b) if b in printable else chr(next(moved)) for b in range(256)]


def main():
    rng = random.Random(1)
    tokens, merges = byte_symbols(), []
    known = set(tokens)
    common = [t for t in tokens if t.isalpha() and t.isascii()] + ["Ġ"]
    pool = common * 20 + tokens
    while len(tokens) < 151643:
        left, right = rng.choice(pool), rng.choice(pool)
        if len(left + right) > 14 or left + right in known:
            continue
        known.add(left + right)
        tokens.append(left + right)
        pool.append(left + right)
        merges.append([left, right] if "pairs" in sys.argv[2:] else f"{left} {right}")
    layout = json.loads((Path(__file__).resolve().parents[2] / "testvectors/tokenizer/qwen2_tokenizer.json").read_text())
    layout["model"]["vocab"] = {t: i for i, t in enumerate(tokens)}
    layout["model"]["merges"] = merges
    for i, token in enumerate(layout["added_tokens"]):
        token["id"] = len(tokens) + i
    Path(sys.argv[1]).write_text(json.dumps(layout, ensure_ascii=False, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
