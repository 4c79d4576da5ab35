#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/make_controller gives the committed header, and the same Verilog at every run. Wrong use and wrong tables end in
# a sentence.
set -euo pipefail
make=$TERN_SOURCE_DIR/tools/make_controller
built=$TERN_SOURCE_DIR/build/boards
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refused() { # words that the sentence has, then the command
    local words=$1 status=0
    shift
    "$@" >"$work/out" 2>&1 || status=$?
    [ "$status" != 0 ] && grep -q "$words" <(tail -1 "$work/out") || { echo "not refused with '$words': $*"; cat "$work/out"; exit 1; }
}

refused 'name either a board' "$make"
refused 'invalid choice' "$make" nothing
refused 'power of two' "$make" ulx3s --rows 4096
refused 'power of two' "$make" ulx3s --sim --rows 4097
copy=$work/copy
mkdir -p "$copy/rtl/boards" "$copy/spec" "$copy/tools"
cp "$TERN_SOURCE_DIR"/tools/{boards,synthesis}.py "$copy/tools"
cp "$TERN_SOURCE_DIR/spec/tern.toml" "$copy/spec"
table=$TERN_SOURCE_DIR/rtl/boards/boards.toml
sed '/^link/d' "$table" >"$copy/rtl/boards/boards.toml"
refused 'ulx3s.link is no str' env PYTHONPATH="$copy/tools" python3 -c 'import boards; boards.read()'
sed '/^number/s/ULX3S/NOWHERE/' "$table" >"$copy/rtl/boards/boards.toml"
refused 'NOWHERE is no value of SYSTEM BOARD' env PYTHONPATH="$copy/tools" python3 -c 'import boards; boards.read()'

if ! "$make" --header --check >"$work/said" 2>&1; then
    grep -q 'pip could not install' "$work/said" && { echo "skipped: needs litex (tools/make_controller)"; exit 77; }
    cat "$work/said"
    exit 1
fi
for board in ulx3s ecpix5; do
    [ "$("$make" "$board" | wc -l)" = 1 ]
    cp "$built/$board/litedram_core.v" "$work/first.v"
    "$make" "$board" >/dev/null
    cmp "$work/first.v" "$built/$board/litedram_core.v"
    grep -Eq 'inout +wire +\[15:0\] +\w+_dq' "$work/first.v"
done
