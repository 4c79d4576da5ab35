// SPDX-License-Identifier: Apache-2.0
// ECP5's PLL as boards use it. Its time is that of the bench: each change of CLKI is a quarter of a cycle of CLKOS, which
// is the fastest output. Phases are rounded to that. The ratio to the real CLKI is not modelled; CLKOS3 is only feedback.
`default_nettype none

/* verilator lint_off UNUSEDPARAM */
module EHXPLLL #(
    parameter CLKI_DIV = 1,
    parameter CLKFB_DIV = 1,
    parameter FEEDBK_PATH = "CLKOP",
    parameter CLKOP_ENABLE = "ENABLED",
    parameter CLKOP_DIV = 8,
    parameter CLKOP_CPHASE = 0,
    parameter CLKOP_FPHASE = 0,
    parameter CLKOS_ENABLE = "DISABLED",
    parameter CLKOS_DIV = 8,
    parameter CLKOS_CPHASE = 0,
    parameter CLKOS_FPHASE = 0,
    parameter CLKOS2_ENABLE = "DISABLED",
    parameter CLKOS2_DIV = 8,
    parameter CLKOS2_CPHASE = 0,
    parameter CLKOS2_FPHASE = 0,
    parameter CLKOS3_ENABLE = "DISABLED",
    parameter CLKOS3_DIV = 8,
    parameter CLKOS3_CPHASE = 0,
    parameter CLKOS3_FPHASE = 0
) (
    input  wire CLKI,
    input  wire RST,
    input  wire STDBY,
    output reg  CLKOP,
    output reg  CLKOS,
    output reg  CLKOS2,
    output reg  LOCK
);
    localparam TICKS = 4, LOCK_TICKS = 64;
    localparam PERIOD = TICKS * CLKOP_DIV / CLKOS_DIV, S2_PERIOD = TICKS * CLKOS2_DIV / CLKOS_DIV;
    localparam P_LATE = TICKS * (8 * (CLKOP_CPHASE - CLKOP_DIV + 1) + CLKOP_FPHASE) / (8 * CLKOS_DIV);
    localparam S_LATE = TICKS * (8 * (CLKOS_CPHASE - CLKOS_DIV + 1) + CLKOS_FPHASE) / (8 * CLKOS_DIV);
    localparam S2_LATE = TICKS * (8 * (CLKOS2_CPHASE - CLKOS2_DIV + 1) + CLKOS2_FPHASE) / (8 * CLKOS_DIV);

    integer time_ticks;

    initial begin
        time_ticks = 0;
        CLKOP = 1'b0;
        CLKOS = 1'b0;
        CLKOS2 = 1'b0;
        LOCK = 1'b0;
    end

    // All outputs that change at a tick change at once.
    always @(posedge CLKI or negedge CLKI)
        if (!RST && !STDBY) begin
            CLKOP <= (time_ticks + PERIOD - P_LATE) % PERIOD < PERIOD / 2;
            CLKOS <= (time_ticks + TICKS - S_LATE) % TICKS < TICKS / 2;
            CLKOS2 <= (time_ticks + S2_PERIOD - S2_LATE) % S2_PERIOD < S2_PERIOD / 2;
            time_ticks <= time_ticks == LOCK_TICKS * PERIOD - 1 ? 0 : time_ticks + 1;
            LOCK <= LOCK | time_ticks == LOCK_TICKS;
        end
endmodule

`default_nettype wire
