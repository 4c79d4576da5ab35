#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What doctor and run say of a board: every refusal, on the C model of a board whose registers read what a case says.
set -euo pipefail
tern=$1
board=$TERN_BINARY_DIR/bin/board_model
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
mkfifo "$work/name"

# Registers, and words of the report of memory (struct tern_memory_report, at 0x8000).
firmware_state=0x20000054 number=0x2000005c sources=0x2000006c memory_state=0x20000070 memory_report=0x20000074
lanes=0x800c bitslips=0x8010 delays=0x8014 tested=0x8018 size=0x801c address=0x8020 expected=0x8024 read=0x8028 width_1=0x8054

start() { # ADDRESS=VALUE...
  if [ -n "$server" ]; then kill "$server"; wait "$server" 2>/dev/null || true; fi
  "$board" "$@" >"$work/name" &
  server=$!
  read -r device <"$work/name" || { echo "board_model does not start"; exit 1; }
}
die() { echo "$1"; cat "$work/out" "$work/error"; exit 1; }
doctor() { "$tern" doctor --device "$device" --no-clock "$@" >"$work/out" 2>"$work/error"; }
says() { # TEXT: on stdout
  grep -qF -- "$1" "$work/out" || die "missing: $1"
}
refused() { # SENTENCE DOCTOR-OPTION...: one sentence on stderr, exit code 1
  local sentence=$1 code=0
  shift
  doctor "$@" || code=$?
  [ $code = 1 ] || die "exit code $code instead of 1"
  [ "$(wc -l <"$work/error")" = 1 ] || die "not one sentence"
  grep -qF -- "$sentence" "$work/error" || die "missing: $sentence"
  if grep -q 'is well' "$work/out"; then die "a refused board is well"; fi
}

# A good board: its bitstream, the scan, its memory.
start
doctor || die "a good board is refused"
says 'board      ulx3s, bitstream of sources 0x1234abcd, which nothing here says to expect'
says 'clock      not measured'
says 'lane 0.1   ..####..  delay 3 is taken, 4 in a row'
says 'lane 1.1   .o#####.  delay 4 is taken, 5 in a row'
says 'lane 1.3   ........'
says 'DRAM       2 memory lane(s), no address repeats in 16777216 bytes, ready after 300000 cycles'
says 'is well: 7 checks passed'
if awk 'length > 100' "$work/out" | grep -q '^lane'; then die "a line of the scan is too long"; fi
doctor --json || die "a good board is refused"
python3 -c 'import json, sys; print(json.load(sys.stdin)["lane 0.1"])' <"$work/out" | grep -q '^\.\.####'

# Its bitstream.
doctor --bitstream 0x1234ABCD || die "the right bitstream is refused"
says 'bitstream of sources 0x1234abcd, as expected'
refused 'the bitstream has sources 0x1234abcd, --bitstream says 0x00000001: load that bitstream' --bitstream 0x00000001
for bad in 1234abcd 0x1234abc 0x1234abcde 0xx234abcd ''; do
  refused "'$bad' is not 0x and 8 hexadecimal digits" --bitstream "$bad"
done
mkdir -p "$work/bin/boards/ulx3s"
cp "$tern" "$work/bin/tern"
echo 0x1234abcd >"$work/bin/boards/ulx3s/ulx3s.hash"
tern=$work/bin/tern
doctor --allow-stale || die "the bitstream of the file is refused"
says 'as expected'
echo 0x1234abce >"$work/bin/boards/ulx3s/ulx3s.hash"
refused "boards/ulx3s/ulx3s.hash says 0x1234abce: load that bitstream" --allow-stale
tern=$1
start $sources=0
doctor || die "a simulation without a hash is refused"
says 'bitstream of sources 0x00000000, a simulation'

# Its clock: that of the model advances by one a read, whatever the host's does.
if "$tern" doctor --device "$device" >"$work/out" 2>"$work/error"; then die "a clock that stands is accepted"; fi
grep -q 'the clock runs at 0.00 MHz, the bitstream is built for 100.00 MHz: .*--no-clock' "$work/error" || die "clock"

# Its memory. The scan comes also when the device cannot be opened.
start $memory_state=0x102 $firmware_state=0
refused "memory lane 1 of the board's memory reads right data at no delay: switch the board off and on"
says 'lane 1.1   .o#####.'
if "$tern" run "$TERN_SOURCE_DIR/testvectors/tiny/packed" --prompt a --device "$device" 2>"$work/error" >"$work/out"; then
  die "run accepts memory that does not work"
fi
grep -q 'memory lane 1' "$work/error" || die "run does not say what is wrong"
start $memory_state=3 $firmware_state=0 $size=0x800000
refused "addresses of the board's memory repeat after 8388608 bytes, its bitstream is for 16777216: take the bitstream"
start $memory_state=3 $firmware_state=0 $address=0x40 $expected=5 $read=7
refused "the board's memory reads 0x00000007 at byte 0x40, 0x00000005 was written: switch the board off"
start $memory_state=3 $firmware_state=0 $memory_report=0
refused "the board's memory reads wrong data, and there is no report on it"
start $memory_state=4 $firmware_state=0 $number=77
refused 'the firmware does not know the memory of board 77: build driver and bitstream from one commit'
start $memory_state=5 $firmware_state=0
refused "the board's memory does not answer: switch the board off and on"
start $memory_state=9 $firmware_state=0
refused 'the memory state of the board is 9, which this driver does not know'
start $width_1=1
refused "memory lane 1 of the board's memory reads right data at a single delay"
start $tested=0x800000 $size=0x800000
refused "8388608 bytes of the board's memory were tested, the link says 16777216"
for bad in $memory_report=0 $memory_report=3 $memory_report=0xbff0 $lanes=5 $bitslips=9 $delays=33 0x8000=0; do
  start $bad
  refused 'the firmware left no report on memory: run the command again'
done
start $firmware_state=0
refused 'the firmware did not come up'

# Its cable, pulled in the middle of a text: for a short time, and for good.
run=(run "$TERN_SOURCE_DIR/testvectors/tiny/packed" --prompt 'The cat Mia' --max-tokens 8)
"$tern" "${run[@]}" --device model >"$work/expected"
start quiet=1500:40
"$tern" "${run[@]}" --device "$device" >"$work/out" 2>"$work/error" || die "a short pull ends the text"
cmp "$work/expected" "$work/out" || die "a short pull changes the text"
start quiet=1500:4000000000
if "$tern" "${run[@]}" --device "$device" >"$work/out" 2>"$work/error"; then die "a text without a board"; fi
grep -q 'no answer after 100 tries: is the board on' "$work/error" || die "a pulled cable"

# An address of another form is wrong usage.
for bad in fpga:x fpga: fpga fpga:udp: fpga:udp:host:0 fpga:tty: fpga:tty:/dev/null:9601; do
  code=0
  "$tern" doctor --device "$bad" >"$work/out" 2>"$work/error" || code=$?
  [ $code = 2 ] || die "$bad: exit code $code instead of 2"
done
