#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares ids with those of transformers: directories with vocab.json and merges.txt, BOS of tokenizer classes.
# TERN_PYTHON names a Python with that package. Without it test_tokenize.sh alone tests both.
set -euo pipefail
cd "$TERN_SOURCE_DIR"
for python in "${TERN_PYTHON:-python3}" "$TERN_BINARY_DIR/venv/bin/python"; do
  "$python" -c 'import transformers, tokenizers' 2>/dev/null && break
  python=
done
[ -n "$python" ] || { echo "skipped: needs the Python package transformers"; exit 77; }
"$python" -B tools/tokenizer_oracle/vocab_files.py "$1"
"$python" -B tools/tokenizer_oracle/bos.py "$1"
