#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_make_checkpoint.sh TERN
# make_checkpoint: the same bytes from any number of threads, layers and runs; what it writes is read and runs.
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 -B "$(dirname "$0")/make_checkpoint.py" "$1" "$TERN_BINARY_DIR/make_checkpoint"
