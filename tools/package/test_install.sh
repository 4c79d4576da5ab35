#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the result of `cmake --install`. The library must link with pkg-config and CMake, also from a moved tree, and define
# only names with the prefix tern. Every header must compile alone. groff must accept the manual, and its examples must
# run. The completion must know every command and option.
set -euo pipefail
source=$TERN_SOURCE_DIR tiny=$TERN_SOURCE_DIR/testvectors/tiny cc=${CC:-cc} cxx=${CXX:-c++}
grep -q 'TERN_SANITIZE:BOOL=ON' "$TERN_BINARY_DIR/CMakeCache.txt" && { echo "skipped: needs a build without sanitizers"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*"; exit 1; }

cmake --install "$TERN_BINARY_DIR" --prefix "$work/first" >"$work/log" || { cat "$work/log"; exit 1; }
mv "$work/first" "$work/prefix"
prefix=$work/prefix
lib=$(dirname "$(find "$prefix" -name libtern.a)")
for file in bin/tern include/tern/tern.h share/man/man1/tern.1 share/bash-completion/completions/tern share/doc/tern/LICENSE; do
  [ -f "$prefix/$file" ] || fail "$file is not installed"
done
version=$("$prefix/bin/tern" --version | sed 's/ (sources [0-9a-f]*)$//')
if grep -rlF -e "$source" -e "$TERN_BINARY_DIR" "$prefix" --include='*.pc' --include='*.cmake' --include='*.h'; then fail "names a path of the source tree"; fi

# Names: every global name of the archive has the prefix.
nm -g --defined-only "$lib/libtern.a" | awk 'NF == 3 && $3 !~ /^tern_/ { print $3; bad = 1 } END { exit bad }' ||
  fail "symbols without the prefix tern_"
for header in "$prefix"/include/tern/*.h; do
  grep -n '#include "' "$header" && fail "$header includes from the tree"
  echo "#include <tern/$(basename "$header")>" >"$work/alone.c"
  "$cc" -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$prefix/include" "$work/alone.c" || fail "$header: C"
  "$cxx" -std=c++17 -Wall -Wextra -Werror -fsyntax-only -I"$prefix/include" -x c++ "$work/alone.c" || fail "$header: C++"
done

# The example of docs/library.md, both ways.
expected=$("$prefix/bin/tern" run "$tiny" --prompt 'The cat Mia' --max-tokens 24 2>/dev/null)
export PKG_CONFIG_PATH=$lib/pkgconfig
[ "tern $(pkg-config --modversion tern)" = "$version" ] || fail "pkg-config has another version than $version"
"$cc" "$source/docs/examples/generate.c" $(pkg-config --cflags --libs tern) -o "$work/generate"
[ "The cat Mia$("$work/generate" "$tiny" "$tiny/tokenizer.json" 'The cat Mia')" = "$expected" ] || fail "the example gives another text"
if "$work/generate" "$work" "$work/tokenizer.json" x 2>"$work/err"; then fail "the example takes a directory without a model"; fi
grep -q tokenizer.json "$work/err" || fail "the example says nothing of tokenizer.json"
cmake -S "$source/docs/examples" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 && cmake --build "$work/build" >>"$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
[ "The cat Mia$("$work/build/generate" "$tiny" "$tiny/tokenizer.json" 'The cat Mia')" = "$expected" ] || fail "built by CMake, the example gives another text"

# Completion: every command, and every option its help names.
complete_words() { # words of the line, the last one to be completed
  COMP_WORDS=("${program:-$prefix/bin/tern}" "$@") COMP_CWORD=$# COMPREPLY=()
  _tern
  printf '%s\n' "${COMPREPLY[@]}"
}
completes() { grep -qx -- "$1" <<<"$(complete_words "${@:2}")"; } # WORD, then the words of the line
source "$prefix/share/bash-completion/completions/tern"
commands=$("$prefix/bin/tern" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
manual=$(sed 's/\\-/-/g' "$prefix/share/man/man1/tern.1")
(($(wc -w <<<"$commands") >= 10)) || fail "few commands: $commands"
for command in $commands; do
  completes "$command" "${command:0:3}" || fail "completion does not know $command"
  grep -qx ".SS $command" <<<"$manual" || fail "the manual has no section on $command"
  for option in $("$prefix/bin/tern" "$command" --help | grep -o -- '--[a-z][a-z-]*' | sort -u); do
    completes "$option" "$command" MODEL "${option:0:4}" || fail "completion does not know $command $option"
    grep -q -- "$option" <<<"$manual" || fail "the manual does not know $command $option"
  done
done
[ "$(complete_words run MODEL --device mo)" = model ] || fail "completion does not know the device model"
for option in "run MODEL --device" "compare MODEL --devices"; do
  devices=$("$prefix/bin/tern" ${option%% *} --help | sed -n '/^Devices/,$s/^  \([a-z0-9][a-z0-9]*\)  .*/\1/p')
  (($(wc -w <<<"$devices") >= 2)) || fail "$option: few devices in the help: $devices"
  [ "$(complete_words $option "")" = "$devices" ] || fail "$option: completion does not know the devices $devices"
done
# A device's name may have digits.
cat >"$work/board" <<'SH'
#!/bin/sh
printf 'usage: tern run MODEL [--device NAME]\nDevices (default model):\n  model    the C model\n  ulx3s    a board\n'
SH
chmod +x "$work/board"
[ "$(program=$work/board complete_words run MODEL --device "")" = $'model\nulx3s' ] || fail "completion does not know the device ulx3s"
python3 -B -c 'import sys; sys.path.insert(0, sys.argv[1]); import make_manual; sys.exit(make_manual.option("  ulx3s    a board") != ["ulx3s", "a board"])' \
  "$source/tools/package" || fail "the manual does not know the device ulx3s"
(cd "$tiny" && completes model.safetensors inspect mod) || fail "completion does not give files"

# The manual: no warnings of groff; its examples run.
if command -v groff >/dev/null; then
  said=$(groff -man -ww -z "$prefix/share/man/man1/tern.1" 2>&1)
  [ -z "$said" ] || fail "groff: $said"
fi
cp -r "$tiny" "$work/Qwen2.5-0.5B"
examples=$(sed -n '/^.SH EXAMPLES/,$p' <<<"$manual" | sed -n 's/^tern /tern /p')
(($(wc -l <<<"$examples") >= 4)) || fail "few examples in the manual"
while read -r example; do
  (cd "$work" && PATH=$prefix/bin:$PATH bash -c "$example" </dev/null >out 2>err) || grep -q 'rtl: needs' "$work/err" ||
    { cat "$work/err"; fail "the manual's example fails: $example"; }
done <<<"$examples"
