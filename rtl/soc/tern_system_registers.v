// SPDX-License-Identifier: Apache-2.0
// System registers (spec/tern.toml, block SYSTEM): identity, mailbox, window, timer. Word writes only; data
// in the same cycle. Host and core share them; who writes what is the spec's business.
`default_nettype none

`include "tern_spec.vh"

module tern_system_registers #(
    parameter LANES = 1,
    parameter MAX_GROUPS = 2048,
    parameter [31:0] CLOCK_HZ = 32'd100000000
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        enable,
    input  wire [11:0] address,
    input  wire [3:0]  strobe,
    input  wire [31:0] write_data,
    output reg  [31:0] read_data,
    input  wire        core_trap,
    output wire        core_run,
    output wire [63:0] window_base,
    output wire [63:0] window_bytes,
    output wire        idle            // the core is held, has trapped or waits for the doorbell
);
    localparam [31:0] STATE_IDLE = 32'd1;
    localparam [31:0] LANES_32 = LANES;
    localparam [31:0] MAX_GROUPS_32 = MAX_GROUPS;
    localparam [31:0] MAX_DEPTH_32 = `TERN_MAX_DEPTH;

    reg  [31:0] words [6:21]; // CONTROL to FIRMWARE_STATE, by offset / 4
    reg  [63:0] time_cycles;

    wire [9:0]  index = address[11:2];
    wire        is_stored = index >= 10'd10 && index <= 10'd21 || index == 10'd6;
    integer     i;

    assign core_run = words[6][0];
    assign idle = ~core_run | core_trap | (words[21] == STATE_IDLE && words[17] == words[18]);
    assign window_base = {words[11], words[10]};
    assign window_bytes = {words[13], words[12]};

    always @(posedge clk)
        if (!rst_n) begin
            for (i = 6; i <= 21; i = i + 1)
                words[i] <= 32'd0;
            time_cycles <= 64'd0;
        end else begin
            time_cycles <= time_cycles + 64'd1;
            if (enable && &strobe && is_stored)
                words[index[4:0]] <= write_data;
        end

    always @*
        case ({index, 2'b00})
            `TERN_SYSTEM_REG_ID: read_data = `TERN_SYSTEM_ID;
            `TERN_SYSTEM_REG_INTERFACE: read_data = `TERN_INTERFACE_VERSION;
            `TERN_SYSTEM_REG_SPEC_HASH: read_data = `TERN_SPEC_HASH;
            `TERN_SYSTEM_REG_HARDWARE: read_data = {8'd0, 8'd1, MAX_DEPTH_32[7:0], LANES_32[7:0]};
            `TERN_SYSTEM_REG_MAX_GROUPS: read_data = MAX_GROUPS_32;
            `TERN_SYSTEM_REG_CLOCK_HZ: read_data = CLOCK_HZ;
            `TERN_SYSTEM_REG_STATUS: read_data = {30'd0, core_trap, core_run};
            `TERN_SYSTEM_REG_TIME_LO: read_data = time_cycles[31:0];
            `TERN_SYSTEM_REG_TIME_HI: read_data = time_cycles[63:32];
            default: read_data = is_stored ? words[index[4:0]] : 32'd0;
        endcase

    wire unused = &{1'b0, address[1:0], LANES_32[31:8], MAX_DEPTH_32[31:8]};
endmodule

`default_nettype wire
