#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_json_edits.sh TERN   (TERN_SOURCE_DIR; TERN_TRANSFORMERS_PYTHON: an interpreter with transformers 4 or 5)
python=${TERN_TRANSFORMERS_PYTHON:-python3}
command -v "$python" >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec "$python" -B "$(dirname "$0")/json_edits.py" "$1" "$TERN_SOURCE_DIR/testvectors" 1000 1
