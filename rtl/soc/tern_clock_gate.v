// SPDX-License-Identifier: Apache-2.0
// Clock of one unit. It stands still while the unit has nothing to do, so a simulator does not evaluate the unit. An
// idle unit changes nothing before the next access to its registers; three more cycles are for registers that follow
// other registers. The first edge of an access comes in its own cycle, so no result and no cycle changes. The enable
// is a latch that holds while clk is high, as in the gates of ASIC libraries.
// With GATE = 0, as in synthesis for FPGAs, the clock is a plain wire.
`default_nettype none

module tern_clock_gate #(
    parameter GATE = 0
) (
    input  wire clk,
    input  wire rst_n,
    input  wire clocks_on, // for tests
    input  wire run,
    input  wire access,
    output wire gated_clk
);
    localparam [1:0] HOLD = 2'd3;

    generate
        if (GATE == 0) begin : none
            assign gated_clk = clk;
            wire unused = &{1'b0, rst_n, clocks_on, run, access};
        end else begin : gate
            reg [1:0] left;
            reg       enable;
            wire      wanted = run || access || !rst_n || clocks_on;

            always @(posedge clk)
                left <= wanted ? HOLD : left - {1'b0, left != 2'd0};

            /* verilator lint_off LATCH */
            always @*
                if (!clk)
                    enable = wanted || left != 2'd0;
            /* verilator lint_on LATCH */

            assign gated_clk = clk & enable;
        end
    endgenerate
endmodule

`default_nettype wire
