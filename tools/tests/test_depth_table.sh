#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The table of quality per depth in docs/depth.md is what its command gives, and a wrong figure in it is noticed.
set -euo pipefail
python=${PYTHON:-python3}
"$python" -c 'import numpy' 2>/dev/null || python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || { echo "skipped: needs numpy"; exit 77; }
export TERN=$1
page=$TERN_SOURCE_DIR/docs/depth.md
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# A figure that is off, a row left out.
sed 's/^| 3 | 2 | 1/| 3 | 2 | 2/' "$page" >"$folder/off.md"
sed '/^| 4 | 1 |/d' "$page" >"$folder/short.md"
"$python" -B "$TERN_SOURCE_DIR/tools/depth_table" --check "$page" "$folder/off.md" "$folder/short.md" \
  >"$folder/table" 2>"$folder/errors" && { echo "spoiled tables passed"; exit 1; }
grep '^stale' "$folder/errors" >"$folder/stale" || true
printf 'stale: %s\n' "$folder/off.md" "$folder/short.md" | diff - "$folder/stale" || { cat "$folder"/{table,errors}; exit 1; }
