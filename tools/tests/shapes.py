# SPDX-License-Identifier: Apache-2.0
"""usage: shapes.py TERN MAKE_CHECKPOINT

Makes one layer of every configuration in testvectors/configs at depth 3. The sizes of `tern inspect` must equal those of
the layout. `tern layer` must run it on a device of 64 MB, with host memory that does not grow with the weights. Prints
the sizes of the whole models as a table.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TERN, MAKE = sys.argv[1:3]
CONFIGS = Path(os.environ["TERN_SOURCE_DIR"], "testvectors/configs")
DEPTH, VOCABULARY = 3, 300
DEVICE_BYTES, WORKING_SET_BYTES = 64_000_000, 200_000_000


def matrices(config):
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    head = config.get("head_dim") or hidden // config["num_attention_heads"]
    query, key = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    return [(query, hidden), (key, hidden), (key, hidden), (hidden, query),
            (inner, hidden), (inner, hidden), (hidden, inner)]


def stored_bytes(rows, columns):
    """docs/packed-format.md: codes and planes of every strip, its checksums, the matrix's 27 steps."""
    strips, groups = -(-rows // 5), -(-columns // 64) * 4
    return strips * (-(-3 * groups // 64) * 64 + DEPTH * 16 * groups) + strips * (DEPTH + 1) * 4 + 27 * 4


def run(*command):
    """Runs a command, which must exit with 0; returns standard output and the largest resident set in bytes."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        out.seek(0), errors.seek(0)
        if status:
            sys.exit(f"{' '.join(map(str, command))}: {errors.read().decode()}")
        return out.read().decode(), 1024 * usage.ru_maxrss


def check(path, directory):
    config, model = json.loads(path.read_text()), Path(directory, "model")
    run(MAKE, path, model, "--packed", "--depth", DEPTH, "--layers", 1, "--vocabulary", VOCABULARY)
    text, inspecting = run(TERN, "inspect", model, "--json")
    totals = json.loads(text)["totals"]
    expected = sum(stored_bytes(*shape) for shape in matrices(config))
    headers = totals["packed_bytes"] - expected
    # the header's share of one layer: 21 packed tensors at about 150 bytes and the notes
    if not 0 <= headers <= 6000:
        sys.exit(f"{path.stem}: inspect counts {totals['packed_bytes']} bytes, the layout {expected}")
    _, resident = run(TERN, "layer", model, "--layer", 0, "--device", "model", "--device-memory", DEVICE_BYTES)
    if max(inspecting, resident) > WORKING_SET_BYTES:
        sys.exit(f"{path.stem}: {inspecting} bytes resident to inspect, {resident} to run one layer of {expected}, "
                 f"bound {WORKING_SET_BYTES}")
    layers, weights = config["num_hidden_layers"], sum(rows * columns for rows, columns in matrices(config))
    tables = 2 * (2 - config["tie_word_embeddings"]) * config["vocab_size"] * config["hidden_size"]
    print(f"| {path.stem} | {layers} | {layers * weights / 1e9:.2f} | {8 * expected / weights:.3f} "
          f"| {layers * expected / 1e9:.2f} | {tables / 1e9:.2f} | {(layers * expected + tables) / 1e9:.2f} "
          f"| {(2 * layers * weights + tables) / 1e9:.1f} | {resident / 1e6:.0f} |")


def main():
    print("| model | layers | packed weights, 10^9 | bits a weight | packed, GB | embedding and head, GB | all, GB "
          "| as FP16, GB | resident MB of a layer |")
    print("|---|---|---|---|---|---|---|---|---|")
    paths = sorted(CONFIGS.glob("*.json"), key=lambda path: sum(r * c for r, c in matrices(json.loads(path.read_text()))))
    for path in paths:
        with tempfile.TemporaryDirectory() as directory:
            check(path, directory)


main()
