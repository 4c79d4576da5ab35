#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/bitstream: what makes a release, and its report. The seeds are made up; nothing is placed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if said=$("$TERN_SOURCE_DIR/tools/bitstream" nothing 2>&1); then echo "accepted: no such board"; exit 1; fi
grep -q '^bitstream: nothing is no board' <<<"$said"
PYTHONPATH=$TERN_SOURCE_DIR/tools python3 -B - "$TERN_SOURCE_DIR/tools/bitstream" "$work" <<'PYTHON'
import importlib.machinery, importlib.util, pathlib, sys
loader = importlib.machinery.SourceFileLoader("bitstream", sys.argv[1])
bitstream = importlib.util.module_from_spec(importlib.util.spec_from_loader("bitstream", loader))
loader.exec_module(bitstream)
folder, packed = pathlib.Path(sys.argv[2]), []
bitstream.pack = lambda board, made, seed, folder: packed.append(seed)


def seed(number, sys_mhz, fast_mhz, met=True):
    return {"seed": number, "met": met, "seconds": 1, "nextpnr": "0", "utilization": {kind: None for kind in bitstream.CELLS},
            "fmax": {"sys": {"achieved": sys_mhz, "constraint": 40}, "fast": {"achieved": fast_mhz, "constraint": 80}}}


def released(results):
    packed.clear()
    why = bitstream.release("board", folder, "12345678", results, folder)
    return packed[:], why


good = [seed(number, 50, 100) for number in range(1, 6)]
assert released(good[:4]) == ([], "4 of 5 seeds are finished")
good[2] = seed(3, 60, 110)
assert released(good) == ([3], None) and (folder / "board.hash").read_text() == "0x12345678\n"
for spoilt in (seed(0, 41, 100), seed(0, 50, 82), seed(0, 50, 100, met=False)):  # each clock counts, and nextpnr's own word
    packs, why = released([dict(spoilt, seed=number) for number in range(1, 6)])
    assert packs == [] and "seed" in why, (packs, why)
lost = dict(good[0], seed=1, fmax={}, utilization={}, met=False)  # a seed that was not routed is a finished one
assert released([lost, *good[1:]]) == ([3], None)
assert released([dict(lost, seed=number) for number in range(1, 6)])[0] == []
assert any("not routed" in line for line in bitstream.report("board", {"name": "", "device": ""}, "0", [lost, good[1]]))
slow = {"from": "posedge sys", "to": "posedge fast", "path": [{"delay": 4}, {"delay": 11}]}
outside = {"from": "<async>", "to": "posedge sys", "path": [{"delay": 99}]}
found = bitstream.crossings({"fmax": seed(1, 50, 100)["fmax"], "critical_paths": [slow, outside]})
assert list(found) == ["sys to fast"] and found["sys to fast"]["constraint"] == 80, found
assert bitstream.slack({"fmax": found}) < -0.19  # 15 ns of 12.5
assert abs(bitstream.slack(seed(1, 41.24, 100)) - 0.03) < 1e-3
PYTHON
echo "a release has five seeds and 3 % slack on each clock"
