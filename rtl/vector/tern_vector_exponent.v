// SPDX-License-Identifier: Apache-2.0
// Exponent of a group of block floating point from the bits of its largest magnitude (cmodel/vector/bfp.h). It is that of
// the magnitude - 14. It is one more when the mantissa would round to 32768. Latency is 3 cycles of `advance`.
`default_nettype none

module tern_vector_exponent (
    input  wire               clk,
    input  wire               advance,
    input  wire        [30:0] magnitude,
    output reg                zero,
    output reg signed  [9:0]  exponent
);
    localparam signed [9:0] OF_FIELD = 10'sd141;   // field - 127 - 14

    wire [7:0]  field = magnitude[30:23];
    wire        normal = |field;
    // A subnormal is shifted up to the hidden bit; the 25 bits above it are set, so that the count stops there.
    wire        none;
    wire        stopped;
    wire [5:0]  zeros;
    wire [46:0] filled = {magnitude[22:0], 24'hffffff};

    tern_float_leading_zeros leading_zeros (.value({filled, 1'b1}), .stop(12'd0), .none, .stopped, .count(zeros));

    reg         normal_1;
    reg         zero_1;
    reg         bump_1;
    reg  [7:0]  field_1;
    reg  [5:0]  zeros_1;
    reg  [22:0] fraction_1;

    wire [22:0] shifted = fraction_1 << (zeros_1 + 6'd1);
    reg         zero_2;
    reg         bump_2;
    reg  signed [9:0] exponent_2;

    always @(posedge clk)
        if (advance) begin
            normal_1 <= normal;
            zero_1 <= ~|magnitude;
            bump_1 <= &magnitude[22:8]; // the fraction rounds up to a mantissa of 32768
            field_1 <= field;
            zeros_1 <= zeros;
            fraction_1 <= magnitude[22:0];
            zero_2 <= zero_1;
            bump_2 <= normal_1 ? bump_1 : &shifted[22:8];
            exponent_2 <= normal_1 ? $signed({2'b00, field_1}) - OF_FIELD : -$signed({4'b0000, zeros_1}) - OF_FIELD;
            zero <= zero_2;
            exponent <= exponent_2 + $signed({9'd0, bump_2});
        end

    wire unused = &{1'b0, none, stopped, shifted[7:0]};
endmodule

`default_nettype wire
