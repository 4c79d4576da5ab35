// SPDX-License-Identifier: Apache-2.0
// One way of the vector unit: registers r0..r7 of its elements in block RAM, operand choice, and the float32 pipeline.
// The control tells all ways the same; each has its own streams' words. Times, from the cycle of `a_address`:
//   0   addresses; the streams' words come with them
//   1   operands are chosen: a_from, b_from, k, folded
//   2   bits: an operation on the bits of a
//   3   the float32 pipeline begins: operation, function
//   9   `result`, with write and write_address
//  10   a new address reads what was written
`default_nettype none

module tern_vector_way #(
    parameter ADDRESS_BITS = 8
) (
    input  wire                    clk,
    input  wire                    advance,      // something is under way
    input  wire [ADDRESS_BITS-1:0] a_address,
    input  wire [ADDRESS_BITS-1:0] b_address,
    input  wire [31:0]             left,
    input  wire [31:0]             right,
    input  wire [3:0]              a_from,
    input  wire [3:0]              b_from,
    input  wire [31:0]             k,
    input  wire [31:0]             folded,       // b_read of the way `stride` ways on, or of this one
    input  wire                    bits_valid,
    input  wire [3:0]              bits_kind,
    input  wire [4:0]              operation,
    input  wire [2:0]              function_3,
    input  wire                    write,
    input  wire [ADDRESS_BITS-1:0] write_address,
    output reg  [31:0]             b_read,
    output wire [31:0]             result
);
    `include "tern_vector_isa.vh"

    // Two copies, one for each operand.
    (* no_rw_check *)
    reg [31:0] a_registers [0:(1 << ADDRESS_BITS) - 1];
    (* no_rw_check *)
    reg [31:0] b_registers [0:(1 << ADDRESS_BITS) - 1];

    reg [31:0] a_read;
    reg [31:0] left_1;
    reg [31:0] right_1;

    always @(posedge clk)
        if (advance) begin
            a_read <= a_registers[a_address];
            b_read <= b_registers[b_address];
            left_1 <= left;
            right_1 <= right;
            if (write) begin
                a_registers[write_address] <= result;
                b_registers[write_address] <= result;
            end
        end

    reg [31:0] a;
    reg [31:0] b;

    always @* begin
        a = a_read;
        case (a_from)
            FROM_LEFT: a = left_1;
            FROM_RIGHT: a = right_1;
            FROM_K: a = k;
            default: ;
        endcase
        b = b_read;
        case (b_from)
            FROM_RIGHT: b = right_1;
            FROM_K: b = k;
            FROM_A: b = a;
            FROM_FOLD: b = folded;
            default: ;
        endcase
    end

    reg  [31:0] a_2;
    reg  [31:0] b_2;
    reg  [31:0] a_3;
    reg  [31:0] b_3;
    wire [31:0] changed;

    tern_vector_bits bits (.kind(bits_kind), .value(a_2), .result(changed));

    always @(posedge clk)
        if (advance) begin
            a_2 <= a;
            b_2 <= b;
            a_3 <= bits_valid ? changed : a_2;
            b_3 <= bits_valid ? changed : b_2;
        end

    tern_float_pipeline pipeline (
        .clk, .advance,
        .s_operation(operation),
        .s_function(function_3),
        .s_unsigned(1'b0),
        .s_a(a_3),
        .s_b(b_3),
        .s_power(10'd0),
        .m_result(result)
    );

    wire unused = &{1'b0, TO_OUTPUT};
endmodule

`default_nettype wire
