#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tree keeps the rules of tools/check_layers, and each rule, once broken, is reported.
set -euo pipefail
check=$TERN_SOURCE_DIR/tools/check_layers
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
python3 "$check" "$TERN_SOURCE_DIR"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
licence='// SPDX-License-Identifier: Apache-2.0'
# breach FILE TEXT WORDS: a tree with this one file must be refused with these words.
breach() {
  rm -rf "${work:?}"/*
  mkdir -p "$work/$(dirname "$1")"
  printf '%b' "$2" >"$work/$1"
  if said=$(python3 "$check" "$work"); then echo "accepted: $1: $2"; exit 1; fi
  grep -qF -- "$3" <<<"$said" || { echo "expected '$3', got: $said"; exit 1; }
}
breach cmodel/a.c "$licence\n#include \"firmware/port.h\"\n" 'cmodel may see cmodel, spec only'
breach firmware/a.c "$licence\n#include \"host_driver/system/path.h\"\n" 'firmware may see'
breach host_driver/device/a.c "$licence\n#include \"sim/soc/x.h\"\n" 'nothing includes from sim'
breach host_driver/runner/a.c "$licence\n#include \"host_driver/cli/cli.h\"\n" 'do not see the command line'
breach host_driver/runner/a.c "$licence\n#include \"cmodel/reference/reference.h\"\n" 'the reference is for tests'
breach cmodel/a.c "$licence\n#include \"testvectors/unit/unit_vectors.h\"\n" 'cmodel may see'
breach rtl/a.v "$licence\n\`default_nettype none\n\`include \"cmodel/a.vh\"\nmodule a;\nendmodule\n" 'rtl may see rtl, spec only'
breach rtl/a.v "$licence\n\`default_nettype none\nmodule b;\nendmodule\n" 'holds b'
breach rtl/a.v "$licence\nmodule a;\nendmodule\n\`default_nettype none\n" 'no `default_nettype none'
breach cmodel/a.c "$licence\nvoid f(void) { exit(1); }\n" 'a library returns a status'
breach cmodel/a.c "int a;\n" 'SPDX'
breach sim/a.cpp "$licence\n$(printf '\\n%.0s' {1..500})" 'has 501 lines'
