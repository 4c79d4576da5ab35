// SPDX-License-Identifier: Apache-2.0
// Write half of the DMA engine: beats of scratch memory become bursts of at most 64 beats that cross no 4 KiB line.
// Strobes mask words outside the copy. `stop` begins no further burst. Bursts that memory has taken still get their
// data. `busy` falls with the last answer. Throughput is one beat a cycle.
`default_nettype none

module tern_dma_writer #(
    parameter LANES = 1,
    parameter CHUNK_BITS = 12,      // of the index of 16 bytes in scratch memory
    parameter BEAT_BITS = 12        // of the index of a beat there
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  start,
    input  wire                  stop,
    input  wire [63:0]           first_beat,  // device address
    input  wire [CHUNK_BITS-1:0] first_chunk, // its place in scratch memory
    input  wire [BEAT_BITS:0]    beats,       // 1 or more
    input  wire [4*LANES-1:0]    first_words, // words of the first beat that belong to the copy
    input  wire [4*LANES-1:0]    last_words,
    output wire                  busy,
    output reg                   failed,
    output wire                  beat_sent,
    output wire                  m_fetch,     // scratch memory: data the cycle after, held until the next
    output reg  [CHUNK_BITS-1:0] m_fetch_chunk,
    input  wire [128*LANES-1:0]  m_fetch_data,
    output wire                  m_write_valid,
    input  wire                  m_write_ready,
    output wire [63:0]           m_write_address,
    output wire [6:0]            m_write_beats,
    output wire                  m_data_valid,
    input  wire                  m_data_ready,
    output wire [128*LANES-1:0]  m_data,
    output wire [16*LANES-1:0]   m_strobe,
    input  wire                  m_done_valid,
    input  wire                  m_done_error
);
    localparam [4*LANES-1:0] ALL_WORDS = {(4 * LANES){1'b1}};
    localparam [31:0] CHUNKS = LANES;
    localparam IN_FLIGHT_LOG2 = BEAT_BITS - 4;  // scratch memory is at most so many bursts, and one at each end

    wire        request_valid;
    wire        request_ready;
    wire [63:0] request_address;
    wire [6:0]  request_beats;
    wire        requests_active;
    wire        writer_idle;
    wire        data_ready;
    wire        refused;
    wire        answered;
    wire        error;

    tern_burst_generator #(.BEAT_BYTES_LOG2($clog2(16 * LANES)), .MAX_BURST(64), .CREDITS(256)) requests (
        .clk, .rst_n, .start, .stop,
        .base(first_beat),
        .segment_beats({{(19 - BEAT_BITS){1'b0}}, beats}),
        .segments(18'd1),
        .skip_bytes(32'd0),
        .release_beat(beat_sent),
        .m_valid(request_valid),
        .m_ready(request_ready),
        .m_address(request_address),
        .m_beats(request_beats),
        .active(requests_active)
    );

    // Data: fetched ahead of the request, through the RAM's output and a register.
    reg                 fetched;
    reg                 loaded;
    reg [128*LANES-1:0] data;
    reg [BEAT_BITS:0]   to_fetch;
    reg [BEAT_BITS:0]   left;           // beats of the copy not sent
    reg                 is_first;

    wire                move = fetched & (~loaded | beat_sent);
    wire [4*LANES-1:0]  words = (is_first ? first_words : ALL_WORDS) & (left == 1 ? last_words : ALL_WORDS);
    wire [16*LANES-1:0] strobe;

    genvar word;
    generate
        for (word = 0; word < 4 * LANES; word = word + 1) begin : word_of
            assign strobe[4*word +: 4] = {4{words[word]}};
        end
    endgenerate

    assign m_fetch = busy & to_fetch != 0 & (~fetched | move);
    assign beat_sent = loaded & data_ready;

    always @(posedge clk) begin
        if (move)
            data <= m_fetch_data;
        if (start) begin
            m_fetch_chunk <= first_chunk;
            to_fetch <= beats;
            left <= beats;
            is_first <= 1'b1;
        end else begin
            if (m_fetch) begin
                m_fetch_chunk <= m_fetch_chunk + CHUNKS[CHUNK_BITS-1:0];
                to_fetch <= to_fetch - 1'b1;
            end
            if (beat_sent) begin
                left <= left - 1'b1;
                is_first <= 1'b0;
            end
        end
    end

    always @(posedge clk)
        if (!rst_n || start) begin
            fetched <= 1'b0;
            loaded <= 1'b0;
        end else begin
            fetched <= m_fetch | (fetched & ~move);
            loaded <= move | (loaded & ~beat_sent);
        end

    // The copy as a whole was checked against the window.
    tern_memory_writer #(.DATA_BITS(128 * LANES), .IN_FLIGHT_LOG2(IN_FLIGHT_LOG2), .CHECK_WINDOW(0)) writer (
        .clk, .rst_n, .stop,
        .window_base(64'd0),
        .window_end(65'd0),
        .s_valid(request_valid),
        .s_ready(request_ready),
        .s_address(request_address),
        .s_beats(request_beats),
        .s_data_valid(loaded),
        .s_data_ready(data_ready),
        .s_data(data),
        .s_strobe(strobe),
        .refused, .answered, .error,
        .idle(writer_idle),
        .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats, .m_data_valid, .m_data_ready, .m_data,
        .m_strobe, .m_done_valid, .m_done_error
    );

    assign busy = requests_active || request_valid || !writer_idle;

    always @(posedge clk)
        failed <= rst_n && ((failed && !start) || (answered && error));

    wire unused = refused;
endmodule

`default_nettype wire
