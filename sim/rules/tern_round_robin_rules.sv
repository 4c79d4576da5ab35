// SPDX-License-Identifier: Apache-2.0
// The rule of tern_round_robin: a requester waits for at most one turn of each other.
`include "tern_rule.svh"

module tern_round_robin_rules #(
    parameter COUNT = 2,
    parameter OWNER_BITS = 1
) (
    input wire                  clk,
    input wire                  rst_n,
    input wire [COUNT-1:0]      wants,
    input wire                  hold,
    input wire [OWNER_BITS-1:0] owner
);
    integer turns [0:COUNT-1]; // of others, since the requester waits
    integer i;
    reg     waits;             // a requester did in the last cycle

    wire turn = wants[owner] && !hold;

    // The checks follow the order of events within a cycle. They run only on events.
    /* verilator lint_off BLKSEQ */
    always @(posedge clk)
        if (|wants || waits || !rst_n) begin
            waits = |wants;
            for (i = 0; i < COUNT; i = i + 1) begin
                if (!rst_n || !wants[i] || i == {{(32 - OWNER_BITS){1'b0}}, owner})
                    turns[i] = 0;
                else
                    turns[i] = turns[i] + {31'd0, turn};
                `TERN_RULE(turns[i] < COUNT, "a requester waits for more than one turn of each other")
            end
        end
endmodule

bind tern_round_robin tern_round_robin_rules #(.COUNT(COUNT), .OWNER_BITS(OWNER_BITS)) rules (
    .clk, .rst_n, .wants, .hold, .owner
);
