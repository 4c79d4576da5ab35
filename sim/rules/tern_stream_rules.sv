// SPDX-License-Identifier: Apache-2.0
// One channel of valid and ready. valid is low in the cycle after reset. An offered payload stays the same until it is
// taken.
`include "tern_rule.svh"

module tern_stream_rules #(
    parameter WIDTH = 8
) (
    input wire             clk,
    input wire             rst_n,
    input wire             valid,
    input wire             ready,
    input wire [WIDTH-1:0] payload
);
    reg             was_reset;
    reg             held;
    reg [WIDTH-1:0] kept;

    // Blocking, which a simulator does without copies.
    /* verilator lint_off BLKSEQ */
    always @(posedge clk)
        if (valid) begin
            `TERN_RULE(!was_reset, "valid in the cycle after one of reset")
            `TERN_RULE(!held || payload == kept, "a payload changed before it was taken")
            was_reset = !rst_n;
            held = rst_n && !ready;
            if (!ready)
                kept = payload;
        end else if (held || was_reset || !rst_n) begin
            `TERN_RULE(!held || !rst_n, "an offer was withdrawn before it was taken")
            was_reset = !rst_n;
            held = 1'b0;
        end
endmodule
