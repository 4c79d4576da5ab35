// SPDX-License-Identifier: Apache-2.0
// Conversions between binary32 and 32-bit integers, signed or unsigned, with the results of RISC-V. To integer
// (fcvt.w.s, fcvt.wu.s): m_result is the integer, in all five rounding modes. Out of range saturates. NaN gives the
// largest integer. From integer (fcvt.s.w, fcvt.s.wu): the exact value leaves as (-1)^sign * significand / 2^47 * 2^31,
// for the first registers of tern_float_round: the outputs are combinational. Each is zero unless its keep input is high
// in cycle 3. Latency is 2 cycles of `live`, throughput one operation a cycle.
`default_nettype none

module tern_float_convert (
    input  wire        clk,
    input  wire [1:0]  live,
    input  wire        s_unsigned,
    input  wire [2:0]  s_rounding,
    input  wire [31:0] s_a,
    input  wire        keep_to_integer,
    input  wire        keep_from_integer,
    output wire        m_sign,
    output wire [9:0]  m_exponent,
    output wire [47:0] m_significand,
    output wire [31:0] m_result
);
    localparam [2:0] TOWARDS_ZERO = 3'd1;
    localparam [2:0] DOWN = 3'd2;
    localparam [2:0] UP = 3'd3;
    localparam [2:0] NEAREST_AWAY = 3'd4;
    localparam [7:0] EXPONENT_BIT_31 = 8'd158;

    // Cycle 1, to integer: how far the top bit is from weight 2^31. From integer: the magnitude.
    wire        negative = s_a[31] & ~s_unsigned;
    wire        normal = |s_a[30:23];

    reg         scaled_sign;
    reg         scaled_unsigned;
    reg         scaled_too_large;
    reg         scaled_nan;
    reg  [2:0]  scaled_rounding;
    reg  [7:0]  scaled_distance;
    reg  [23:0] scaled_significand;
    reg         integer_sign;
    reg  [31:0] integer_magnitude;

    always @(posedge clk)
        if (live[0]) begin
            scaled_sign <= s_a[31];
            scaled_unsigned <= s_unsigned;
            scaled_too_large <= s_a[30:23] > EXPONENT_BIT_31;
            scaled_nan <= &s_a[30:23] & (|s_a[22:0]);
            scaled_rounding <= s_rounding;
            scaled_distance <= EXPONENT_BIT_31 - s_a[30:23];
            scaled_significand <= {normal, s_a[22:0]};
            integer_sign <= negative;
            integer_magnitude <= ({32{negative}} ^ s_a) + {31'b0, negative};
        end

    // Cycle 2: 32 integer bits, a half and a sticky bit. Subnormals are one place off, which only the sticky bit sees.
    wire [33:0] fixed_aligned;

    tern_float_align #(.WIDTH(34)) align_fixed (
        .value({scaled_significand, 10'b0}),
        .distance(scaled_distance),
        .aligned(fixed_aligned)
    );

    reg         fixed_sign;
    reg         fixed_unsigned;
    reg         fixed_too_large;
    reg         fixed_nan;
    reg  [2:0]  fixed_rounding;
    reg  [33:0] fixed;
    reg         delayed_sign;
    reg  [31:0] delayed_magnitude;

    always @(posedge clk)
        if (live[1]) begin
            fixed_sign <= scaled_sign;
            fixed_unsigned <= scaled_unsigned;
            fixed_too_large <= scaled_too_large;
            fixed_nan <= scaled_nan;
            fixed_rounding <= scaled_rounding;
            fixed <= fixed_aligned;
            delayed_sign <= integer_sign;
            delayed_magnitude <= integer_magnitude;
        end

    // Cycle 3: round, negate, saturate. A value with a fraction is below 2^24, so rounding never changes the range.
    wire [31:0] whole = fixed[33:2];
    wire        half = fixed[1];
    wire        inexact = fixed[1] | fixed[0];

    reg round_up;

    always @*
        case (fixed_rounding)
            TOWARDS_ZERO: round_up = 1'b0;
            DOWN: round_up = fixed_sign & inexact;
            UP: round_up = ~fixed_sign & inexact;
            NEAREST_AWAY: round_up = half;
            default: round_up = half & (fixed[0] | whole[0]);
        endcase

    // -2^31 is in range, but saturating gives the same.
    wire        beyond_signed = whole[31];
    wire        saturate = fixed_too_large | fixed_nan | (fixed_unsigned ? fixed_sign : beyond_signed);
    wire        to_lowest = fixed_sign & ~fixed_nan;
    wire [31:0] highest = {fixed_unsigned, 31'h7fffffff};
    wire [31:0] lowest = {~fixed_unsigned, 31'b0};
    wire [31:0] rounded = ({32{fixed_sign}} ^ whole) + {31'b0, round_up ^ fixed_sign};

    assign m_sign = keep_from_integer & delayed_sign;
    assign m_significand = {{32{keep_from_integer}} & delayed_magnitude, 16'b0};
    assign m_result = {32{keep_to_integer}} & (~saturate ? rounded : to_lowest ? lowest : highest);
    assign m_exponent = keep_from_integer ? {2'b00, EXPONENT_BIT_31 - 8'd1} : 10'd0;
endmodule

`default_nettype wire
