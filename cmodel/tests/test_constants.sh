#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The contract is written for the constants of the format. With a changed one it must not compile. The constants are
# those of the groups "packed format" and "arithmetic" in the generated header. Each is tried as one more and as twice
# as much.
set -euo pipefail
cd "$TERN_SOURCE_DIR"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
header=spec/generated/tern_spec.h
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$TERN_BINARY_DIR/CMakeCache.txt")
export compiler header work

compile() { # FILE DIRECTORY with another spec/generated/tern_spec.h
  "$compiler" -std=gnu11 -fsyntax-only -I"$2" -I. "$1" 2>&1
}
check() { # NAME VALUE
  mkdir -p "$work/$1_$2/${header%/*}"
  sed "s/^#define TERN_$1 [^ ]*/#define TERN_$1 $2/" "$header" >"$work/$1_$2/$header"
  for file in cmodel/{matmul,vector,float}/*.c; do
    grep -q 'static.assert' <<<"$(compile "$file" "$work/$1_$2")" && return
  done
  echo "the contract compiles with TERN_$1 = $2"
}
export -f compile check

mkdir -p "$work/same/${header%/*}"
cp "$header" "$work/same/$header"
for file in cmodel/{matmul,vector,float}/*.c; do
  compile "$file" "$work/same" || { echo "$file does not compile as it is"; exit 1; }
done
constants=$(sed -n '/^\/\* packed format \*\/$/,/^$/p; /^\/\* arithmetic \*\/$/,/^$/p' "$header" |
  sed -n 's/^#define TERN_\([A-Z0-9_]*\) \([0-9]*\) .*/\1 \2/p')
(($(wc -l <<<"$constants") >= 16)) || { echo "few constants: $constants"; exit 1; }
while read -r name value; do
  echo "$name $((value + 1))"
  echo "$name $((2 * value))"
done <<<"$constants" | xargs -P 2 -L 1 bash -c 'check "$@"' check >"$work/compiled"
cat "$work/compiled"
[ ! -s "$work/compiled" ]
