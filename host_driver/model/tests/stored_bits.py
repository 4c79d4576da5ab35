# SPDX-License-Identifier: Apache-2.0
"""Stored bits a weight at depth 3 and K = 8192, with steps and checksums: of real files, and by the formula for 72B."""
import json
import subprocess
import sys
import tempfile

import checkpoint_maker as maker

TERN = sys.argv[1]
LIMIT = 5.105
COLUMNS = 8192
SIZES = {"hidden": COLUMNS, "intermediate": 1280, "layers": 1, "heads": 5, "kv_heads": 5, "head": 64, "vocabulary": 2}


def matrix_bytes(rows, columns, depth):
    """Strips, checksums and steps, by docs/packed-format.md."""
    groups, strips = -(-columns // 64) * 4, -(-rows // 5)
    return strips * (-(-3 * groups // 64) * 64 + 16 * depth * groups + 4 * (depth + 1)) + 4 * 27


def measured():
    with tempfile.TemporaryDirectory() as directory:
        maker.write_checkpoint(f"{directory}/in", **SIZES)
        subprocess.run([TERN, "quantize", f"{directory}/in", f"{directory}/out"], check=True, capture_output=True)
        done = subprocess.run([TERN, "inspect", f"{directory}/out", "--json"], check=True, capture_output=True)
        report = json.loads(done.stdout)
    wide = [entry for entry in report["tensors"] if entry.get("depth") and entry["shape"][1] == COLUMNS]
    for entry in wide:
        expected = matrix_bytes(*entry["shape"], 3)
        if entry["stored_bytes"] != expected:
            sys.exit(f"{entry['name']}: {entry['stored_bytes']} bytes, the page says {expected}")
    headers = report["totals"]["file_bytes"] - report["totals"]["packed_bytes"] - report["totals"]["unpacked_bytes"]
    weights = sum(maker.count(entry["shape"]) for entry in wide)
    return 8 * (sum(entry["stored_bytes"] for entry in wide) + headers) / weights


def check(what, bits):
    print(f"depth 3, K = {COLUMNS}, {what}: {bits:.4f} bits a weight")
    if bits > LIMIT:
        sys.exit(f"over the limit of {LIMIT}")


def main():
    check("five matrices of a file, its whole header on top", measured())
    rows = [8192, 1024, 1024, 29568, 29568]  # q, k, v, gate, up of Qwen2.5-72B
    check("one layer of 72B", 8 * sum(matrix_bytes(n, COLUMNS, 3) for n in rows) / (COLUMNS * sum(rows)))


main()
