// SPDX-License-Identifier: Apache-2.0
// Normalizes, rounds (to nearest, ties to even) and packs binary32 results. No other module rounds them. The input is
// (-1)^sign * significand / 2^47 * 2^(exponent - 127), exponent 1..511. It is shifted left as far as the leading bit or
// the subnormal grid allows. Subnormal and zero results need no other case. With s_bypass the result is
// s_bypass_result, unchanged. s_exponent comes one cycle before the other inputs. Latency from those is 3 cycles of
// `advance`, throughput one operation a cycle. tern_float_unit tracks validity.
`default_nettype none

module tern_float_round (
    input  wire        clk,
    input  wire        advance,
    input  wire        s_sign,
    input  wire [9:0]  s_exponent,
    input  wire [47:0] s_significand,
    input  wire        s_bypass,
    input  wire [31:0] s_bypass_result,
    output reg  [31:0] m_result
);
    // Before cycle 1: the place of the subnormal grid's top bit, where a shift to the left must end. There is none
    // when the exponent is above 48.
    reg  [9:0]  exponent;
    reg  [47:0] limit;
    integer     place;

    always @(posedge clk)
        if (advance) begin
            exponent <= s_exponent;
            for (place = 0; place < 48; place = place + 1)
                limit[place] <= s_exponent == 10'd48 - place[9:0];
        end

    // Cycle 1: how far to shift.
    wire [5:0] shift;

    tern_float_leading_zeros leading_zeros (.value(s_significand | limit), .count(shift));

    reg         counted_sign;
    reg         counted_bypass;
    reg  [31:0] counted_bypass_result;
    reg  [9:0]  counted_exponent;
    reg  [5:0]  counted_shift;
    reg  [47:0] counted_significand;

    always @(posedge clk)
        if (advance) begin
            counted_sign <= s_sign;
            counted_bypass <= s_bypass;
            counted_bypass_result <= s_bypass_result;
            counted_exponent <= exponent;
            counted_shift <= shift;
            counted_significand <= s_significand;
        end

    // Cycle 2: shift.
    wire [47:0] normal = counted_significand << counted_shift;

    reg         normal_sign;
    reg         normal_bypass;
    reg  [31:0] normal_bypass_result;
    reg  [9:0]  normal_exponent;
    reg  [23:0] normal_significand;
    reg         normal_half;
    reg         normal_sticky;

    always @(posedge clk)
        if (advance) begin
            normal_sign <= counted_sign;
            normal_bypass <= counted_bypass;
            normal_bypass_result <= counted_bypass_result;
            normal_exponent <= counted_exponent - {4'b0, counted_shift};
            normal_significand <= normal[47:24];
            normal_half <= normal[23];
            normal_sticky <= |normal[22:0];
        end

    // Cycle 3: round and pack. The carry of the fraction runs into the exponent, from subnormal to normal as well.
    wire        round_up = normal_half & (normal_sticky | normal_significand[0]);
    wire [9:0]  field = normal_significand[23] ? normal_exponent : 10'd0;
    wire [32:0] rounded = {field, normal_significand[22:0]} + {32'b0, round_up};
    wire        overflow = rounded[32:23] >= 10'd255;

    always @(posedge clk)
        if (advance)
            m_result <= normal_bypass ? normal_bypass_result
                      : overflow ? {normal_sign, 8'hff, 23'b0}
                      : {normal_sign, rounded[30:0]};
endmodule

`default_nettype wire
