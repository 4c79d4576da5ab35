#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_waves.sh TERN   (TERN_SOURCE_DIR, TERN_BINARY_DIR)
picorv32=$(sed -n 's/^TERN_PICORV32_V:[A-Z]*=//p' "$TERN_BINARY_DIR/CMakeCache.txt")
exec python3 -B "$(dirname "$0")/waves.py" rtl "$TERN_SOURCE_DIR" "$1" "$picorv32"
