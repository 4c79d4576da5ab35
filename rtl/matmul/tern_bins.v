// SPDX-License-Identifier: Apache-2.0
// The 27 exact sums of one row, one per scale code, in two banks. One bank accumulates while finish reads the other. A
// bit per bin says whether the bin is in use, so no bin is ever cleared. An addition takes two cycles: read, then add
// and write. The sum is forwarded, so the same code may come every cycle.
// Model: group_add() of cmodel/matmul/lane.c.
`default_nettype none

`include "tern_spec.vh"

module tern_bins #(
    parameter VALUE_BITS = `TERN_GROUP_SUM_BITS + `TERN_MAX_SHIFT,
    parameter BIN_BITS = `TERN_BIN_BITS
) (
    input  wire                         clk,
    input  wire                         rst_n,
    input  wire                         clear,       // both banks empty
    input  wire                         s_valid,
    input  wire                         s_bank,
    input  wire [4:0]                   s_code,
    input  wire signed [VALUE_BITS-1:0] s_value,
    input  wire                         read_bank,   // finish: the bin of read_code, combinational
    input  wire [4:0]                   read_code,
    output wire [BIN_BITS-1:0]          read_bin,
    input  wire                         release_bank // read_bank is empty again
);
    reg [BIN_BITS-1:0] bins_0 [0:31];
    reg [BIN_BITS-1:0] bins_1 [0:31];
    reg [31:0]         filled_0;
    reg [31:0]         filled_1;

    reg                         adding;
    reg                         bank;
    reg [4:0]                   code;
    reg [BIN_BITS-1:0]          old;
    reg signed [VALUE_BITS-1:0] value;

    // Finish never reads the bank that accumulates, so one read port a bank is enough.
    wire [4:0]          code_0 = s_valid & ~s_bank ? s_code : read_code;
    wire [4:0]          code_1 = s_valid & s_bank ? s_code : read_code;
    wire [BIN_BITS-1:0] bin_0 = bins_0[code_0] & {BIN_BITS{filled_0[code_0]}};
    wire [BIN_BITS-1:0] bin_1 = bins_1[code_1] & {BIN_BITS{filled_1[code_1]}};
    wire [BIN_BITS-1:0] sum = old + {{(BIN_BITS - VALUE_BITS){value[VALUE_BITS-1]}}, value};
    wire                again = adding && bank == s_bank && code == s_code;

    assign read_bin = read_bank ? bin_1 : bin_0;

    always @(posedge clk) begin
        if (s_valid) begin
            bank <= s_bank;
            code <= s_code;
            value <= s_value;
            old <= again ? sum : s_bank ? bin_1 : bin_0;
        end
        if (adding && !bank)
            bins_0[code] <= sum;
        if (adding && bank)
            bins_1[code] <= sum;
    end

    wire [31:0] fill = {31'd0, adding} << code;
    wire        release_0 = clear | (release_bank & ~read_bank);
    wire        release_1 = clear | (release_bank & read_bank);

    always @(posedge clk)
        if (!rst_n) begin
            adding <= 1'b0;
            filled_0 <= 32'd0;
            filled_1 <= 32'd0;
        end else begin
            adding <= s_valid & ~clear;
            if (release_0)
                filled_0 <= 32'd0;
            else if (adding && !bank)
                filled_0 <= filled_0 | fill;
            if (release_1)
                filled_1 <= 32'd0;
            else if (adding && bank)
                filled_1 <= filled_1 | fill;
        end
endmodule

`default_nettype wire
