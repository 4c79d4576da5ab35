// SPDX-License-Identifier: Apache-2.0
// Operations of the vector unit on the bits of a binary32, for the sequences of docs/numerics.md. Combinational.
// e is the exponent of the operand: its field - 127.
//   MANTISSA                the operand / 2^e, in 1..2
//   NEGATED_EXPONENT        1.5 * 2^23 - e: the low bits are the integer -e
//   RECIPROCAL_SEED         the first approximation of 1 / operand, for an operand in 1..2
//   ROOT_MANTISSA           the operand / 2^(e rounded down to even), in 1..4
//   ROOT_POWER              2^(-e / 2), e rounded down to even
//   ROOT_SEED               the first approximation of 1 / sqrt(operand), for an operand in 1..4
`default_nettype none

module tern_vector_bits #(
    parameter ROOTS = 1              // 0: without the last three
) (
    input  wire [2:0]  kind,         // BITS_NONE: the result is the operand
    input  wire [31:0] value,
    output reg  [31:0] result
);
    `include "tern_vector_isa.vh"

    localparam [31:0] RECIPROCAL_MAGIC = 32'h7ef311c7;
    localparam [31:0] ROOT_MAGIC = 32'h5f375a86;

    wire [8:0] exponent = {1'b0, value[30:23]} - 9'd127;
    wire [8:0] negated = 9'd127 - {1'b0, value[30:23]};
    wire [7:0] root_field = 8'd127 - exponent[8:1];
    // The exponent of an operand in 1..2 is known.
    wire [24:0] seed = {RECIPROCAL_MAGIC[24:0] - {2'b11, 23'd0}} - {2'b00, value[22:0]};

    always @* begin
        result = value;
        case (kind)
            BITS_MANTISSA: result[31:23] = 9'h07f;
            BITS_NEGATED_EXPONENT: result = {9'h096, ~negated[8], {13{negated[8]}}, negated};
            BITS_RECIPROCAL_SEED: result = {7'h1f, seed};
            default:
                if (ROOTS)
                    case (kind)
                        BITS_ROOT_MANTISSA: result[31:23] = {1'b0, exponent[0], {7{~exponent[0]}}};
                        BITS_ROOT_POWER: result = {1'b0, root_field, 23'd0};
                        BITS_ROOT_SEED: result = ROOT_MAGIC - {1'b0, value[31:1]};
                        default: ;
                    endcase
        endcase
    end
endmodule

`default_nettype wire
