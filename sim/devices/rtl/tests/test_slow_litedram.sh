#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_slow_litedram.sh TERN MAKE_CHECKPOINT   (TERN_SOURCE_DIR)
# Memory behind the real controller gives the same text as without it. The matmul unit reads a layer of 0.5B's shape at
# 0.95 of the rate that the controller gives a sequential reader, or more.
set -euo pipefail
tern=$1 make_checkpoint=$2
sequential=7.64 # bytes a cycle: build/bin/memory_bench_ecpix5 rate
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { "$tern" run "$TERN_SOURCE_DIR/testvectors/tiny/packed" --prompt 'The cat Mia' --max-tokens 3 --device rtl "$@"; }

refused() { # words that the sentence has, then options
  local words=$1
  shift
  if run "$@" >"$work/out" 2>"$work/err"; then echo "accepted: $*"; exit 1; fi
  grep -q "$words" "$work/err" || { cat "$work/err"; exit 1; }
}
refused 'no memory dram; there is litedram' --memory dram
refused 'has its own latency' --memory litedram --stalls 7

if ! run --memory litedram >"$work/litedram" 2>"$work/err"; then
  grep -q 'no memory litedram' "$work/err" && { echo "skipped: needs litex (tools/make_controller)"; exit 77; }
  cat "$work/err"
  exit 1
fi
run >"$work/plain" 2>/dev/null
cmp "$work/plain" "$work/litedram"

"$make_checkpoint" "$TERN_SOURCE_DIR/testvectors/configs/qwen2.5-0.5b.json" "$work/half" --packed --layers 1 \
  --vocabulary 257 --seed 5 >/dev/null 2>&1
"$tern" layer "$work/half" --layer 0 --device rtl --memory litedram >"$work/layer" 2>/dev/null
read -r taken offered < <(sed -n 's/.*beats_taken \([0-9]*\), beats_offered \([0-9]*\),.*/\1 \2/p' "$work/layer")
awk -v taken="$taken" -v offered="$offered" -v sequential=$sequential 'BEGIN {
  rate = 16 * taken / offered
  printf "%.2f bytes a cycle, %.3f of the sequential reader\n", rate, rate / sequential
  exit rate < 0.95 * sequential
}'
