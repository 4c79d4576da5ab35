#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_slow_shape.sh TERN   (PYTHON: an interpreter that has NumPy and safetensors)
# Two layers of Qwen2.5-0.5B's shape with half of its vocabulary: compares quantize and logits with a float64 forward
# pass, on a device with streamed weights.
python=${PYTHON:-python3}
"$python" -c "import numpy, safetensors" 2>/dev/null || { echo "skipped: needs NumPy and safetensors"; exit 77; }
exec "$python" -B "$(dirname "$0")/families.py" "$1" "$TERN_BINARY_DIR/make_checkpoint" \
  "$TERN_SOURCE_DIR/testvectors/configs/qwen2.5-0.5b.json" 2 80000 9000000
