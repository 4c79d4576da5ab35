// SPDX-License-Identifier: Apache-2.0
// Eight lights that tell the state of a board (docs/bring-up.md). A short event lights one long enough to be seen.
`default_nettype none

module tern_board_lights #(
    parameter TICK_LOG2 = 20   // cycles, of which a light stays on one to two
) (
    input  wire       clk,
    input  wire       rst_n,
    input  wire       received,   // a byte of the host
    input  wire       sent,       // a byte to the host
    input  wire       memory_ready,
    input  wire       memory_error,
    input  wire       runs,       // the core
    input  wire       busy,       // core or a unit
    input  wire       trapped,
    output reg  [7:0] lights
);
    reg [TICK_LOG2+4:0] count;
    reg                 tick;
    reg [1:0]           received_light;
    reg [1:0]           sent_light;
    reg [1:0]           busy_light;

    initial count = 0;

    always @(posedge clk) begin
        count <= count + 1'b1;
        tick <= &count[TICK_LOG2-1:0];
        if (!rst_n | received | tick)
            received_light <= received & rst_n ? 2'b11 : received_light >> 1;
        if (!rst_n | sent | tick)
            sent_light <= sent & rst_n ? 2'b11 : sent_light >> 1;
        if (!rst_n | busy | tick)
            busy_light <= busy & rst_n ? 2'b11 : busy_light >> 1;
        lights <= {trapped, busy_light[0], runs, memory_error, memory_ready, sent_light[0], received_light[0],
                   rst_n & count[TICK_LOG2+4]};
    end
endmodule

`default_nettype wire
