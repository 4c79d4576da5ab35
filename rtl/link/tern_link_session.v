// SPDX-License-Identifier: Apache-2.0
// The state of a session: its number, the number that is offered, the next write, and the status of one that failed.
// Numbers come from a counter that no reset stops, so none is given twice.
// Model: tern_link_board_take() of cmodel/link/board.c.
`default_nettype none

module tern_link_session (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        hello,         // a HELLO has come: an offer is made unless there is one
    input  wire        open,          // an OPEN has come with `number` and `host`
    input  wire        write_done,    // the next write is done, with `write_status`
    input  wire [7:0]  write_status,
    input  wire [31:0] number,        // the session of the frame in work
    input  wire [31:0] host,          // its sequence number: of an OPEN what the host drew
    output reg  [31:0] offer,
    output wire        is_current,    // `number` is the open session
    output wire        is_opener,     // `host` has opened it
    output reg  [31:0] expected,
    output reg  [7:0]  failed_status
);
`include "tern_spec.vh"

    reg [31:0] clock;
    reg [31:0] session;
    reg [31:0] opener;
    reg        has_offer;
    reg        has_session;

    initial clock = 32'd0;
    always @(posedge clk)
        clock <= clock + 32'd1;

    wire begins = open && has_offer && number == offer;

    assign is_current = has_session && number == session;
    assign is_opener = host == opener;

    always @(posedge clk)
        if (!rst_n) begin
            has_offer <= 1'b0;
            has_session <= 1'b0;
            expected <= 32'd0;
            failed_status <= `TERN_STATUS_OK;
        end else begin
            has_offer <= hello || (has_offer && !begins);
            if (begins) begin
                has_session <= 1'b1;
                expected <= 32'd0;
                failed_status <= `TERN_STATUS_OK;
            end else if (write_done) begin
                expected <= expected + 32'd1;
                failed_status <= write_status;
            end
        end

    always @(posedge clk) begin
        if (hello && !has_offer)
            offer <= clock;
        if (begins) begin
            session <= offer;
            opener <= host;
        end
    end
endmodule

`default_nettype wire
