#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_transformers.sh TERN   (TERN_TRANSFORMERS_PYTHON: an interpreter with the packages; python3 else)
python=${TERN_TRANSFORMERS_PYTHON:-python3}
"$python" -c "import numpy, torch, transformers" 2>/dev/null || { echo "skipped: needs torch, transformers 4.51 (Python)"; exit 77; }
exec "$python" -B "$(dirname "$0")/transformers_logits.py" "$1" "$TERN_SOURCE_DIR/testvectors/tiny" \
  "$TERN_BINARY_DIR/make_checkpoint"
