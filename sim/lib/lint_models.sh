#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lint_models.sh FILE: Verilator has no warning about any model that FILE lists. Each is a file with the words of its
# Verilator command, one a line (tern_verilate of sim/CMakeLists.txt).
set -euo pipefail
count=0 bad=0
while read -r model; do
  mapfile -t words <"$model"
  for i in "${!words[@]}"; do [ -n "${words[i]}" ] || unset "words[i]"; done
  verilator --lint-only -Wall --assert "${words[@]}" || { echo "FAIL: $(basename "$model" .lint)"; bad=$((bad + 1)); }
  count=$((count + 1))
done <"$1"
echo "$count models, $bad with warnings"
((count > 0 && bad == 0))
