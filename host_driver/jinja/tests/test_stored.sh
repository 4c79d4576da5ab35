#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the prompts of testvectors/chat_templates with stored digests of jinja2's.
set -euo pipefail
cd "$TERN_SOURCE_DIR"
/usr/bin/python3 tools/chat_oracle/compare.py "$TERN_BINARY_DIR/render_batch" testvectors/chat_templates \
  --stored testvectors/chat_templates/digests.txt
