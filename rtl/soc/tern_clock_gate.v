// SPDX-License-Identifier: Apache-2.0
// Clock of one unit. It stands still while the unit has nothing to do, so a simulator does not evaluate the unit. `run`
// is up from the first cycle of work to the last. The clock goes on for 31 cycles, in which pipelines become empty.
// After an access to a register two cycles are enough. An edge without effect is left out, so no result or cycle
// changes. The enable is a latch, as in the gates of ASIC libraries: it holds while clk is high.
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
    localparam [4:0] AFTER_RUN = 5'd31;

    generate
        if (GATE == 0) begin : none
            assign gated_clk = clk;
            wire unused = &{1'b0, rst_n, clocks_on, run, access};
        end else begin : gate
            reg [4:0] left;
            reg [1:0] accessed;
            reg       enable;

            wire wanted = run || !rst_n || clocks_on;

            always @(posedge clk) begin
                left <= wanted ? AFTER_RUN : left - {4'd0, left != 5'd0};
                accessed <= {accessed[0], access};
            end

            /* verilator lint_off LATCH */
            always @*
                if (!clk)
                    enable = wanted || access || left != 5'd0 || accessed != 2'd0;
            /* verilator lint_on LATCH */

            assign gated_clk = clk & enable;
        end
    endgenerate
endmodule

`default_nettype wire
