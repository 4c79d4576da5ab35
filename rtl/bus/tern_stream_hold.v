// SPDX-License-Identifier: Apache-2.0
// Stream stage that never withdraws an offer. An item passes in its own cycle. An item that is not taken is kept here,
// also when the sender is reset. Latency is 0 cycles, throughput one item a cycle.
`default_nettype none

module tern_stream_hold #(
    parameter WIDTH = 8
) (
    input  wire             clk,
    input  wire             rst_n,
    input  wire             s_valid,
    output wire             s_ready,
    input  wire [WIDTH-1:0] s_data,
    output wire             m_valid,
    input  wire             m_ready,
    output wire [WIDTH-1:0] m_data
);
    reg             held;
    reg [WIDTH-1:0] kept;

    assign s_ready = !held || m_ready;
    assign m_valid = held || s_valid;
    assign m_data = held ? kept : s_data;

    always @(posedge clk)
        if (!rst_n)
            held <= 1'b0;
        else
            held <= held ? !m_ready || s_valid : s_valid && !m_ready;

    always @(posedge clk)
        if (s_valid && s_ready)
            kept <= s_data;
endmodule

`default_nettype wire
