#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The golden vectors of testvectors/unit, computed again in NumPy, and the text that the $readmemh bench reads. A file
# with one wrong byte must be refused.
set -euo pipefail
python3 -c "import numpy" 2>/dev/null || { echo "skipped: needs numpy"; exit 77; }
unit=$TERN_SOURCE_DIR/testvectors/unit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$1"; exit 1; }

python3 "$unit/replay.py"

# A bit of the last result of each file.
for file in matmul matmul_runs vector attention; do
  python3 - "$unit/$file.tuv" "$work/$file.tuv" <<'PY'
import sys
sys.path.insert(0, sys.argv[1].rpartition("/")[0])
sys.dont_write_bytecode = True
import unit_files
data = bytearray(open(sys.argv[1], "rb").read())
case = [case for case in unit_files.read(sys.argv[1]) if case.status == 0][-1]
changed = [at for at, (a, b) in enumerate(zip(case.before, case.after)) if a != b]
results = case.after[changed[0] : changed[-1] + 1]
data[data.rfind(results)] ^= 1
open(sys.argv[2], "wb").write(data)
PY
  if python3 "$unit/replay.py" "$work/$file.tuv" >"$work/said"; then fail "$file.tuv: a wrong bit was accepted"; fi
  (($(grep -c ^FAIL "$work/said") == 1)) || { cat "$work/said"; fail "$file.tuv: expected one failure"; }
done

# The image of the example in docs/numerics.md.
python3 - "$unit" "$TERN_SOURCE_DIR/docs/numerics.md" <<'PY'
import re
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import numpy as np
from numpy_unit.memory import image
x = np.zeros(18, np.float32)
x[[0, 1, 17]] = 1, -0.25, 3
written = bytearray(256)
page = open(sys.argv[2]).read()
for at, row in re.findall(r"^([0-9a-f]{2}): ((?:[0-9a-f]{2} ?)+)$", page, re.M):
    data = bytes.fromhex(row)
    written[int(at, 16) : int(at, 16) + len(data)] = data
sys.exit(None if image(x).tobytes() == written else f"numerics.md: the example is {written.hex()}, not {image(x).tobytes().hex()}")
PY

python3 "$unit/list_cases.py" | diff "$unit/CASES.md" - || fail "CASES.md is not what list_cases.py prints"

# The committed text is what the script writes.
for file in matmul vector attention; do
  mapfile -t cases <"$unit/readmemh/$file/cases.txt"
  python3 "$unit/to_readmemh.py" "$unit/$file.tuv" "$work/readmemh/$file" "${cases[@]}" >/dev/null
done
diff -r --exclude=bus.txt "$unit/readmemh" "$work/readmemh" || fail "readmemh/ is not what to_readmemh.py writes"

if python3 "$unit/to_readmemh.py" "$unit/vector.tuv" "$work/none" none 2>"$work/said"; then fail "no such case"; fi
grep -q "no case none; it has add_one_element" "$work/said" || { cat "$work/said"; exit 1; }
head -c 1000 "$unit/vector.tuv" >"$work/short.tuv"
if python3 "$unit/replay.py" "$work/short.tuv" 2>"$work/said"; then fail "a short file was accepted"; fi
grep -q "short.tuv: version 1, 1000 bytes" "$work/said" || { cat "$work/said"; exit 1; }
for file in short none; do
  head -c 8 "$unit/vector.tuv" >"$work/short.tuv"
  if python3 "$unit/replay.py" "$work/$file.tuv" 2>"$work/said"; then fail "$file.tuv was accepted"; fi
  grep -q "^$work/$file.tuv\(: no file of golden vectors\| cannot be read\)" "$work/said" || { cat "$work/said"; exit 1; }
done

# check_bus.py: the committed lists keep the rules, and a breach of each rule is named.
for bus in "$unit"/readmemh/*/*/bus.txt; do
  python3 "$unit/check_bus.py" "${bus%/bus.txt}" >"$work/said" || { cat "$work/said"; exit 1; }
done
case=$unit/readmemh/vector/add_67_unaligned
# breach SED_SCRIPT WORDS
breach() {
  sed "$1" "$case/bus.txt" >"$work/bus.txt"
  if python3 "$unit/check_bus.py" "$case" "$work/bus.txt" >/dev/null 2>"$work/said"; then fail "accepted: $1"; fi
  grep -qF -- "$2" "$work/said" || fail "expected '$2', got: $(cat "$work/said")"
}
breach '1s/40 17/48 17/' 'which is no multiple of 16'
breach '1s/40 17/40 65/' 'a burst of 65 beats'
breach '1s/040 17/fc0 17/' 'crosses 4 KiB'
breach '1s/300000040/300000540/' 'leaves the window'
breach '2s/c31cc4d6/c31cc4d7/' 'is read as'
breach '2s/^R 0/R 1/' 'a read beat of ID 1 without an address'
breach '2s/ 0$/ 1/' 'LAST of the read'
breach 's/^\(AW.*\) 18/\1 17/' 'LAST of the write'
breach '0,/^W .* f000/s/f000/7000/' 'in the end, after.hex has'
breach '/^W .* 1$/d' 'an answer of ID 0 without a write'
breach '$d' 'a write has no end'
breach '$s/ 0$/ 2/' 'line 57: memory answers with an error'
breach '2s/^R 0 ../R 0 xx/' 'line 2: no handshake, or unknown bits'
breach '3s/.*/R/' 'line 3: no handshake'
if python3 "$unit/check_bus.py" "$case" "$work/none" 2>"$work/said"; then fail "a list that is not there was accepted"; fi
grep -q "^check_bus.py: .*/none cannot be read: No such file" "$work/said" || { cat "$work/said"; exit 1; }
