// SPDX-License-Identifier: Apache-2.0
// The multiplications of RV32M. s_function is funct3: 0 MUL, 1 MULH, 2 MULHSU, 3 MULHU. Four products of 17 x 17 bits
// use one DSP block each. Their sum follows a cycle later. Latency is 2 cycles, throughput one operation a cycle. The
// receiver cannot hold a result back.
`default_nettype none

module tern_core_multiply (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        s_valid,
    input  wire [1:0]  s_function,
    input  wire [31:0] s_a,
    input  wire [31:0] s_b,
    output reg         m_valid,
    output reg  [31:0] m_result
);
    localparam [1:0] FUNCTION_MUL = 2'd0;
    localparam [1:0] FUNCTION_MULHU = 2'd3;

    // Cycle 1: partial products of an unsigned low half and a high half with its sign. For MUL no sign matters.
    wire               signed_a = s_function != FUNCTION_MULHU;
    wire               signed_b = ~s_function[1];
    wire signed [16:0] high_a = {signed_a & s_a[31], s_a[31:16]};
    wire signed [16:0] high_b = {signed_b & s_b[31], s_b[31:16]};
    wire signed [16:0] low_a = {1'b0, s_a[15:0]};
    wire signed [16:0] low_b = {1'b0, s_b[15:0]};

    reg                part_valid;
    reg                part_low_word;
    reg signed  [33:0] part_high_high;
    reg signed  [33:0] part_high_low;
    reg signed  [33:0] part_low_high;
    reg signed  [33:0] part_low_low;

    always @(posedge clk) begin
        part_low_word <= s_function == FUNCTION_MUL;
        part_high_high <= high_a * high_b;
        part_high_low <= high_a * low_b;
        part_low_high <= low_a * high_b;
        part_low_low <= low_a * low_b;
    end

    // Cycle 2: the 64-bit product and the word asked for
    wire [34:0] middle = {part_high_low[33], part_high_low} + {part_low_high[33], part_low_high};
    wire [63:0] product = {part_high_high[31:0], part_low_low[31:0]} + {{13{middle[34]}}, middle, 16'b0};

    always @(posedge clk)
        m_result <= part_low_word ? product[31:0] : product[63:32];

    always @(posedge clk)
        if (!rst_n) begin
            part_valid <= 1'b0;
            m_valid <= 1'b0;
        end else begin
            part_valid <= s_valid;
            m_valid <= part_valid;
        end

    // The sums above need 64 bits; these carry the sign only.
    wire unused = &{1'b0, part_high_high[33:32], part_low_low[33:32]};
endmodule

`default_nettype wire
