// SPDX-License-Identifier: Apache-2.0
// WORDS of two neighbouring beats, from word `first` + 1 of the earlier one on. Combinational.
`default_nettype none

module tern_vector_window #(
    parameter WORDS = 4              // of a beat: 4, 8 or 16
) (
    input  wire [32*WORDS-1:0]      earlier,
    input  wire [32*WORDS-1:0]      later,
    input  wire [$clog2(WORDS)-1:0] first,
    output wire [32*WORDS-1:0]      words
);
    reg [64*WORDS-33:0] both;
    integer             level;

    // The larger step first: then the smaller one has fewer words to move.
    always @* begin
        both = {later, earlier[32*WORDS-1:32]};
        for (level = $clog2(WORDS) - 1; level >= 0; level = level - 1)
            if (first[level])
                both = both >> (32 << level);
    end

    assign words = both[32*WORDS-1:0];

    wire unused = &{1'b0, earlier[31:0]};
endmodule

`default_nettype wire
