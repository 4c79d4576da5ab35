#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tree must keep the rules of tools/check_layers and tools/check_registers, which must report every planted breach.
set -euo pipefail
check=$TERN_SOURCE_DIR/tools/check_layers
python3 -c "import tomllib" 2>/dev/null || { echo "skipped: needs python3 3.11"; exit 77; }
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
breach rtl/a.v "$licence\n\`default_nettype none\nmodule a (\n    output wire m_axi_wvalid\n);\nendmodule\n" 'has 1 AXI signals'
breach rtl/tern_soc.v "$licence\n\`default_nettype none\nmodule tern_soc (\n    output wire m_axi_wvalid\n);\n    wire s_axil_rvalid;\nendmodule\n" \
  'has 1 AXI signals (s_axil_rvalid)'
breach cmodel/a.c "$licence\nvoid f(void) { exit(1); }\n" 'a library returns a status'
breach cmodel/a.c "int a;\n" 'SPDX'
breach sim/a.cpp "$licence\n$(printf '\\n%.0s' {1..500})" 'has 501 lines'
module='\n`default_nettype none\nmodule a;\nendmodule\n'
breach rtl/a.v "$licence\n// Model: cmodel/a.c.$module" 'not Model: f() of file'
breach rtl/a.v "$licence\n// Model: f() of cmodel/a.c.$module" 'cmodel/a.c, which does not exist'
echo "$licence" | tee "$work"/a{1..23}.c >"$work/a.py"
mkdir "$work/cmodel"
printf '%b' "$licence\n// Model: f()\n// of cmodel/a.c.$module" >"$work/rtl/a.v"
printf '%b' "$licence\nint f(int x) {\n}\n" >"$work/cmodel/a.c"
python3 "$check" "$work" || { echo "good files are refused"; exit 1; }
echo "$licence" >"$work/a.h"
printf '%b' "$licence\nint f(int x);\nint g(void) {\n    return f(1);\n}\n" >"$work/cmodel/a.c"
said=$(python3 "$check" "$work") && { echo "accepted: 25 files, a model without definition"; exit 1; }
for words in 'the model f(), which cmodel/a.c does not define' '. has 25 source files'; do
  grep -qF -- "$words" <<<"$said" || { echo "expected '$words', got: $said"; exit 1; }
done

# tools/check_registers: first accepted code, then breaches.
rm -rf "${work:?}"/*
check=$TERN_SOURCE_DIR/tools/check_registers
python3 "$check"
mkdir -p "$work/sim" "$work/rtl" "$work/firmware"
cat >"$work/sim/good.c" <<'C'
#define DEPTH 2u
#define DMA(name) (TERN_DMA_BASE + TERN_DMA_REG_##name)
static uint32_t copy(struct bench *bench, uint32_t direction) {
    write(bench, DMA(LENGTH), 4096);
    write(bench, DMA(CONTROL), direction);
    write(bench, DMA(CONTROL), 0);
    uint32_t status = read(bench, DMA(STATUS));
    while (TERN_FIELD_GET(DMA_STATUS_BUSY, status) || steps[3] == 7) {
        status = read(bench, DMA(STATUS));
    }
    return status >> TERN_DMA_STATUS_CODE_SHIFT;
}
static void run(struct bench *bench) {
    for (uint32_t n = 0; n < 100 && read(bench, SYSTEM(STATUS)) == TERN_SYSTEM_STATUS_RUNS_MASK; n++) {
        copy(bench, n % 2 ? TERN_DMA_CONTROL_TO_SCRATCH_MASK : TERN_DMA_CONTROL_TO_DEVICE_MASK); // not 1 or 2
    }
    write(bench, TERN_MATMUL_REG_DEPTH, TERN_FIELD_PUT(MATMUL_DEPTH_USED, 1) | stored_bits(3));
    write(bench, TERN_MATMUL_REG_DEPTH, TERN_FIELD_PUT(MATMUL_DEPTH_STORED, DEPTH));
    fail("time %llu", (uint64_t)soc_read(bench, time + 4) << 32 | soc_read(bench, time));
    fail("count %d", soc_read(bench, SYSTEM(COMPLETED)) == 1);
    fail("status %u: 1", read(bench, SYSTEM(STATUS)));
}
C
cat >"$work/rtl/good.v" <<'V'
    localparam [2:0] IDLE = 3'd0, BUSY = 3'd1; // states of its own
    wire control = write && {index, 2'b00} == `TERN_DMA_REG_CONTROL;
    always @(posedge clk)
        if (control && write_data[`TERN_DMA_CONTROL_ABORT]) state <= 3'd1;
    always @* case (address)
        `TERN_DMA_REG_STATUS: read_data[`TERN_DMA_STATUS_CODE] = status;
        `TERN_MATMUL_REG_ERROR_DETAIL: read_data = {14'd0, error_detail};
        {7'd0, index}: read_data[`TERN_DMA_STATUS_CODE] = 8'd3;
        default: words[address][8*lane +: 8] = 8'd3;
    endcase
V
python3 "$check" "$work" || { echo "good code is refused"; exit 1; }
beside='a number beside'
# bad FOLDER SUFFIX TEXT WORDS: the check must print these words for this file.
bad_files=() bad_words=()
bad() {
  local file=$1/bad_${#bad_files[@]}.$2
  printf '%b' "$3" >"$work/$file"
  bad_files+=("$file") bad_words+=("$4")
}
body() { printf '%s' "$licence\nvoid f(struct bench *b) {\n    $1\n}\n"; }
bad sim c "$(body 'write(b, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, 1);')" ":3: $beside a register"
bad sim c "$(body 'write(b, TERN_DMA_REG_CONTROL, ready ? 2 : 1);')" "$beside a register"
bad sim c "$(body 'write(b, TERN_MATMUL_REG_DEPTH, stored | used << 4);')" "$beside a register"
bad sim c "$(body 'write(b, TERN_MATMUL_REG_DEPTH + base, stored | used << 4);')" "$beside a register"
bad sim c "$(body 'write(b, TERN_SYSTEM_REG_FIRMWARE_STATE, 0);')" "$beside a register"
bad sim c "$(body 'SYSTEM(FIRMWARE_STATE) = 2;')" "$beside a register"
bad sim c "$(body 'while (read(b, DMA(STATUS)) & 1u) {')" "$beside a register"
bad sim c "$(body 'busy = read(b, DMA(STATUS)) & 1 ? x : y;')" "$beside a register"
bad sim c "$(body 'return read(b, DMA(STATUS)) >> 8 & TERN_X;')" "$beside a register"
bad sim c "$(body 'assert_int_equal(read(b, SYSTEM(STATUS)), 3);')" "$beside a register"
bad sim c "$licence\nstatic const struct word words[] = {{TERN_MATMUL_REG_DEPTH, 0x22}};\n" "$beside a register"
bad sim c "$licence\n#define LIMIT 8\n$(body 'return read(b, DMA(STATUS)) >> LIMIT;')" "$beside a register"
bad sim c "$(body 'uint32_t s = read(b, DMA(STATUS));\n    return s >> 8;')" ":4: $beside s,"
bad sim c "$(body 'status = read(b, SYSTEM(HARDWARE), &s);\n    print(255 & s);')" "$beside s,"
bad sim c "$(body 'get(b, SYSTEM(FIRMWARE_STATE), &s);\n    if (s != 0) {')" "$beside s,"
bad sim c "$(body 'uint32_t s = read(b, DMA(STATUS));\n    assert_int_equal(s, 256);')" "$beside s,"
start='void start(struct bench *b, uint32_t bits) {\n    write(b, DMA(CONTROL), bits);\n}\n'
bad sim c "$licence\n$start$(body 'start(b, 2);')" 'a number for a register'
bad sim c "$licence\n$start\nvoid go(int x) {\n    start(b, x);\n}\n$(body 'go(1 + i % 2);')" 'a number for a register'
bad sim c "$licence\nvoid put(uint32_t at, uint32_t value) {\n    if (at == TERN_DMA_REG_CONTROL && value & 4) {\n" "$beside value,"
bad sim h "$licence\n#define SOC_TO_DEVICE 2u\n" 'SOC_TO_DEVICE: the spec has this name'
bad sim cpp "$licence\nconstexpr uint32_t kIdle = 1;\n" 'kIdle: the spec has this name'
bad rtl v "$licence\nwire start = control & write_data[0];\n" 'bits of a written word'
bad rtl v "$licence\nwire [5:0] shift = write_data[29:24];\n" 'bits of a written word'
bad rtl v "$licence\nassign run = words[6][0];\n" 'bits of a register by number'
bad rtl v "$licence\nassign used = depth[7:4];\n" 'bits of a register by number'
bad rtl v "$licence\nassign read_depth = {24'd0, depth};\n" 'filled up by number'
bad rtl v "$licence\ncase (at) \`TERN_DMA_REG_STATUS: data = {16'd0, status, 7'd0, busy};\n" "$beside a register"
bad rtl v "$licence\nlocalparam [31:0] STATE_IDLE = 32'd1;\n" 'STATE_IDLE: the spec has this name'
bad rtl v "$licence\n\nread_data[0] = core_run;\n" ':3: bits of a read word'
bad rtl v "$licence\nassign busy = dma_read_data[8:1];\n" ':2: bits of a read word'
bad rtl v "$licence\ncase (address)\n    12'h008: read_data = hash;\nendcase\n" ':3: an address by number'
bad rtl v "$licence\ncase (address)\n    \`TERN_DMA_REG_STATUS, 12'h00c: read_data = x;\nendcase\n" ':3: an address by number'
bad rtl v "$licence\nassign go = write && address == 12'h018;\n" ':2: an address by number'
bad rtl v "$licence\nassign go = write_data[\`TERN_DMA_CONTROL_TO_DEVICE - 1];\n" ':2: arithmetic on a field'
bad rtl sv "$licence\nassign go = write_data[1 + \`TERN_DMA_CONTROL_TO_SCRATCH];\n" ':2: arithmetic on a field'
bad firmware c "$(body 'while (tern_port_read(context->port, status_address) & 1) {')" ':3: a number beside a read'
bad firmware c "$(body 'return 0x10u & backend->register_read(at(b, 3));')" ':3: a number beside a read'
bad sim c "$(body 'return (bench_register(b, status) >> 8) == ready;')" ':3: a number beside a read'
bad sim v "$licence\nwrite_register(\`TERN_MATMUL_REG_DEPTH, 32'h22);\n" "$beside a register"

if said=$(python3 "$check" "$work"); then echo "bad registers are accepted"; exit 1; fi
for i in "${!bad_files[@]}"; do
  lines=$(grep -F "${bad_files[i]}:" <<<"$said") || { echo "accepted: $(<"$work/${bad_files[i]}")"; exit 1; }
  grep -qF -- "${bad_words[i]}" <<<"$lines" || { echo "expected '${bad_words[i]}', got: $lines"; exit 1; }
done
