// SPDX-License-Identifier: Apache-2.0
// Bytes of frames to a stream of bytes, such as a serial line (RFC 1055). A frame begins and ends with END.
// Model: tern_link_stuff() of cmodel/link/stuffing.c.
`default_nettype none

module tern_link_stuff (
    input  wire       clk,
    input  wire       rst_n,
    input  wire       s_valid,
    output wire       s_ready,
    input  wire [7:0] s_data,
    input  wire       s_last,
    output wire       m_valid,
    input  wire       m_ready,
    output reg  [7:0] m_data
);
`include "tern_spec.vh"

    localparam [7:0] END = `TERN_LINK_END, ESCAPE = `TERN_LINK_ESCAPE, ESCAPED_END = `TERN_LINK_ESCAPED_END,
                     ESCAPED_ESCAPE = `TERN_LINK_ESCAPED_ESCAPE;
    localparam [1:0] BEGIN = 2'd0, BYTE = 2'd1, ESCAPED = 2'd2, FINISH = 2'd3;

    reg  [1:0] state;
    wire       is_special = s_data == END || s_data == ESCAPE;

    assign m_valid = s_valid || state == FINISH;
    assign s_ready = m_ready && ((state == BYTE && !is_special) || state == ESCAPED);

    always @(*)
        case (state)
            BYTE: m_data = is_special ? ESCAPE : s_data;
            ESCAPED: m_data = s_data == END ? ESCAPED_END : ESCAPED_ESCAPE;
            default: m_data = END;
        endcase

    always @(posedge clk)
        if (!rst_n)
            state <= BEGIN;
        else if (m_valid && m_ready)
            case (state)
                BEGIN: state <= BYTE;
                BYTE: state <= is_special ? ESCAPED : s_last ? FINISH : BYTE;
                ESCAPED: state <= s_last ? FINISH : BYTE;
                FINISH: state <= BEGIN;
            endcase
endmodule

`default_nettype wire
