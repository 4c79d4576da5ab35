#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs golden vectors on a unit under Icarus Verilog:
#   replay.sh matmul|vector|attention CASES [ARGUMENT_OF_THE_BENCH...]
# CASES is a folder that testvectors/unit/to_readmemh.py has written. With TERN_RTL_DIR the files TERN_RTL_DIR/UNIT/*.v
# take the place of rtl/UNIT/*.v. TERN_VECTORS is the matmul unit's parameter VECTORS, 1 if absent. TERN_WORK is where the
# compiled bench goes. Exit 77 when Icarus is missing.
set -eu
[ $# -ge 2 ] || { echo "usage: replay.sh matmul|vector|attention CASES [ARGUMENT_OF_THE_BENCH...]" >&2; exit 2; }
unit=$1
cases=$2
shift 2
source=$(cd "$(dirname "$0")/../.." && pwd)
work=${TERN_WORK:-$(mktemp -d)}
[ -n "${TERN_WORK:-}" ] || trap 'rm -rf "$work"' EXIT
command -v iverilog > /dev/null || { echo "skipped: needs iverilog"; exit 77; }

folder() { # NAME: of the Verilog of a part
    if [ -d "${TERN_RTL_DIR:-}/$1" ]; then echo "$TERN_RTL_DIR/$1"; else echo "$source/rtl/$1"; fi
}
own=$(folder "$unit")
if [ -n "${TERN_RTL_DIR:-}" ] && [ "$own" = "$source/rtl/$unit" ]; then
    echo "replay.sh: TERN_RTL_DIR=$TERN_RTL_DIR has no folder $unit" >&2
    exit 2
fi
case $unit in
matmul) shared="cells/tern_trit_add cells/tern_stage_enable" ;;
vector) shared="cells/tern_stage_enable soc/tern_clock_gate float/*" ;;
attention) shared="cells/tern_stage_enable matmul/tern_round" ;;
*) echo "replay.sh: no unit $unit: matmul, vector or attention" >&2; exit 2 ;;
esac

compile() ( # a subshell, whose arguments become the files
    set -- "$source/sim/golden/golden_tb.v" "$source/sim/lib/tern_unit_bench.v" "$own"/*.v "$source"/rtl/bus/*.v
    for file in $shared; do
        for path in "$source"/rtl/$file.v; do # $file may have a *
            [ -e "$own/${path##*/}" ] || set -- "$@" "$path"
        done
    done
    iverilog -g2012 -Wno-timescale -D"TERN_UNIT_$(echo "$unit" | tr a-z A-Z)" -I"$source/spec/generated" \
        -I"$(folder vector)" -s golden_tb -Pgolden_tb.VECTORS="${TERN_VECTORS:-1}" -o "$work/$unit.vvp" "$@"
)
compile
echo "unit: $own"
vvp -n "$work/$unit.vvp" +cases="$cases" "$@" > "$work/$unit.log" || true
cat "$work/$unit.log"
grep -q "^golden: [1-9][0-9]* cases, 0 failures$" "$work/$unit.log"
