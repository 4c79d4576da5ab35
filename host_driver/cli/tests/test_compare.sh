#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every stage of a token on the Verilated SoC is the C model's, also when memory stalls and when weights stream.
set -euo pipefail
tern=$1 model=$TERN_SOURCE_DIR/testvectors/tiny
"$tern" compare "$model" --devices model,rtl --tokens 280 2>/tmp/tern_compare.$$ >/tmp/tern_compare_out.$$ || {
  if grep -q 'rtl: needs' /tmp/tern_compare.$$; then echo "skipped: $(cat /tmp/tern_compare.$$)"; exit 77; fi
  cat /tmp/tern_compare.$$ /tmp/tern_compare_out.$$; exit 1; }
grep -Eq '^model = rtl: [0-9]{4,} values, 0 differ$' /tmp/tern_compare_out.$$
"$tern" compare "$model" --devices model,rtl --tokens 352,11 --stalls 7 --device-memory 100000 2>/dev/null | grep -q ' 0 differ$'
# A checker must be able to fail: other tokens are other values.
"$tern" compare "$model" --devices model,model --tokens 280 --json 2>/dev/null | grep -q '"differ": 0'
rm -f /tmp/tern_compare.$$ /tmp/tern_compare_out.$$
