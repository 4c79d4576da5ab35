// SPDX-License-Identifier: Apache-2.0
// Number of zeros above the highest set bit of a 48-bit word; 48 or more when no bit is set. Combinational, by halving.
`default_nettype none

module tern_float_leading_zeros (
    input  wire [47:0] value,
    output wire [5:0]  count
);
    // The missing 16 low bits read as ones, so that an empty word counts 48.
    wire        empty_32 = ~(|value[47:16]);
    wire [31:0] half_32 = empty_32 ? {value[15:0], 16'hffff} : value[47:16];
    wire        empty_16 = ~(|half_32[31:16]);
    wire [15:0] half_16 = empty_16 ? half_32[15:0] : half_32[31:16];
    wire        empty_8 = ~(|half_16[15:8]);
    wire [7:0]  half_8 = empty_8 ? half_16[7:0] : half_16[15:8];
    wire        empty_4 = ~(|half_8[7:4]);
    wire [3:0]  half_4 = empty_4 ? half_8[3:0] : half_8[7:4];
    wire        empty_2 = ~(|half_4[3:2]);
    wire        empty_1 = empty_2 ? ~half_4[1] : ~half_4[3];
    wire        unused = half_4[0];

    assign count = {empty_32, empty_16, empty_8, empty_4, empty_2, empty_1};
endmodule

`default_nettype wire
