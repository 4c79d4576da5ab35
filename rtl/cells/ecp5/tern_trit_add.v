// SPDX-License-Identifier: Apache-2.0
// a + trit x mantissa on the carry chain of ECP5: the product costs no LUT. A bit's LUT gives a ^ product of (a,
// mantissa, trit), and a is the carry where that is 0. The bit below the sum makes the carry that a negation needs.
// The test rtl.cells_ecp5 proves that it equals rtl/cells/tern_trit_add.v.
`default_nettype none

module tern_trit_add #(
    parameter BITS = 17 // 17 or more
) (
    input  wire [BITS-1:0] a,
    input  wire [15:0]     mantissa, // signed
    input  wire [1:0]      trit,     // 0, 1, 2 is 0, +1, -1
    output wire [BITS-1:0] sum
);
    localparam CELLS = (BITS + 2) / 2;
    localparam [15:0] ADD = 16'h969a; // of {trit[0], trit[1], mantissa, a}; its low four bits give the carry

    wire [2*CELLS-1:0] left = {a[BITS-1], a, trit[1]};
    wire [2*CELLS-1:0] right = {{(2 * CELLS - 17){mantissa[15]}}, mantissa, 1'b0};
    wire [2*CELLS-1:0] sums;
    wire [CELLS:0]     carry;

    assign carry[0] = 1'b0;
    assign sum = sums[BITS:1];

    genvar index;
    generate
        for (index = 0; index < CELLS; index = index + 1) begin : bits_of
            CCU2C #(.INIT0(ADD), .INIT1(ADD), .INJECT1_0("NO"), .INJECT1_1("NO")) add (
                .CIN(carry[index]),
                .A0(left[2 * index]), .B0(right[2 * index]), .C0(trit[1]), .D0(trit[0]),
                .A1(left[2 * index + 1]), .B1(right[2 * index + 1]), .C1(trit[1]), .D1(trit[0]),
                .S0(sums[2 * index]), .S1(sums[2 * index + 1]),
                .COUT(carry[index + 1])
            );
        end
    endgenerate
endmodule

`default_nettype wire
