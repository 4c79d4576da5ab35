// SPDX-License-Identifier: Apache-2.0
// The arithmetic of one vector in a lane. Each row sums trit x mantissa, then multiplies by 3^plane and shifts by the
// group's exponent. The result is added to the bin of the group's scale code. The stages are those of tern_lane, which
// gives what all vectors share at the stage of its suffix; trits are at stage 2.
// Model: tern_lane_strip() of cmodel/matmul/lane.c.
`default_nettype none

`include "tern_spec.vh"

module tern_lane_vector #(
    parameter BIN_BITS = `TERN_BIN_BITS
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  clear,
    input  wire                  s_valid,
    input  wire [255:0]          s_mantissas,
    input  wire [63:0]           s_shifts, // of 16 groups
    input  wire [1:0]            s_quad,   // which four of the 16
    input  wire [1:0]            slot_2,   // which of four
    input  wire [159:0]          trits,
    input  wire                  times_3,  // at stage 6
    input  wire [2:1]            plane_7,
    input  wire [24:0]           codes_9,
    input  wire                  bank_9,
    input  wire                  read_bank,
    input  wire [4:0]            read_code,
    output wire [5*BIN_BITS-1:0] read_bins,
    input  wire                  release_bank
);
    localparam PLANE_BITS = 21;    // of a sum over one plane
    localparam SUM_BITS = `TERN_GROUP_SUM_BITS;
    localparam VALUE_BITS = SUM_BITS + `TERN_MAX_SHIFT;
    localparam [0:0] DEEP = `TERN_MAX_DEPTH > 4;

    reg [9:2] valid;

    always @(posedge clk)
        if (!rst_n || clear)
            valid <= 8'd0;
        else
            valid <= {valid[8:2], s_valid};

    reg [255:0] mantissas;
    reg [15:0]  shifts_2;
    reg [3:0]   shift_3;
    reg [3:0]   shift [4:8];
    integer     stage;

    always @(posedge clk) begin
        if (s_valid) begin
            mantissas <= s_mantissas;
            shifts_2 <= s_shifts[16 * s_quad +: 16];
        end
        if (valid[2])
            shift_3 <= shifts_2[4 * slot_2 +: 4];
        if (valid[3])
            shift[4] <= shift_3;
        for (stage = 5; stage <= 8; stage = stage + 1)
            shift[stage] <= shift[stage - 1];
    end

    genvar row;
    generate
        for (row = 0; row < 5; row = row + 1) begin : row_of
            wire signed [PLANE_BITS-1:0] sum;
            reg signed [PLANE_BITS+1:0]  thrice;
            reg signed [SUM_BITS-1:0]    scaled;
            reg signed [VALUE_BITS-1:0]  shifted;

            tern_row_sum row_sum (
                .clk,
                .stage_valid(valid[5:2]),
                .trits(trits[32 * row +: 32]),
                .mantissas, .sum
            );

            wire signed [PLANE_BITS+1:0] sum_wide = {{2{sum[PLANE_BITS-1]}}, sum};
            wire signed [SUM_BITS-1:0]   thrice_wide = {{(SUM_BITS - PLANE_BITS - 2){thrice[PLANE_BITS+1]}}, thrice};
            wire signed [VALUE_BITS-1:0] scaled_wide = {{`TERN_MAX_SHIFT{scaled[SUM_BITS-1]}}, scaled};

            // Times 3, then times 9, or 81 for the planes above the fourth.
            always @(posedge clk) begin
                if (valid[6])
                    thrice <= sum_wide + ({(PLANE_BITS + 2){times_3}} & sum_wide << 1);
                if (valid[7])
                    scaled <= thrice_wide + ({SUM_BITS{plane_7[1]}} & thrice_wide << 3)
                            + ({SUM_BITS{DEEP & plane_7[2]}} & ((thrice_wide << 6) + (thrice_wide << 4)));
                if (valid[8])
                    shifted <= scaled_wide << shift[8];
            end

            tern_bins row_bins (
                .clk, .rst_n, .clear,
                .s_valid(valid[9]),
                .s_bank(bank_9),
                .s_code(codes_9[5 * row +: 5]),
                .s_value(shifted),
                .read_bank, .read_code,
                .read_bin(read_bins[BIN_BITS * row +: BIN_BITS]),
                .release_bank
            );
        end
    endgenerate
endmodule

`default_nettype wire
