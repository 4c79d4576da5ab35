#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_compare_page.sh TERN   (TERN_SOURCE_DIR)
python3 -c "import numpy" 2>/dev/null || { echo "skipped: needs NumPy"; exit 77; }
exec python3 -B "$(dirname "$0")/compare_page.py" "$1" "$TERN_SOURCE_DIR/testvectors/tiny/packed"
