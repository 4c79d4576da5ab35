#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tern compare: every stage of a token and of a layer is equal on model and rtl, also with stalls and streamed weights. The
# stage of one altered weight is named.
set -euo pipefail
tern=$1 make_checkpoint=$2 model=$TERN_SOURCE_DIR/testvectors/tiny
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "$*"; cat "$scratch/out" "$scratch/err"; exit 1; }
compare() { "$tern" compare "$@" >"$scratch/out" 2>"$scratch/err"; }

compare "$model" --devices model,model --tokens 280 --json || fail "two models differ"
grep -q '"differ": 0}' "$scratch/out" || fail "no JSON"

# The comparison must be able to fail: alters one weight of layer 1, up_proj, in a copy of the model.
"$tern" logits "$model" --tokens 280,299 --taps "$scratch/taps" 2>/dev/null
compare "$model" --taps "$scratch/taps" --devices model --device-memory 100000 || fail "taps of the same model differ"
cp -r "$model" "$scratch/altered"
python3 -B - "$scratch/altered/model.safetensors" <<'PYTHON'
import json, struct, sys
with open(sys.argv[1], "r+b") as file:
    length = struct.unpack("<Q", file.read(8))[0]
    entry = json.loads(file.read(length))["model.layers.1.mlp.up_proj.weight"]
    file.seek(8 + length + entry["data_offsets"][0] + 2 * (7 * entry["shape"][1] + 5))
    file.write(struct.pack("<e", 0.37))
PYTHON
code=0
compare "$scratch/altered" --taps "$scratch/taps" --devices model || code=$?
[ "$code" = 1 ] || fail "exit code $code for a model with one weight altered"
grep -q 'first difference is in layer 1, position 0, stage up_proj (MATMUL), element [0-9]*: .* 0x[0-9a-f]\{8\} (.*), model 0x' "$scratch/err" ||
  fail "the first difference is not up_proj of layer 1"
compare "$scratch/altered" --taps "$scratch/taps" --devices model --json && fail "exit code 0"
grep -q '"first": {"position": 0, "layer": 1, "stage": "up_proj"' "$scratch/out" || fail "no first difference in JSON"

compare "$model" --devices model,rtl --tokens 280 || {
  if grep -q 'rtl: needs' "$scratch/err"; then echo "skipped: $(cat "$scratch/err")"; exit 77; fi
  fail "model and rtl differ"; }
grep -Eq '^model = rtl: [0-9]{4,} values, 0 differ$' "$scratch/out" || fail "no verdict"
if "$tern" doctor --device vp >/dev/null 2>&1; then
  compare "$model" --devices model,vp,rtl --tokens 280 || fail "three devices differ"
  [ "$(grep -Ec '^model = (vp|rtl): [0-9]{4,} values, 0 differ$' "$scratch/out")" = 2 ] || fail "no two verdicts"
fi
compare "$model" --devices model,rtl --layer 2 --positions 2 --seed 9 --stalls 7 --device-memory 100000 || fail "layer 2 differs"

# Llama's biases, also that of o.
sed -e 's/Qwen2ForCausalLM/LlamaForCausalLM/; s/"qwen2"/"llama", "attention_bias": true/' "$model/config.json" >"$scratch/config.json"
"$make_checkpoint" "$scratch/config.json" "$scratch/biased" --packed --layers 1 >"$scratch/out" 2>"$scratch/err" || fail "no biased model"
devices=model,rtl; "$tern" doctor --device vp >/dev/null 2>&1 && devices=model,rtl,vp
compare "$scratch/biased" --devices $devices --tokens 280 || fail "devices differ with biases"
"$tern" logits "$scratch/biased" --tokens 280 --taps "$scratch/biased.taps" >/dev/null 2>&1
grep -aq o_bias "$scratch/biased.taps" || fail "no stage o_bias"
