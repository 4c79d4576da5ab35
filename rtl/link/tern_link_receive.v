// SPDX-License-Identifier: Apache-2.0
// Frames from bytes, to words of header and payload. A frame is held until its last byte and given on whole: magic,
// version, length and CRC must be right. Others are dropped, and those for which there is no room. s_ready does not
// exist: it takes a byte a cycle. Latency is 5 cycles from the last byte to the first word.
// Model: tern_link_decode() of cmodel/link/frame.c.
`default_nettype none

module tern_link_receive (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        s_valid,
    input  wire [7:0]  s_data,
    input  wire        s_last,
    output reg         m_valid,
    output reg  [31:0] m_data,
    input  wire        m_ready
);
`include "tern_spec.vh"

    localparam [31:0] RECEIVE_BYTES = `TERN_LINK_RECEIVE_BYTES;
    localparam        WORDS_LOG2 = $clog2(RECEIVE_BYTES) - 2;
    localparam [15:0] MAGIC = `TERN_LINK_MAGIC;
    localparam [7:0]  VERSION = `TERN_LINK_VERSION;
    localparam [15:0] MAX_PAYLOAD = `TERN_LINK_MAX_PAYLOAD;
    localparam [8:0]  HEADER_WORDS = `TERN_LINK_HEADER_WORDS;
    localparam [31:0] RESIDUE = 32'h48674bc7; // CRC of a frame with its CRC

    // Bytes to words. The last word is the CRC: one word is held back, so it does not enter the queue.
    reg  [1:0]  byte_index;
    reg  [23:0] bytes;
    reg  [8:0]  index;       // of the word
    reg         word_valid;
    reg         word_first;
    reg         word_last;
    reg         word_whole;
    reg  [31:0] word;
    reg         is_bad;      // the frame so far
    reg  [8:0]  payload_words;

    wire        word_ends = s_valid && (byte_index == 2'd3 || s_last);

    always @(posedge clk)
        if (!rst_n) begin
            byte_index <= 2'd0;
            word_valid <= 1'b0;
            word_first <= 1'b1;
        end else begin
            if (s_valid)
                byte_index <= s_last ? 2'd0 : byte_index + 2'd1;
            word_valid <= word_ends;
            if (word_valid)
                word_first <= word_last;
        end

    always @(posedge clk) begin
        if (s_valid)
            bytes <= {s_data, bytes[23:8]};
        if (word_ends) begin
            word <= {s_data, bytes};
            word_last <= s_last;
            word_whole <= byte_index == 2'd3;
        end
    end

    wire [31:0] crc;

    tern_crc32c #(.BITS(32)) checksum (
        .clk,
        .s_valid(word_valid),
        .s_first(word_first),
        .s_data(word),
        .m_crc(crc)
    );

    // The queue. Words of a frame that is not whole lie beyond `committed`.
    (* no_rw_check *)
    reg [31:0]         words [0:(1 << WORDS_LOG2) - 1];
    reg [WORDS_LOG2:0] committed;
    reg [WORDS_LOG2:0] write_pointer;
    reg [WORDS_LOG2:0] read_pointer;
    reg [31:0]         held;
    reg                ended;      // the frame ended one and two cycles ago, for its CRC
    reg                ended_before;

    wire               is_full = write_pointer[WORDS_LOG2-1:0] == read_pointer[WORDS_LOG2-1:0]
                                 && write_pointer[WORDS_LOG2] != read_pointer[WORDS_LOG2];
    wire               wrong_first = word[15:0] != MAGIC || word[23:16] != VERSION;
    wire               wrong_length = word[15:0] > MAX_PAYLOAD || word[1:0] != 2'd0;
    wire               too_long = index > HEADER_WORDS + payload_words;
    wire               too_short = index != HEADER_WORDS + payload_words;
    wire               commit = ended_before && !is_bad && crc == RESIDUE;

    always @(posedge clk)
        if (word_valid) begin
            held <= word;
            if (index == 9'd3)
                payload_words <= word[10:2];
        end

    // A frame that is too long stays bad. Its words are counted no further.
    always @(posedge clk)
        if (!rst_n) begin
            index <= 9'd0;
            is_bad <= 1'b0;
            ended <= 1'b0;
            ended_before <= 1'b0;
        end else begin
            ended <= word_valid && word_last;
            ended_before <= ended;
            if (word_valid) begin
                index <= word_last ? 9'd0 : index + {8'd0, !(&index)};
                is_bad <= (is_bad && index != 9'd0) || !word_whole
                          || (index == 9'd0 && wrong_first) || (index == 9'd3 && wrong_length)
                          || (index > 9'd3 && too_long) || (word_last && (index <= 9'd3 || too_short))
                          || (index != 9'd0 && is_full);
            end
        end

    wire write = word_valid && index != 9'd0 && !is_full && !is_bad;

    always @(posedge clk)
        if (write)
            words[write_pointer[WORDS_LOG2-1:0]] <= held;

    // The next frame's first word is held before it is written, so that the pointer may return meanwhile.
    always @(posedge clk)
        if (!rst_n) begin
            committed <= 0;
            write_pointer <= 0;
        end else if (ended_before) begin
            if (commit)
                committed <= write_pointer;
            else
                write_pointer <= committed;
        end else if (write)
            write_pointer <= write_pointer + 1'b1;

    // Words to the executor.
    reg         fetched_valid;
    reg  [31:0] fetched;
    wire        move = fetched_valid && (!m_valid || m_ready);
    wire        fetch = read_pointer != committed && (!fetched_valid || move);

    always @(posedge clk) begin
        if (fetch)
            fetched <= words[read_pointer[WORDS_LOG2-1:0]];
        if (move)
            m_data <= fetched;
    end

    always @(posedge clk)
        if (!rst_n) begin
            read_pointer <= 0;
            fetched_valid <= 1'b0;
            m_valid <= 1'b0;
        end else begin
            if (fetch)
                read_pointer <= read_pointer + 1'b1;
            fetched_valid <= fetch || (fetched_valid && !move);
            m_valid <= move || (m_valid && !m_ready);
        end
endmodule

`default_nettype wire
