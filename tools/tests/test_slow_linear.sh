#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The cycles of a layer of Qwen2.5-0.5B's shape are linear in size, depth and context within 2 %.
TERN=$1 MAKE_CHECKPOINT=$TERN_BINARY_DIR/make_checkpoint exec python3 -B "$TERN_SOURCE_DIR/tools/linear_fit"
