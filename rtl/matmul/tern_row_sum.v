// SPDX-License-Identifier: Apache-2.0
// One row of a lane: the sum over 16 columns of trit x mantissa. Four chains add four columns each, two in stage 0 and
// two in stage 1. Two registered additions end the sum. Latency is 4 cycles, throughput one group a cycle.
// moves[i] enables the registers of stage i.
// Model: group_sums() of cmodel/matmul/lane.c.
`default_nettype none

module tern_row_sum (
    input  wire               clk,
    input  wire [3:0]         moves,
    input  wire [31:0]        trits,          // of column i in bits 16+i and i: 0, 1, 2 is 0, +1, -1
    input  wire [127:0]       mantissas,      // of columns 0 to 7
    input  wire [127:0]       mantissas_late, // of columns 8 to 15, a cycle later
    output reg  signed [20:0] sum
);
    reg [15:0] trits_late; // of columns 8 to 15
    reg [17:0] pairs [0:3];
    reg [18:0] fours [0:3];
    reg [19:0] eights [0:1];

    always @(posedge clk)
        if (moves[0])
            trits_late <= {trits[31:24], trits[15:8]};

    genvar chain;
    generate
        for (chain = 0; chain < 4; chain = chain + 1) begin : chain_of
            wire [16:0] one;
            wire [17:0] two;
            wire [17:0] three;
            wire [18:0] four;

            tern_trit_add #(.BITS(17)) add_0 (
                .a(17'd0),
                .mantissa(mantissas[16 * chain +: 16]),
                .trit({trits[16 + chain], trits[chain]}),
                .sum(one)
            );
            tern_trit_add #(.BITS(18)) add_1 (
                .a({one[16], one}),
                .mantissa(mantissas[64 + 16 * chain +: 16]),
                .trit({trits[20 + chain], trits[4 + chain]}),
                .sum(two)
            );
            tern_trit_add #(.BITS(18)) add_2 (
                .a(pairs[chain]),
                .mantissa(mantissas_late[16 * chain +: 16]),
                .trit({trits_late[8 + chain], trits_late[chain]}),
                .sum(three)
            );
            tern_trit_add #(.BITS(19)) add_3 (
                .a({three[17], three}),
                .mantissa(mantissas_late[64 + 16 * chain +: 16]),
                .trit({trits_late[12 + chain], trits_late[4 + chain]}),
                .sum(four)
            );

            always @(posedge clk) begin
                if (moves[0])
                    pairs[chain] <= two;
                if (moves[1])
                    fours[chain] <= four;
            end
        end
    endgenerate

    always @(posedge clk) begin
        if (moves[2]) begin
            eights[0] <= {fours[0][18], fours[0]} + {fours[1][18], fours[1]};
            eights[1] <= {fours[2][18], fours[2]} + {fours[3][18], fours[3]};
        end
        if (moves[3])
            sum <= {eights[0][19], eights[0]} + {eights[1][19], eights[1]};
    end
endmodule

`default_nettype wire
