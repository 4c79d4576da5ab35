// SPDX-License-Identifier: Apache-2.0
// Queue of 2^DEPTH_LOG2 words in block RAM. Latency is 3 cycles, throughput one word a cycle. There is no s_ready: the
// writer counts credits and must not overflow the queue.
`default_nettype none

module tern_fifo #(
    parameter WIDTH = 129,
    parameter DEPTH_LOG2 = 9
) (
    input  wire             clk,
    input  wire             rst_n,
    input  wire             clear,
    input  wire             s_valid,
    input  wire [WIDTH-1:0] s_data,
    output reg              m_valid,
    output reg  [WIDTH-1:0] m_data,
    input  wire             m_ready
);
    // Nothing is read in the cycle that writes it, so block RAM needs no bypass (Yosys attribute).
    (* no_rw_check *)
    reg [WIDTH-1:0]      words [0:(1 << DEPTH_LOG2) - 1];
    reg [DEPTH_LOG2:0]   write_pointer;
    reg [DEPTH_LOG2:0]   read_pointer;
    reg                  fetched_valid;
    reg [WIDTH-1:0]      fetched;

    wire move = fetched_valid & (~m_valid | m_ready);
    wire fetch = (write_pointer != read_pointer) & (~fetched_valid | move);

    always @(posedge clk) begin
        if (s_valid)
            words[write_pointer[DEPTH_LOG2-1:0]] <= s_data;
        if (fetch)
            fetched <= words[read_pointer[DEPTH_LOG2-1:0]];
        if (move)
            m_data <= fetched;
    end

    always @(posedge clk)
        if (!rst_n || clear) begin
            write_pointer <= 0;
            read_pointer <= 0;
            fetched_valid <= 1'b0;
            m_valid <= 1'b0;
        end else begin
            write_pointer <= write_pointer + {{DEPTH_LOG2{1'b0}}, s_valid};
            if (fetch) // late: m_ready is
                read_pointer <= read_pointer + 1'b1;
            fetched_valid <= fetch | (fetched_valid & ~move);
            m_valid <= move | (m_valid & ~m_ready);
        end
endmodule

`default_nettype wire
