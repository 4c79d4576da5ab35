#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares ids with Hugging Face `tokenizers` itself, on every code point and on random text. TERN_PYTHON names a Python
# with that package. Without it only test_golden.c compares ids.
set -euo pipefail
cd "$TERN_SOURCE_DIR"
for python in "${TERN_PYTHON:-python3}" "$TERN_BINARY_DIR/venv/bin/python"; do
  "$python" -c 'import tokenizers; assert tokenizers.__version__ == "0.20.3"' 2>/dev/null && break
  python=
done
[ -n "$python" ] || { echo "skipped: needs the Python package tokenizers 0.20.3 (Unicode 14)"; exit 77; }
for layout in qwen2 llama3 smollm falcon3 splits fused classes; do
  "$python" tools/tokenizer_oracle/compare.py "$TERN_BINARY_DIR/tokenize_batch" "testvectors/tokenizer/${layout}_tokenizer.json" 2000
done
