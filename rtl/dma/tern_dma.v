// SPDX-License-Identifier: Apache-2.0
// DMA engine between device memory and scratch memory (spec/tern.toml, block DMA). The core reaches device memory only
// through it. A copy has any word-aligned address and length. Device address and scratch offset agree modulo 16, so
// words are only masked. On a bus of several lanes, whole chunks of 16 bytes are rotated. Every copy is checked against
// the window before its first beat. Throughput is one beat a cycle. A copy is done when its last beat is in scratch
// memory, or when memory has answered its last write.
// Model: tern_dma_unit_step() of cmodel/device/dma.c.
`default_nettype none

`include "tern_spec.vh"

module tern_dma #(
    parameter LANES = 1,             // 16 bytes of the bus each: 1, 2 or 4
    parameter SCRATCH_LOG2 = 15
) (
    input  wire                    clk,
    input  wire                    rst_n,
    input  wire [63:0]             window_base,
    input  wire [63:0]             window_bytes,
    output wire                    idle,
    input  wire                    access,
    input  wire                    write,
    input  wire [11:0]             address,
    input  wire [31:0]             write_data,
    output wire [31:0]             read_data,
    output wire                    ready,
    output wire                    scratch_enable,
    output wire [SCRATCH_LOG2-5:0] scratch_chunk, // of the beat's lowest 16 bytes; the first may lie below 0
    output wire [16*LANES-1:0]     scratch_strobe,
    output wire [128*LANES-1:0]    scratch_write,
    input  wire [128*LANES-1:0]    scratch_read,
    output wire                    m_read_valid,
    input  wire                    m_read_ready,
    output wire [63:0]             m_read_address,
    output wire [6:0]              m_read_beats,
    input  wire                    m_answer_valid,
    input  wire [128*LANES-1:0]    m_answer_data,
    input  wire                    m_answer_last,
    input  wire                    m_answer_error,
    output wire                    m_write_valid,
    input  wire                    m_write_ready,
    output wire [63:0]             m_write_address,
    output wire [6:0]              m_write_beats,
    output wire                    m_data_valid,
    input  wire                    m_data_ready,
    output wire [128*LANES-1:0]    m_data,
    output wire [16*LANES-1:0]     m_strobe,
    input  wire                    m_done_valid,
    input  wire                    m_done_error
);
    localparam BEAT_LOG2 = $clog2(16 * LANES);     // bytes of a beat
    localparam CHUNK_BITS = SCRATCH_LOG2 - 4;
    localparam BEAT_BITS = SCRATCH_LOG2 - BEAT_LOG2;
    localparam WORDS = 4 * LANES;                  // of a beat
    localparam WORD_BITS = BEAT_LOG2 - 2;
    localparam [2:0] IDLE = 3'd0, BOUND = 3'd1, CHECK = 3'd2, READ = 3'd3, WRITE = 3'd4, JUDGE = 3'd5, START = 3'd6;
    localparam [WORDS-1:0] ALL_WORDS = {WORDS{1'b1}};
    localparam [31:0] CHUNKS = LANES;
    localparam [32:0] SCRATCH_BYTES = 33'd1 << SCRATCH_LOG2;

    generate
        if (`TERN_BEAT_BYTES != 16) begin : wrong_beat_bytes
            tern_rule_beat_bytes_is_16 rule ();
        end
    endgenerate

    reg [2:0] state;
    reg       aborted;
    reg       bus_error;
    reg [7:0] status;

    wire        start;
    wire        abort;
    wire        to_device;
    wire [63:0] device_address;
    wire [31:0] local_offset;
    wire [31:0] bytes;
    wire [63:0] copy_window_base;
    wire [64:0] copy_window_end;
    wire        busy = state != IDLE;
    wire        arrived;
    wire        beat_sent;

    assign idle = !busy;

    tern_dma_registers registers (
        .clk, .rst_n, .access, .write, .address, .write_data, .read_data, .ready, .window_base, .window_bytes,
        .start, .abort,
        .copy_to_device(to_device),
        .copy_address(device_address),
        .copy_local(local_offset),
        .copy_bytes(bytes),
        .copy_window_base, .copy_window_end, .busy, .status,
        .beat_moved(arrived | beat_sent)
    );

    // Checks, over three cycles.
    reg [64:0] copy_end;
    reg [32:0] local_end;
    reg        bad_length;
    reg        bad_address;
    wire       length_is_bad = bytes == 32'd0 || bytes[1:0] != 2'd0 || local_end > SCRATCH_BYTES;
    wire       address_is_bad = device_address[1:0] != 2'd0 || device_address[3:0] != local_offset[3:0] ||
                                device_address < copy_window_base || copy_end > copy_window_end;
    wire       start_read = state == START && !to_device;
    wire       start_write = state == START && to_device;

    always @(posedge clk) begin
        copy_end <= {1'b0, device_address} + {33'd0, bytes};
        local_end <= {1'b0, local_offset} + {1'b0, bytes};
        bad_length <= length_is_bad;
        bad_address <= address_is_bad;
    end

    // The copy in beats and words.
    wire [SCRATCH_LOG2:0] span = {{(SCRATCH_LOG2 - BEAT_LOG2 + 1){1'b0}}, device_address[BEAT_LOG2-1:0]}
                               + bytes[SCRATCH_LOG2:0] + {{(SCRATCH_LOG2 - BEAT_LOG2 + 1){1'b0}}, {BEAT_LOG2{1'b1}}};
    wire [BEAT_BITS:0]    beats = span[SCRATCH_LOG2:BEAT_LOG2];
    wire [WORD_BITS-1:0]  last_word = device_address[BEAT_LOG2-1:2] + bytes[BEAT_LOG2-1:2] - 1'b1;
    wire [WORDS-1:0]      first_words = ALL_WORDS << device_address[BEAT_LOG2-1:2];
    wire [WORDS-1:0]      last_words = ALL_WORDS >> ~last_word;
    wire [63:0]           first_beat = {device_address[63:BEAT_LOG2], {BEAT_LOG2{1'b0}}};
    wire [63:0]           chunks_before = (device_address - first_beat) >> 4;
    wire [CHUNK_BITS-1:0] first_chunk = local_offset[SCRATCH_LOG2-1:4] - chunks_before[CHUNK_BITS-1:0];

    wire         request_valid;
    wire         request_ready;
    wire [63:0]  request_address;
    wire [6:0]   request_beats;
    wire         requests_active;
    wire         reads_idle;
    wire [128*LANES-1:0] arrived_data;
    wire         arrived_error;
    wire         arrived_refused;
    wire [1:0]   arrived_destination;
    wire         stop = aborted & state == READ;

    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_LOG2), .MAX_BURST(64), .CREDITS(256)) requests (
        .clk, .rst_n,
        .start(start_read),
        .stop,
        .base(first_beat),
        .segment_beats({{(19 - BEAT_BITS){1'b0}}, beats}),
        .segments(18'd1),
        .skip_bytes(32'd0),
        .release_beat(arrived),
        .m_valid(request_valid),
        .m_ready(request_ready),
        .m_address(request_address),
        .m_beats(request_beats),
        .active(requests_active)
    );

    tern_memory_reader #(.DATA_BITS(128 * LANES), .OUTSTANDING_LOG2(4), .CHECK_WINDOW(0)) reader (
        .clk, .rst_n, .stop,
        .window_base(64'd0),
        .window_end(65'd0),
        .s_valid(request_valid),
        .s_ready(request_ready),
        .s_address(request_address),
        .s_beats(request_beats),
        .s_destination(2'd0),
        .idle(reads_idle),
        .m_valid(arrived),
        .m_data(arrived_data),
        .m_error(arrived_error),
        .m_refused(arrived_refused),
        .m_destination(arrived_destination),
        .m_read_valid, .m_read_ready, .m_read_address, .m_read_beats, .m_answer_valid, .m_answer_data,
        .m_answer_last, .m_answer_error
    );

    // Arriving beats into scratch memory.
    reg [CHUNK_BITS-1:0] read_chunk;
    reg [BEAT_BITS:0]   read_left;
    reg                 read_first;
    wire [WORDS-1:0]    read_words = (read_first ? first_words : ALL_WORDS) & (read_left == 1 ? last_words : ALL_WORDS)
                                   & {WORDS{arrived & ~arrived_error}};

    always @(posedge clk)
        if (start_read) begin
            read_chunk <= first_chunk;
            read_left <= beats;
            read_first <= 1'b1;
        end else if (arrived) begin
            read_chunk <= read_chunk + CHUNKS[CHUNK_BITS-1:0];
            read_left <= read_left - 1'b1;
            read_first <= 1'b0;
        end

    wire                 writer_busy;
    wire                 write_failed;
    wire                 fetch;
    wire [CHUNK_BITS-1:0] fetch_chunk;

    tern_dma_writer #(.LANES(LANES), .CHUNK_BITS(CHUNK_BITS), .BEAT_BITS(BEAT_BITS)) writer (
        .clk, .rst_n,
        .start(start_write),
        .stop(aborted),
        .first_beat, .first_chunk, .beats, .first_words, .last_words,
        .busy(writer_busy),
        .failed(write_failed),
        .beat_sent,
        .m_fetch(fetch),
        .m_fetch_chunk(fetch_chunk),
        .m_fetch_data(scratch_read),
        .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats, .m_data_valid, .m_data_ready, .m_data,
        .m_strobe, .m_done_valid, .m_done_error
    );

    assign scratch_enable = arrived | fetch;
    assign scratch_chunk = arrived ? read_chunk : fetch_chunk;
    assign scratch_write = arrived_data;

    genvar word;
    generate
        for (word = 0; word < WORDS; word = word + 1) begin : word_of
            assign scratch_strobe[4*word +: 4] = {4{read_words[word]}};
        end
    endgenerate

    always @(posedge clk)
        if (!rst_n) begin
            state <= IDLE;
            status <= `TERN_STATUS_OK;
            aborted <= 1'b0;
        end else begin
            aborted <= busy & (aborted | abort);
            case (state)
                IDLE: if (start) begin
                    state <= BOUND;
                    status <= `TERN_STATUS_OK;
                end
                BOUND: state <= JUDGE;
                JUDGE: state <= CHECK;
                CHECK: if (!bad_length && !bad_address && !aborted) begin
                    state <= START;
                end else begin
                    state <= IDLE;
                    status <= bad_length ? `TERN_STATUS_BAD_LENGTH
                            : bad_address ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_TIMEOUT;
                end
                START: state <= to_device ? WRITE : READ;
                READ: if ((read_left == 0 || aborted && !requests_active) && reads_idle) begin
                    state <= IDLE;
                    status <= aborted ? `TERN_STATUS_TIMEOUT : bus_error ? `TERN_STATUS_BUS_ERROR : `TERN_STATUS_OK;
                end
                default: if (!writer_busy) begin
                    state <= IDLE;
                    status <= aborted ? `TERN_STATUS_TIMEOUT
                            : write_failed ? `TERN_STATUS_BUS_ERROR : `TERN_STATUS_OK;
                end
            endcase
        end

    always @(posedge clk)
        bus_error <= state == READ && (bus_error | (arrived & arrived_error));

    wire unused = &{1'b0, arrived_destination, arrived_refused, span[BEAT_LOG2-1:0], chunks_before};
endmodule

`default_nettype wire
