// SPDX-License-Identifier: Apache-2.0
// Coprocessor on picorv32's PCPI port: the multiplications of RV32M and float32 instructions of Zfinx. The float32
// instructions are those without a third operand:
//   fadd.s fsub.s fmul.s fsgnj.s fsgnjn.s fsgnjx.s fmin.s fmax.s
//   feq.s flt.s fle.s fcvt.w.s fcvt.wu.s fcvt.s.w fcvt.s.wu
// There is no fcsr. Arithmetic takes the rounding modes rne and dyn; dyn means rne. fcvt.w.s and fcvt.wu.s take all
// modes. Other instructions are not claimed, and picorv32 traps on them after 16 cycles. Latency from pcpi_valid to
// pcpi_ready is 2 cycles for a multiplication and 6 for a float operation.
`default_nettype none

module tern_core_coprocessor #(
    parameter CLOCK_GATES = 0
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        clocks_on,
    input  wire        pcpi_valid,
    input  wire [31:0] pcpi_insn,
    input  wire [31:0] pcpi_rs1,
    input  wire [31:0] pcpi_rs2,
    output wire        pcpi_wr,
    output wire [31:0] pcpi_rd,
    output wire        pcpi_wait,
    output wire        pcpi_ready
);
    localparam [6:0] OPCODE_OP = 7'b0110011;
    localparam [6:0] OPCODE_OP_FP = 7'b1010011;
    localparam [6:0] FUNCT7_MULDIV = 7'b0000001;

    wire [6:0] opcode = pcpi_insn[6:0];
    wire [2:0] funct3 = pcpi_insn[14:12];
    wire [6:0] funct7 = pcpi_insn[31:25];
    wire       integer_form = pcpi_insn[24:21] == 4'd0;
    wire       nearest_even = funct3 == 3'd0 | funct3 == 3'd7;
    wire       any_rounding = funct3 != 3'd5 & funct3 != 3'd6;

    // funct7 is funct5 and the format, 00 for binary32.
    reg known;

    always @*
        case (funct7)
            7'b0000000, 7'b0000100, 7'b0001000: known = nearest_even;
            7'b0010000: known = funct3 < 3'd3;
            7'b0010100: known = funct3 < 3'd2;
            7'b1010000: known = funct3 < 3'd3;
            7'b1100000: known = integer_form & any_rounding;
            7'b1101000: known = integer_form & nearest_even;
            default: known = 1'b0;
        endcase

    // picorv32 sets pcpi_insn at least a cycle before it raises pcpi_valid, so the decode has a cycle of its own.
    reg       is_float;
    reg       is_multiply;
    reg [4:0] operation;
    reg [2:0] function_code;
    reg       is_unsigned;

    always @(posedge clk) begin
        is_float <= opcode == OPCODE_OP_FP & known;
        is_multiply <= opcode == OPCODE_OP & funct7 == FUNCT7_MULDIV & ~funct3[2];
        operation <= funct7[6:2];
        function_code <= funct3;
        is_unsigned <= pcpi_insn[20];
    end

    // One operation at a time: the core keeps pcpi_valid up until, and during, the cycle of pcpi_ready.
    reg         busy;
    wire        claimed = pcpi_valid & (is_float | is_multiply);
    wire        start = claimed & ~busy;
    wire        float_accepts;
    wire        float_done;
    wire [31:0] float_result;
    wire        float_tag;
    wire        multiply_done;
    wire [31:0] multiply_result;

    always @(posedge clk)
        if (!rst_n | pcpi_ready)
            busy <= 1'b0;
        else if (start)
            busy <= 1'b1;

    assign pcpi_wait = claimed;
    assign pcpi_ready = float_done | multiply_done;
    assign pcpi_wr = pcpi_ready;
    assign pcpi_rd = is_multiply ? multiply_result : float_result;

    tern_core_multiply multiply (
        .clk, .rst_n,
        .s_valid(start & is_multiply),
        .s_function(function_code[1:0]),
        .s_a(pcpi_rs1),
        .s_b(pcpi_rs2),
        .m_valid(multiply_done),
        .m_result(multiply_result)
    );

    // The float unit stands still without a float instruction.
    wire float_clk;

    tern_clock_gate #(.GATE(CLOCK_GATES), .HOLD(0)) clock_gate (
        .clk, .rst_n, .clocks_on,
        .run(pcpi_valid && is_float),
        .access(1'b0),
        .gated_clk(float_clk)
    );

    tern_float_unit #(.TAG_WIDTH(1)) float_unit (
        .clk(float_clk), .rst_n,
        .s_valid(start & is_float),
        .s_ready(float_accepts),
        .s_operation(operation),
        .s_function(function_code),
        .s_unsigned(is_unsigned),
        .s_a(pcpi_rs1),
        .s_b(pcpi_rs2),
        .s_tag(1'b0),
        .m_valid(float_done),
        .m_ready(1'b1),
        .m_result(float_result),
        .m_tag(float_tag)
    );

    // Register numbers are picorv32's business; with m_ready high the float unit always accepts.
    wire unused = &{1'b0, pcpi_insn[19:15], pcpi_insn[11:7], float_accepts, float_tag};
endmodule

`default_nettype wire
