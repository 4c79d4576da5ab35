// SPDX-License-Identifier: Apache-2.0
// Clock of one unit. It stands still while the unit has nothing to do, so a simulator does not evaluate the unit. It
// runs in every cycle of an access to the registers of the unit. A start makes the unit busy with the edge of its access;
// all other accesses change no more than the register. Behind a run HOLD more cycles are for registers that follow
// other registers. No result and no cycle changes. The enable is a latch that holds while clk is high, as in the gates
// of ASIC libraries.
// With GATE = 0, as in synthesis for FPGAs, the clock is a plain wire.
`default_nettype none

module tern_clock_gate #(
    parameter GATE = 0,
    parameter [1:0] HOLD = 3         // cycles
) (
    input  wire clk,
    input  wire rst_n,
    input  wire clocks_on, // for tests
    input  wire run,
    input  wire access,
    output wire gated_clk
);
    generate
        if (GATE == 0) begin : none
            assign gated_clk = clk;
            wire unused = &{1'b0, rst_n, clocks_on, run, access};
        end else begin : gate
            reg [1:0] left;
            reg       enable;
            wire      runs = run || !rst_n || clocks_on;

            always @(posedge clk)
                left <= runs ? HOLD : left - {1'b0, left != 2'd0};

            /* verilator lint_off LATCH */
            always @*
                if (!clk)
                    enable = runs || access || left != 2'd0;
            /* verilator lint_on LATCH */

            assign gated_clk = clk & enable;
        end
    endgenerate
endmodule

`default_nettype wire
