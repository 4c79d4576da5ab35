#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tables of docs/depth.md must equal the output of their command. The check must find a wrong figure.
set -euo pipefail
python=${PYTHON:-python3}
"$python" -c 'import numpy' 2>/dev/null || python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || { echo "skipped: needs numpy"; exit 77; }
export TERN=$1
page=$TERN_SOURCE_DIR/docs/depth.md
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Wrong figures and a missing row.
sed 's/^| 3 | 2 | 1/| 3 | 2 | 2/' "$page" >"$folder/off.md"
sed '/^| 4 | 1 |/d' "$page" >"$folder/short.md"
sed 's/^\(| 1 | 4 | 0 | \)[0-9.]*/\150.0/' "$page" >"$folder/draft.md"
"$python" -B "$TERN_SOURCE_DIR/tools/depth_table" --check "$page" "$folder"/{draft,off,short}.md \
  >"$folder/table" 2>"$folder/errors" && { echo "spoiled tables passed"; exit 1; }
grep '^stale' "$folder/errors" >"$folder/stale" || true
printf 'stale: %s\n' "$folder"/{draft,off,short}.md | diff - "$folder/stale" || { cat "$folder"/{table,errors}; exit 1; }
