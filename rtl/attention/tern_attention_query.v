// SPDX-License-Identifier: Apache-2.0
// One image against the stream of records: 8 products of mantissas a cycle for each chunk of an item. Two chunks make a
// group. Its sum is shifted by both shifts and added to an exact sum. Keys: the sum of a position is in a register and
// goes to memory at the end of the position. Values: each element's sum is in memory. The suffix of a signal is its
// stage: item_3 meets its operands in cycle 3 after it was taken. Memory is read in stage 7 and written in stage 10. So
// an element may come again after four items. finish reads in a stage 7 that no group of values uses.
// Model: tern_dot_key_record(), tern_dot_value_record() of cmodel/attention/dot.c.
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
    input  wire                  first_6,    // the item is the first of two of its group
    input  wire [3:0]            image_shift_6,
    input  wire [4:0]            exponent_6, // exponent byte of the group
    input  wire [8:0]            read_7,     // address of a sum to read
    input  wire                  clear_8,    // the sum read is another image's: m_sum_9 is 0
    input  wire                  group_9,
    input  wire                  stored_9,   // the sum so far is the one read
    input  wire                  kept_9,     // the sum so far is that of the group before; if neither, it is 0
    input  wire                  write_10,
    input  wire [8:0]            address_10,
    output reg  [SUM_BITS-1:0]   m_sum_9
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
    wire [35*CHUNKS-1:0] chunk_6;

    genvar chunk;
    genvar column;
    generate
        for (chunk = 0; chunk < CHUNKS; chunk = chunk + 1) begin : chunk_of
            reg signed [31:0] product_4 [0:7];
            reg signed [33:0] low_5;
            reg signed [33:0] high_5;
            reg signed [34:0] sum_6;

            for (column = 0; column < 8; column = column + 1) begin : column_of
                wire signed [15:0] left = item_3[128*chunk + 16*column +: 16];
                wire signed [15:0] right = operand_3[128*chunk + 16*column +: 16];

                always @(posedge clk)
                    product_4[column] <= left * right;
            end

            always @(posedge clk) begin
                low_5 <= ({{2{product_4[0][31]}}, product_4[0]} + {{2{product_4[1][31]}}, product_4[1]})
                       + ({{2{product_4[2][31]}}, product_4[2]} + {{2{product_4[3][31]}}, product_4[3]});
                high_5 <= ({{2{product_4[4][31]}}, product_4[4]} + {{2{product_4[5][31]}}, product_4[5]})
                        + ({{2{product_4[6][31]}}, product_4[6]} + {{2{product_4[7][31]}}, product_4[7]});
                sum_6 <= {low_5[33], low_5} + {high_5[33], high_5};
            end

            assign chunk_6[35*chunk +: 35] = sum_6;
        end
    endgenerate

    // Sum of the group, then its shift: 0 to 15 first, then 0, 16 or 32.
    wire [34:0] other_6;
    wire [34:0] last_6 = chunk_6[35*CHUNKS-1 -: 35];
    reg  [35:0] group_7;
    reg  [5:0]  shift_7;
    reg  [50:0] fine_8;
    reg  [1:0]  coarse_8;
    reg  [82:0] shifted_9;

    generate
        if (CHUNKS == 1) begin : halves
            reg [34:0] first_7;

            always @(posedge clk)
                if (first_6)
                    first_7 <= last_6;

            assign other_6 = first_7;
        end else begin : whole
            assign other_6 = chunk_6[34:0];
        end
    endgenerate

    always @(posedge clk) begin
        group_7 <= {other_6[34], other_6} + {last_6[34], last_6};
        shift_7 <= {2'd0, image_shift_6} + {1'b0, exponent_6};
        fine_8 <= {{15{group_7[35]}}, group_7} << shift_7[3:0];
        coarse_8 <= shift_7[5:4];
        shifted_9 <= coarse_8[1] ? {fine_8, 32'd0}
                   : coarse_8[0] ? {{16{fine_8[50]}}, fine_8, 16'd0} : {{32{fine_8[50]}}, fine_8};
    end

    // Sums.
    (* no_rw_check *)
    reg [SUM_BITS-1:0]  sums [0:511];
    reg [SUM_BITS-1:0]  read_8;
    reg [SUM_BITS-1:0]  sum_10;
    wire [SUM_BITS-1:0] before_9 = (m_sum_9 & {SUM_BITS{stored_9}}) | (sum_10 & {SUM_BITS{kept_9}});

    always @(posedge clk) begin
        if (write_10)
            sums[address_10] <= sum_10;
        read_8 <= sums[read_7];
        m_sum_9 <= clear_8 ? {SUM_BITS{1'b0}} : read_8;
        if (group_9)
            sum_10 <= before_9 + {{(SUM_BITS - 83){shifted_9[82]}}, shifted_9};
    end

    generate
        if (CHUNKS == 2) begin : no_halves
            wire unused = &{1'b0, first_6, operand_1[8]};
        end
    endgenerate
endmodule

`default_nettype wire
