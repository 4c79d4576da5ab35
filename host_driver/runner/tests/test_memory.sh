#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Device memory of a quarter of the model's size must give the same tokens, for the tiny model and one of 0.5B's shape.
# Every smaller size is enough, or it is refused with a sentence before any output.
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

model=$TERN_SOURCE_DIR/testvectors/tiny/packed
without_cycles() { sed 's/ [0-9]* \([0-9a-f]\{8\} \)/ \1/; /^\(limit_\)\?cycles/d'; } # in a small memory a stage takes more commands
each_size() { # COMMAND ARGUMENT...: the same output in any size, or nothing but a sentence
  local expected got code bytes refused=0
  expected=$("$tern" "$@" <<<hello 2>/dev/null | without_cycles)
  for ((bytes = 4096; bytes < 122000; bytes += 4096)); do
    rm -f "$scratch"/out.*
    code=0
    got=$("$tern" "$@" --device-memory "$bytes" <<<hello 2>"$scratch/err" | without_cycles) || code=$?
    if [ "$code" = 0 ]; then
      [ "$got" = "$expected" ] || { echo "$1 in $bytes bytes: $got"; exit 1; }
      continue
    fi
    refused=$((refused + 1))
    [ "$code" = 1 ] && [ -z "$got" ] && grep -q "^tern $1: .*device memory" "$scratch/err" && ! ls "$scratch"/out.* >/dev/null 2>&1 ||
      { echo "$1 in $bytes bytes: exit $code, $got"; cat "$scratch/err"; exit 1; }
  done
  [ "$refused" -gt 3 ] || { echo "$1: only $refused sizes were refused"; exit 1; }
}
each_size run "$model" --prompt 'The cat Mia' --max-tokens 4
each_size chat "$model" --context 48 --max-tokens 2
each_size layer "$model" --layer 0
each_size logits "$model" --tokens 1,2 --out "$scratch/out.npy" --taps "$scratch/out.safetensors"
each_size compare "$model" --devices model,model
