#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tern explore: its cycles of a layer are those of `tern layer` on vp, and its times follow from them. Its sizes are those
# of testvectors/configs. The picture has every point. Wrong values give one sentence, and no picture.
set -euo pipefail
tern=$1 make_checkpoint=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; cat "$work/out" "$work/err"; exit 1; }
if ! "$tern" doctor --device vp >"$work/out" 2>"$work/err"; then
  grep -q 'vp: needs' "$work/err" && { echo "skipped: $(cat "$work/err")"; exit 77; }
  fail "doctor"
fi
"$make_checkpoint" "$TERN_SOURCE_DIR/testvectors/configs/qwen2.5-0.5b.json" "$work/half" --packed --layers 1 \
  --vocabulary 257 --seed 5 >/dev/null 2>&1
PYTHONDONTWRITEBYTECODE=1 python3 "$TERN_SOURCE_DIR/host_driver/cli/tests/explore.py" "$tern" "$work" \
  "$TERN_SOURCE_DIR/testvectors/configs"

# A name may have characters of XML.
cp -r "$work/half" "$work/a<b&c"
"$tern" explore --model "$work/a<b&c" --svg "$work/name.svg" >"$work/out" 2>"$work/err" || fail "a name with <"
python3 -c 'import sys, xml.dom.minidom as xml; xml.parse(sys.argv[1])' "$work/name.svg" || fail "a picture that is no XML"

refuse() { # SENTENCE OPTION...
  local sentence=$1
  shift
  if "$tern" explore "$@" --svg "$work/none.svg" >"$work/out" 2>"$work/err"; then fail "accepted: $*"; fi
  [ "$(wc -l <"$work/err")" = 1 ] && [ ! -s "$work/out" ] && [ ! -e "$work/none.svg" ] || fail "no single sentence: $*"
  grep -q -- "$sentence" "$work/err" || fail "another sentence for: $*"
}
refuse 'no known size' --model 8b
refuse 'config.json' --model ./nothing
refuse '1, 2 or 4 of each' --lanes 3
refuse '4, 8 or 16 ways and at least 4 a lane, or 0' --ways 5
refuse '8 ways, 4 lanes' --lanes 4 --ways 8
refuse 'attention 2: up to 16 whole numbers from 0 to 1' --attention 2
refuse 'vectors 0: up to 16 whole numbers from 1 to 4' --vectors 0
refuse 'lanes 1.5: up to 16 whole numbers' --lanes 1.5
refuse 'latency 60,: up to 16 numbers' --latency 60,
refuse 'latency 60GB/s: up to 16' --latency 60GB/s
refuse 'bandwidth 101: .* with the unit GB/s' --bandwidth 101
refuse 'clock nan' --clock nan
refuse 'context 32768' --context 32768
refuse 'at least 1 % can be estimated' --clock 1000 --bandwidth 0.1GB/s
refuse 'at most 10000 cycles' --clock 1000 --latency 20000ns
refuse 'combinations of the lists, at most' --lanes 1,2,4 --vectors 1,2,4 --clock 1,2,3,4,5,6,7,8,9 --latency 1,2,3,4,5,6,7,8 \
  --context 1,2,3,4,5,6,7,8
if "$tern" explore --svg "$work/no/where.svg" >"$work/out" 2>"$work/err"; then fail "a picture in no folder"; fi
[ ! -s "$work/out" ] || fail "rows before the picture was refused"
