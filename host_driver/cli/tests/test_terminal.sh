#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_terminal.sh TERN   (TERN_SOURCE_DIR; PYTHON: an interpreter that has pyte)
python=${PYTHON:-python3}
"$python" -c "import pyte" 2>/dev/null || { echo "skipped: needs pyte"; exit 77; }
exec "$python" -B "$(dirname "$0")/terminal.py" "$1" "$TERN_SOURCE_DIR/testvectors/tiny"
