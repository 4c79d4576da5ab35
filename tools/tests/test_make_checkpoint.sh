#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_make_checkpoint.sh TERN
# make_checkpoint must write the same bytes with any number of threads, layers and runs. tern must read and run the result.
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 -B "$(dirname "$0")/make_checkpoint.py" "$1" "$TERN_BINARY_DIR/make_checkpoint"
