#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Golden vectors on the RTL by the $readmemh bench:
#   test_golden.sh matmul|vector|attention SOURCE_DIR WORK_DIR
# All cases of the unit's file run on a slow memory. The committed cases have a list of the bus. A wrong byte must be named, and so must a unit of TERN_RTL_DIR that rounds wrongly. Exit 77 when Icarus is missing.
set -euo pipefail
unit=$1 source=$2
export TERN_WORK=$3/$1
python=$(command -v python3) || { echo "skipped: needs python3"; exit 77; }
command -v iverilog >/dev/null || { echo "skipped: needs iverilog"; exit 77; }
vectors=$source/testvectors/unit committed=$source/testvectors/unit/readmemh/$unit
rm -rf "$TERN_WORK"
mkdir -p "$TERN_WORK"
# The build may have RTL of another part.
[ -d "${TERN_RTL_DIR:-}/$unit" ] || unset TERN_RTL_DIR
fail() { echo "FAIL golden $unit: $1"; exit 1; }
replay() { "$source/sim/golden/replay.sh" "$unit" "$@"; }

# The bench is Verilog-2005 and needs only the unit.
said=$(iverilog -g2005 -Wall -t null -s golden_tb "$source/sim/golden/golden_tb.v" 2>&1 || true)
grep -q "Unknown module type: tern_unit_bench" <<<"$said" && (($(grep -c golden_tb.v <<<"$said") == 1)) ||
  fail "the bench is no Verilog-2005 of its own: $said"

# Verilator takes it too.
if command -v verilator >/dev/null; then
  libraries=()
  for part in "$unit" bus cells float matmul soc; do libraries+=(-y "$source/rtl/$part"); done
  verilator --lint-only --timing -Wno-fatal --top-module golden_tb "-DTERN_UNIT_${unit^^}" -I"$source/spec/generated" -I"$source/rtl/vector" \
    "${libraries[@]}" "$source/sim/golden/golden_tb.v" "$source/sim/lib/tern_unit_bench.v" >"$TERN_WORK/said" 2>&1 ||
    fail "$(grep '^%Error' "$TERN_WORK/said")"
fi

"$python" "$vectors/to_readmemh.py" "$vectors/$unit.tuv" "$TERN_WORK/cases"
replay "$TERN_WORK/cases" +latency=20 +stalls=10 | tail -n 1

if [ "$unit" = matmul ]; then
  "$python" "$vectors/to_readmemh.py" "$vectors/matmul_runs.tuv" "$TERN_WORK/runs"
  TERN_VECTORS=4 replay "$TERN_WORK/runs" +latency=20 +stalls=10 | tail -n 1
fi

cp -r "$committed" "$TERN_WORK/bus"
replay "$TERN_WORK/bus" +bus
mapfile -t names <"$committed/cases.txt"
for name in "${names[@]}"; do
  "$python" "$vectors/check_bus.py" "$TERN_WORK/bus/$name"
done
[ -n "${TERN_RTL_DIR:-}" ] || diff -r "$committed" "$TERN_WORK/bus" ||
  fail "bus.txt is not what the unit does: write it anew (testvectors/unit/README.md)"

# A wrong byte of the memory after the run: the last case, its last byte.
mkdir "$TERN_WORK/wrong"
cp -r "$committed/$name" "$TERN_WORK/wrong"
echo "$name" >"$TERN_WORK/wrong/cases.txt"
sed -i '$s/..$/55/' "$TERN_WORK/wrong/$name/after.hex"
if replay "$TERN_WORK/wrong" >"$TERN_WORK/said"; then fail "a wrong byte was accepted"; fi
grep -q "^FAIL $name: byte 0x0*3[0-9a-f]*f is 0x7f, expected 0x55" "$TERN_WORK/said" || fail "$(cat "$TERN_WORK/said")"

# Files that are not there, after a case that passes.
cp "$committed/$name/after.hex" "$TERN_WORK/wrong/$name"
for file in run before after; do
  cp -r "$TERN_WORK/wrong/$name" "$TERN_WORK/wrong/no_$file"
  rm "$TERN_WORK/wrong/no_$file/$file.hex"
done
printf '%s\n' "$name" no_run no_before no_after >"$TERN_WORK/wrong/cases.txt"
if replay "$TERN_WORK/wrong" >"$TERN_WORK/said"; then fail "missing files were accepted"; fi
for line in "PASS $name" "FAIL no_run: .*/no_run/run.hex cannot be read" "FAIL no_before: before.hex or after.hex has not all" \
  "FAIL no_after: before.hex or after.hex has not all" "golden: 4 cases, 3 failures"; do
  grep -q "^$line" "$TERN_WORK/said" || fail "no line '$line' in: $(cat "$TERN_WORK/said")"
done

if [ "$unit" = matmul ] && [ -z "${TERN_RTL_DIR:-}" ]; then
  mkdir "$TERN_WORK/own"
  cp -r "$source/rtl/matmul" "$TERN_WORK/own"
  sed -i 's/round_up = top_7\[0\] &/round_up = top_7[0] |/' "$TERN_WORK/own/matmul/tern_round.v"
  if TERN_RTL_DIR=$TERN_WORK/own replay "$TERN_WORK/cases" +case=ties >"$TERN_WORK/said"; then
    fail "a wrong rounding was accepted"
  fi
  grep -q "^unit: $TERN_WORK/own/matmul$" "$TERN_WORK/said" && grep -q "^FAIL ties: byte 0x" "$TERN_WORK/said" ||
    fail "$(cat "$TERN_WORK/said")"
  # wrong FILE SED_SCRIPT WORDS: a unit that breaks a rule of the bus or of the registers
  wrong() {
    cp "$source/rtl/matmul/"*.v "$TERN_WORK/own/matmul"
    sed -i "$2" "$TERN_WORK/own/matmul/$1"
    if TERN_RTL_DIR=$TERN_WORK/own replay "$TERN_WORK/cases" +case=ties >"$TERN_WORK/said"; then fail "accepted: $2"; fi
    grep -q "^FAIL ties: $3" "$TERN_WORK/said" || fail "$(cat "$TERN_WORK/said")"
  }
  wrong tern_matmul_registers.v 's/assign ready = .*;/assign ready = 0;/' "a register access has no answer"
  wrong tern_output_writer.v 's/\.m_write_address,/.m_write_address(of_row),/; s/^);/&wire [63:0] of_row; assign m_write_address = {of_row[63:21], ~of_row[20], of_row[19:0]};/' \
    "a burst leaves the window, at 0x0000000300100"
  code=0
  TERN_RTL_DIR=$TERN_WORK/wrong replay "$TERN_WORK/cases" >"$TERN_WORK/said" 2>&1 || code=$?
  ((code == 2)) && grep -q "TERN_RTL_DIR=.* has no folder matmul" "$TERN_WORK/said" || fail "$(cat "$TERN_WORK/said")"
fi
