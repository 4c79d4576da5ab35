#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_report_page.sh TERN   (TERN_SOURCE_DIR)
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 -B "$(dirname "$0")/report.py" page "$1" "$TERN_SOURCE_DIR"
