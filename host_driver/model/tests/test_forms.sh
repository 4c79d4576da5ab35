#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_forms.sh TERN   (TERN_SOURCE_DIR)
# Forms of config.json and of checkpoints: taken as transformers takes them, or refused by name.
set -e
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
here=$(dirname "$0")
python3 -B "$here/config_forms.py" "$1" "$TERN_SOURCE_DIR/testvectors"
python3 -B "$here/checkpoint_forms.py" "$1" "$TERN_SOURCE_DIR/testvectors/tiny"
