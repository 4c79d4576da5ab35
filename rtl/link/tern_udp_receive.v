// SPDX-License-Identifier: Apache-2.0
// Datagrams from words to bytes, a byte a cycle. Words come in any cycle and are not held up. A datagram is held until
// its last word. It is dropped when that word is bad, or when there is no room. The room is what a host may have on the
// way, so words may come faster than a byte a cycle.
`default_nettype none

`include "tern_spec.vh"

module tern_udp_receive #(
    parameter WORDS_LOG2 = $clog2(`TERN_LINK_RECEIVE_BYTES) - 2
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        s_valid,
    input  wire        s_last,
    input  wire        s_bad,    // with the last word
    input  wire [31:0] s_data,
    output wire        accepted, // with the last word: it is given on
    output reg         m_valid,
    output wire [7:0]  m_data,
    output wire        m_last
);
    // Words of a datagram that is not whole lie beyond `committed`.
    (* no_rw_check *)
    reg [32:0]         words [0:(1 << WORDS_LOG2) - 1];
    reg [WORDS_LOG2:0] committed;
    reg [WORDS_LOG2:0] write_pointer;
    reg [WORDS_LOG2:0] read_pointer;
    reg                overran;       // the datagram so far

    wire               is_full = write_pointer[WORDS_LOG2-1:0] == read_pointer[WORDS_LOG2-1:0]
                                 && write_pointer[WORDS_LOG2] != read_pointer[WORDS_LOG2];
    wire               has_room = !is_full && !overran;

    assign accepted = s_valid && s_last && !s_bad && has_room;

    always @(posedge clk)
        if (s_valid && has_room)
            words[write_pointer[WORDS_LOG2-1:0]] <= {s_last, s_data};

    always @(posedge clk)
        if (!rst_n) begin
            committed <= 0;
            write_pointer <= 0;
            overran <= 1'b0;
        end else if (s_valid) begin
            overran <= !s_last && !has_room;
            if (accepted)
                committed <= write_pointer + 1'b1;
            if (s_last && !accepted)
                write_pointer <= committed;
            else if (has_room)
                write_pointer <= write_pointer + 1'b1;
        end

    reg         fetched_valid;
    reg  [32:0] fetched;
    reg         is_last;
    reg  [31:0] word;
    reg  [1:0]  byte_index;

    wire        word_ends = byte_index == 2'd3;
    wire        move = fetched_valid && (!m_valid || word_ends);
    wire        fetch = read_pointer != committed && (!fetched_valid || move);

    assign m_data = word[7:0];
    assign m_last = is_last && word_ends;

    always @(posedge clk) begin
        if (fetch)
            fetched <= words[read_pointer[WORDS_LOG2-1:0]];
        if (move)
            {is_last, word} <= fetched;
        else
            word <= {8'd0, word[31:8]};
    end

    always @(posedge clk)
        if (!rst_n) begin
            read_pointer <= 0;
            fetched_valid <= 1'b0;
            m_valid <= 1'b0;
            byte_index <= 2'd0;
        end else begin
            if (fetch)
                read_pointer <= read_pointer + 1'b1;
            fetched_valid <= fetch || (fetched_valid && !move);
            m_valid <= move || (m_valid && !word_ends);
            byte_index <= m_valid ? byte_index + 2'd1 : 2'd0;
        end
endmodule

`default_nettype wire
