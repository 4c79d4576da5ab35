#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# testvectors/tiny: quantize must give packed/ byte for byte. The model, and rtl and vp if they are built, must give every bit of the
# recorded stages. README.md must name every stage.
set -euo pipefail
tern=$1 tiny=$TERN_SOURCE_DIR/testvectors/tiny
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$tern" quantize "$tiny" "$scratch/packed" --depth 3 >/dev/null 2>&1
diff -r "$tiny/packed" "$scratch/packed" || { echo "tern quantize does not give testvectors/tiny/packed"; exit 1; }

replay() {
  "$tern" compare "$tiny/packed" --taps "$tiny/taps.safetensors" --devices "$1" >"$scratch/out" 2>"$scratch/err" || {
    if grep -q "$1: needs" "$scratch/err"; then return 0; fi
    cat "$scratch/out" "$scratch/err"; exit 1; }
  grep -Eq " = $1: 29168 values, 0 differ$" "$scratch/out" || { cat "$scratch/out"; exit 1; }
}
replay model
replay rtl
replay vp

for stage in $(head -c 30000 "$tiny/taps.safetensors" | tr -d '\0' | grep -aoE 'token0\.[a-z0-9_.]+"' | sed 's/.*\.//; s/"//' | sort -u); do
  grep -q "\`$stage\`" "$tiny/README.md" || { echo "README.md does not say what the stage $stage is"; exit 1; }
done
[ "$(du -sb "$tiny" | cut -f1)" -le 2000000 ] || { echo "testvectors/tiny is over 2 MB"; exit 1; }
