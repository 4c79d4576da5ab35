// SPDX-License-Identifier: Apache-2.0
// Exact sum of one row: bin x step mantissa << step shift, accumulated into 128 bits. The fine part of the shift is in
// the factor already, and a coarse one is left: 0, 11 or 22. Operands arrive at stage 2. Stage 3 has products of three
// limbs by two, stages 4 and 5 their sum. Stage 6 shifts, stages 7 and 8 accumulate by halves.
// valid[i] says that stage i has an item; without one the sum stays. first_6 says that the item at stage 6 begins a sum.
// Model: tern_finish_row() of cmodel/matmul/finish.c.
`default_nettype none

`include "tern_spec.vh"

module tern_finish_row #(
    parameter BIN_BITS = `TERN_BIN_BITS // 37 to 54
) (
    input  wire                clk,
    input  wire [5:2]          moves,   // enables of stages 2 to 5
    input  wire [7:6]          valid,
    input  wire                first_6,
    input  wire [BIN_BITS-1:0] bin,     // signed
    input  wire [33:0]         factor,
    input  wire [1:0]          shift_5, // how often to shift the item at stage 5 by 11
    output wire [127:0]        sum      // signed; complete one cycle after the last item was at stage 7
);
    localparam HIGH_BITS = BIN_BITS - 36;
    localparam PRODUCT_BITS = BIN_BITS + 34;
    localparam SHIFTED_BITS = PRODUCT_BITS + 22;
    localparam SUM_BITS = BIN_BITS + 24 + `TERN_STEP_RATIO_LOG2 + 5; // of 27 products

    // Limb i of the bin times limb j of the factor; the bin's last limb is signed.
    reg [34:0]                    p00;
    reg [34:0]                    p01;
    reg [34:0]                    p10;
    reg [34:0]                    p11;
    reg signed [HIGH_BITS+16:0]   p20;
    reg signed [HIGH_BITS+16:0]   p21;
    reg signed [PRODUCT_BITS-1:0] even;
    reg signed [HIGH_BITS+36:0]   odd;
    reg signed [PRODUCT_BITS-1:0] product;
    reg signed [SHIFTED_BITS-1:0] shifted;
    reg [64:0]                    low;
    reg [SUM_BITS-65:0]           high_addend;
    reg                           high_first;
    reg [SUM_BITS-65:0]           high;

    wire signed [HIGH_BITS+16:0]   bin_2 = {{17{bin[BIN_BITS-1]}}, bin[BIN_BITS-1:36]};
    wire signed [HIGH_BITS+16:0]   factor_0 = {{HIGH_BITS{1'b0}}, factor[16:0]};
    wire signed [HIGH_BITS+16:0]   factor_1 = {{HIGH_BITS{1'b0}}, factor[33:17]};
    wire signed [SHIFTED_BITS-1:0] product_wide = {{22{product[PRODUCT_BITS-1]}}, product};
    wire [63:0]                    low_before = low[63:0] & {64{~first_6}};
    wire [SUM_BITS-65:0]           high_before = high & {(SUM_BITS - 64){~high_first}};

    always @(posedge clk) begin
        if (moves[2]) begin
            p00 <= {17'd0, bin[17:0]} * {18'd0, factor[16:0]};
            p01 <= {17'd0, bin[17:0]} * {18'd0, factor[33:17]};
            p10 <= {17'd0, bin[35:18]} * {18'd0, factor[16:0]};
            p11 <= {17'd0, bin[35:18]} * {18'd0, factor[33:17]};
            p20 <= bin_2 * factor_0;
            p21 <= bin_2 * factor_1;
        end
        // p00 and p11 lie side by side, and so do p10 and p21.
        if (moves[3]) begin
            even <= {{(PRODUCT_BITS - 70){1'b0}}, p11, p00} + {p21, p10, 18'd0};
            odd <= {p20[HIGH_BITS+16], p20, 19'd0} + {{(HIGH_BITS + 2){1'b0}}, p01};
        end
        if (moves[4])
            product <= even + {{16{odd[HIGH_BITS+36]}}, odd, 17'd0};
        if (moves[5])
            shifted <= shift_5[1] ? product_wide << 22 : shift_5[0] ? product_wide << 11 : product_wide;
        if (valid[6]) begin
            low <= {1'b0, low_before} + {1'b0, shifted[63:0]};
            high_addend <= {{(SUM_BITS - SHIFTED_BITS){shifted[SHIFTED_BITS-1]}}, shifted[SHIFTED_BITS-1:64]};
            high_first <= first_6;
        end
        if (valid[7])
            high <= high_before + high_addend + {{(SUM_BITS - 65){1'b0}}, low[64]};
    end

    assign sum = {{(128 - SUM_BITS){high[SUM_BITS-65]}}, high, low[63:0]};
endmodule

`default_nettype wire
