#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A layer of Qwen2.5-0.5B's shape takes at most so many cycles, in beats of weights and cache, with 60 cycles of latency.
# The gates are the aims of docs/performance.md.
set -euo pipefail
gates='{"256": 1.10, "2048": 1.25}'
tern=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$TERN_BINARY_DIR"/make_checkpoint "$TERN_SOURCE_DIR"/testvectors/configs/qwen2.5-0.5b.json "$scratch/half" --packed \
  --layers 1 --vocabulary 257 --seed 5 2>/dev/null
for context in 256 2048; do
  "$tern" layer "$scratch/half" --layer 0 --device rtl --json --context $context --latency 60 >"$scratch/$context" 2>"$scratch/err" || {
    if grep -q 'rtl: needs' "$scratch/err"; then echo "skipped: $(cat "$scratch/err")"; exit 77; fi
    cat "$scratch/err"; exit 1; }
done
python3 - "$gates" "$scratch" <<'PYTHON'
import json, sys
late = False
for context, gate in json.loads(sys.argv[1]).items():
    with open(f"{sys.argv[2]}/{context}") as file:
        layer = json.load(file)
    print(f"context {context}: {layer['cycles']} cycles / {layer['limit_cycles']} = {layer['ratio']:.4f}, at most {gate}")
    late |= layer["ratio"] > gate
sys.exit(late)
PYTHON
