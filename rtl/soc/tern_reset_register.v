// SPDX-License-Identifier: Apache-2.0
// A register of the reset, which is 1 here. Each part of the SoC has one of its own: the wires from one register to all
// parts are longer than a cycle. Synthesis would make one of registers that are alike, so it is kept apart.
`default_nettype none

(* keep_hierarchy *)
module tern_reset_register (
    input  wire clk,
    input  wire s_reset,
    output reg  m_reset
);
    always @(posedge clk)
        m_reset <= s_reset;
endmodule

`default_nettype wire
