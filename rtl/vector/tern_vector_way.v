// SPDX-License-Identifier: Apache-2.0
// One way of the vector unit: registers r0..r7 of its elements in block RAM, operand choice, and the float32 pipeline.
// The control tells all ways the same; each has its own streams' words. Times, from the cycle of `a_address`:
//   0   addresses; the streams' words come with them: no_left, no_right
//   1   operands are chosen, an OR of what may be one
//   2   bits: an operation on the bits of a; scaled; a folded element joins b
//   3   the float32 pipeline begins: operation, function
//   9   `result`, with write and write_address
//  10   a new address reads what was written
`default_nettype none

module tern_vector_way #(
    parameter ADDRESS_BITS = 8,
    parameter ROOTS = 1,             // way 0 alone computes roots: a sum ends in element 0
    parameter FOLDS = 1              // some element of this way is added to one of another way
) (
    input  wire                    clk,
    input  wire [8:0]              live,         // times 0 to 8 of an instruction
    input  wire [ADDRESS_BITS-1:0] a_address,
    input  wire [ADDRESS_BITS-1:0] b_address,
    input  wire                    no_left,      // a is not of the left stream
    input  wire                    no_right,     // nor b of the right one
    input  wire [31:0]             left,
    input  wire [31:0]             right,
    input  wire                    a_register,   // else the register file is not an operand; nor is what is zero
    input  wire                    b_register,
    input  wire [31:0]             a_k,
    input  wire [31:0]             b_k,
    input  wire [31:0]             folded,       // b_read of the way `stride` ways on, or 0; it joins b a cycle later
    input  wire                    bits_valid,
    input  wire [2:0]              bits_kind,    // BITS_NONE unless bits_valid
    input  wire                    scaled,       // b is an integer, a power of two
    input  wire [4:0]              operation,
    input  wire [2:0]              function_3,
    input  wire                    write,
    input  wire [ADDRESS_BITS-1:0] write_address,
    output reg  [31:0]             b_read,
    output wire [31:0]             result
);
    localparam [31:0] ONE = 32'h3f800000;

    // Two copies, one for each operand.
    (* no_rw_check *)
    reg [31:0] a_registers [0:(1 << ADDRESS_BITS) - 1];
    (* no_rw_check *)
    reg [31:0] b_registers [0:(1 << ADDRESS_BITS) - 1];

    reg [31:0] a_read;
    reg [31:0] left_1;
    reg [31:0] right_1;

    always @(posedge clk)
        if (live[0]) begin
            a_read <= a_registers[a_address];
            b_read <= b_registers[b_address];
        end

    always @(posedge clk) begin
        left_1 <= no_left ? 32'd0 : left;
        right_1 <= no_right ? 32'd0 : right;
    end

    always @(posedge clk)
        if (write) begin
            a_registers[write_address] <= result;
            b_registers[write_address] <= result;
        end

    wire [31:0] a = ({32{a_register}} & a_read) | left_1 | a_k;
    wire [31:0] b = ({32{b_register}} & b_read) | right_1 | b_k;
    reg  [31:0] a_2;
    reg  [31:0] b_2;
    reg  [31:0] folded_2;       // block RAM answers late in its cycle, and far away
    reg  [31:0] a_3;
    reg  [31:0] b_3;
    reg  [9:0]  power_3;
    reg         normal_a_3;     // the exponent is not 0; no operation on bits makes it so
    reg         normal_b_3;
    wire [31:0] joined = b_2 | (FOLDS ? folded_2 : 32'd0);
    wire [31:0] changed;

    tern_vector_bits #(.ROOTS(ROOTS)) bits (.kind(bits_kind), .value(a_2), .result(changed));

    always @(posedge clk)
        if (live[1]) begin
            a_2 <= a;
            b_2 <= b;
            folded_2 <= folded;
        end

    always @(posedge clk)
        if (live[2]) begin
            a_3 <= changed;
            b_3 <= scaled ? ONE : joined;
            normal_a_3 <= bits_valid || |a_2[30:23];
            normal_b_3 <= scaled || |joined[30:23];
            power_3 <= scaled ? b_2[9:0] : 10'd0;
        end

    tern_float_pipeline #(.CONVERTS(0), .STALLS(0)) pipeline (
        .clk,
        .live(live[8:3]),
        .s_operation(operation),
        .s_function(function_3),
        .s_unsigned(1'b0),
        .s_a(a_3),
        .s_b(b_3),
        .s_normal_a(normal_a_3),
        .s_normal_b(normal_b_3),
        .s_power(power_3),
        .m_result(result)
    );

    generate
        if (!FOLDS) begin : apart
            wire unused = &{1'b0, folded, folded_2};
        end
    endgenerate
endmodule

`default_nettype wire
