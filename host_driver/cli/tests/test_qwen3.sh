#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_qwen3.sh TERN   Small Qwen3 models through every command, on every device that the build has.
set -euo pipefail
make_checkpoint=$TERN_BINARY_DIR/make_checkpoint
[ -x "$make_checkpoint" ] || { echo "skipped: needs make_checkpoint"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -B "$(dirname "$0")/qwen3.py" "$1" "$make_checkpoint" "$work"
