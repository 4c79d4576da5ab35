// SPDX-License-Identifier: Apache-2.0
// A register of its own for some of the receivers of a signal. Synthesis would merge it with its copies, and one
// register would then drive long wires all over the unit. It is kept apart until the cells of the device are chosen.
`default_nettype none

(* keep_hierarchy *)
module tern_attention_copy #(
    parameter WIDTH = 1
) (
    input  wire             clk,
    input  wire [WIDTH-1:0] s_data,
    output reg  [WIDTH-1:0] m_data
);
    always @(posedge clk)
        m_data <= s_data;
endmodule

`default_nettype wire
