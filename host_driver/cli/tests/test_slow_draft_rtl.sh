#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Drafting on rtl, or TERN_TEST_DEVICE, gives the ids of the model device. The counted weight bytes equal the beats of the unit.
set -euo pipefail
tern=$1 device=${TERN_TEST_DEVICE:-rtl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { "$tern" run "$TERN_SOURCE_DIR/testvectors/tiny" --prompt 'The cat' --max-tokens 4 --json "$@" 2>"$work/err"; }
run --device $device --draft-depth 1 --draft-tokens 2 >"$work/rtl.json" || {
  if grep -q "$device: needs" "$work/err"; then echo "skipped: $(cat "$work/err")"; exit 77; fi
  cat "$work/err"; exit 1; }
run >"$work/model.json"
/usr/bin/python3 - "$work/rtl.json" "$work/model.json" <<'PY' || { cat "$work"/*.json; exit 1; }
import json, sys
rtl, model = (json.load(open(path)) for path in sys.argv[1:])
assert rtl["ids"] == model["ids"] and rtl["draft"]["drafted"] > 0
assert rtl["weight_bytes"] == 16 * rtl["beats_taken"]
PY
