#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --depth: refuses more than the stored depth on every device. With fewer planes rtl, or TERN_TEST_DEVICE,
# must give the bits of the model.
set -euo pipefail
tern=$1 judged=${TERN_TEST_DEVICE:-rtl}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$tern" quantize "$TERN_SOURCE_DIR/testvectors/tiny" "$folder/packed" --depth 2 2>/dev/null
for device in model $judged; do
  if "$tern" logits "$folder/packed" --tokens 1 --out "$folder/x.npy" --device $device --depth 3 2>"$folder/error"; then
    echo "$device took a depth above the stored one"; exit 1
  fi
  grep -q "$judged: needs" "$folder/error" && { echo "skipped: $(cat "$folder/error")"; exit 77; }
  grep -q "stores weights of depth 2, depth 3 was asked for" "$folder/error" || { cat "$folder/error"; exit 1; }
  [ ! -e "$folder/x.npy" ] || { echo "output left behind"; exit 1; }
done
for depth in 0 5 -1 x; do
  ! "$tern" logits "$folder/packed" --tokens 1 --out "$folder/x.npy" --depth $depth 2>/dev/null || exit 1
done
"$tern" compare "$folder/packed" --devices model,$judged --tokens 280,299 --depth 1 2>/dev/null | grep -q ' 0 differ$'
# Another depth gives other logits.
for depth in 1 2; do
  "$tern" logits "$folder/packed" --tokens 280,299 --out "$folder/$depth.npy" --depth $depth
done
! cmp -s "$folder/1.npy" "$folder/2.npy" || { echo "depth 1 gives depth 2's logits"; exit 1; }
