#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_resume.sh TERN
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
for verb in quantize import; do
  python3 -B "$(dirname "$0")/resume.py" "$1" "$verb" || exit 1
done
