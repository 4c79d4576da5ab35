#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_config_forms.sh TERN   (TERN_SOURCE_DIR)
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 -B "$(dirname "$0")/config_forms.py" "$1" "$TERN_SOURCE_DIR/testvectors"
