// SPDX-License-Identifier: Apache-2.0
// Exact sum of one row: bin x step mantissa << step shift, accumulated into 128 bits. Operands arrive at stage 1. Stage
// 2 has three limb products, stages 3 and 4 their sum. Stages 5 and 6 shift, stages 7 and 8 accumulate by halves.
// valid[i] says that stage i has an item. first_6 says that the item at stage 6 begins a sum.
// Model: tern_finish_row() of cmodel/matmul/finish.c.
`default_nettype none

`include "tern_spec.vh"

module tern_finish_row #(
    parameter BIN_BITS = `TERN_BIN_BITS // 37 to 54
) (
    input  wire                clk,
    input  wire [7:1]          valid,
    input  wire                first_6,
    input  wire [BIN_BITS-1:0] bin,     // signed
    input  wire [23:0]         mantissa,
    input  wire [2:0]          shift_4, // multiple of 8 to shift the item at stage 4 by
    input  wire [2:0]          shift_5, // and the rest, for the item at stage 5
    output wire [127:0]        sum      // signed; complete one cycle after the last item was at stage 7
);
    localparam HIGH_BITS = BIN_BITS - 36;
    localparam PRODUCT_BITS = BIN_BITS + 25;
    localparam SHIFTED_BITS = PRODUCT_BITS + `TERN_STEP_RATIO_LOG2;

    reg [41:0]                    low_product;
    reg [41:0]                    middle_product;
    reg [HIGH_BITS+24:0]          high_product;
    reg [HIGH_BITS+24:0]          high_product_3;
    reg                           negative;
    reg [23:0]                    mantissa_2;
    reg [60:0]                    low_sum;
    reg signed [PRODUCT_BITS-1:0] product;
    reg signed [SHIFTED_BITS-1:0] coarse;
    reg signed [SHIFTED_BITS-1:0] shifted;
    reg [64:0]                    low;
    reg [63:0]                    high_addend;
    reg                           high_first;
    reg [63:0]                    high;

    // Limbs are multiplied unsigned; a negative bin was taken 2^BIN_BITS too large.
    wire [HIGH_BITS+24:0]          too_much = {1'b0, mantissa_2 & {24{negative}}, {HIGH_BITS{1'b0}}};
    wire signed [SHIFTED_BITS-1:0] product_wide = {{(SHIFTED_BITS - PRODUCT_BITS){product[PRODUCT_BITS-1]}}, product};
    wire [63:0]                    low_before = low[63:0] & {64{~first_6}};
    wire [63:0]                    high_before = high & {64{~high_first}};

    always @(posedge clk) begin
        if (valid[1]) begin
            low_product <= {24'd0, bin[17:0]} * {18'd0, mantissa};
            middle_product <= {24'd0, bin[35:18]} * {18'd0, mantissa};
            high_product <= {25'd0, bin[BIN_BITS-1:36]} * {{(HIGH_BITS + 1){1'b0}}, mantissa};
            negative <= bin[BIN_BITS-1];
            mantissa_2 <= mantissa;
        end
        if (valid[2]) begin
            low_sum <= {19'd0, low_product} + {1'b0, middle_product, 18'd0};
            high_product_3 <= high_product - too_much;
        end
        if (valid[3])
            product <= {high_product_3, 36'd0} + {{(PRODUCT_BITS - 61){1'b0}}, low_sum};
        if (valid[4])
            coarse <= product_wide << {shift_4, 3'b000};
        if (valid[5])
            shifted <= coarse << shift_5;
        if (valid[6]) begin
            low <= {1'b0, low_before} + {1'b0, shifted[63:0]};
            high_addend <= {{(128 - SHIFTED_BITS){shifted[SHIFTED_BITS-1]}}, shifted[SHIFTED_BITS-1:64]};
            high_first <= first_6;
        end
        if (valid[7])
            high <= high_before + high_addend + {63'd0, low[64]};
    end

    assign sum = {high, low[63:0]};
endmodule

`default_nettype wire
