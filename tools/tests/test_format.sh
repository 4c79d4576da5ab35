#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# C and C++ as .clang-format says, and a badly set line is seen. Another version of clang-format sets lines another way.
set -euo pipefail
cd "$TERN_SOURCE_DIR"
clang-format --version 2>/dev/null | grep -q 'version 14\.' || { echo "skipped: needs clang-format 14"; exit 77; }
if printf 'int  x ;\n' | clang-format --dry-run -Werror --assume-filename=x.c 2>/dev/null; then
  echo "a badly set line was not seen"
  exit 1
fi
find cmodel docs firmware host_driver sim testvectors tools \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 clang-format --dry-run -Werror
