// SPDX-License-Identifier: Apache-2.0
// A stream of bytes, such as a serial line, to bytes of frames (RFC 1055). A byte is given on when the next one has come,
// so that `last` is known. Latency is a byte.
// Model: tern_link_unstuff() of cmodel/link/stuffing.c.
`default_nettype none

module tern_link_unstuff (
    input  wire       clk,
    input  wire       rst_n,
    input  wire       s_valid,
    input  wire [7:0] s_data,
    output wire       m_valid,
    output wire [7:0] m_data,
    output wire       m_last
);
`include "tern_spec.vh"

    localparam [7:0] END = `TERN_LINK_END, ESCAPE = `TERN_LINK_ESCAPE, ESCAPED_END = `TERN_LINK_ESCAPED_END;

    reg       held_valid;
    reg [7:0] held;
    reg       is_escaped;

    wire is_end = s_valid && s_data == END;
    wire is_escape = s_valid && s_data == ESCAPE;
    wire is_byte = s_valid && !is_end && !is_escape;

    // An escape that stands for nothing makes a wrong byte, which the CRC finds.
    assign m_valid = held_valid && (is_end || is_byte);
    assign m_data = held;
    assign m_last = is_end;

    always @(posedge clk)
        if (!rst_n) begin
            held_valid <= 1'b0;
            is_escaped <= 1'b0;
        end else if (s_valid) begin
            held_valid <= is_byte || (is_escape && held_valid);
            is_escaped <= is_escape;
        end

    always @(posedge clk)
        if (is_byte)
            held <= !is_escaped ? s_data : s_data == ESCAPED_END ? END : ESCAPE;
endmodule

`default_nettype wire
