#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Changes each constant of the packed format and of its arithmetic, one at a time. Also the largest number of rows
# and what the unit takes for granted of an activation image. Elaboration must then stop in each tool and name a rule of
# rtl/matmul/tern_format_rules.v. format_rules.sh SOURCE_DIR. Exit 77 when no tool is installed.
set -euo pipefail
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
header=spec/generated/tern_spec.vh
rules=rtl/matmul/tern_format_rules.v
export work header rules

elaborate() { # TOOL DIRECTORY with a tern_spec.vh
  case $1 in
    verilator) verilator --lint-only -Wall -I"$2" --top-module tern_format_rules $rules ;;
    iverilog) iverilog -g2012 -Wno-timescale -I"$2" -s tern_format_rules -o /dev/null $rules ;;
    yosys) yosys -q -p "read_verilog -sv -I$2 $rules; hierarchy -check -top tern_format_rules" ;;
  esac 2>&1
}
check() { # TOOL NAME VALUE
  mkdir -p "$work/$2_$3"
  sed "s/^\`define TERN_$2 [^ ]*/\`define TERN_$2 $3/" "$header" >"$work/$2_$3/tern_spec.vh"
  grep -q 'tern_rule_' <<<"$(elaborate "$1" "$work/$2_$3")" || echo "$1 elaborates with TERN_$2 = $3"
}
export -f elaborate check

# The parts of float32 reductions do not concern the matmul unit.
constants=$(sed -n '/^\/\/ packed format$/,/^$/p; /^\/\/ arithmetic$/,/^$/p' "$header" | grep -v TERN_REDUCTION_PARTS |
  sed -n 's/^`define TERN_\([A-Z0-9_]*\) \([0-9]*\) .*/\1 \2/p')
(($(wc -l <<<"$constants") >= 15)) || { echo "few constants: $constants"; exit 1; }

tools=()
for tool in verilator iverilog yosys; do
  command -v $tool >/dev/null && tools+=("$tool")
done
((${#tools[@]})) || { echo "skipped: needs verilator, iverilog or yosys"; exit 77; }
for tool in "${tools[@]}"; do
  elaborate "$tool" "${header%/*}" >"$work/said" ||
    { cat "$work/said"; echo "$tool does not elaborate the rules as they are"; exit 1; }
  while read -r name value; do
    echo "$tool $name $((value + 1))"
    echo "$tool $name $((2 * value))"
  done <<<"$constants"
  echo "$tool MAX_ROWS 262145"
  echo "$tool ACTIVATION_HEADER_BYTES 128"
  echo "$tool LEAST_BASE_EXPONENT -257"
  echo "$tool LARGEST_BASE_EXPONENT 256"
done | xargs -P 2 -L 1 bash -c 'check "$@"' check >"$work/elaborated"
cat "$work/elaborated"
[ ! -s "$work/elaborated" ] && echo "$(wc -l <<<"$constants") constants, each refused by ${tools[*]}"
