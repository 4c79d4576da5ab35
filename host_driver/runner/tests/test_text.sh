#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Text of the tiny model on the model device: equal with resident and streamed weights, at depth 3 that of the float64
# reference.
set -euo pipefail
tern=$1 model=$TERN_SOURCE_DIR/testvectors/tiny
expected='The cat Mia was grey. She lived in the old barn and liked to eat milk. One day Mia went to see the dog'
for memory in 1000000000 110000; do
  text=$("$tern" run "$model" --prompt 'The cat Mia' --max-tokens 32 --device-memory "$memory" 2>/tmp/tern_run.$$)
  [ "$text" = "$expected" ] || { echo "device memory $memory: got '$text', expected '$expected'"; exit 1; }
done
grep -q 'weights streamed' /tmp/tern_run.$$ || { echo "110000 bytes were enough for the whole model"; exit 1; }
rm -f /tmp/tern_run.$$
if "$tern" run "$model" --prompt 'The cat Mia' --device-memory 60000 2>/tmp/tern_run.$$; then echo "60000 bytes cannot be enough"; exit 1; fi
grep -q 'device memory' /tmp/tern_run.$$ || { echo "no sentence on device memory: $(cat /tmp/tern_run.$$)"; exit 1; }
rm -f /tmp/tern_run.$$
