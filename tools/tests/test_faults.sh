#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The list of planted faults must fit the sources and the tests. tools/faults must name a fault that a test misses, that a
# neighbour catches, that is stale or does not build. It must also name a test that fails anyway.
set -euo pipefail
faults=$TERN_SOURCE_DIR/tools/faults
python3 -c 'import tomllib' 2>/dev/null || { echo "skipped: needs python3 3.11"; exit 77; }
command -v ninja >/dev/null || { echo "skipped: needs ninja"; exit 77; }
build_option=()
[ "$(find "$TERN_BINARY_DIR" -maxdepth 2 -name libtern_rtl.a)" ] && build_option=(--build "$TERN_BINARY_DIR")
"$faults" --check "${build_option[@]}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tools" "$work/build/venv/bin"
cat >"$work/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(scratch LANGUAGES C)
enable_testing()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
add_executable(sum sum.c)
add_executable(broken broken.c)
add_test(NAME sum COMMAND sum)
add_test(NAME broken COMMAND broken)
add_test(NAME twin COMMAND sum)
add_test(NAME script COMMAND sh ${CMAKE_SOURCE_DIR}/sum.sh)
set_tests_properties(script PROPERTIES SKIP_RETURN_CODE 77)
CMAKE
printf 'int unused(void) {\n  return 5;\n}\n\nint main(void) {\n  return 2 + 2 != 4;\n}\n' >"$work/sum.c"
printf 'int main(void) {\n  return 1;\n}\n' >"$work/broken.c"
printf 'four() {\n  [ $((2 + 2)) = 4 ]\n}\nonly_in_venv || exit 77\nfour\n' >"$work/sum.sh"
printf '#!/bin/sh\n' >"$work/build/venv/bin/only_in_venv"
chmod +x "$work/build/venv/bin/only_in_venv"

# plant FILE NAME OLD NEW CAUGHT PASSES: one row; what the tool says stands in $said, its exit code in $code.
plant() {
  printf "[[fault]]\nfile = '%s'\nin = '%s'\nold = '%s'\nnew = '%s'\ncaught = [%s]\npasses = [%s]\nshows = 'x'\n" "$@" \
    >"$work/tools/faults.toml"
  code=0
  said=$("$faults" --source "$work" 2>/dev/null) || code=$?
}
expect() { # CODE TEXT
  [ "$code" = "$1" ] && grep -q -- "$2" <<<"$said" || { echo "expected exit $1 and '$2', got $code: $said"; exit 1; }
}
plant sum.c main '2 + 2' '2 + 3' '"sum"' '"script"'
expect 0 '1 faults: 1 caught'
plant sum.sh four '2 + 2' '2 + 3' '"script"' '"sum"'
expect 0 '1 faults: 1 caught'
plant sum.c main '2 + 2' '2  + 2' '"sum"' ''
expect 1 '^NOT CAUGHT by sum: sum.c'
plant sum.c main '2 + 2' '2 + 3' '"sum", "script"' ''
expect 1 '^NOT CAUGHT by script: sum.c'
plant sum.sh four '[ $((2 + 2)) = 4 ]' 'exit 77' '"script"' ''
expect 1 '^NOT CAUGHT by script: sum.sh'
plant sum.c main '2 + 2' '2 + 3' '"sum"' '"twin"'
expect 1 '^ALSO CAUGHT by twin: sum.c'
plant sum.c main '3 + 3' '3 + 4' '"sum"' ''
expect 1 '^stale: main has the old text 0 times'
plant sum.c main '2' '3' '"sum"' ''
expect 1 '^stale: main has the old text 2 times'
plant sum.c unused '2 + 2' '2 + 3' '"sum"' ''
expect 1 '^stale: unused has the old text 0 times'
plant sum.c main '2 + 2' '2 + ' '"sum"' ''
expect 1 '^does not build'
plant broken.c main 'return 1' 'return 2' '"broken"' ''
expect 1 '^without the fault: broken failed'
plant sum.c main '2 + 2' '2 + 3' '"sums"' ''
expect 1 '^no test sums'
grep -q '2 + 2' "$work/build/faults/tree/sum.c" || { echo "a fault was left in the copy"; exit 1; }

# Every test must have a fault or a reason for none, and only a test that exists.
check() { # CODE TEXT [LINES OF THE LIST]
  plant sum.c main '2 + 2' '2 + 3' '"sum", "twin"' '"script"'
  printf '%s\n' "${@:3}" >>"$work/tools/faults.toml"
  code=0
  said=$("$faults" --check --source "$work" --build "$work/build/faults/build") || code=$?
  expect "$1" "$2"
}
check 1 '^script: no fault has shown that this test can fail'
check 1 '^no test gone' '[no_fault]' 'gone = "x"'
check 1 '^sum: a fault and a reason for none' '[no_fault]' 'sum = "x"'
check 0 '^1 faults, none stale' '[no_fault]' 'script = "x"' 'broken = "x"'
