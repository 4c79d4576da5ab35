// SPDX-License-Identifier: Apache-2.0
// a + trit x mantissa. Combinational. rtl/cells/ecp5 has the same for the cells of that family.
`default_nettype none

module tern_trit_add #(
    parameter BITS = 17 // 17 or more
) (
    input  wire [BITS-1:0] a,
    input  wire [15:0]     mantissa, // signed
    input  wire [1:0]      trit,     // 0, 1, 2 is 0, +1, -1
    output wire [BITS-1:0] sum
);
    wire [15:0]   product = {16{|trit}} & (mantissa ^ {16{trit[1]}}); // less 1 where it is negated
    wire [BITS:0] doubled = {a, 1'b1} + {{(BITS - 16){product[15]}}, product, trit[1]}; // one adder with a carry into it

    assign sum = doubled[BITS:1];
    wire unused = doubled[0];
endmodule

`default_nettype wire
