#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --lanes and --vectors choose a device. One that is not built, or none at all, gives a sentence and no results.
# tools/faults builds $TERN_BINARY_DIR/lib/tern_rtl_2x4.so anew: a program refuses one of other sources.
set -euo pipefail
tern=$1
directory=$(dirname "$tern")/lib
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! "$tern" doctor --device rtl >"$work/out" 2>"$work/error"; then
  grep -q 'rtl: needs' "$work/error" && { echo "skipped: $(cat "$work/error")"; exit 77; }
  cat "$work/error"
  exit 1
fi
default=$(sed -n 's/^hardware *\([124]\) lane(s), \([124]\) vector(s).*/\1x\2/p' "$work/out")

refuse() { # WANTED OPTION...
  local wanted=$1
  shift
  if "$tern" doctor --device rtl "$@" >"$work/out" 2>"$work/error"; then
    echo "tern doctor $* succeeds"
    exit 1
  fi
  [ ! -s "$work/out" ] || { echo "tern doctor $* prints results"; exit 1; }
  grep -q -- "$wanted" "$work/error" || { echo "tern doctor $*: $(cat "$work/error")"; exit 1; }
}

refuse "1, 2 or 4 of each" --lanes 3
refuse "1, 2 or 4 of each" --lanes 2 --vectors 3
refuse "not a number from 1 to 4" --vectors 5
for lanes in 1 2 4; do
  for vectors in 1 2 4; do
    if [ $lanes"x"$vectors = "$default" ] || [ -e "$directory/tern_rtl_${lanes}x$vectors.so" ]; then
      "$tern" doctor --device rtl --lanes $lanes --vectors $vectors >"$work/out"
      grep -q "$lanes lane(s), $vectors vector(s) a stream" "$work/out" || { cat "$work/out"; exit 1; }
    else
      refuse "tools/build --lanes $lanes --vectors $vectors builds it" --lanes $lanes --vectors $vectors
    fi
  done
done
