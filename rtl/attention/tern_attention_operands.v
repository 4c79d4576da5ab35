// SPDX-License-Identifier: Apache-2.0
// Operands of two images in two banks of block RAM, half as wide as an item. A word meets the items of two units, so it
// is read in two cycles: its low half, then its high half. Bank 0 has the low halves of image 0 and the high halves of
// image 1, bank 1 the others. So both halves of an item are written in one cycle.
// The halves that are read in cycles 1 and 2 are operands in cycle 4, until the next ones are.
`default_nettype none

module tern_attention_operands #(
    parameter CHUNKS = 1,                     // of 16 bytes in an item: 1 or 2
    parameter PLACE_BITS = 8
) (
    input  wire                  clk,
    input  wire                  load_2,
    input  wire                  odd_2,       // the item is of image 1
    input  wire [PLACE_BITS-1:0] place_2,
    input  wire [64*CHUNKS-1:0]  half_0_2,    // of the item, for bank 0
    input  wire [64*CHUNKS-1:0]  half_1_2,
    input  wire [PLACE_BITS:0]   read_1,      // the place, then which half
    input  wire                  word_3,      // the low half was read two cycles ago
    output reg  [128*CHUNKS-1:0] operand_4,   // of image 0
    output reg  [128*CHUNKS-1:0] other_4      // of image 1
);
    localparam HALF = 64 * CHUNKS;

    // Words are not read in the cycles that write them.
    (* no_rw_check *)
    reg [HALF-1:0]  bank_0 [0:(2 << PLACE_BITS) - 1];
    (* no_rw_check *)
    reg [HALF-1:0]  bank_1 [0:(2 << PLACE_BITS) - 1];
    reg [HALF-1:0]  read_2;
    reg [HALF-1:0]  other_2;
    reg [HALF-1:0]  low_3;
    reg [HALF-1:0]  other_low_3;

    always @(posedge clk) begin
        if (load_2)
            bank_0[{place_2, odd_2}] <= half_0_2;
        read_2 <= bank_0[read_1];
    end

    always @(posedge clk) begin
        if (load_2)
            bank_1[{place_2, ~odd_2}] <= half_1_2;
        other_2 <= bank_1[read_1];
    end

    always @(posedge clk) begin
        low_3 <= read_2;
        other_low_3 <= other_2;
        if (word_3) begin
            operand_4 <= {other_2, low_3};
            other_4 <= {read_2, other_low_3};
        end
    end
endmodule

`default_nettype wire
