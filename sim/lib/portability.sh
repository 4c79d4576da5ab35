#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Checks a unit by one tool:
#   portability.sh lint|icarus|yosys|rules|ecp5 core|matmul|attention|link|memory|soc|board|cells SOURCE_DIR WORK_DIR [PICORV32_V]
# Exit 77 when the tool is missing.
set -eu
what=$1
unit=$2
source=$3
work=$4
include=$source/spec/generated
program=$source/rtl/vector # its program has an include file
top=tern_$unit
waivers=
builds="1x1 1x2 1x4 2x1 2x2 2x4 4x1 4x2 4x4" # lanes x vectors
case $unit in
core) # without picorv32, whose style is its own
    top=tern_core_coprocessor
    files="$source/rtl/float/*.v $source/rtl/core/tern_core_coprocessor.v $source/rtl/core/tern_core_multiply.v
        $source/rtl/soc/tern_clock_gate.v"
    ;;
matmul)
    top=tern_matmul_axi
    files="$source/rtl/bus/*.v $source/rtl/matmul/*.v $source/rtl/cells/*.v"
    ;;
cells) ;;
link)
    files="$source/rtl/bus/*.v $source/rtl/link/*.v $source/rtl/matmul/tern_crc32c.v"
    ;;
memory)
    top=tern_memory_port
    files="$source/rtl/memory/*.v $source/rtl/bus/tern_fifo.v"
    ;;
attention)
    files="$source/rtl/bus/*.v $source/rtl/attention/*.v $source/rtl/matmul/tern_round.v
        $source/rtl/cells/tern_stage_enable.v"
    ;;
soc | board)
    files="$source/rtl/bus/*.v $source/rtl/dma/*.v $source/rtl/matmul/*.v $source/rtl/attention/*.v
        $source/rtl/vector/*.v $source/rtl/soc/*.v $source/rtl/core/*.v
        $source/rtl/float/*.v $source/rtl/cells/*.v $5"
    builds="1x1 1x4 2x2 4x4"
    waivers=$source/rtl/core/picorv32.vlt
    if [ "$unit" = board ]; then
        files="$files $source/rtl/link/*.v $source/rtl/board/*.v"
        builds="1x1 4x4"
    fi
    ;;
ulx3s | ecpix5) # the tops, with models of the device's cells and stubs of the generated cores
    files="$source/rtl/*/*.v $source/rtl/boards/$unit/*.v $source/sim/boards/cells/*.v $source/sim/boards/stubs/$unit/*.v $5"
    waivers=$source/rtl/core/picorv32.vlt
    ;;
*)
    echo "portability.sh: no unit $unit" >&2
    exit 2
    ;;
esac
mkdir -p "$work"

needs() {
    command -v "$1" > /dev/null || { echo "skipped: needs $1"; exit 77; }
}

refuses() { # PARAMETER=VALUE:RULE...: each must stop elaboration by the name of the rule
    needs verilator
    for bad in "$@"; do
        # shellcheck disable=SC2086
        if verilator --lint-only -I"$include" -I"$program" -G"${bad%%:*}" --top-module $top $files > "$work/rules.log" 2>&1
        then
            echo "FAIL rules: ${bad%%:*} was accepted"
            exit 1
        fi
        grep -q "tern_rule_${bad##*:}" "$work/rules.log" || { echo "FAIL rules: ${bad%%:*}"; cat "$work/rules.log"; exit 1; }
    done
}

case $what-$unit in
lint-attention)
    needs verilator
    for lanes in 1 2 4; do
        # shellcheck disable=SC2086
        verilator --lint-only -Wall -I"$include" -I"$program" -GLANES=$lanes --top-module $top $files
    done
    ;;
lint-link)
    needs verilator
    for stream in 0 1; do
        # shellcheck disable=SC2086
        verilator --lint-only -Wall -I"$include" -GSTREAM=$stream --top-module $top $files
    done
    # shellcheck disable=SC2086
    verilator --lint-only -Wall -I"$include" --top-module tern_udp_port $files
    ;;
lint-memory)
    needs verilator
    for width in 16 32 64 128; do
        # shellcheck disable=SC2086
        verilator --lint-only -Wall -GWIDTH=$width -GPORTS=$((width > 16 ? 2 : 1)) --top-module $top $files
    done
    verilator --lint-only -Wall "$source/rtl/memory/tern_controller_bus.v"
    ;;
lint-matmul | lint-soc | lint-board)
    needs verilator
    for build in $builds; do
        # shellcheck disable=SC2086
        verilator --lint-only -Wall -I"$include" -I"$program" -GLANES="${build%x*}" -GVECTORS="${build#*x}" \
            --top-module $top $waivers $files
    done
    ;;
lint-ulx3s | lint-ecpix5)
    needs verilator
    # shellcheck disable=SC2086
    verilator --lint-only -Wall -I"$include" -I"$program" --top-module $top $waivers $files
    ;;
rules-ulx3s)
    refuses CLOCK_HZ=41000000:the_pll CLOCK_HZ=82500000:the_pll
    ;;
rules-attention)
    refuses LANES=3:lanes QUEUE_LOG2=7:queue_log2 QUEUE_LOG2=10:queue_log2
    ;;
rules-memory)
    refuses WIDTH=8:width PORTS=3:ports MEMORY_LOG2=40:memory_base ROW_LOG2=12:a_burst
    ;;
rules-matmul)
    refuses LANES=3:lanes VECTORS=3:vectors VECTORS=8:vectors MAX_GROUPS=96:max_groups MAX_GROUPS=4096:max_groups \
        QUEUE_LOG2=5:queue_log2
    # The unit must include the rules of the format. sim/lib/format_rules.sh tests each rule.
    mkdir -p "$work/other_format"
    sed 's/TERN_GROUP_COLUMNS 16/TERN_GROUP_COLUMNS 32/' "$include/tern_spec.vh" > "$work/other_format/tern_spec.vh"
    # shellcheck disable=SC2086
    if verilator --lint-only -I"$work/other_format" --top-module $top $files 2>&1 | grep -q tern_rule_group_columns
    then :; else
        echo "FAIL rules: the unit elaborates with another format"
        exit 1
    fi
    ;;
icarus-matmul)
    needs iverilog
    # shellcheck disable=SC2086
    iverilog -g2012 -Wall -Wno-timescale -I"$include" -I"$program" -s icarus_tb -o "$work/icarus.vvp" "$source/sim/matmul/icarus_tb.v" $files
    vvp -n "$work/icarus.vvp" > "$work/icarus.log"
    cat "$work/icarus.log"
    grep -q "^icarus: 0 failures" "$work/icarus.log"
    ;;
icarus-*)
    needs iverilog
    # shellcheck disable=SC2086
    iverilog -g2012 -Wno-timescale -I"$include" -I"$program" -s $top -o "$work/icarus.vvp" $files
    ;;
ecp5-cells) # each equals the portable module of its name, by SAT
    needs yosys
    for bits in 17 18 19; do
        for cells in cells cells/ecp5; do
            echo "read_verilog $source/rtl/$cells/tern_trit_add.v +/ecp5/cells_sim.v"
            echo "chparam -set BITS $bits tern_trit_add"
            echo "hierarchy -check -top tern_trit_add; proc; flatten; opt; design -stash ${cells##*/}"
        done > "$work/cells.ys"
        {
            echo "design -copy-from cells -as portable tern_trit_add; design -copy-from ecp5 -as own tern_trit_add"
            echo "miter -equiv -flatten portable own miter"
            echo "sat -verify -prove trigger 0 miter"
        } >> "$work/cells.ys"
        yosys -q "$work/cells.ys"
    done
    ;;
yosys-soc) # synthesis; boot and scratch memory alone are 64 block RAMs
    needs yosys
    TERN_BINARY_DIR=$work TERN_PICORV32_V=$5 python3 "$source/tools/area" --least-block-ram 64
    ;;
yosys-*)
    needs yosys
    {
        echo "read_verilog -sv -I$include -I$program" $files
        echo "hierarchy -check -top $top"
        echo "proc"
        echo 'select -assert-none t:$dlatch t:$adff t:$dffsr'
        echo "opt"
        echo "check -assert"
    } > "$work/yosys.ys"
    yosys -q "$work/yosys.ys" > "$work/yosys.log" 2>&1 || { tail -20 "$work/yosys.log"; exit 1; }
    if grep -E "^ERROR|multiple conflicting drivers" "$work/yosys.log"; then
        exit 1
    fi
    ;;
*)
    echo "portability.sh: $what is nothing to ask of $unit" >&2
    exit 2
    ;;
esac
