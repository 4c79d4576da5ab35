#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_import_models.sh TERN   (PYTHON: an interpreter that has NumPy and safetensors)
python=${PYTHON:-python3}
"$python" -c "import numpy, safetensors" 2>/dev/null || { echo "skipped: needs NumPy and safetensors"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
exec "$python" -B "$here/import_models.py" "$1" "$here/../../../docs/packed-format.md"
