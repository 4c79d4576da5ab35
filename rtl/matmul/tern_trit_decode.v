// SPDX-License-Identifier: Apache-2.0
// One byte of the trit block code to five base-3 digits. Combinational. The code is the ASTC integer sequence encoding
// of the Khronos Data Format Specification. Digit r is in bits 2r+1..2r and is never 3, for all 256 bytes.
// Model: tern_digits_decode() of cmodel/matmul/trit_code.c.
`default_nettype none

module tern_trit_decode (
    input  wire [7:0] code,
    output wire [9:0] digits
);
    wire       high_twos = &code[4:2];
    wire       low_two = &code[6:5];
    wire [4:0] rest = high_twos ? {code[7:5], code[1:0]} : code[4:0];
    wire       rest_ends = &rest[1:0];
    wire       rest_twos = ~rest_ends & (&rest[3:2]);

    wire [1:0] digit_4 = high_twos | low_two ? 2'd2 : {1'b0, code[7]};
    wire [1:0] digit_3 = high_twos ? 2'd2 : low_two ? {1'b0, code[7]} : code[6:5];
    wire [1:0] digit_2 = rest_ends | rest_twos ? 2'd2 : {1'b0, rest[4]};
    wire [1:0] digit_1 = rest_ends ? {1'b0, rest[4]} : rest_twos ? 2'd2 : rest[3:2];
    wire [1:0] digit_0 = rest_ends ? {rest[3], rest[2] & ~rest[3]}
                       : rest_twos ? rest[1:0]
                       : {rest[1], rest[0] & ~rest[1]};

    assign digits = {digit_4, digit_3, digit_2, digit_1, digit_0};
endmodule

`default_nettype wire
