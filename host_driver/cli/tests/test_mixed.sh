#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Device vp with --verilated: the RTL of each unit alone and of all gives the model's text and its bits in every stage.
# Memory is near and far, with and without stalls. Cycles are within 1 % of rtl. Wrong names and other devices are refused in a sentence.
set -euo pipefail
tern=$1 model=$TERN_SOURCE_DIR/testvectors/tiny all=matmul,vector,attention
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "$*"; cat "$scratch/out" "$scratch/err"; exit 1; }
run() { "$tern" "$@" >"$scratch/out" 2>"$scratch/err"; }

run doctor --device vp --verilated $all || {
  if grep -q 'vp: .*needs' "$scratch/err"; then echo "skipped: $(cat "$scratch/err")"; exit 77; fi
  fail "doctor"; }

# cycles DEVICE OPTION...: of a text, which must be the model's.
run run "$model" --prompt 'The cat' --max-tokens 4 --json || fail "run on model"
text=$(grep -o '"text": *"[^"]*"' "$scratch/out")
cycles() {
  run run "$model" --prompt 'The cat' --max-tokens 4 --json --device "$@" || fail "run on $*"
  [ "$(grep -o '"text": *"[^"]*"' "$scratch/out")" = "$text" ] || fail "another text with $*"
  sed -n 's/.*"cycles": *\([0-9]*\).*/\1/p' "$scratch/out"
}
for units in matmul vector attention $all; do
  run compare "$model" --devices model,vp --tokens 280,299,270 --verilated $units || fail "$units differs"
  grep -Eq '^model = vp: [0-9]{4,} values, 0 differ$' "$scratch/out" || fail "no verdict of $units"
  for latency in 20 200; do
    run compare "$model" --devices model,vp --tokens 280 --depth 2 --latency $latency --stalls 7 --verilated $units ||
      fail "$units differs at latency $latency under stalls"
  done
  # Only the port of a Verilated unit stalls. So it is there.
  [ "$(cycles vp --verilated $units)" != "$(cycles vp --verilated $units --stalls 5)" ] || fail "$units is not Verilated"
done

if run doctor --device rtl; then
  real=$(cycles rtl --latency 200) mixed=$(cycles vp --latency 200 --verilated $all)
  (((mixed - real) * 100 / real == 0)) || fail "$mixed cycles with Verilated units, $real on rtl: not within 1 %"
fi

refused() { # sentence arguments...
  local sentence=$1; shift
  if run "$@"; then fail "accepted: $*"; fi
  grep -q "$sentence" "$scratch/err" || fail "another sentence for: $*"
}
refused 'vp: no unit "dma" can be Verilated, only matmul vector attention' doctor --device vp --verilated matmul,dma
for units in '' , ,matmul matmul,; do
  refused 'vp: no unit "" can be Verilated' doctor --device vp --verilated "$units"
done
refused 'verilated is for device vp, model has' run "$model" --prompt a --verilated matmul
refused 'verilated is for device vp, rtl has' layer "$model" --layer 0 --device rtl --verilated matmul
refused 'verilated is for device vp, model,rtl has' compare "$model" --devices model,rtl --verilated matmul
run doctor --device vp || fail "doctor without Verilated units"
if grep -q ' 2 lane(s)' "$scratch/out"; then other=1; else other=2; fi
refused 'the Verilated units of this build have [124] lane(s) and [124] vector(s)' doctor --device vp --lanes $other --verilated vector
