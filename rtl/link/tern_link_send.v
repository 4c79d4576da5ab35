// SPDX-License-Identifier: Apache-2.0
// Answers from words to bytes, with their CRC behind them: a byte a cycle.
// Model: tern_link_encode() of cmodel/link/frame.c.
`default_nettype none

module tern_link_send (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [31:0] s_data,
    input  wire        s_last,
    output reg         m_valid,
    input  wire        m_ready,
    output wire [7:0]  m_data,
    output wire        m_last
);
    // A word goes out while the next one may come. The CRC follows the last word, which leaves in four cycles or more.
    reg  [31:0] word;
    reg  [1:0]  byte_index;
    reg         is_last;  // of the words of the answer
    reg         is_crc;
    reg         is_first; // the next word is the first one of an answer
    reg         took;     // in the last cycle: the word is whole now
    reg         took_first;

    wire [31:0] crc;
    wire        word_ends = m_valid && m_ready && byte_index == 2'd3;
    wire        takes_crc = word_ends && is_last;
    wire        take = s_valid && s_ready;

    assign s_ready = !m_valid || (word_ends && !is_last);
    assign m_data = word[7:0];
    assign m_last = is_crc && byte_index == 2'd3;

    tern_crc32c #(.BITS(32)) checksum (
        .clk,
        .s_valid(took),
        .s_first(took_first),
        .s_data(word),
        .m_crc(crc)
    );

    always @(posedge clk)
        if (!rst_n) begin
            m_valid <= 1'b0;
            is_last <= 1'b0;
            is_crc <= 1'b0;
            is_first <= 1'b1;
            byte_index <= 2'd0;
            took <= 1'b0;
        end else begin
            took <= take;
            m_valid <= take || takes_crc || (m_valid && !word_ends);
            if (m_valid && m_ready)
                byte_index <= byte_index + 2'd1;
            if (take) begin
                is_first <= s_last;
                is_last <= s_last;
            end else if (takes_crc)
                is_last <= 1'b0;
            if (take || word_ends)
                is_crc <= takes_crc;
        end

    always @(posedge clk) begin
        took_first <= is_first;
        if (take)
            word <= s_data;
        else if (takes_crc)
            word <= crc;
        else if (m_valid && m_ready)
            word <= {8'd0, word[31:8]};
    end
endmodule

`default_nettype wire
