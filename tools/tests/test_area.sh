#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/area: a memory of four banks in each family, with its sums, and what it must refuse.
set -euo pipefail
command -v yosys >/dev/null || { echo "skipped: needs yosys"; exit 77; }
area=$TERN_SOURCE_DIR/tools/area
export TERN_BINARY_DIR
TERN_BINARY_DIR=$(mktemp -d)
trap 'rm -rf "$TERN_BINARY_DIR"' EXIT

# A block RAM of ECP5 has 2 KiB: 32 KiB in four banks are 16 of them.
"$area" --top tern_scratch_memory --modules --json BYTES_LOG2=15 >"$TERN_BINARY_DIR/table.json"
python3 - "$TERN_BINARY_DIR/table.json" <<'END'
import json
import sys

whole, bank = json.load(open(sys.argv[1]))["modules"]
assert (whole["module"], bank["module"], bank["copies"]) == ("tern_scratch_memory", "tern_byte_memory", 4), bank
assert whole["block RAM"] == bank["block RAM"] == 16, whole
assert whole["slots"] == whole["LUT4"] + 2 * whole["CCU2C"] + 4 * whole["DPR16X4"] > bank["slots"], whole
END
for family in 'ice40 LUT4 of the 5280 of iCE40UP5K' 'xilinx LUT of the 63400 of XC7A100T' \
    'ecp5 slots of the 83640 of LFE5U-85F' 'gowin LUT of the 138240 of GW5AST-138'; do
  "$area" --family "${family%% *}" --top tern_memory_reader >"$TERN_BINARY_DIR/table.txt"
  grep -Eq "^tern_memory_reader: [1-9][0-9]+ ${family#* } " "$TERN_BINARY_DIR/table.txt"
done

# Without a multiplier it says where products are. A block RAM of Gowin has 2 KiB too.
grep -q '^No multiplier was inferred' "$TERN_BINARY_DIR/table.txt"
"$area" --family gowin --top tern_scratch_memory --least-block-ram 16 BYTES_LOG2=15 >"$TERN_BINARY_DIR/table.txt"
grep -Eq '^tern_scratch_memory +.* 16$' "$TERN_BINARY_DIR/table.txt"

# A block RAM whose reset gives the 0 of a read is refused.
cat >"$TERN_BINARY_DIR/reset.v" <<'END'
module reset_read(input clk, zero, write, input [9:0] from, to, input [17:0] data, output reg [17:0] got);
    reg [17:0] ram [0:1023];
    always @(posedge clk) begin
        if (write) ram[to] <= data;
        if (zero) got <= 0;
        else got <= ram[from];
    end
endmodule
END
PYTHONPATH=$TERN_SOURCE_DIR/tools PYTHONDONTWRITEBYTECODE=1 python3 - "$TERN_BINARY_DIR" <<'END'
import pathlib
import sys

import synthesis

folder = pathlib.Path(sys.argv[1])
try:
    synthesis.run(["read_verilog reset.v", *synthesis.synthesize("ecp5", "reset_read")], folder, "reset")
except synthesis.Trouble as trouble:
    assert "read through a reset" in str(trouble), trouble
else:
    raise SystemExit("accepted: a block RAM that is read through its reset")
END

# refused WORDS OPTIONS: exit code 1 and these words on stderr.
refused() {
  local words=$1 said
  shift
  if said=$("$area" "$@" 2>&1 >/dev/null); then echo "accepted: $*"; exit 1; fi
  grep -qF -- "$words" <<<"$said" || { echo "expected '$words', got: $said"; exit 1; }
}
refused 'tern_nothing' --top tern_nothing
refused 'LANES: a parameter is NAME=NUMBER' LANES
refused 'NO_SUCH' --top tern_fifo NO_SUCH=1
refused '16 block RAMs, at least 17 wanted' --top tern_scratch_memory --least-block-ram 17 BYTES_LOG2=15
