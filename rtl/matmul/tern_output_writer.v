// SPDX-License-Identifier: Apache-2.0
// Collects results into lines of 64 bytes and writes each line as one burst. `flush` says that no further result comes.
// The last, partial line is then written with strobes. A line that leaves the window, or that memory refuses, is an
// error of the strip of its first row. Nothing is written after it. Up to 7 lines are in flight, and 4 wait here.
`default_nettype none

`include "tern_spec.vh"

module tern_output_writer #(
    parameter LANES = 1
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire                 flush,
    input  wire                 discard, // begin no further line, forget what is held
    input  wire [63:0]          base,    // 64-byte aligned
    input  wire [63:0]          window_base,
    input  wire [64:0]          window_end,
    input  wire                 s_valid,
    input  wire [31:0]          s_word,
    output wire                 m_room,  // for 16 words
    output wire                 idle,    // nothing to write, nothing in flight
    output reg                  failed,
    output reg  [7:0]           status,
    output reg  [17:0]          strip,
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

    reg [1:0]  state;
    reg        line_ready;    // since a cycle ago
    reg [6:0]  written;       // words, free running
    reg [6:0]  held;          // words whose line is not done
    reg [63:0] address;       // of the line
    reg [4:0]  line_words;    // 1..16
    reg [4:0]  words_left;    // of the line, not yet loaded
    reg [6:0]  read_word;     // first word of the next beat
    reg        loaded;
    reg [128*LANES-1:0] data;
    reg [16*LANES-1:0]  strobe;

    wire       line_taken;
    wire       data_ready;
    wire       refused;
    wire       answered;
    wire       error;
    wire       writer_idle;
    wire       begin_line = state == FREE && line_ready && !discard && !failed;
    wire [4:0] fit_words = held >= 7'd16 ? 5'd16 : held[4:0];
    wire [4:0] fit_beats = (fit_words + (BEAT_WORDS_5 - 5'd1)) >> WORD_BITS;
    wire       line_done = state == SEND && words_left == 5'd0 && !loaded;
    wire       load_beat = state == SEND && words_left != 5'd0 && (!loaded || data_ready) && !refused;
    wire       last_beat = words_left <= BEAT_WORDS_5;
    wire [4:0] beat_words = last_beat ? words_left : BEAT_WORDS_5;

    assign m_room = held <= 7'd48;
    assign idle = state == FREE && held == 7'd0 && writer_idle;

    // A bank a word of the beat: written by words, read by beats.
    wire [128*LANES-1:0] beat;

    genvar bank;
    generate
        for (bank = 0; bank < BEAT_WORDS; bank = bank + 1) begin : bank_of
            localparam [WORD_BITS-1:0] BANK = bank;
            reg [31:0] words [0:ROWS-1];

            always @(posedge clk)
                if (s_valid && written[WORD_BITS-1:0] == BANK)
                    words[written[5:WORD_BITS]] <= s_word;

            assign beat[32 * bank +: 32] = words[read_word[5:WORD_BITS]];
        end
    endgenerate

    integer word;

    always @(posedge clk)
        if (load_beat) begin
            data <= beat;
            for (word = 0; word < BEAT_WORDS; word = word + 1)
                strobe[4 * word +: 4] <= {4{word[4:0] < beat_words}};
        end

    always @(posedge clk)
        if (start) begin
            address <= base;
        end else if (state == FREE) begin
            line_words <= fit_words;
            words_left <= fit_words;
        end else begin
            if (load_beat)
                words_left <= words_left - beat_words;
            if (state == NEXT)
                address <= address + 64'd64;
        end

    always @(posedge clk)
        if (!rst_n) begin
            state <= FREE;
            line_ready <= 1'b0;
            loaded <= 1'b0;
            written <= 7'd0;
            held <= 7'd0;
            read_word <= 7'd0;
        end else begin
            if (start || discard && state == FREE) begin
                written <= 7'd0;
                held <= 7'd0;
                read_word <= 7'd0;
            end else begin
                written <= written + {6'd0, s_valid};
                if (load_beat)
                    read_word <= read_word + {2'd0, beat_words};
                held <= held + {6'd0, s_valid} - (state == NEXT ? {2'd0, line_words} : 7'd0);
            end
            line_ready <= state == FREE && (held >= 7'd16 || (flush && held != 7'd0));
            loaded <= (load_beat || (loaded && !data_ready)) && !refused;
            case (state)
                FREE: if (begin_line && line_taken) state <= SEND;
                SEND: if (refused) state <= FREE; else if (line_done) state <= NEXT;
                default: state <= FREE;
            endcase
        end

    tern_memory_writer #(.DATA_BITS(128 * LANES), .IN_FLIGHT_LOG2(3)) writer (
        .clk, .rst_n,
        .stop(1'b0),
        .window_base, .window_end,
        .s_valid(begin_line),
        .s_ready(line_taken),
        .s_address(address),
        .s_beats({2'd0, fit_beats}),
        .s_data_valid(loaded),
        .s_data_ready(data_ready),
        .s_data(data),
        .s_strobe(strobe),
        .refused, .answered, .error,
        .idle(writer_idle),
        .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats, .m_data_valid, .m_data_ready, .m_data,
        .m_strobe, .m_done_valid, .m_done_error
    );

    // Line k starts in row 16k, that is in strip 3k + k/5: two such counters, of lines sent and of lines answered.
    reg [17:0] sent_strip;
    reg [2:0]  sent_phase;
    reg [17:0] answered_strip;
    reg [2:0]  answered_phase;
    wire       refused_first = refused && !failed;
    wire       error_first = answered && error && !failed;

    always @(posedge clk)
        if (!rst_n || start) begin
            sent_strip <= 18'd0;
            sent_phase <= 3'd0;
            answered_strip <= 18'd0;
            answered_phase <= 3'd0;
            failed <= 1'b0;
        end else begin
            if (state == NEXT) begin
                sent_strip <= sent_strip + (sent_phase == 3'd4 ? 18'd4 : 18'd3);
                sent_phase <= sent_phase == 3'd4 ? 3'd0 : sent_phase + 3'd1;
            end
            if (answered) begin
                answered_strip <= answered_strip + (answered_phase == 3'd4 ? 18'd4 : 18'd3);
                answered_phase <= answered_phase == 3'd4 ? 3'd0 : answered_phase + 3'd1;
            end
            if (refused_first || error_first) begin
                failed <= 1'b1;
                status <= error_first ? `TERN_STATUS_BUS_ERROR : `TERN_STATUS_BAD_ADDRESS;
                strip <= error_first ? answered_strip : sent_strip;
            end
        end

    wire unused = &{1'b0, BEAT_WORDS_32[31:5], read_word};
endmodule

`default_nettype wire
