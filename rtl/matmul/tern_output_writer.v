// SPDX-License-Identifier: Apache-2.0
// Collects results into lines of 64 bytes and writes each as one burst; a last partial line with strobes, when `flush`
// says that nothing more will come. Lines are checked against the window. A refused line or a bad response is kept
// with the strip of the line's first row, and nothing more is written. Up to 7 lines in flight, room for 4 here.
`default_nettype none

`include "tern_spec.vh"

module tern_output_writer #(
    parameter LANES = 1
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire                 flush,
    input  wire                 discard,      // begin no further line, forget what is held
    input  wire [63:0]          base,         // 64-byte aligned
    input  wire [63:0]          window_base,
    input  wire [63:0]          window_bytes,
    input  wire                 s_valid,
    input  wire [31:0]          s_word,
    output wire                 m_room,       // for 16 words
    output wire                 idle,         // nothing to write, nothing in flight
    output reg                  failed,
    output reg  [7:0]           status,
    output reg  [17:0]          strip,
    output wire [3:0]           m_axi_awid,
    output wire [63:0]          m_axi_awaddr,
    output wire [7:0]           m_axi_awlen,
    output wire [2:0]           m_axi_awsize,
    output wire [1:0]           m_axi_awburst,
    output reg                  m_axi_awvalid,
    input  wire                 m_axi_awready,
    output reg  [128*LANES-1:0] m_axi_wdata,
    output reg  [16*LANES-1:0]  m_axi_wstrb,
    output reg                  m_axi_wlast,
    output reg                  m_axi_wvalid,
    input  wire                 m_axi_wready,
    input  wire [3:0]           m_axi_bid,
    input  wire [1:0]           m_axi_bresp,
    input  wire                 m_axi_bvalid,
    output wire                 m_axi_bready
);
    localparam BEAT_WORDS = 4 * LANES;
    localparam [31:0] BEAT_WORDS_32 = BEAT_WORDS;
    localparam [4:0] BEAT_WORDS_5 = BEAT_WORDS_32[4:0];
    localparam WORD_BITS = $clog2(BEAT_WORDS);
    localparam ROWS = 64 / BEAT_WORDS;
    localparam [31:0] SIZE_CODE = WORD_BITS + 2;
    localparam [2:0] FREE = 3'd0, BOUND = 3'd1, CHECK = 3'd2, SEND = 3'd3, NEXT = 3'd4;

    reg [2:0]  state;
    reg [6:0]  written;       // words, free running
    reg [6:0]  sent;          // words of lines that are done
    reg [63:0] address;       // of the line
    reg [4:0]  line_words;    // 1..16
    reg [4:0]  words_left;    // of the line, not yet on the bus
    reg [64:0] line_end;
    reg [64:0] window_end;
    reg [2:0]  in_flight;
    reg [6:0]  read_word;     // first word of the next beat

    wire [6:0] held = written - sent;
    wire       line_ready = held >= 7'd16 || (flush && held != 7'd0);
    wire       in_window = address >= window_base && line_end <= window_end;
    wire       answered = m_axi_bvalid & m_axi_bready;
    wire       line_done = state == SEND && !m_axi_awvalid && !m_axi_wvalid && words_left == 5'd0;
    wire       load_beat = state == SEND && words_left != 5'd0 && (!m_axi_wvalid || m_axi_wready);
    wire       last_beat = words_left <= BEAT_WORDS_5;
    wire [4:0] beat_words = last_beat ? words_left : BEAT_WORDS_5;
    wire [4:0] line_beats = (line_words + (BEAT_WORDS_5 - 5'd1)) >> WORD_BITS;

    assign m_room = held <= 7'd48;
    assign idle = state == FREE && held == 7'd0 && in_flight == 3'd0;
    assign m_axi_awid = 4'd0;
    assign m_axi_awaddr = address;
    assign m_axi_awlen = {3'd0, line_beats} - 8'd1;
    assign m_axi_awsize = SIZE_CODE[2:0];
    assign m_axi_awburst = 2'b01;
    assign m_axi_bready = 1'b1;

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

    always @(posedge clk) begin
        window_end <= {1'b0, window_base} + {1'b0, window_bytes};
        line_end <= {1'b0, address} + ({60'd0, line_beats} << (WORD_BITS + 2));
        if (load_beat) begin
            m_axi_wdata <= beat;
            m_axi_wlast <= last_beat;
            for (word = 0; word < BEAT_WORDS; word = word + 1)
                m_axi_wstrb[4 * word +: 4] <= {4{word[4:0] < beat_words}};
        end
    end

    always @(posedge clk)
        if (start) begin
            address <= base;
        end else if (state == FREE) begin
            line_words <= held >= 7'd16 ? 5'd16 : held[4:0];
            words_left <= held >= 7'd16 ? 5'd16 : held[4:0];
        end else begin
            if (load_beat)
                words_left <= words_left - beat_words;
            if (state == NEXT)
                address <= address + 64'd64;
        end

    always @(posedge clk)
        if (!rst_n) begin
            state <= FREE;
            m_axi_awvalid <= 1'b0;
            m_axi_wvalid <= 1'b0;
            written <= 7'd0;
            sent <= 7'd0;
            read_word <= 7'd0;
            in_flight <= 3'd0;
        end else begin
            if (start || discard && state == FREE) begin
                written <= 7'd0;
                sent <= 7'd0;
                read_word <= 7'd0;
            end else begin
                written <= written + {6'd0, s_valid};
                if (load_beat)
                    read_word <= read_word + {2'd0, beat_words};
                if (state == NEXT)
                    sent <= sent + {2'd0, line_words};
            end
            in_flight <= in_flight + {2'd0, line_done} - {2'd0, answered};
            if (m_axi_awready)
                m_axi_awvalid <= 1'b0;
            if (m_axi_wready)
                m_axi_wvalid <= 1'b0;
            if (load_beat)
                m_axi_wvalid <= 1'b1;
            case (state)
                FREE: if (line_ready && !discard && !failed && in_flight < 3'd6) state <= BOUND;
                BOUND: state <= CHECK;
                CHECK: if (in_window && !failed) begin
                    m_axi_awvalid <= 1'b1;
                    state <= SEND;
                end else begin
                    state <= FREE;
                end
                SEND: if (line_done) state <= NEXT;
                default: state <= FREE;
            endcase
        end

    // Line k starts in row 16k, that is in strip 3k + k/5: two such counters, of lines sent and of lines answered.
    reg [17:0] sent_strip;
    reg [2:0]  sent_phase;
    reg [17:0] answered_strip;
    reg [2:0]  answered_phase;
    wire       refused = state == CHECK && !in_window && !failed;

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
            if (!failed && (refused || answered && m_axi_bresp[1])) begin
                failed <= 1'b1;
                status <= answered && m_axi_bresp[1] ? `TERN_STATUS_BUS_ERROR : `TERN_STATUS_BAD_ADDRESS;
                strip <= answered && m_axi_bresp[1] ? answered_strip : sent_strip;
            end
        end

    wire unused = &{1'b0, m_axi_bid, m_axi_bresp[0], SIZE_CODE[31:3], BEAT_WORDS_32[31:5], line_beats[4], read_word};
endmodule

`default_nettype wire
