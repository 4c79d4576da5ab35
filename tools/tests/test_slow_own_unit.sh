#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The examples of docs/own-unit.md: the RTL of a unit in a folder of one's own runs on vp. A fault in it is found.
set -euo pipefail
tern=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "$*"; tail -n 40 "$scratch/said"; exit 1; }
"$tern" doctor --device vp --verilated matmul >"$scratch/said" 2>&1 || {
  grep -q needs "$scratch/said" && { echo "skipped: needs libsystemc-dev and verilator"; exit 77; }
  fail "doctor"; }

# The shell of example NUMBER, in the scratch folder.
example() {
  awk -v number="$1" '/^<!-- tools.own_unit runs this -->$/ { found++ } /^```$/ { inside = 0 }
    inside && found == number; /^```sh$/ { inside = 1 }' "$TERN_SOURCE_DIR/docs/own-unit.md" | sed "s#/tmp/own#$scratch#g"
}
run() { (cd "$TERN_SOURCE_DIR" && bash -euo pipefail -c "$(example "$1")") >"$scratch/said" 2>&1; }

run 1 || fail "our own RTL differs"
grep -q '^model = vp: 43776 values, 0 differ$' "$scratch/said" || fail "no verdict"
code=0
run 2 || code=$?
[ $code = 1 ] || fail "exit code $code with a fault"
grep -q 'the first difference is in layer 0, position 0, stage q_proj (MATMUL), element 0' "$scratch/said" ||
  fail "the fault is not named"
