#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Device vp: the text of the tiny model and every stage at every depth are the model's, and so is a layer of 0.5B's shape.
# What vp cannot do is refused in a sentence.
set -euo pipefail
tern=$1 make_checkpoint=$2 model=$TERN_SOURCE_DIR/testvectors/tiny
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "$*"; cat "$scratch/out" "$scratch/err"; exit 1; }
run() { "$tern" "$@" >"$scratch/out" 2>"$scratch/err"; }

run doctor --device vp || {
  if grep -q 'vp: needs' "$scratch/err"; then echo "skipped: $(cat "$scratch/err")"; exit 77; fi
  fail "doctor"; }

text() { run run "$model" --prompt 'The cat Mia' --max-tokens 24 --device "$1" || fail "run on $1"; cat "$scratch/out"; }
[ "$(text vp)" = "$(text model)" ] || fail "the text on vp is another one"

for depth in 1 2 3; do
  run compare "$model" --devices model,vp --tokens 280,299,270 --depth $depth || fail "depth $depth differs"
  grep -Eq '^model = vp: [0-9]{4,} values, 0 differ$' "$scratch/out" || fail "no verdict at depth $depth"
done
for lanes in 1 2 4; do
  for vectors in 1 2 4; do
    run compare "$model" --devices model,vp --tokens 280,299,270 --lanes $lanes --vectors $vectors ||
      fail "$lanes lanes, $vectors vectors: the results differ"
    run doctor --device vp --lanes $lanes --vectors $vectors || fail "no device of $lanes lanes, $vectors vectors"
    grep -q "^hardware   $lanes lane(s), $vectors vector(s)" "$scratch/out" || fail "not $lanes lanes, $vectors vectors"
  done
done
# Three devices: a verdict for each but the first.
run compare "$model" --devices model,vp,model --layer 1 || fail "three devices differ"
[ "$(grep -Ec '^model = (vp|model): [0-9]{4,} values, 0 differ$' "$scratch/out")" = 2 ] || fail "no two verdicts"
run compare "$model" --devices model,vp,model --layer 1 --json || fail "three devices differ"
python3 -c 'import json, sys; of = json.load(sys.stdin)["devices"]; assert [one["device"] for one in of] == ["vp", "model"]
assert all(one["differ"] == 0 and one["values"] > 999 for one in of)' <"$scratch/out" || fail "other JSON"
run compare "$model" --devices vp,vp --layer 2 --positions 2 --device-memory 100000 || fail "two platforms differ"

for depth in 1 4; do
  "$make_checkpoint" "$TERN_SOURCE_DIR/testvectors/configs/qwen2.5-0.5b.json" "$scratch/half-$depth" --packed --layers 1 \
    --vocabulary 257 --seed 5 --depth $depth >/dev/null 2>&1
  run compare "$scratch/half-$depth" --devices model,vp --layer 0 || fail "a layer of 0.5B's shape at depth $depth differs"
done

refused() { # sentence arguments...
  local sentence=$1; shift
  if run "$@"; then fail "accepted: $*"; fi
  grep -q "$sentence" "$scratch/err" || fail "another sentence for: $*"
}
refused 'vp: 3 lanes, 0 vectors: a device has 1, 2 or 4 of each' layer "$model" --layer 0 --device vp --lanes 3
refused 'vp: 2 lanes, 3 vectors: a device has 1, 2 or 4' layer "$model" --layer 0 --device vp --lanes 2 --vectors 3
refused 'vp: its memory has no random stalls' layer "$model" --layer 0 --device vp --stalls 7
refused 'vp: writes no waveforms' layer "$model" --layer 0 --device vp --waves "$scratch/x.fst"
