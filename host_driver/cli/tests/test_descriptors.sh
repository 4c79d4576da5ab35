#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_descriptors.sh TERN MAKE_CHECKPOINT   (TERN_SOURCE_DIR)
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 -B "$(dirname "$0")/descriptors.py" "$1" "$2" "$TERN_SOURCE_DIR/testvectors"
