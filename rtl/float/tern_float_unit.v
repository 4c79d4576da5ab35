// SPDX-License-Identifier: Apache-2.0
// IEEE-754 binary32 unit: add, subtract, multiply, compare, minimum, maximum, sign injection, conversion. It rounds to
// nearest even and supports subnormals. Every computed NaN is 0x7fc00000. There are no exception flags. The fields of
// the RISC-V instruction name the operation: s_operation is funct5 (bits 31..27), s_function is funct3. funct3 is a
// selector or the rounding mode. Only a conversion to integer obeys the rounding mode. s_unsigned is bit 20, of the rs2
// field of a conversion. Other operations give an undefined result. Latency is 6 cycles for every operation, throughput
// one operation a cycle. Results come in order, with the tag of the request. A result that is not taken stops the whole
// pipeline.
`default_nettype none

module tern_float_unit #(
    parameter TAG_WIDTH = 1
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 s_valid,
    output wire                 s_ready,
    input  wire [4:0]           s_operation,
    input  wire [2:0]           s_function,
    input  wire                 s_unsigned,
    input  wire [31:0]          s_a,
    input  wire [31:0]          s_b,
    input  wire [TAG_WIDTH-1:0] s_tag,
    output wire                 m_valid,
    input  wire                 m_ready,
    output wire [31:0]          m_result,
    output wire [TAG_WIDTH-1:0] m_tag
);
    localparam LATENCY = 6;

    // Validity and tags
    reg [LATENCY-1:0]           valid;
    reg [LATENCY*TAG_WIDTH-1:0] tags;
    wire                        advance = ~valid[LATENCY-1] | m_ready;

    assign s_ready = advance;
    assign m_valid = valid[LATENCY-1];
    assign m_tag = tags[LATENCY*TAG_WIDTH-1 -: TAG_WIDTH];

    always @(posedge clk)
        if (!rst_n)
            valid <= {LATENCY{1'b0}};
        else if (advance)
            valid <= {valid[LATENCY-2:0], s_valid};

    always @(posedge clk)
        if (advance)
            tags <= {tags[(LATENCY-1)*TAG_WIDTH-1:0], s_tag};

    tern_float_pipeline pipeline (
        .clk,
        .live({LATENCY{advance}} & {valid[LATENCY-2:0], s_valid}),
        .s_operation, .s_function, .s_unsigned, .s_a, .s_b,
        .s_normal_a(|s_a[30:23]),
        .s_normal_b(|s_b[30:23]),
        .s_power(10'd0),
        .m_result
    );
endmodule

`default_nettype wire
