// SPDX-License-Identifier: Apache-2.0
// Writes results, a line of up to 64 bytes as one burst. A line has its own address and number of words. Its words come
// in order, after the lines before. A line that leaves the window, or that memory refuses, is an error. Nothing is
// written after it, apart from lines in flight. Up to 15 lines are in flight, and 4 wait here.
`default_nettype none

`include "tern_spec.vh"

module tern_attention_writer #(
    parameter LANES = 1
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire                 discard,      // begin no further line, forget what is held
    input  wire [63:0]          window_base,
    input  wire [64:0]          window_end,
    output wire                 line_ready,
    input  wire                 line_begin,
    input  wire [63:6]          line_address,
    input  wire [3:0]           line_less,    // its words - 1
    input  wire                 s_valid,
    input  wire [31:0]          s_word,
    output wire                 idle,         // nothing to write, nothing in flight
    output reg                  failed,
    output reg  [7:0]           status,
    output wire                 m_write_valid,
    input  wire                 m_write_ready,
    output wire [63:0]          m_write_address,
    output wire [6:0]           m_write_beats,
    output wire                 m_data_valid,
    input  wire                 m_data_ready,
    output wire [128*LANES-1:0] m_data,
    output wire [16*LANES-1:0]  m_strobe,
    input  wire                 m_done_valid,
    input  wire                 m_done_error
);
    localparam BEAT_WORDS = 4 * LANES;
    localparam [31:0] BEAT_WORDS_32 = BEAT_WORDS;
    localparam [4:0] BEAT_WORDS_5 = BEAT_WORDS_32[4:0];
    localparam WORD_BITS = $clog2(BEAT_WORDS);
    localparam ROWS = 64 / BEAT_WORDS;
    localparam [1:0] FREE = 2'd0, SEND = 2'd1, NEXT = 2'd2;

    // Lines: begun, full, sent; free running.
    reg [57:0] addresses [0:3];
    reg [3:0]  counts [0:3];  // words - 1
    reg [2:0]  begun;
    reg [2:0]  full;
    reg [2:0]  sent;
    reg [3:0]  word;          // place of the next word in its line
    reg [1:0]  state;
    reg [4:0]  words_left;    // of the line, not yet loaded
    reg [3:0]  read_word;     // first word of the next beat
    reg        loaded;
    reg [128*LANES-1:0] data;
    reg [16*LANES-1:0]  strobe;

    wire       line_taken;
    wire       data_ready;
    wire       refused;
    wire       answered;
    wire       error;
    wire       writer_idle;
    wire [3:0] filling_less = counts[full[1:0]];
    wire [3:0] sent_less = counts[sent[1:0]];
    wire [4:0] sent_words = {1'b0, sent_less} + 5'd1;
    wire       line_full = s_valid && word == filling_less;
    wire       begin_line = state == FREE && full != sent && !discard && !failed;
    wire [4:0] line_beats = {1'b0, sent_less >> WORD_BITS} + 5'd1;
    wire       line_done = state == SEND && words_left == 5'd0 && !loaded;
    wire       load_beat = state == SEND && words_left != 5'd0 && (!loaded || data_ready) && !refused;
    wire       last_beat = words_left <= BEAT_WORDS_5;
    wire [4:0] beat_words = last_beat ? words_left : BEAT_WORDS_5;

    assign line_ready = begun != {~sent[2], sent[1:0]};
    assign idle = state == FREE && begun == sent && writer_idle;

    always @(posedge clk)
        if (line_begin) begin
            addresses[begun[1:0]] <= line_address;
            counts[begun[1:0]] <= line_less;
        end

    // A bank a word of the beat: written by words, read by beats.
    wire [128*LANES-1:0] beat;
    wire [5:0]           write_word = {full[1:0], word};
    wire [5:0]           first_word = {sent[1:0], read_word};

    genvar bank;
    generate
        for (bank = 0; bank < BEAT_WORDS; bank = bank + 1) begin : bank_of
            localparam [WORD_BITS-1:0] BANK = bank;
            reg [31:0] words [0:ROWS-1];

            always @(posedge clk)
                if (s_valid && word[WORD_BITS-1:0] == BANK)
                    words[write_word[5:WORD_BITS]] <= s_word;

            assign beat[32*bank +: 32] = words[first_word[5:WORD_BITS]];
        end
    endgenerate

    integer index;

    always @(posedge clk) begin
        if (load_beat) begin
            data <= beat;
            for (index = 0; index < BEAT_WORDS; index = index + 1)
                strobe[4*index +: 4] <= {4{index[4:0] < beat_words}};
        end
        if (state == FREE) begin
            words_left <= sent_words;
            read_word <= 4'd0;
        end else if (load_beat) begin
            words_left <= words_left - beat_words;
            read_word <= read_word + BEAT_WORDS_5[3:0];
        end
    end

    always @(posedge clk)
        if (!rst_n) begin
            state <= FREE;
            loaded <= 1'b0;
            begun <= 3'd0;
            full <= 3'd0;
            sent <= 3'd0;
            word <= 4'd0;
        end else begin
            if (start || (discard && state == FREE)) begin
                begun <= 3'd0;
                full <= 3'd0;
                sent <= 3'd0;
                word <= 4'd0;
            end else begin
                begun <= begun + {2'd0, line_begin};
                full <= full + {2'd0, line_full};
                sent <= sent + {2'd0, state == NEXT};
                if (s_valid)
                    word <= line_full ? 4'd0 : word + 4'd1;
            end
            loaded <= (load_beat || (loaded && !data_ready)) && !refused;
            case (state)
                FREE: if (begin_line && line_taken) state <= SEND;
                SEND: if (refused) state <= FREE; else if (line_done) state <= NEXT;
                default: state <= FREE;
            endcase
        end

    tern_memory_writer #(.DATA_BITS(128 * LANES), .IN_FLIGHT_LOG2(4)) writer (
        .clk, .rst_n,
        .stop(1'b0),
        .window_base, .window_end,
        .s_valid(begin_line),
        .s_ready(line_taken),
        .s_address({addresses[sent[1:0]], 6'd0}),
        .s_beats({2'd0, line_beats}),
        .s_data_valid(loaded),
        .s_data_ready(data_ready),
        .s_data(data),
        .s_strobe(strobe),
        .refused, .answered, .error,
        .idle(writer_idle),
        .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats, .m_data_valid, .m_data_ready, .m_data,
        .m_strobe, .m_done_valid, .m_done_error
    );

    always @(posedge clk)
        if (!rst_n || start) begin
            failed <= 1'b0;
        end else if (!failed && (refused || (answered && error))) begin
            failed <= 1'b1;
            status <= answered && error ? `TERN_STATUS_BUS_ERROR : `TERN_STATUS_BAD_ADDRESS;
        end

    wire unused = &{1'b0, BEAT_WORDS_32[31:5], write_word, first_word};
endmodule

`default_nettype wire
