#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A program says when the tree has other sources than it was built from. doctor, compare, benches and test programs fail then.
# An edit that does not build leaves a program that says so.
set -euo pipefail
tern=$1 tiny=$TERN_SOURCE_DIR/testvectors/tiny
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; cat "$work/out" "$work/err"; exit 1; }
tree=$work/tree
copy() { mkdir -p "$tree" && tar c -C "$TERN_SOURCE_DIR" "$@" | tar x -C "$tree"; }
copy CMakeLists.txt tools/cmake tools/make_sources spec cmodel firmware host_driver rtl sim
export TERN_SOURCES=$tree

run() { code=0; "$@" >"$work/out" 2>"$work/err" || code=$?; }
fresh() { run "$@"; [ $code = 0 ] && ! grep -q 'have changed' "$work/err" || fail "$*: exit code $code for a fresh program"; }
# stale CODE WORDS COMMAND...: the command ends with this code and says these words last.
stale() {
  run "${@:3}"
  [ $code = "$1" ] && tail -n 1 "$work/err" | grep -qF "sources have changed since this program was built: $2; build it again: " ||
    fail "${*:3}: exit code $code, not $1, or no words '$2'"
}
compare=("$tern" compare "$tiny" --devices model,model --layer 0)

fresh "$tern" doctor
grep -Eq '^sources    .*\<[0-9a-f]{12}, /' "$work/out" || fail "doctor does not name its sources"
hash=$(grep -Eo '\<[0-9a-f]{12}, /' "$work/out" | cut -d, -f1)
[ "$("$tern" --version)" = "$("$tern" --version | cut -d' ' -f1-2) (sources $hash)" ] || fail "--version has not the hash $hash"
fresh "${compare[@]}"
grep -q "sources .*$hash, /" "$work/err" || fail "compare does not name its sources"

# RTL is no part of the device model.
echo "// edited" >>"$tree/rtl/bus/tern_host_bridge.v"
fresh "$tern" doctor
devices=
for device in rtl vp; do
  TERN_SOURCES=$TERN_SOURCE_DIR "$tern" doctor --device $device >/dev/null 2>&1 && devices+=" $device"
done
for device in $devices; do
  options=(--device $device)
  [ $device = rtl ] || options+=(--verilated matmul)
  [ $device = rtl ] || TERN_SOURCES=$TERN_SOURCE_DIR "$tern" doctor "${options[@]}" >/dev/null 2>&1 || continue
  stale 1 "rtl/bus/tern_host_bridge.v differs" "$tern" doctor "${options[@]}"
  grep -q ^counters "$work/out" || fail "doctor has not done its work"
done
[[ $devices != *rtl* ]] || stale 1 "rtl/bus/tern_host_bridge.v differs" "$tern" compare "$tiny" --on rtl:0 --layer 0
bench=$TERN_BINARY_DIR/bin/host_bench
[ ! -x "$bench" ] || {
  stale 1 "rtl/bus/tern_host_bridge.v differs" "$bench" 10
  [ ! -s "$work/out" ] || fail "a stale bench runs"
  TERN_SOURCES=$TERN_SOURCE_DIR fresh "$bench" 10; }

# A new file and a missing one; tests and pages are no part of a program.
echo >"$tree/cmodel/tests/new.c"
echo >"$tree/cmodel/notes.md"
fresh "$tern" doctor
echo >"$tree/cmodel/new.c"
stale 1 "cmodel/new.c is new" "$tern" doctor
rm "$tree/firmware/ring.c"
stale 1 "cmodel/new.c is new (and 1 more)" "${compare[@]}"
grep -q '^model = model: .* 0 differ$' "$work/out" || fail "compare has not done its work"
stale 0 "cmodel/new.c is new (and 1 more)" "${compare[@]}" --allow-stale --html "$work/page.html"
grep -q 'Stale</th><td class="unequal">the sources have changed .* cmodel/new.c is new' "$work/page.html" || fail "the page hides that its program is stale"
stale 0 "cmodel/new.c is new (and 1 more)" "$tern" bench "$tiny" --max-tokens 1
for command in "doctor" "compare $tiny --devices model,model --layer 0" "bench $tiny --max-tokens 1"; do
  run "$tern" $command --json
  python3 -c 'import json, sys; said = json.load(sys.stdin)["sources"]; assert said["hash"] == sys.argv[1]; assert said["changed"] == ["cmodel/new.c", "firmware/ring.c"]; said["commit"]' \
    "$hash" <"$work/out" || fail "$command --json has other sources"
done
run "$tern" tokenize "$tiny" cat
[ $code = 0 ] && [ ! -s "$work/err" ] || fail "tokenize speaks of sources"

# A program that was copied or installed is not compared with the tree.
unset TERN_SOURCES
cp "$tern" "$work/installed"
fresh "$work/installed" doctor

# A small program of its own tree, in a folder with a blank: an edit that does not build leaves a program that knows it. A commit is named.
command -v ninja >/dev/null || { echo "no small program: needs ninja"; exit 0; }
tree="$work/small tree"
copy tools/make_sources tools/cmake/TernSources.cmake spec cmodel host_driver/system
mkdir "$tree/rtl"
cat >"$tree/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES C)
add_library(tern_options INTERFACE)
target_include_directories(tern_options INTERFACE ${CMAKE_SOURCE_DIR})
add_library(tern_warnings INTERFACE)
add_library(tern_cmodel STATIC cmodel/error.c)
target_link_libraries(tern_cmodel PUBLIC tern_options)
include(tools/cmake/TernSources.cmake)
add_library(part STATIC rtl/part.c)
add_executable(small rtl/main.c)
target_link_libraries(small PRIVATE part)
tern_source_group(small all rtl)
tern_check_sources(small)
CMAKE
echo 'int part(void); int main(void) { return part(); }' >"$tree/rtl/main.c"
echo 'int part(void) { return 0; }' >"$tree/rtl/part.c"
build() { run cmake --build "$tree/build"; }
run cmake -G Ninja -S "$tree" -B "$tree/build" -DCMAKE_BUILD_TYPE=Release
[ $code = 0 ] || fail "the small program cannot be configured"
build
[ $code = 0 ] || fail "the small program does not build"
small=$tree/build/small
fresh "$small"
grep -Eq "^sources: [0-9a-f]{12}, $tree$" "$work/err" || fail "a tree without git has a commit"
echo 'int part(void) { return 0; } // error' >"$tree/rtl/part.c"
stale 1 "rtl/part.c differs" "$small"
echo 'int part(void) { return 0 }' >"$tree/rtl/part.c"
build
[ $code = 1 ] || fail "an error builds"
stale 1 "rtl/part.c differs" "$small"
echo 'int part(void) { return 0; }' >"$tree/rtl/part.c"
fresh "$small"
build
fresh "$small"

command -v git >/dev/null || exit 0
git() { command git -C "$tree" -c user.name=x -c user.email=x@localhost "$@"; }
git init -q && echo build >"$tree/.gitignore" && git add . && git commit -qm one
commit=$(git rev-parse --short=7 HEAD)
touch "$tree/rtl/part.c"
build
fresh "$small"
grep -q "^sources: $commit, " "$work/err" || fail "not of commit $commit"
echo 'int part(void) { return 0; } // 2' >"$tree/rtl/part.c"
build
fresh "$small"
grep -q "^sources: $commit+changes, " "$work/err" || fail "commit $commit has no changes"
git commit -qam two
build
fresh "$small"
grep -q "^sources: $(git rev-parse --short=7 HEAD), " "$work/err" || fail "the second commit has another name"
build
grep -q 'no work to do' "$work/out" || fail "builds again without a change"
