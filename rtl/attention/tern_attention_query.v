// SPDX-License-Identifier: Apache-2.0
// One image against the stream of records: 8 products of mantissas a cycle for each chunk of an item. Two chunks make a
// group. Its sum is shifted by both shifts and added to an exact sum. Keys: the sum of a position is in a register and
// goes to memory at the end of the position. Values: each element's sum is in memory. The suffix of a signal is its
// stage: item_3 meets its operands in cycle 3 after it was taken. Memory is read in stage 8 and written in stage 11. So
// an element may come again after four items. finish reads in a stage 8 that no group of values uses.
// Model: tern_dot_key_record() of cmodel/attention/dot.c.
`default_nettype none

module tern_attention_query #(
    parameter CHUNKS = 1,                    // of 16 bytes in an item: 1 or 2
    parameter SUM_BITS = 93                  // signed: 2048 groups of 2^34, shifted by 46
) (
    input  wire                  clk,
    input  wire                  load_1,     // item_1 holds mantissas of this image
    input  wire [8:0]            operand_1,  // place of an item in the image, or of its operands
    input  wire [128*CHUNKS-1:0] item_1,
    input  wire [128*CHUNKS-1:0] item_3,
    input  wire                  first_7,    // the item is the first of two of its group
    input  wire [3:0]            image_shift_7,
    input  wire [4:0]            exponent_7, // exponent byte of the group
    input  wire [8:0]            read_8,     // address of a sum to read
    input  wire                  clear_9,    // the sum read is another image's: m_sum_10 is 0
    input  wire                  group_10,
    input  wire                  stored_10,   // the sum so far is the one read
    input  wire                  kept_10,     // the sum so far is that of the group before; if neither, it is 0
    input  wire                  write_11,
    input  wire [8:0]            address_11,
    output reg  [SUM_BITS-1:0]   m_sum_10
);
    localparam DEPTH_LOG2 = CHUNKS == 1 ? 9 : 8;

    // Operands. A word is not written in the cycle that reads it.
    (* no_rw_check *)
    reg [128*CHUNKS-1:0] operands [0:(1 << DEPTH_LOG2) - 1];
    reg [128*CHUNKS-1:0] operand_2;
    reg [128*CHUNKS-1:0] operand_3;

    always @(posedge clk) begin
        if (load_1)
            operands[operand_1[DEPTH_LOG2-1:0]] <= item_1;
        operand_2 <= operands[operand_1[DEPTH_LOG2-1:0]];
        operand_3 <= operand_2;
    end

    // Products, and the sum of each chunk's eight.
    wire [35*CHUNKS-1:0] chunk_7;

    genvar chunk;
    genvar column;
    generate
        for (chunk = 0; chunk < CHUNKS; chunk = chunk + 1) begin : chunk_of
            reg signed [31:0] product_4 [0:7];
            reg signed [32:0] pair_5 [0:3];
            reg signed [33:0] low_6;
            reg signed [33:0] high_6;
            reg signed [34:0] sum_7;

            for (column = 0; column < 8; column = column + 1) begin : column_of
                wire signed [15:0] left = item_3[128*chunk + 16*column +: 16];
                wire signed [15:0] right = operand_3[128*chunk + 16*column +: 16];

                always @(posedge clk)
                    product_4[column] <= left * right;
            end
            for (column = 0; column < 4; column = column + 1) begin : pair_of
                always @(posedge clk)
                    pair_5[column] <= {product_4[2*column][31], product_4[2*column]}
                                    + {product_4[2*column+1][31], product_4[2*column+1]};
            end

            // One adder a stage: of sums of more terms synthesis would make LUTs.
            always @(posedge clk) begin
                low_6 <= {pair_5[0][32], pair_5[0]} + {pair_5[1][32], pair_5[1]};
                high_6 <= {pair_5[2][32], pair_5[2]} + {pair_5[3][32], pair_5[3]};
                sum_7 <= {low_6[33], low_6} + {high_6[33], high_6};
            end

            assign chunk_7[35*chunk +: 35] = sum_7;
        end
    endgenerate

    // Sum of the group, then its shift: 0 to 15 first, then 0, 16 or 32.
    wire [34:0] other_7;
    wire [34:0] last_7 = chunk_7[35*CHUNKS-1 -: 35];
    reg  [35:0] group_8;
    reg  [5:0]  shift_8;
    reg  [50:0] fine_9;
    reg  [1:0]  coarse_9;
    reg  [82:0] shifted_10;

    generate
        if (CHUNKS == 1) begin : halves
            reg [34:0] first_8;

            always @(posedge clk)
                if (first_7)
                    first_8 <= last_7;

            assign other_7 = first_8;
        end else begin : whole
            assign other_7 = chunk_7[34:0];
        end
    endgenerate

    always @(posedge clk) begin
        group_8 <= {other_7[34], other_7} + {last_7[34], last_7};
        shift_8 <= {2'd0, image_shift_7} + {1'b0, exponent_7};
        fine_9 <= {{15{group_8[35]}}, group_8} << shift_8[3:0];
        coarse_9 <= shift_8[5:4];
        shifted_10 <= coarse_9[1] ? {fine_9, 32'd0}
                   : coarse_9[0] ? {{16{fine_9[50]}}, fine_9, 16'd0} : {{32{fine_9[50]}}, fine_9};
    end

    // Sums.
    (* no_rw_check *)
    reg [SUM_BITS-1:0]  sums [0:511];
    reg [SUM_BITS-1:0]  read_9;
    reg [SUM_BITS-1:0]  sum_11;
    wire [SUM_BITS-1:0] before_10 = (m_sum_10 & {SUM_BITS{stored_10}}) | (sum_11 & {SUM_BITS{kept_10}});

    always @(posedge clk) begin
        if (write_11)
            sums[address_11] <= sum_11;
        read_9 <= sums[read_8];
        m_sum_10 <= clear_9 ? {SUM_BITS{1'b0}} : read_9;
        if (group_10)
            sum_11 <= before_10 + {{(SUM_BITS - 83){shifted_10[82]}}, shifted_10};
    end

    generate
        if (CHUNKS == 2) begin : no_halves
            wire unused = &{1'b0, first_7, operand_1[8]};
        end
    endgenerate
endmodule

`default_nettype wire
