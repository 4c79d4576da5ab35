#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rtl, or TERN_TEST_DEVICE, with memory of a quarter of the tiny model's size must give the tokens of the model device.
set -euo pipefail
tern=$1 device=${TERN_TEST_DEVICE:-rtl} model=$TERN_SOURCE_DIR/testvectors/tiny/packed
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
quarter=$(($(stat -c %s "$model"/model.safetensors) / 4))
run() { "$tern" run "$model" --prompt 'The cat Mia' --max-tokens 6 --json "$@" 2>"$scratch/err"; }
run --device $device --device-memory "$quarter" >"$scratch/rtl" || {
  if grep -q "$device: needs" "$scratch/err"; then echo "skipped: $(cat "$scratch/err")"; exit 77; fi
  cat "$scratch/err"; exit 1; }
grep -q 'weights streamed' "$scratch/err" || { echo "$quarter bytes hold all weights"; exit 1; }
run >"$scratch/model"
python3 - "$scratch/rtl" "$scratch/model" <<'PYTHON'
import json, sys
rtl, model = (json.load(open(path))["ids"] for path in sys.argv[1:])
sys.exit(0 if rtl == model and len(rtl) == 6 else f"rtl gave {rtl}, model {model}")
PYTHON
