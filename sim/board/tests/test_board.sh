#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A board in simulation at a UDP socket: doctor and the tiny model over the link. The text must be the model's.
set -euo pipefail
tern=$1
board=$TERN_BINARY_DIR/bin/board_sim
work=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
mkfifo "$work/port"
"$board" >"$work/port" &
server=$!
read -r port <"$work/port" || { echo "board_sim does not start"; exit 1; }
device=fpga:udp:127.0.0.1:$port

"$tern" doctor --device "$device" | tee "$work/doctor"
grep -q '^counters' "$work/doctor"
model=$TERN_SOURCE_DIR/testvectors/tiny/packed
prompt=(--prompt 'The cat Mia' --max-tokens 4)
"$tern" run "$model" "${prompt[@]}" --device model >"$work/expected"
"$tern" run "$model" "${prompt[@]}" --device "$device" >"$work/text"
cmp "$work/expected" "$work/text" || { cat "$work/text"; exit 1; }

# The board goes away: a sentence.
kill $server
wait $server
if "$tern" doctor --device "$device" 2>"$work/error"; then echo "a board that is gone was accepted"; exit 1; fi
grep -q 'no answer after 100 tries: is the board on' "$work/error"
