#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tern run --draft-depth: the text without drafting, resident and streamed, greedy and sampled; figures; bad numbers.
set -euo pipefail
tern=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; cat "$work/err"; exit 1; }
"$tern" quantize "$TERN_SOURCE_DIR/testvectors/tiny" "$work/packed" --depth 3 2>"$work/err"
run() { "$tern" run "$work/packed" --prompt 'The dog Rex' --max-tokens 40 "$@" 2>"$work/err"; }

for options in '' '--temperature 0.8 --seed 3' '--temperature 1 --seed 4 --repetition-penalty 1.2 --device-memory 130000'; do
  # shellcheck disable=SC2086
  plain=$(run $options)
  for draft in '1' '2 --draft-tokens 1' '1 --draft-tokens 31'; do
    # shellcheck disable=SC2086
    [ "$(run $options --draft-depth $draft)" = "$plain" ] || fail "$options --draft-depth $draft: another text"
    grep -Eq '^drafted [0-9]+ tokens at depth [12] in [0-9]+ rounds, [0-9.]+ % accepted$' "$work/err" || fail "no acceptance"
    grep -Eq 'MB of weights read for .* without drafting: -?[0-9.]+ % saved$' "$work/err" || fail "no bytes saved"
  done
done

run --draft-depth 1 --json >"$work/drafted.json"
run --json >"$work/plain.json"
/usr/bin/python3 - "$work/drafted.json" "$work/plain.json" <<'PY' || fail "--json is wrong: $(cat "$work"/*.json)"
import json, sys
drafted, plain = (json.load(open(path)) for path in sys.argv[1:])
draft = drafted["draft"]
assert drafted["ids"] == plain["ids"] and "draft" not in plain
assert draft["tokens"] == draft["accepted"] + draft["rounds"] and draft["acceptance"] == draft["accepted"] / draft["drafted"]
# The bytes that drafting saves are the difference to the run without it.
assert draft["saved_bytes"] == plain["weight_bytes"] - drafted["weight_bytes"] > 0
PY

for bad in '--draft-depth 0' '--draft-depth 5' '--draft-depth 4' '--draft-depth 2 --depth 1' '--draft-depth 1 --draft-tokens 0' \
  '--draft-depth 1 --draft-tokens 32' '--draft-depth 1 --draft-tokens 1000000000'; do
  code=0
  # shellcheck disable=SC2086
  run $bad >"$work/out" || code=$?
  ((code >= 1 && code <= 125)) || fail "$bad: exit code $code"
  grep -q 'draft' "$work/err" || fail "$bad: no sentence"
done
