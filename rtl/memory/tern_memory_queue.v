// SPDX-License-Identifier: Apache-2.0
// Queue of 2^DEPTH_LOG2 words in distributed RAM. A word is offered in the cycle after it was taken.
`default_nettype none

module tern_memory_queue #(
    parameter WIDTH = 8,
    parameter DEPTH_LOG2 = 3
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
    reg [WIDTH-1:0]      words [0:(1 << DEPTH_LOG2) - 1];
    reg [DEPTH_LOG2:0]   write_pointer;
    reg [DEPTH_LOG2:0]   read_pointer;

    assign s_ready = (write_pointer ^ read_pointer) != {1'b1, {DEPTH_LOG2{1'b0}}};
    assign m_valid = write_pointer != read_pointer;
    assign m_data = words[read_pointer[DEPTH_LOG2-1:0]];

    always @(posedge clk)
        if (s_valid && s_ready)
            words[write_pointer[DEPTH_LOG2-1:0]] <= s_data;

    always @(posedge clk)
        if (!rst_n) begin
            write_pointer <= 0;
            read_pointer <= 0;
        end else begin
            if (s_valid && s_ready)
                write_pointer <= write_pointer + 1'b1;
            if (m_valid && m_ready)
                read_pointer <= read_pointer + 1'b1;
        end
endmodule

`default_nettype wire
