#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tree must keep the glossary of docs/architecture.md. tools/check_words must report every planted word.
set -euo pipefail
check=$TERN_SOURCE_DIR/tools/check_words
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$check" "$TERN_SOURCE_DIR"
mkdir "$work/docs"
touch "$work/docs/architecture.md"
[ "$(python3 "$check" "$work")" = "docs/architecture.md has no glossary" ] || { echo "no glossary is accepted"; exit 1; }
sed -n '/^## Glossary/,$p' "$TERN_SOURCE_DIR/docs/architecture.md" >"$work/docs/architecture.md"
printf '%b' '// The register\n// blocks, in block RAM, of backend.h.\nint block = BLOCK(backend);\n' >"$work/a.c"
python3 "$check" "$work" || { echo "good words are refused"; exit 1; }
printf '%b' 'int dequantise(int x);\n// A bit\n// plane of a\n// block of weights.\n' >"$work/b.c"
printf '%b' 'reductionlanes = REDUCTION_LANES # on the\n# backend\n' >"$work/c.py"
printf '%b' '"""Stripes\nand byte lanes.\n"""\n' >"$work/d.py"
printf '%b' '# Page\nTwo transactions of a back-end.\n' >"$work/README.md"
said=$(python3 "$check" "$work") && { echo "bad words are accepted"; exit 1; }
for found in "b.c:1: 'quantise'" "b.c:2: 'bit plane'" "b.c:4: 'block'" "c.py:1: 'reduction_lanes'" "c.py:2: 'backend'" \
    "d.py:1: 'stripes'" "d.py:2: 'byte lanes'" "README.md:2: 'transactions'" "README.md:2: 'back-end'"; do
  grep -qF -- "$found: see the glossary" <<<"$said" || { echo "expected $found, got: $said"; exit 1; }
done
[ "$(wc -l <<<"$said")" = 9 ] || { echo "9 breaches expected: $said"; exit 1; }
