#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A board in simulation at a terminal and at a UDP socket: doctor, and the tiny model over the link. The text must be
# that of the device model.
set -euo pipefail
tern=$1
board=$TERN_BINARY_DIR/bin/board_sim
work=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
mkfifo "$work/name"
model=$TERN_SOURCE_DIR/testvectors/tiny/packed
prompt=(--prompt 'The cat Mia' --max-tokens 4)
"$tern" run "$model" "${prompt[@]}" --device model >"$work/expected"

start() { # udp [PORT] | tty: the board's name in $device
  "$board" "$@" >"$work/name" &
  server=$!
  read -r device <"$work/name" || { echo "board_sim $* does not start"; exit 1; }
}
check_text() {
  "$tern" run "$model" "${prompt[@]}" --device "$device" >"$work/text"
  cmp "$work/expected" "$work/text" || { cat "$work/text"; exit 1; }
}

start tty
check_text
kill $server
wait $server

start udp
"$tern" doctor --no-clock --device "$device" | tee "$work/doctor"
grep -q '^counters' "$work/doctor"
check_text

# The board goes away: a sentence.
kill $server
wait $server
if "$tern" doctor --no-clock --device "$device" 2>"$work/error"; then echo "a board that is gone was accepted"; exit 1; fi
grep -q 'no answer after 100 tries: is the board on' "$work/error"

# It comes back at its port, and the next command works.
start udp "${device##*:}"
"$tern" doctor --no-clock --device "$device" >"$work/doctor"
grep -q '^counters' "$work/doctor"
