// SPDX-License-Identifier: Apache-2.0
// Normalizes, rounds (to nearest, ties to even) and packs binary32 results. No other module rounds them. The input is
// (-1)^sign * significand / 2^46 * 2^(exponent - 127), exponent 0..510. It is shifted left as far as the leading bit or
// the subnormal grid allows, which is `exponent` places. Subnormal and zero results need no other case. With exponent
// and significand 0 the result is s_bypass, unchanged but for s_nan and s_infinite. Latency is 4 cycles of `live`,
// throughput one operation a cycle. tern_float_unit tracks validity.
`default_nettype none

module tern_float_round (
    input  wire        clk,
    input  wire [3:0]  live,
    input  wire        s_sign,
    input  wire [9:0]  s_exponent,
    input  wire [47:0] s_significand,
    input  wire        s_nan,
    input  wire        s_infinite,
    input  wire        s_passes,      // s_bypass is the result, even a NaN
    input  wire [31:0] s_bypass,
    output reg  [31:0] m_result
);
    // Cycle 1: the nibble in which a shift to the left must end. There is none when the exponent is above 47.
    reg         sign;
    reg         nan;
    reg         infinite_in;
    reg         passes;
    reg  [9:0]  exponent;
    reg  [47:0] significand;
    reg  [11:0] stop;
    integer     nibble;

    always @(posedge clk)
        if (live[0]) begin
            sign <= s_sign | s_bypass[31];
            nan <= s_nan;
            infinite_in <= s_infinite;
            passes <= s_passes;
            exponent <= {s_exponent[9:8], s_exponent[7:0] | s_bypass[30:23]};
            significand <= s_significand | {1'b0, s_bypass[22:0], 24'b0};
            for (nibble = 0; nibble < 12; nibble = nibble + 1)
                stop[nibble] <= s_exponent[9:2] == nibble[7:0];
        end

    // Cycle 2: how far to shift.
    wire        none;
    wire        stopped;
    wire [5:0]  shift;

    tern_float_leading_zeros leading_zeros (.value(significand), .stop, .none, .stopped, .count(shift));

    reg         counted_sign;
    reg         counted_nan;
    reg         counted_infinite;
    reg         counted_passes;
    reg         counted_stop;
    reg         counted_none;
    reg  [9:0]  counted_exponent;
    reg  [5:0]  counted_shift;
    reg  [47:0] counted_significand;

    always @(posedge clk)
        if (live[1]) begin
            counted_sign <= sign;
            counted_nan <= nan;
            counted_infinite <= infinite_in;
            counted_passes <= passes;
            counted_stop <= stopped;
            counted_none <= none;
            counted_exponent <= exponent;
            counted_shift <= passes ? 6'd0 : shift; // 0 for none
            counted_significand <= significand;
        end

    // Cycle 3: shift, not farther than `exponent` places. How far within the nibble is known last.
    wire        beyond = counted_stop & counted_shift[1:0] > counted_exponent[1:0];
    wire [5:0]  shift_to = {counted_shift[5:2], beyond ? counted_exponent[1:0] : counted_shift[1:0]};
    // The finer steps move only what is kept. What lies below only asks whether it is 0.
    wire [47:0] coarse = counted_significand << {shift_to[5:3], 3'b000};
    wire [31:0] finer = shift_to[2] ? {coarse[43:16], 4'b0000} : coarse[47:16];
    wire [31:0] normal = finer << shift_to[1:0];

    reg         normal_sign;
    reg         normal_nan;
    reg         normal_infinite;
    reg         normal_passes;
    reg  [9:0]  normal_exponent;
    reg  [23:0] normal_significand;
    reg         normal_half;
    reg         normal_sticky;
    reg         coarse_sticky;

    always @(posedge clk)
        if (live[2]) begin
            normal_sign <= counted_sign;
            normal_nan <= counted_nan;
            normal_infinite <= counted_infinite;
            normal_passes <= counted_passes;
            normal_exponent <= counted_none ? 10'd0 : counted_exponent - {4'b0, shift_to};
            normal_significand <= normal[31:8];
            normal_half <= normal[7];
            normal_sticky <= |normal[6:0];
            coarse_sticky <= |coarse[15:0];
        end

    // Cycle 4: round and pack. The leading bit and the carry of the fraction run into the exponent: one sum of two. Whether
    // the exponent becomes 255 or more does not wait for the sum. With the leading bit it already is, or it is 254. Then
    // the fraction has only ones, which any half rounds up.
    wire        round_up = normal_half & (coarse_sticky | normal_sticky | normal_significand[0]);
    wire        leads = normal_significand[23];
    wire        carry = normal_half & (&normal_significand[22:0]);
    wire [32:0] rounded = {normal_exponent, normal_significand[22:0]} + {9'b0, leads, 22'b0, round_up};
    wire        largest = |normal_exponent[9:8] | (&normal_exponent[7:1] & (normal_exponent[0] | leads));
    wire        next_largest = &normal_exponent[7:2] & (normal_exponent[1:0] == {~leads, leads});
    wire        infinite = normal_infinite | (~normal_passes & (largest | (next_largest & carry)));

    always @(posedge clk)
        if (live[3])
            m_result <= normal_nan ? 32'h7fc00000
                      : infinite ? {normal_sign, 8'hff, 23'b0}
                      : {normal_sign, rounded[30:0]};

    wire unused = &{1'b0, rounded[32:31]};
endmodule

`default_nettype wire
