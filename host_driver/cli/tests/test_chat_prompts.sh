#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
exec /usr/bin/python3 "$TERN_SOURCE_DIR/host_driver/cli/tests/chat_prompts.py" "$1" "$TERN_SOURCE_DIR"
