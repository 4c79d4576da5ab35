#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_slow_shapes.sh TERN
# Packs one layer of every shape in testvectors/configs: checks its stored bits and runs it on a small device.
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 -B "$(dirname "$0")/shapes.py" "$1" "$TERN_BINARY_DIR/make_checkpoint"
