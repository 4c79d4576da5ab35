#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every SVG of docs/images is that of its source; a changed source, an SVG changed by hand and a missing one are found.
set -euo pipefail
command -v dot >/dev/null || { echo "skipped: needs graphviz"; exit 77; }
diagrams=$TERN_SOURCE_DIR/tools/diagrams
"$diagrams" --check

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# wrong COMMAND WORDS: after this change in a copy of the folder the check must say these words.
wrong() {
  rm -rf "$work/images"
  cp -r "$TERN_SOURCE_DIR/docs/images" "$work/images"
  (cd "$work/images" && eval "$1")
  if said=$("$diagrams" --check "$work/images"); then echo "accepted: $1"; exit 1; fi
  grep -qF -- "$2" <<<"$said" || { echo "expected '$2', got: $said"; exit 1; }
}
wrong 'echo >>soc.dot' 'soc.svg: drawn from another soc.dot'
wrong 'sed -i s/tern_dma/tern_dna/ soc.svg' 'soc.svg: changed by hand'
wrong 'rm soc.svg' 'soc.svg: missing'
wrong 'rm soc.dot' 'soc.svg: without a source'
