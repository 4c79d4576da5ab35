#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Device memory of a quarter of the model's size gives the same tokens, of the tiny model and of one of 0.5B's shape; every
# size below is either enough or refused in a sentence.
set -euo pipefail
tern=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ids() { "$tern" run "$1" --prompt 'The cat Mia' --max-tokens "$2" --json "${@:3}" 2>"$scratch/err" | grep -o '"ids":\[[0-9,]*\]'; }

quarter() { # MODEL TOKENS
  local bytes all less
  bytes=$(($(stat -c %s "$1"/model.safetensors) / 4))
  all=$(ids "$1" "$2")
  less=$(ids "$1" "$2" --device-memory "$bytes") || { cat "$scratch/err"; exit 1; }
  grep -q 'weights streamed' "$scratch/err" || { echo "$1: $bytes bytes hold all weights"; exit 1; }
  [ "$all" = "$less" ] && [ "${#all}" -gt 20 ] || { echo "$1 in $bytes bytes: $less, not $all"; exit 1; }
}
quarter "$TERN_SOURCE_DIR"/testvectors/tiny/packed 32
"$TERN_BINARY_DIR"/make_checkpoint "$TERN_SOURCE_DIR"/testvectors/configs/qwen2.5-0.5b.json "$scratch/half" --packed \
  --layers 3 --vocabulary 257 2>/dev/null
quarter "$scratch/half" 6

model=$TERN_SOURCE_DIR/testvectors/tiny/packed refused=0 expected=$(ids "$model" 4)
for ((bytes = 4096; bytes < 122000; bytes += 6000)); do
  code=0
  got=$(ids "$model" 4 --device-memory "$bytes") || code=$?
  if [ "$code" = 0 ]; then
    [ "$got" = "$expected" ] || { echo "$bytes bytes: $got"; exit 1; }
  else
    refused=$((refused + 1))
    [ "$code" = 1 ] && grep -q '^tern run: .*device memory' "$scratch/err" || { echo "$bytes bytes: $code"; cat "$scratch/err"; exit 1; }
  fi
done
[ "$refused" -gt 3 ] || { echo "only $refused sizes were refused"; exit 1; }
