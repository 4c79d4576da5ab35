#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tern bench MODEL: sums of its figures, weight bytes a token, an odd number of tokens, refusals. Speed is not tested.
set -euo pipefail
tern=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; cat "$work/err"; exit 1; }
packed=$TERN_SOURCE_DIR/testvectors/tiny/packed

"$tern" bench "$packed" --max-tokens 5 --threads 2 --json >"$work/json" 2>"$work/err" || fail "bench MODEL --json"
/usr/bin/python3 - "$work/json" <<'PY' || fail "figures do not add up: $(cat "$work/json")"
import json, sys
result = json.load(open(sys.argv[1]))
assert result["device"] == "model" and result["depth"] == 3 and result["threads"] == 2, result
# Prefill takes 32 tokens in a pass over the weights, generation takes one.
assert result["prefill"]["tokens"] == 32 and result["generation"]["tokens"] == 5, result
assert result["generation"]["weight_bytes"] == 5 * result["prefill"]["weight_bytes"] > 0, result
for part in result["start"], result["prefill"], result["generation"]:
    parts = [part[name + "_seconds"] for name in ("matmul", "vector", "head", "other")]
    assert min(parts) >= 0 and abs(sum(parts) - part["seconds"]) < 1e-6, part
    assert 0 < part["exact_rows"] <= part["head_rows"], part
    assert abs(part["tokens"] / part["seconds"] - part["tokens_s"]) < 1e-3 * part["tokens_s"], part
assert result["start"]["exact_rows"] > 512 and result["generation"]["head_rows"] == 5 * 512, result
assert result["generation"]["exact_rows"] < 5 * 128, result["generation"]
PY
"$tern" bench "$packed" --max-tokens 2 --top-k 0 --json >"$work/all" 2>"$work/err" || fail "bench --top-k 0"
grep -q '"head_rows":1024,"exact_rows":1024' "$work/all" || fail "--top-k 0 computes not all logits: $(cat "$work/all")"
"$tern" bench "$packed" --max-tokens 2 --depth 1 --json 2>"$work/err" >"$work/shallow" || fail "bench --depth 1"
/usr/bin/python3 -c 'import json, sys
full, cut = (json.load(open(name))["prefill"]["weight_bytes"] for name in sys.argv[1:])
assert cut < 0.5 * full, (cut, full)' "$work/json" "$work/shallow" 2>"$work/err" || fail "depth 1 reads as much as all planes"
"$tern" bench "$packed" --max-tokens 2 2>"$work/err" | grep -q '^generation .* tokens/s' || fail "bench MODEL"
TERN_KERNEL=exact "$tern" bench "$packed" --max-tokens 2 >/dev/null 2>"$work/err" || fail "the exact kernel"
if TERN_KERNEL=fast "$tern" bench "$packed" --max-tokens 2 >"$work/out" 2>"$work/err"; then fail "a kernel called fast"; fi
grep -q 'TERN_KERNEL=fast' "$work/err" || fail "no sentence about the kernel"
if TERN_KERNEL=fast "$tern" doctor >"$work/out" 2>"$work/err"; then fail "doctor: a kernel called fast"; fi
for bad in "--depth 5" "--threads 0" "--max-tokens 0" "--device none" "$packed"; do
  if "$tern" bench "$packed" $bad >"$work/out" 2>"$work/err"; then fail "taken: $bad"; fi
  [ -s "$work/err" ] && [ ! -s "$work/out" ] || fail "no sentence, or output: $bad"
done
echo ok
