// SPDX-License-Identifier: Apache-2.0
// Bytes of the trit block code to five base-3 digits each. Combinational. The code is the ASTC integer sequence encoding
// of the Khronos Data Format Specification. A digit has a high and a low bit and is never 3, for all 256 bytes. The same
// bit of all columns lies side by side: a simulator decodes them as one word.
// Model: tern_digits_decode() of cmodel/matmul/trit_code.c.
`default_nettype none

module tern_trit_decode #(
    parameter COLUMNS = 1
) (
    input  wire [8*COLUMNS-1:0]  code,
    output wire [10*COLUMNS-1:0] digits // bit b of digit r of column i at (2r + b) * COLUMNS + i
);
    // Bit k of every byte.
    wire [COLUMNS-1:0] bits [0:7];

    genvar place;
    genvar column;
    generate
        for (place = 0; place < 8; place = place + 1) begin : bit_of
            for (column = 0; column < COLUMNS; column = column + 1) begin : column_of
                assign bits[place][column] = code[8 * column + place];
            end
        end
    endgenerate

    wire [COLUMNS-1:0] high_twos = bits[4] & bits[3] & bits[2];
    wire [COLUMNS-1:0] low_two = bits[6] & bits[5];
    wire [COLUMNS-1:0] rest_4 = (high_twos & bits[7]) | (~high_twos & bits[4]);
    wire [COLUMNS-1:0] rest_3 = (high_twos & bits[6]) | (~high_twos & bits[3]);
    wire [COLUMNS-1:0] rest_2 = (high_twos & bits[5]) | (~high_twos & bits[2]);
    wire [COLUMNS-1:0] rest_1 = bits[1];
    wire [COLUMNS-1:0] rest_0 = bits[0];
    wire [COLUMNS-1:0] rest_ends = rest_1 & rest_0;
    wire [COLUMNS-1:0] rest_twos = ~rest_ends & rest_3 & rest_2;

    wire [COLUMNS-1:0] high_4 = high_twos | low_two;
    wire [COLUMNS-1:0] low_4 = ~high_4 & bits[7];
    wire [COLUMNS-1:0] high_3 = high_twos | (~low_two & bits[6]);
    wire [COLUMNS-1:0] low_3 = ~high_twos & ((low_two & bits[7]) | (~low_two & bits[5]));
    wire [COLUMNS-1:0] high_2 = rest_ends | rest_twos;
    wire [COLUMNS-1:0] low_2 = ~high_2 & rest_4;
    wire [COLUMNS-1:0] high_1 = ~rest_ends & (rest_twos | rest_3);
    wire [COLUMNS-1:0] low_1 = (rest_ends & rest_4) | (~rest_ends & ~rest_twos & rest_2);
    wire [COLUMNS-1:0] high_0 = (rest_ends & rest_3) | (~rest_ends & rest_1);
    wire [COLUMNS-1:0] low_0 = (rest_ends & rest_2 & ~rest_3) | (~rest_ends & rest_0 & (rest_twos | ~rest_1));

    assign digits = {high_4, low_4, high_3, low_3, high_2, low_2, high_1, low_1, high_0, low_0};
endmodule

`default_nettype wire
