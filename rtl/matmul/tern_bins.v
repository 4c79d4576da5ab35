// SPDX-License-Identifier: Apache-2.0
// The 27 exact sums of one row, one per scale code, in two banks. One bank accumulates while finish reads the other. A
// bit beside each sum says whether the bin is in use. What finish reads is empty afterwards, and a sweep empties both
// banks before a run. An addition takes two cycles: read, then add and write. The sum is forwarded, so the same code
// may come every cycle. Each bank is two LUT RAMs of 16 words. A choice among RAMs is an OR of registers, of which all
// but one are reset: ECP5 has that for free, a multiplexer takes LUTs.
// Model: group_add() of cmodel/matmul/lane.c.
`default_nettype none

`include "tern_spec.vh"

module tern_bins #(
    parameter VALUE_BITS = `TERN_GROUP_SUM_BITS + `TERN_MAX_SHIFT,
    parameter BIN_BITS = `TERN_BIN_BITS
) (
    input  wire                         clk,
    input  wire                         rst_n,
    input  wire                         clear,       // forget what is being added
    input  wire                         sweep,       // empty the bins of read_code
    input  wire                         s_valid,
    input  wire                         s_bank,
    input  wire [4:0]                   s_code,
    input  wire signed [VALUE_BITS-1:0] s_value,
    input  wire                         read,        // empty the bin of read_code in read_bank
    input  wire                         read_bank,
    input  wire [4:0]                   read_code,
    output wire [BIN_BITS-1:0]          read_bin     // it, a cycle later; 0 where nothing was read
);
    reg                         adding;
    reg                         bank;
    reg [4:0]                   code;
    reg signed [VALUE_BITS-1:0] value;
    reg [BIN_BITS-1:0]          forwarded;
    wire [BIN_BITS-1:0]         old;
    wire [BIN_BITS-1:0]         sum = old + {{(BIN_BITS - VALUE_BITS){value[VALUE_BITS-1]}}, value};
    wire                        again = adding && bank == s_bank && code == s_code;

    always @(posedge clk) begin
        adding <= rst_n & s_valid & ~clear;
        bank <= s_bank;
        code <= s_code;
        value <= s_value;
        forwarded <= again ? sum : {BIN_BITS{1'b0}};
    end

    genvar ram;
    generate
        for (ram = 0; ram < 4; ram = ram + 1) begin : ram_of
            localparam [0:0] BANK = ram >= 2;
            localparam [0:0] HALF = ram == 1 || ram == 3;
            reg [BIN_BITS:0]   sums [0:15];
            reg [BIN_BITS-1:0] to_add;
            reg [BIN_BITS-1:0] to_finish;

            // Finish never reads the bank that accumulates, so one read port and one write port are enough.
            wire              adds_next = s_valid && s_bank == BANK;
            wire              adds = adding && bank == BANK;
            wire              empties = sweep || (read && read_bank == BANK);
            wire [4:0]        from = adds_next ? s_code : read_code;
            wire [4:0]        to = adds ? code : read_code;
            wire [BIN_BITS:0] bin = sums[from[3:0]];
            wire              present = bin[BIN_BITS] && from[4] == HALF;

            always @(posedge clk) begin
                to_add <= present && adds_next && !again ? bin[BIN_BITS-1:0] : {BIN_BITS{1'b0}};
                to_finish <= present && empties ? bin[BIN_BITS-1:0] : {BIN_BITS{1'b0}};
                if ((adds || empties) && to[4] == HALF)
                    sums[to[3:0]] <= {adds, sum};
            end
        end
    endgenerate

    assign old = ram_of[0].to_add | ram_of[1].to_add | ram_of[2].to_add | ram_of[3].to_add | forwarded;
    assign read_bin = ram_of[0].to_finish | ram_of[1].to_finish | ram_of[2].to_finish | ram_of[3].to_finish;
endmodule

`default_nettype wire
