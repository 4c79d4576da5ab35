// SPDX-License-Identifier: Apache-2.0
// A rule inside our matmul unit: finish reads no step before the table is ready.
`include "tern_rule.svh"

module tern_finish_rules (
    input wire clk,
    input wire reading,
    input wire ready
);
    always @(posedge clk)
        `TERN_RULE(!reading || ready, "finish reads steps before they are ready")
endmodule

bind tern_matmul tern_finish_rules finish_rules (
    .clk,
    .reading(finish.reading),
    .ready(step_table.ready)
);
