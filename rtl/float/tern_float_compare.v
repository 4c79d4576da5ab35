// SPDX-License-Identifier: Apache-2.0
// The binary32 operations that compare and select, with the results of RISC-V. There are no exception flags.
//   s_kind 0   fsgnj, fsgnjn, fsgnjx: a NaN keeps its bits; function 3 is a
//   s_kind 1   fmin, fmax: -0 is below +0; of a NaN and a number the number; of two NaN the canonical one
//   s_kind 2   feq, flt, fle: 0 or 1, 0 with a NaN
// s_function is funct3 of the instruction. The result is zero if `drop` was high in cycle 2. Latency is 2 cycles of
// `live`, throughput one operation a cycle.
`default_nettype none

module tern_float_compare (
    input  wire        clk,
    input  wire [1:0]  live,
    input  wire [1:0]  s_kind,
    input  wire [1:0]  s_function,
    input  wire [31:0] s_a,
    input  wire [31:0] s_b,
    input  wire        drop,
    output reg  [31:0] m_result
);
    localparam [1:0] KIND_SIGN = 2'd0;
    localparam [1:0] KIND_SELECT = 2'd1;
    localparam [31:0] CANONICAL_NAN = 32'h7fc00000;

    // Cycle 1: the order of the magnitudes, and NaN.
    reg  [1:0]  ordered_kind;
    reg  [1:0]  ordered_function;
    reg  [31:0] ordered_a;
    reg  [31:0] ordered_b;
    reg         ordered_below;
    reg         ordered_same;
    reg         ordered_zeros;
    reg         ordered_nan_a;
    reg         ordered_nan_b;

    always @(posedge clk)
        if (live[0]) begin
            ordered_kind <= s_kind;
            ordered_function <= s_function;
            ordered_a <= s_a;
            ordered_b <= s_b;
            ordered_below <= s_a[30:0] < s_b[30:0];
            ordered_same <= s_a[30:0] == s_b[30:0];
            ordered_zeros <= ~(|s_a[30:0]) & ~(|s_b[30:0]);
            ordered_nan_a <= &s_a[30:23] & (|s_a[22:0]);
            ordered_nan_b <= &s_b[30:23] & (|s_b[22:0]);
        end

    // Cycle 2: the result. `precedes` puts -0 before +0, as minimum and maximum want it.
    wire sign_a = ordered_a[31];
    wire sign_b = ordered_b[31];
    wire precedes = (sign_a ^ sign_b) ? sign_a : (sign_a ? ~ordered_below & ~ordered_same : ordered_below);
    wire equal = ordered_zeros | (ordered_same & ~(sign_a ^ sign_b));
    wire less = precedes & ~ordered_zeros;
    wire nan = ordered_nan_a | ordered_nan_b;
    wire take_a = ordered_nan_b | (~ordered_nan_a & (precedes ^ ordered_function[0]));
    wire relation = (equal & ~ordered_function[0]) | (less & ~ordered_function[1]);
    wire injected = ordered_function[1] ? sign_a ^ (sign_b & ~ordered_function[0]) : sign_b ^ ordered_function[0];
    wire [31:0] selected = (ordered_nan_a & ordered_nan_b) ? CANONICAL_NAN : take_a ? ordered_a : ordered_b;

    always @(posedge clk)
        if (drop)
            m_result <= 32'd0;
        else if (live[1])
            case (ordered_kind)
                KIND_SIGN: m_result <= {injected, ordered_a[30:0]};
                KIND_SELECT: m_result <= selected;
                default: m_result <= {31'b0, relation & ~nan};
            endcase
endmodule

`default_nettype wire
