#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the format of C and C++ against .clang-format, and that the check finds a badly formatted line. The version of
# clang-format is that of tools/requirements.txt.
set -euo pipefail
cd "$TERN_SOURCE_DIR"
version=$(sed -n 's/^clang-format==//p' tools/requirements.txt)
clang-format --version 2>/dev/null | grep -qF "version $version" || { echo "skipped: needs clang-format $version"; exit 77; }
for bad in 'int  x ;' 'void f(int x) { if (x) g(); }'; do
  if printf '%s\n' "$bad" | clang-format --dry-run -Werror --assume-filename=x.c 2>/dev/null; then
    echo "a badly set line was not seen: $bad"
    exit 1
  fi
done
find cmodel docs firmware host_driver sim testvectors tools \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 clang-format --dry-run -Werror
