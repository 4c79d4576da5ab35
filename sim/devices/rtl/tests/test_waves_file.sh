#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_waves_file.sh   (TERN_SOURCE_DIR, TERN_BINARY_DIR)
exec python3 -B "$(dirname "$0")/waves.py" fst "$TERN_SOURCE_DIR" "$TERN_BINARY_DIR/waves/tern"
