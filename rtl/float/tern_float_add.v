// SPDX-License-Identifier: Apache-2.0
// binary32 a + b or a - b without the rounding. The operands are ordered by magnitude, aligned and added. The exact sum
// leaves as (-1)^sign * significand / 2^46 * 2^(exponent - 127), for tern_float_round. Bits below the third one under a
// 24-bit significand are ORed into one bit. This cannot change the rounding. The outputs are zero if `drop` was high
// in cycle 2, so tern_float_pipeline joins the operations with an OR. They are combinational, for the first registers of
// tern_float_round. Latency is 2 cycles of `live`, throughput one operation a cycle. There is no reset: tern_float_unit
// tracks validity.
`default_nettype none

module tern_float_add (
    input  wire        clk,
    input  wire [1:0]  live,
    input  wire        s_subtract,
    input  wire [31:0] s_a,
    input  wire [31:0] s_b,
    input  wire        s_normal_a, // the exponent is not 0
    input  wire        s_normal_b,
    input  wire        drop,
    output wire        m_sign,
    output wire [9:0]  m_exponent,
    output wire [47:0] m_significand,
    output wire        m_nan,
    output wire        m_infinite
);
    // Cycle 1: order by magnitude. A subnormal has the exponent of the smallest normal number and no hidden bit.
    wire        sign_b = s_b[31] ^ s_subtract;
    wire [7:0]  exponent_a = {s_a[30:24], s_a[23] | ~s_normal_a};
    wire [7:0]  exponent_b = {s_b[30:24], s_b[23] | ~s_normal_b};
    wire [23:0] significand_a = {s_normal_a, s_a[22:0]};
    wire [23:0] significand_b = {s_normal_b, s_b[22:0]};
    wire [7:0]  a_above = exponent_a - exponent_b;
    wire [7:0]  b_above = exponent_b - exponent_a;
    wire        swap = s_a[30:0] < s_b[30:0];
    wire        equal_magnitude = s_a[30:0] == s_b[30:0];
    wire        effective_subtract = s_a[31] ^ sign_b;
    wire        infinite_a = &s_a[30:23] & ~(|s_a[22:0]);
    wire        infinite_b = &s_b[30:23] & ~(|s_b[22:0]);
    wire        nan_a = &s_a[30:23] & (|s_a[22:0]);
    wire        nan_b = &s_b[30:23] & (|s_b[22:0]);

    reg         ordered_sign;
    reg         ordered_subtract;
    reg         ordered_nan;
    reg         ordered_infinite;
    reg  [7:0]  ordered_exponent;
    reg  [4:0]  ordered_distance;   // at most 31: nothing is left behind 27 places
    reg  [23:0] ordered_large;
    reg  [23:0] ordered_small;

    always @(posedge clk)
        if (live[0]) begin
            // x - x is +0 in round to nearest; -0 + -0 is no subtraction and keeps its sign.
            ordered_sign <= (effective_subtract & equal_magnitude) ? 1'b0 : (swap ? sign_b : s_a[31]);
            ordered_subtract <= effective_subtract;
            ordered_nan <= nan_a | nan_b | (infinite_a & infinite_b & effective_subtract);
            ordered_infinite <= infinite_a | infinite_b;
            ordered_exponent <= swap ? exponent_b : exponent_a;
            ordered_distance <= swap ? {5{|b_above[7:5]}} | b_above[4:0] : {5{|a_above[7:5]}} | a_above[4:0];
            ordered_large <= swap ? significand_b : significand_a;
            ordered_small <= swap ? significand_a : significand_b;
        end

    // Cycle 2: align the smaller one, three bits kept below the larger one's last.
    wire [26:0] small_aligned;

    tern_float_align align_small (
        .value({ordered_small, 3'b000}),
        .distance({3'd0, ordered_distance}),
        .aligned(small_aligned)
    );

    reg         aligned_sign;
    reg         aligned_subtract;
    reg         aligned_nan;
    reg         aligned_infinite;
    reg  [7:0]  aligned_exponent;
    reg  [23:0] aligned_large;
    reg  [27:0] aligned_addend;

    always @(posedge clk)
        if (drop) begin
            aligned_sign <= 1'b0;
            aligned_subtract <= 1'b0;
            aligned_nan <= 1'b0;
            aligned_infinite <= 1'b0;
            aligned_exponent <= 8'd0;
            aligned_large <= 24'd0;
            aligned_addend <= 28'd0;
        end else if (live[1]) begin
            aligned_sign <= ordered_sign;
            aligned_subtract <= ordered_subtract;
            aligned_nan <= ordered_nan;
            aligned_infinite <= ordered_infinite;
            aligned_exponent <= ordered_exponent;
            aligned_large <= ordered_large;
            aligned_addend <= {28{ordered_subtract}} ^ {1'b0, small_aligned};
        end

    // Cycle 3: add or subtract; never negative, because the larger one came first. The bit above the larger operand's
    // top bit leads the significand. The last bit of each operand makes the carry into the others.
    wire [28:0] sum = {1'b0, aligned_large, 3'b000, 1'b1} + {aligned_addend, aligned_subtract};

    assign m_sign = aligned_sign;
    assign m_exponent = {2'b00, aligned_exponent};
    assign m_significand = {sum[28:1], 20'b0};
    assign m_nan = aligned_nan;
    assign m_infinite = aligned_infinite;

    wire unused = sum[0];
endmodule

`default_nettype wire
