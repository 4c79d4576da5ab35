// SPDX-License-Identifier: Apache-2.0
// Right shift with a sticky bit: bit 0 of the result is the OR of its own bit and of every bit shifted out.
// Rounding to nearest needs no more. Any distance is allowed. Combinational.
`default_nettype none

module tern_float_align #(
    parameter WIDTH = 27             // at most 63
) (
    input  wire [WIDTH-1:0] value,
    input  wire [7:0]       distance,
    output wire [WIDTH-1:0] aligned
);
    localparam LEVELS = WIDTH < 32 ? 5 : 6;
    localparam [WIDTH-1:0] ALL_ONES = {WIDTH{1'b1}};

    // A distance that has no level is as good as the longest one that has.
    wire              far = |(distance >> LEVELS);
    wire [LEVELS-1:0] places = {LEVELS{far}} | distance[LEVELS-1:0];
    reg  [WIDTH-1:0]  shifted;
    reg               lost;
    integer           level;

    always @* begin
        shifted = value;
        lost = 1'b0;
        for (level = LEVELS - 1; level >= 0; level = level - 1)
            if (places[level]) begin
                lost = lost | (|(shifted & ~(ALL_ONES << (1 << level))));
                shifted = shifted >> (1 << level);
            end
    end

    assign aligned = {shifted[WIDTH-1:1], shifted[0] | lost};
endmodule

`default_nettype wire
