#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_stored_bits.sh TERN
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 -B "$(dirname "$0")/stored_bits.py" "$1"
