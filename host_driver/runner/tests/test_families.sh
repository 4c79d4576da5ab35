#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_families.sh TERN   (PYTHON: an interpreter that has NumPy and safetensors)
# Compares logits of small seeded Qwen2, Llama and Mistral models with a float64 forward pass on the packed weights.
python=${PYTHON:-python3}
"$python" -c "import numpy, safetensors" 2>/dev/null || { echo "skipped: needs NumPy and safetensors"; exit 77; }
exec "$python" -B "$(dirname "$0")/families.py" "$1" "$TERN_BINARY_DIR/make_checkpoint"
