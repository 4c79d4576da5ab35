#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The list of planted faults fits the sources and the tests. tools/faults must tell a caught fault from four others:
# not caught, stale, without a build, and with a test that fails anyway.
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
add_test(NAME script COMMAND sh ${CMAKE_SOURCE_DIR}/sum.sh)
set_tests_properties(script PROPERTIES SKIP_RETURN_CODE 77)
CMAKE
echo 'int main(void) { return 2 + 2 != 4; }' >"$work/sum.c"
echo 'int main(void) { return 1; }' >"$work/broken.c"
echo 'only_in_venv || exit 77; [ $((2 + 2)) = 4 ]' >"$work/sum.sh"
printf '#!/bin/sh\n' >"$work/build/venv/bin/only_in_venv"
chmod +x "$work/build/venv/bin/only_in_venv"

# plant FILE OLD NEW TEST: one row; what the tool says stands in $said, its exit code in $code.
plant() {
  printf "[[fault]]\nfile = '%s'\nold = '%s'\nnew = '%s'\ntest = '%s'\nshows = 'x'\n" "$@" >"$work/tools/faults.toml"
  code=0
  said=$("$faults" --source "$work" 2>/dev/null) || code=$?
}
expect() { # CODE TEXT
  [ "$code" = "$1" ] && grep -q -- "$2" <<<"$said" || { echo "expected exit $1 and '$2', got $code: $said"; exit 1; }
}
plant sum.c '2 + 2' '2 + 3' '^sum$'
expect 0 '1 faults: 1 caught'
plant sum.sh '2 + 2' '2 + 3' '^script$'
expect 0 '1 faults: 1 caught'
plant sum.c '2 + 2' '2  + 2' '^sum$'
expect 1 '^NOT CAUGHT: sum.c'
plant sum.c '3 + 3' '3 + 4' '^sum$'
expect 1 '^stale: old text stands there 0 times'
plant sum.c '2' '3' '^sum$'
expect 1 '^stale: old text stands there 2 times'
plant sum.c '2 + 2' '2 + ' '^sum$'
expect 1 '^does not build'
plant broken.c 'return 1' 'return 2' '^broken$'
expect 1 '^without the fault: failed'
plant sum.c '2 + 2' '2 + 3' '^sums$'
expect 1 '^no test matches'
grep -q '2 + 2' "$work/build/faults/tree/sum.c" || { echo "a fault was left in the copy"; exit 1; }
