#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# testvectors/tiny: quantize must give packed/ byte for byte. The model, and rtl and vp if they are built, must give every bit of the
# recorded stages. README.md must name every stage. The metadata have their order, also when another program writes the
# file anew; files without it are read in the order of the data.
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

python3 -c "import safetensors.numpy" 2>/dev/null || { echo "without numpy and safetensors: not tried"; exit 0; }
python3 - "$tiny/taps.safetensors" "$scratch" <<'PY'
import json
import struct
import sys
from safetensors import safe_open
from safetensors.numpy import save_file
path, folder = sys.argv[1:]
data = open(path, "rb").read()
(length,) = struct.unpack_from("<Q", data)
header = json.loads(data[8 : 8 + length])
with safe_open(path, "np") as file:
    notes, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}
order = notes["order"].split()
assert order == sorted(tensors, key=lambda name: header[name]["data_offsets"]), "the order is not that of the data"
assert (notes["tern.taps"], notes["tokens"], notes["depth"], notes["device"]) == ("1", "280,299", "0", "model"), notes
assert order.index("token0.layer0.input_norm") < order.index("token0.layer0.q_proj") < order.index("token0.layer1.q_proj")
save_file(tensors, f"{folder}/sorted.taps", notes)  # by type and name

def variant(name, order):
    notes = dict(header["__metadata__"], order=order)
    if order is None:
        del notes["order"], notes["device"]
    text = json.dumps(dict(header, __metadata__=notes)).encode()
    text += b" " * (-len(text) % 64)
    open(f"{folder}/{name}.taps", "wb").write(struct.pack("<Q", len(text)) + text + data[8 + length :])

variant("old", None)
variant("twice", " ".join(order[:-1] + order[:1]))
variant("short", " ".join(order[:-1]))
variant("unknown", " ".join(order[:-1] + ["token9.logits"]))
variant("more", " ".join(order + order[:1]))
PY
for name in sorted old; do
  "$tern" compare "$tiny/packed" --taps "$scratch/$name.taps" --devices model >"$scratch/out" 2>"$scratch/err" ||
    { echo "$name.taps is refused"; cat "$scratch/out" "$scratch/err"; exit 1; }
done
for name in twice short unknown more; do
  if "$tern" compare "$tiny/packed" --taps "$scratch/$name.taps" --devices model 2>"$scratch/err"; then
    echo "$name.taps is accepted"; exit 1
  fi
  grep -q "$name.taps: 'order' does not name each stage of the file once" "$scratch/err" || { cat "$scratch/err"; exit 1; }
done
