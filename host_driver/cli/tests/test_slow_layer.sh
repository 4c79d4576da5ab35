#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A whole layer of Qwen2.5-0.5B's shape (896/4864, 14/2 heads of 64) on rtl, or TERN_TEST_DEVICE, equals the model, stage by stage. Two positions
# have the stored depth. One has a smaller depth with stalls and streamed weights. With 60 cycles of latency the unit loses
# at most 5 % of the beats that the memory offers.
set -euo pipefail
tern=$1 device=${TERN_TEST_DEVICE:-rtl}
if [ $device = rtl ]; then stalls='--stalls 3'; else stalls=; fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$TERN_BINARY_DIR"/make_checkpoint "$TERN_SOURCE_DIR"/testvectors/configs/qwen2.5-0.5b.json "$scratch/half" --packed \
  --layers 1 --vocabulary 257 --seed 5 2>/dev/null
compare() {
  "$tern" compare "$scratch/half" --devices model,$device --layer 0 "$@" >"$scratch/out" 2>"$scratch/err" || {
    if grep -q "$device: needs" "$scratch/err"; then echo "skipped: $(cat "$scratch/err")"; exit 77; fi
    cat "$scratch/out" "$scratch/err"; exit 1; }
  grep -Eq "^model = $device: [0-9]{5,} values, 0 differ\$" "$scratch/out"
}
compare --positions 2 --seed 1
compare --depth 2 --seed 2 $stalls --device-memory 3000000
"$tern" layer "$scratch/half" --layer 0 --device $device --json 2>/dev/null | python3 -c '
import json, sys
layer = json.load(sys.stdin)
ratio = layer["beats_taken"] / layer["beats_offered"]
print("beats taken/offered %.4f; %d cycles a layer, %d of them in the matmul unit" % (ratio, layer["cycles"], layer["matmul_cycles"]))
sys.exit(ratio < 0.95)'
