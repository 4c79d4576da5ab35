// SPDX-License-Identifier: Apache-2.0
// The operations of tern_float_unit as a pipeline of six cycles: a result comes with the sixth. There is no reset; the
// user tracks which results are valid. Bit i of `live` moves an operation from cycle i to cycle i + 1. A cycle without
// an operation does not change, which costs a simulation nothing. tern_float_unit has the list of operations.
`default_nettype none

module tern_float_pipeline #(
    parameter CONVERTS = 1,          // 0: there are no conversions
    parameter STALLS = 1             // 0: an operation moves on every cycle
) (
    input  wire        clk,
    input  wire [5:0]  live,
    input  wire [4:0]  s_operation,
    input  wire [2:0]  s_function,
    input  wire        s_unsigned,
    input  wire [31:0] s_a,
    input  wire [31:0] s_b,
    input  wire        s_normal_a,   // the exponent is not 0: known early, a product begins without logic
    input  wire        s_normal_b,
    input  wire [9:0]  s_power,      // of a product: times 2^power, signed. Not 0 only for b = 1
    output wire [31:0] m_result
);
    localparam [4:0] OPERATION_MULTIPLY = 5'b00010;
    localparam [4:0] OPERATION_SIGN = 5'b00100;
    localparam [4:0] OPERATION_SELECT = 5'b00101;
    localparam [4:0] OPERATION_COMPARE = 5'b10100;
    localparam [4:0] OPERATION_TO_INTEGER = 5'b11000;
    localparam [4:0] OPERATION_FROM_INTEGER = 5'b11010;

    // Which module the result comes from, one bit each; it opens that module's output
    localparam SOURCE_ADD = 0;
    localparam SOURCE_MULTIPLY = 1;
    localparam SOURCE_COMPARE = 2;
    localparam SOURCE_TO_INTEGER = 3;
    localparam SOURCE_FROM_INTEGER = 4;

    reg [4:0] source;
    reg [4:0] source_1;
    reg [4:0] source_2;

    always @* begin
        source = 5'b0;
        case (s_operation)
            OPERATION_MULTIPLY: source[SOURCE_MULTIPLY] = 1'b1;
            OPERATION_SIGN, OPERATION_SELECT, OPERATION_COMPARE: source[SOURCE_COMPARE] = 1'b1;
            OPERATION_TO_INTEGER: source[SOURCE_TO_INTEGER] = 1'b1;
            OPERATION_FROM_INTEGER: source[SOURCE_FROM_INTEGER] = 1'b1;
            default: source[SOURCE_ADD] = 1'b1;
        endcase
    end

    always @(posedge clk)
        if (live[0])
            source_1 <= source;

    always @(posedge clk)
        if (live[1])
            source_2 <= source_1;

    // In cycle 2: operations that the result does not come from leave 0. Many registers: without stalls it is a register too.
    wire [2:0] drop;

    generate
        if (STALLS) begin : stalling
            assign drop = {3{live[1]}} & ~source_1[SOURCE_COMPARE:SOURCE_ADD];
        end else begin : moving
            reg [2:0] dropped;

            assign drop = dropped;

            always @(posedge clk)
                dropped <= {3{live[0]}} & ~source[SOURCE_COMPARE:SOURCE_ADD];
        end
    endgenerate

    // Cycles 1 to 3: the operations; what they leave goes into the registers of tern_float_round
    wire        add_sign;
    wire [9:0]  add_exponent;
    wire [47:0] add_significand;
    wire        add_nan;
    wire        add_infinite;
    wire        multiply_sign;
    wire [9:0]  multiply_exponent;
    wire [47:0] multiply_significand;
    wire        multiply_nan;
    wire        multiply_infinite;
    wire        convert_sign;
    wire [9:0]  convert_exponent;
    wire [47:0] convert_significand;
    wire [31:0] convert_result;
    wire [31:0] compare_result;

    tern_float_add add (
        .clk,
        .live(live[1:0]),
        .s_subtract(s_operation[0]),
        .s_a, .s_b, .s_normal_a, .s_normal_b,
        .drop(drop[SOURCE_ADD]),
        .m_sign(add_sign),
        .m_exponent(add_exponent),
        .m_significand(add_significand),
        .m_nan(add_nan),
        .m_infinite(add_infinite)
    );

    tern_float_multiply multiply (
        .clk,
        .live(live[1:0]),
        .s_a, .s_b, .s_normal_a, .s_normal_b, .s_power,
        .drop(drop[SOURCE_MULTIPLY]),
        .m_sign(multiply_sign),
        .m_exponent(multiply_exponent),
        .m_significand(multiply_significand),
        .m_nan(multiply_nan),
        .m_infinite(multiply_infinite)
    );

    generate
        if (CONVERTS) begin : with_conversions
            tern_float_convert convert (
                .clk,
                .live(live[1:0]),
                .s_unsigned,
                .s_rounding(s_function),
                .s_a,
                .keep_to_integer(source_2[SOURCE_TO_INTEGER]),
                .keep_from_integer(source_2[SOURCE_FROM_INTEGER]),
                .m_sign(convert_sign),
                .m_exponent(convert_exponent),
                .m_significand(convert_significand),
                .m_result(convert_result)
            );
        end else begin : without
            assign convert_sign = 1'b0;
            assign convert_exponent = 10'd0;
            assign convert_significand = 48'd0;
            assign convert_result = 32'd0;

            wire unused = &{1'b0, s_unsigned, s_function[2], source_2[SOURCE_FROM_INTEGER]};
        end
    endgenerate

    tern_float_compare compare (
        .clk,
        .live(live[1:0]),
        .s_kind({s_operation[4], s_operation[0]}),
        .s_function(s_function[1:0]),
        .s_a, .s_b,
        .drop(drop[SOURCE_COMPARE]),
        .m_result(compare_result)
    );

    // Cycles 3 to 6: one of them, all others being zero, is normalised, rounded and packed
    tern_float_round round (
        .clk,
        .live(live[5:2]),
        .s_sign(add_sign | multiply_sign | convert_sign),
        .s_exponent(add_exponent | multiply_exponent | convert_exponent),
        .s_significand(add_significand | multiply_significand | convert_significand),
        .s_nan(add_nan | multiply_nan),
        .s_infinite(add_infinite | multiply_infinite),
        .s_passes(source_2[SOURCE_COMPARE] | source_2[SOURCE_TO_INTEGER]),
        .s_bypass(compare_result | convert_result),
        .m_result
    );

    wire unused = &{1'b0, source_2[SOURCE_ADD], source_2[SOURCE_MULTIPLY]};
endmodule

`default_nettype wire
