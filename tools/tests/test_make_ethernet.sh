#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/make_ethernet gives the same Verilog at every run. Wrong use and wrong addresses end in a sentence.
set -euo pipefail
make=$TERN_SOURCE_DIR/tools/make_ethernet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refused() { # words that the sentence has, then a change of the table as sed has it
    local copy=$work/copy
    mkdir -p "$copy/rtl/boards" "$copy/spec" "$copy/tools"
    cp "$TERN_SOURCE_DIR"/tools/{boards,synthesis}.py "$copy/tools"
    cp "$TERN_SOURCE_DIR/spec/tern.toml" "$copy/spec"
    sed "$2" "$TERN_SOURCE_DIR/rtl/boards/boards.toml" >"$copy/rtl/boards/boards.toml"
    if PYTHONPATH="$copy/tools" python3 -c 'import boards; boards.read()' >"$work/out" 2>&1; then
        echo "not refused: $2"
        exit 1
    fi
    grep -q "$1" "$work/out" || { cat "$work/out"; exit 1; }
}

refused 'network.ip .* is no IPv4 address' '/^ip = /s/50"/500"/'
refused 'network.mac is no local address' '/^mac = /s/02:/03:/'
refused 'network.port 0 is not' '/^port = /s/5005/0/'
refused 'network is no dict' '/network\]/,/^$/d'
if "$make" ulx3s >"$work/out" 2>&1; then # its link is a serial line
    echo "a board without Ethernet was accepted"
    exit 1
fi
grep -q 'invalid choice' "$work/out"

for variant in "" --sim; do
    # shellcheck disable=SC2086
    if ! "$make" ecpix5 $variant >"$work/out" 2>&1; then
        grep -q 'pip could not install' "$work/out" && { echo "skipped: needs liteeth (tools/make_ethernet)"; exit 77; }
        cat "$work/out"
        exit 1
    fi
    made=$TERN_SOURCE_DIR/build/boards/ecpix5${variant/--/-}/liteeth_core.v
    cp "$made" "$work/first.v"
    # shellcheck disable=SC2086
    "$make" ecpix5 $variant >"$work/out"
    cmp "$work/first.v" "$made"
    grep -q 'wire.* udp_source_error' "$made"
done
