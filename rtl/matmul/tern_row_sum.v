// SPDX-License-Identifier: Apache-2.0
// One row of a lane: the sum over 16 columns of trit x mantissa, in a registered adder tree. A product is the mantissa
// ANDed with the trit and, for -1, inverted. The number of -1 trits is counted beside the tree. It is added at the
// root, which completes the two's complements. Latency is 4 cycles, throughput one group a cycle. stage_valid[i]
// enables the registers of stage i.
// Model: group_sums() of cmodel/matmul/lane.c.
`default_nettype none

module tern_row_sum (
    input  wire               clk,
    input  wire [3:0]         stage_valid,
    input  wire [31:0]        trits, // of column i in bits 16+i and i: 0, 1, 2 is 0, +1, -1
    input  wire [255:0]       mantissas,
    output reg  signed [20:0] sum
);
    reg signed [16:0] pairs [0:7];
    reg signed [17:0] fours [0:3];
    reg signed [18:0] eights [0:1];
    reg [2:0]         negative_parts [0:3];
    reg [4:0]         negatives;
    reg [4:0]         negatives_late;

    wire signed [15:0] products [0:15];

    genvar column;
    generate
        for (column = 0; column < 16; column = column + 1) begin : product_of
            wire [1:0] trit = {trits[16 + column], trits[column]};
            assign products[column] = {16{|trit}} & (mantissas[16 * column +: 16] ^ {16{trit[1]}});
        end
    endgenerate

    integer i;

    always @(posedge clk)
        if (stage_valid[0])
            for (i = 0; i < 8; i = i + 1)
                pairs[i] <= {products[2 * i][15], products[2 * i]} + {products[2 * i + 1][15], products[2 * i + 1]};

    integer j;

    always @(posedge clk)
        if (stage_valid[0])
            for (j = 0; j < 4; j = j + 1)
                negative_parts[j] <= {2'd0, trits[16 + 4 * j]} + {2'd0, trits[17 + 4 * j]}
                                   + {2'd0, trits[18 + 4 * j]} + {2'd0, trits[19 + 4 * j]};

    integer k;

    always @(posedge clk)
        if (stage_valid[1]) begin
            for (k = 0; k < 4; k = k + 1)
                fours[k] <= {pairs[2 * k][16], pairs[2 * k]} + {pairs[2 * k + 1][16], pairs[2 * k + 1]};
            negatives <= {2'd0, negative_parts[0]} + {2'd0, negative_parts[1]}
                       + {2'd0, negative_parts[2]} + {2'd0, negative_parts[3]};
        end

    always @(posedge clk)
        if (stage_valid[2]) begin
            eights[0] <= {fours[0][17], fours[0]} + {fours[1][17], fours[1]};
            eights[1] <= {fours[2][17], fours[2]} + {fours[3][17], fours[3]};
            negatives_late <= negatives;
        end

    always @(posedge clk)
        if (stage_valid[3])
            sum <= {{2{eights[0][18]}}, eights[0]} + {{2{eights[1][18]}}, eights[1]} + {16'd0, negatives_late};
endmodule

`default_nettype wire
