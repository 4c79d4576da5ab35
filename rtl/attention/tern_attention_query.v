// SPDX-License-Identifier: Apache-2.0
// One image against the stream of records: 8 products of mantissas a cycle for each chunk of an item. Two chunks make a
// group. Its sum is shifted by both shifts and added to an exact sum. The groups of two units come in turns, a position
// of keys each or an element of values. Keys: the sums of two positions are in registers and go to memory at the end of
// the position. Values: each element's sum is in memory. The suffix of a signal is its stage: item_4 meets its operands
// in cycle 4. Memory is read in stage 9 and written in stage 12. So an element may come again after four items. finish
// reads in a stage 9 that no group of values uses.
// Model: tern_dot_key_record() of cmodel/attention/dot.c.
`default_nettype none

module tern_attention_query #(
    parameter CHUNKS = 1,                    // of 16 bytes in an item: 1 or 2
    parameter SUM_BITS = 93                  // signed: 2048 groups of 2^34, shifted by 46
) (
    input  wire                  clk,
    input  wire [128*CHUNKS-1:0] operand_4,
    input  wire [128*CHUNKS-1:0] item_4,
    input  wire [3:0]            image_shift_8,
    input  wire [4:0]            exponent_8,  // exponent byte of the group
    input  wire [8:0]            read_9,      // address of a sum to read
    input  wire                  clear_10,    // the sum read is another image's: m_sum_11 is 0
    input  wire                  group_10,
    input  wire                  stored_10,   // the sum so far is the one read
    input  wire                  kept_10,     // the sum so far is that of the unit's group before; if neither, it is 0
    input  wire                  write_12,
    input  wire [8:0]            address_12,
    output reg  [SUM_BITS-1:0]   m_sum_11
);
    // Products, and the sum of each chunk's eight.
    wire [35*CHUNKS-1:0] chunk_8;

    genvar chunk;
    genvar column;
    generate
        for (chunk = 0; chunk < CHUNKS; chunk = chunk + 1) begin : chunk_of
            reg signed [31:0] product_5 [0:7];
            reg signed [32:0] pair_6 [0:3];
            reg signed [33:0] low_7;
            reg signed [33:0] high_7;
            reg signed [34:0] sum_8;

            for (column = 0; column < 8; column = column + 1) begin : column_of
                wire signed [15:0] left = item_4[128*chunk + 16*column +: 16];
                wire signed [15:0] right = operand_4[128*chunk + 16*column +: 16];

                always @(posedge clk)
                    product_5[column] <= left * right;
            end
            for (column = 0; column < 4; column = column + 1) begin : pair_of
                always @(posedge clk)
                    pair_6[column] <= {product_5[2*column][31], product_5[2*column]}
                                    + {product_5[2*column+1][31], product_5[2*column+1]};
            end

            // One adder a stage: of sums of more terms synthesis would make LUTs.
            always @(posedge clk) begin
                low_7 <= {pair_6[0][32], pair_6[0]} + {pair_6[1][32], pair_6[1]};
                high_7 <= {pair_6[2][32], pair_6[2]} + {pair_6[3][32], pair_6[3]};
                sum_8 <= {low_7[33], low_7} + {high_7[33], high_7};
            end

            assign chunk_8[35*chunk +: 35] = sum_8;
        end
    endgenerate

    // Sum of the group, then its shift: 0 to 15 first, then 0, 16 or 32. Items of a pair come without a pause, so the
    // other half of a group was here two cycles ago.
    wire [34:0] other_8;
    wire [34:0] last_8 = chunk_8[35*CHUNKS-1 -: 35];
    reg  [35:0] group_9;
    reg  [5:0]  shift_9;
    reg  [50:0] fine_10;
    reg  [1:0]  coarse_10;
    reg  [82:0] shifted_11;

    generate
        if (CHUNKS == 1) begin : halves
            reg [34:0] half_9;
            reg [34:0] half_10;

            always @(posedge clk) begin
                half_9 <= last_8;
                half_10 <= half_9;
            end

            assign other_8 = half_10;
        end else begin : whole
            assign other_8 = chunk_8[34:0];
        end
    endgenerate

    always @(posedge clk) begin
        group_9 <= {other_8[34], other_8} + {last_8[34], last_8};
        shift_9 <= {2'd0, image_shift_8} + {1'b0, exponent_8};
        fine_10 <= {{15{group_9[35]}}, group_9} << shift_9[3:0];
        coarse_10 <= shift_9[5:4];
        shifted_11 <= coarse_10[1] ? {fine_10, 32'd0}
                   : coarse_10[0] ? {{16{fine_10[50]}}, fine_10, 16'd0} : {{32{fine_10[50]}}, fine_10};
    end

    // Sums. That of the other unit came last.
    (* no_rw_check *)
    reg [SUM_BITS-1:0]  sums [0:511];
    reg [SUM_BITS-1:0]  read_10;
    reg [SUM_BITS-1:0]  sum_12;
    reg [SUM_BITS-1:0]  earlier_12;
    wire                group_11;
    wire                stored_11;
    wire                kept_11;

    tern_attention_copy #(.WIDTH(3)) flags (
        .clk,
        .s_data({group_10, stored_10, kept_10}),
        .m_data({group_11, stored_11, kept_11})
    );

    wire [SUM_BITS-1:0] before_11 = (m_sum_11 & {SUM_BITS{stored_11}}) | (earlier_12 & {SUM_BITS{kept_11}});

    always @(posedge clk) begin
        if (write_12)
            sums[address_12] <= sum_12;
        read_10 <= sums[read_9];
        m_sum_11 <= clear_10 ? {SUM_BITS{1'b0}} : read_10;
        if (group_11) begin
            sum_12 <= before_11 + {{(SUM_BITS - 83){shifted_11[82]}}, shifted_11};
            earlier_12 <= sum_12;
        end
    end
endmodule

`default_nettype wire
