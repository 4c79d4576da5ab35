#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A preset alone finds compiler and core, and names in one line what it leaves out. Refusals of paths and of Verilator 5.020.
# CMake gets other values in build folders of its own, which nothing is built in.
set -euo pipefail
source=$TERN_SOURCE_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
unset CC CXX VERILATOR_ROOT

# name, CMake's arguments: the output in NAME.log
configure() { cmake --preset dev -S "$source" -B "$work/$1" "${@:2}" >"$work/$1.log" 2>&1 || fail "$1: $(tail -5 "$work/$1.log")"; }
left_out() { grep -c '^-- Tern leaves out: ' "$work/$1.log"; }

configure plain -DTERN_RTL=OFF
cached() { sed -n "s/^$1:[A-Z]*=//p" "$work/plain/CMakeCache.txt"; }
if command -v clang-19 clang++-19 >/dev/null; then
  [[ $(cached CMAKE_C_COMPILER) == */clang-19 && $(cached CMAKE_CXX_COMPILER) == */clang++-19 ]] || fail "another compiler than clang 19"
fi
python=("$source"/build/venv/bin/python)
if [ -x "${python[0]}" ]; then
  core=$("${python[0]}" -c 'import pythondata_cpu_picorv32 as core; print(core.data_file("picorv32.v"))')
  [ "$(cached TERN_PICORV32_V)" -ef "$core" ] || fail "the core is $(cached TERN_PICORV32_V), not $core"
fi

# A fresh clone, in which nothing is installed yet: all of the tree but its build folder.
mkdir "$work/bare"
for entry in "$source"/*; do
  [ "${entry##*/}" = build ] || ln -s "$entry" "$work/bare"
done
(cd "$work/bare" && cmake --preset dev -DTERN_RTL=OFF) >"$work/now.log" 2>&1 || fail "a fresh clone: $(cat "$work/now.log")"
grep -q '^TERN_PICORV32_V:FILEPATH=$' "$work/bare/build/dev/CMakeCache.txt" || fail "a fresh clone has a core"

# Libraries that are not there: one line names them and what they would build.
printf '#!/bin/sh\ncase "$*" in *systemc* | *cmocka*) exit 1 ;; esac\nexec %s "$@"\n' "$(command -v pkg-config)" >"$work/pkg-config"
chmod +x "$work/pkg-config"
PKG_CONFIG=$work/pkg-config configure without -DTERN_RTL=OFF
[ "$(left_out without)" = 1 ] || fail "not one line says what is left out"
for part in "device vp (needs libsystemc-dev)" "tests (needs libcmocka-dev)"; do
  grep -qF " $part" "$work/without.log" || fail "the line does not name $part"
done

# Verilator 5.020, here one that only says so, is as good as none.
if [ -e /usr/share/verilator/verilator-config.cmake ]; then
  mkdir -p "$work/verilator/bin"
  cp /usr/share/verilator/verilator-config*.cmake "$work/verilator/"
  printf '#!/bin/sh\necho "Verilator 5.020 2024-01-01 rev (Debian 5.020-1)"\n' >"$work/verilator/bin/verilator_bin"
  chmod +x "$work/verilator/bin/verilator_bin"
  VERILATOR_ROOT=$work/verilator configure refused
  grep -q '^-- Tern leaves out: .*needs a Verilator other than 5.020' "$work/refused.log" || fail "Verilator 5.020 is not refused"
else
  echo "without Verilator its version is not tested"
fi

# A path with a blank: a sentence, by CMake and by the first of our own tools.
mkdir -p "$work/a blank/tools"
cp "$source/CMakeLists.txt" "$work/a blank/"
cp -r "$source/tools/cmake" "$source/tools/install" "$work/a blank/tools/"
cmake -S "$work/a blank" -B "$work/of_blank" >"$work/blank.log" 2>&1 && fail "CMake takes a path with a blank"
tr -s '\n ' '  ' <"$work/blank.log" | grep -q 'has a blank, which Verilator does not take: move the clone' || fail "$(cat "$work/blank.log")"
said=$("$work/a blank/tools/install" 2>&1) && fail "tools/install takes a path with a blank"
[[ $said = "tools/install: the path \"$work/a blank\" has a blank"*"move the clone" ]] || fail "$said"

# Without root and sudo: all that is missing in one line for apt.
mkdir -p "$work/bin"
for tool in bash dirname basename cat mkdir grep env; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
printf '#!/bin/sh\nexit 1\n' >"$work/bin/dpkg-query"
printf '#!/bin/sh\necho 1000\n' >"$work/bin/id"
chmod +x "$work/bin/dpkg-query" "$work/bin/id"
said=$(PATH=$work/bin "$source/tools/install" 2>&1) && fail "tools/install passes without root"
[[ $said = "tools/install: packages are missing. As root: apt-get install clang-19 "*" iverilog" ]] || fail "$said"
said=$(CC=clang-18 PATH=$work/bin "$source/tools/install" 2>&1) || true
[[ $said = *" clang-18 libclang-rt-18-dev" ]] || fail "the sanitizers' library does not fit CC: $said"

# sudo drops the environment. apt must still ask nothing.
printf '#!/bin/bash\nexec env -i PATH="$PATH" "$@"\n' >"$work/bin/sudo"
printf '#!/bin/bash\necho "$DEBIAN_FRONTEND $*" >>%s\n[ "$1" = update ]\n' "$work/apt" >"$work/bin/apt-get"
chmod +x "$work/bin/sudo" "$work/bin/apt-get"
ln -s "$(command -v tail)" "$work/bin/tail"
mkdir -p "$work/clone/tools"
cp "$source/tools/install" "$work/clone/tools/"
PATH=$work/bin "$work/clone/tools/install" >/dev/null 2>&1 && fail "tools/install passes when apt-get fails"
grep -q '^noninteractive install -y ' "$work/apt" || fail "DEBIAN_FRONTEND is lost behind sudo: $(cat "$work/apt")"

# CC alone: the C++ compiler fits, and a second build does not begin anew. CMake is one that only says what it was told.
printf '#!/bin/bash\nexit 0\n' >"$work/clone/tools/install"
printf '#!/bin/bash\necho "${CXX:-none} $*"\n' >"$work/bin/cmake"
chmod +x "$work/bin/cmake"
ln -s "$(command -v sed)" "$work/bin/sed"
: >"$work/bin/clang++-18"
chmod +x "$work/bin/clang++-18"
mkdir -p "$work/clone/build/asan"
cp "$source/tools/build" "$work/clone/tools/"
echo "CMAKE_CXX_COMPILER:FILEPATH=$work/bin/clang++-18" >"$work/clone/build/asan/CMakeCache.txt"
CC=clang-18 PATH=$work/bin "$work/clone/tools/build" asan >/dev/null
grep -q '^clang++-18 --preset asan' "$work/clone/build/configure-asan.log" || fail "CC alone: $(cat "$work/clone/build/configure-asan.log")"
echo "presets, refusals and rootless installation: passed"
