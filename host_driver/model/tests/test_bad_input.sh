#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_bad_input.sh TERN
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 -B "$(dirname "$0")/bad_input.py" "$1"
