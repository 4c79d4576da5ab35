#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the prompts of testvectors/chat_templates, and of random changes of them, with jinja2 itself. TERN_PYTHON names
# a Python with that package. Without it only test_stored.sh compares prompts.
set -euo pipefail
cd "$TERN_SOURCE_DIR"
for python in "${TERN_PYTHON:-python3}" "$TERN_BINARY_DIR/venv/bin/python"; do
  "$python" -c 'import jinja2' 2>/dev/null && break
  python=
done
[ -n "$python" ] || { echo "skipped: needs the Python package jinja2"; exit 77; }
"$python" tools/chat_oracle/compare.py "$TERN_BINARY_DIR/render_batch" testvectors/chat_templates --random 40
