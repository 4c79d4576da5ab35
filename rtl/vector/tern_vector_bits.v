// SPDX-License-Identifier: Apache-2.0
// Operations of the vector unit on the bits of a binary32, for the sequences of docs/numerics.md. Combinational.
// e is the exponent of the operand: its field - 127. n is an operand that is an integer.
//   POWER_LOW, POWER_HIGH   2^(n >> 1) and 2^(n - (n >> 1)): their product is 2^n
//   MANTISSA                the operand / 2^e, in 1..2
//   NEGATED_EXPONENT        the integer -e
//   RECIPROCAL_SEED         the first approximation of 1 / operand, for an operand in 1..2
//   INVERSE_POWER           2^-e
//   ROOT_MANTISSA           the operand / 2^(e rounded down to even), in 1..4
//   ROOT_POWER              2^(-e / 2), e rounded down to even
//   ROOT_SEED               the first approximation of 1 / sqrt(operand), for an operand in 1..4
`default_nettype none

module tern_vector_bits (
    input  wire [3:0]  kind,
    input  wire [31:0] value,
    output reg  [31:0] result
);
    `include "tern_vector_isa.vh"

    localparam [31:0] RECIPROCAL_MAGIC = 32'h7ef311c7;
    localparam [31:0] ROOT_MAGIC = 32'h5f375a86;

    wire [8:0] low = {value[8], value[8:1]};
    wire [8:0] high = value[8:0] - low;
    wire [8:0] exponent = {1'b0, value[30:23]} - 9'd127;
    wire [8:0] negated = 9'd127 - {1'b0, value[30:23]};
    wire [7:0] low_field = low[7:0] + 8'd127;
    wire [7:0] high_field = high[7:0] + 8'd127;
    wire [7:0] inverse_field = 8'd254 - value[30:23];
    wire [7:0] root_field = 8'd127 - exponent[8:1];
    wire [31:0] subtrahend = kind == BITS_ROOT_SEED ? {1'b0, value[31:1]} : value;

    always @*
        case (kind)
            BITS_POWER_LOW: result = {1'b0, low_field, 23'd0};
            BITS_POWER_HIGH: result = {1'b0, high_field, 23'd0};
            BITS_MANTISSA: result = {9'h07f, value[22:0]};
            BITS_NEGATED_EXPONENT: result = {{23{negated[8]}}, negated};
            BITS_INVERSE_POWER: result = {1'b0, inverse_field, 23'd0};
            BITS_ROOT_MANTISSA: result = {1'b0, exponent[0], {7{~exponent[0]}}, value[22:0]};
            BITS_ROOT_POWER: result = {1'b0, root_field, 23'd0};
            default: result = (kind == BITS_ROOT_SEED ? ROOT_MAGIC : RECIPROCAL_MAGIC) - subtrahend;
        endcase

    wire unused = &{1'b0, high[8], low[8]};
endmodule

`default_nettype wire
