// SPDX-License-Identifier: Apache-2.0
// Output of the vector unit: jobs, one after the other, each a range of device memory.
//   PIECES  a part of a row as elements, from `base + part * stride`. When `narrow`, a row as mantissas; in an image they
//           follow the header.
//   SIDE    the shifts of the row's groups: behind the mantissas of an image, else from `side + row * stride`
//   HEADER  of an image
//   TOTAL   a word of the row, at `side + 4 * row`
// Words have the first kind alone, records the first two, images all but TOTAL, which goes with `totals`. Jobs behind
// the mantissas wait for `row_end`; the next row's results wait for the end of `row_pending`. A burst is asked for when all its beats are here. Words may begin at any multiple of
// 4, bytes anywhere.
`default_nettype none

`include "tern_spec.vh"

module tern_vector_store #(
    parameter LANES = 1,
    parameter WAYS = 8
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire                 stop,          // begin no further burst
    input  wire                 clear,         // forget what is held, after a stop
    input  wire [63:0]          window_base,
    input  wire [64:0]          window_end,
    input  wire                 narrow,        // mantissas, not elements
    input  wire                 image,         // with header
    input  wire                 totals,
    input  wire [63:0]          base,
    input  wire [63:0]          stride,
    input  wire [63:0]          side,
    input  wire [18:0]          elements,         // of a part of elements; of an image its columns
    input  wire [14:0]          groups,        // of a job
    input  wire [14:0]          image_groups,  // of an image: those behind `groups` are zero
    input  wire                 shift_valid,
    input  wire [4:0]           shift,
    input  wire                 row_end,       // pulse: the row's last results are promised, its exponent is known
    input  wire signed [9:0]    row_base,
    input  wire [31:0]          total,         // must hold until the row is on its way
    output reg                  row_pending,   // since row_end: not all of the row is on its way
    output wire                 room,          // for one piece more
    input  wire                 reserve,
    input  wire                 s_valid,
    input  wire [32*WAYS-1:0]   s_piece,
    output wire                 idle,          // nothing held, nothing in flight
    output wire                 quiet,         // nothing in flight
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
    localparam WORDS = 4 * LANES;                  // of a beat
    localparam WORD_BITS = $clog2(WORDS);
    localparam BYTES = 16 * LANES;
    localparam BEAT_LOG2 = WORD_BITS + 2;
    localparam QUEUE_LOG2 = 7;
    localparam [31:0] WORDS_32 = WORDS;
    localparam [31:0] BYTES_32 = BYTES;
    localparam [31:0] HEADER_32 = `TERN_ACTIVATION_HEADER_BYTES;
    localparam [1:0] PIECES = 2'd0, SIDE = 2'd1, HEADER = 2'd2, TOTAL = 2'd3;
    localparam [2:0] IDLE = 3'd0, BEGIN = 3'd1, PUSH = 3'd2, FLUSH = 3'd3, END = 3'd4;

    reg  [2:0]  state;
    reg  [1:0]  job;
    reg         working;
    reg  [1:0]  ended;            // END lasts three cycles or more: a job's range is known two cycles after its kind
    reg         row_over;         // the job that ended was the row's last
    reg  [63:0] row_address;
    reg  [63:0] side_address;
    reg  [63:0] address;          // of the job
    reg  [19:0] left;             // elements or bytes to its end, from the beginning of its next beat
    reg  [16:0] slots_left;       // beats of the job's pieces; the last may lie behind its end
    reg  [7:0]  beat;             // of SIDE, HEADER
    reg         first;

    wire        active;           // bursts are still to be asked for
    reg         is_pieces;
    reg         is_side;
    wire        last_job = job == (!narrow ? PIECES : !image ? SIDE : totals ? TOTAL : HEADER);
    wire        next_job = state == END && !ended[0];
    wire        end_of_job = ended[1] && !active;
    wire        row_done = end_of_job && row_over && narrow;
    reg  signed [9:0] header_base;

    always @(posedge clk) begin
        row_pending <= rst_n && !clear && !start && (row_end || (row_pending && !row_done));
        if (row_end)
            header_base <= row_base;
    end

    // The range of a job: where it begins, in two steps, and its length.
    wire [63:0] next_side = side_address + (totals ? 64'd4 : stride);
    wire [19:0] image_shifts = {5'd0, image_groups[14:6] + {8'd0, |image_groups[5:0]}, 6'd0}; // they fill units of 64 bytes
    reg  [63:0] from;
    reg  [19:0] skipped_bytes;
    reg  [19:0] job_length;
    wire [63:0] job_address = from + {44'd0, skipped_bytes};

    always @(posedge clk) begin
        from <= job == TOTAL || (is_side && !image) ? side_address : row_address;
        skipped_bytes <= !image || job[1] ? 20'd0 : HEADER_32[19:0] + (is_side ? {image_groups, 5'd0} : 20'd0);
        case (job)
            PIECES: job_length <= image ? {2'd0, image_groups, 3'd0} : narrow ? {2'd0, groups, 3'd0} : {1'b0, elements};
            SIDE: job_length <= image ? image_shifts : {5'd0, groups};
            HEADER: job_length <= HEADER_32[21:2];
            default: job_length <= 20'd1;
        endcase
    end

    wire [WORD_BITS-1:0] offset = address[BEAT_LOG2-1:2];
    wire [BEAT_LOG2-1:0] byte_offset = address[BEAT_LOG2-1:0];
    wire [19:0] unit = is_side ? BYTES_32[19:0] : WORDS_32[19:0];
    wire        whole = is_side ? |left[19:BEAT_LOG2] : |left[19:WORD_BITS];    // left >= unit
    wire        over = !whole || left == unit;
    wire [19:0] after = whole ? left - unit : 20'd0;
    wire [19:0] beats = (left + unit - 20'd1) >> (is_side ? BEAT_LOG2 : WORD_BITS);
    wire [16:0] entry_slots = {groups[14:0], 2'b00} >> (WORD_BITS - 2);     // of elements
    wire [16:0] narrow_groups = {2'd0, groups} + {16'd0, WAYS == 16};
    wire [16:0] narrow_slots = WAYS == 16 ? {1'b0, narrow_groups[16:1]} << (4 - WORD_BITS)
                                          : {1'b0, groups, 1'b0} >> (WORD_BITS - 2);

    // Beats of the pieces, moved to the elements of the bus.
    wire                 piece_valid;
    wire                 piece_ready;
    wire [128*LANES-1:0] piece_beat;
    wire                 pieces_idle;
    reg                  queue_room;
    wire                 move = piece_valid && piece_ready;
    reg  [128*LANES-1:0] previous;
    wire [128*LANES-1:0] turned;

    tern_vector_window #(.WORDS(WORDS)) window (
        .earlier(previous),
        .later(piece_beat),
        .first(~offset),
        .words(turned)
    );

    assign piece_ready = state == PUSH && is_pieces && queue_room;

    tern_vector_pieces #(.LANES(LANES), .WAYS(WAYS)) pieces (
        .clk, .rst_n, .clear, .start, .narrow, .groups, .room, .reserve, .s_valid, .s_piece,
        .idle(pieces_idle),
        .m_valid(piece_valid),
        .m_ready(piece_ready),
        .m_beat(piece_beat)
    );

    // Shifts.
    wire [128*LANES-1:0] side_beat;
    wire                 read_on = state == PUSH && is_side && (beat == 8'd0 || queue_room);

    tern_vector_side #(.LANES(LANES)) shifts (
        .clk,
        .start(start || row_done),
        .offset(image ? {BEAT_LOG2{1'b0}} : start ? side[BEAT_LOG2-1:0] : side_address[BEAT_LOG2-1:0]),
        .shift_valid, .shift, .read_on,
        .read_beat(beat),
        .read_data(side_beat)
    );

    // What is pushed.
    wire [2047:0] header = {1920'd0, `TERN_ACTIVATION_MAGIC, {13'd0, elements}, {17'd0, image_groups}, {{22{header_base[9]}}, header_base}};
    wire push_pieces = move && left != 20'd0;
    wire push_side = state == PUSH && is_side && beat != 8'd0 && queue_room;
    wire push_other = state == PUSH && job[1] && queue_room;
    wire push = push_pieces || push_side || push_other || (state == FLUSH && queue_room);
    reg  [128*LANES-1:0] push_data;
    reg  [16*LANES-1:0]  push_strobe;
    reg                  pushed;        // a cycle later, into the queue
    reg  [144*LANES-1:0] pushed_beat;
    integer              i;

    // `left` in bytes, as far as it matters in a beat.
    wire [BEAT_LOG2-1:0] left_in_beat = is_side ? left[BEAT_LOG2-1:0] : {left[WORD_BITS-1:0], 2'b00};
    wire [BEAT_LOG2-1:0] skipped = !first ? 0 : is_side ? byte_offset : {offset, 2'b00};

    always @* begin
        push_data = ({128*LANES{is_pieces && !(image && state == FLUSH)}} & turned) | ({128*LANES{is_side}} & side_beat);
        if (job == HEADER)
            push_data = push_data | header[128*LANES*beat[1:0] +: 128*LANES];
        if (job == TOTAL)
            push_data = push_data | {WORDS{total}};
        for (i = 0; i < BYTES; i = i + 1)
            push_strobe[i] = (whole || i[BEAT_LOG2-1:0] < left_in_beat) && i[BEAT_LOG2-1:0] >= skipped;
    end

    always @(posedge clk)
        if (!rst_n || clear) begin
            state <= IDLE;
            working <= 1'b0;
            ended <= 2'b00;
        end else begin
            if (start)
                working <= 1'b1;
            ended <= {ended[0], 1'b1} & {2{state == END && !end_of_job}};
            case (state)
                IDLE: if (working && (is_pieces ? piece_valid : row_pending)) state <= BEGIN;
                BEGIN: state <= PUSH;
                PUSH:
                    if (is_pieces) begin
                        if (move && slots_left == 17'd1)
                            state <= left != 20'd0 && !over ? FLUSH : END;
                    end else if (push && over) begin
                        state <= END;
                    end
                FLUSH: if (queue_room && over) state <= END;
                default: if (end_of_job) state <= IDLE;
            endcase
        end

    always @(posedge clk) begin
        if (start) begin
            row_address <= base;
            side_address <= side;
            job <= PIECES;
            is_pieces <= 1'b1;
            is_side <= 1'b0;
        end else if (next_job) begin
            job <= last_job ? PIECES : job + 2'd1;
            is_pieces <= last_job;
            is_side <= !last_job && is_pieces;
            row_over <= last_job;
            if (last_job) begin
                row_address <= row_address + stride;
                side_address <= next_side;
            end
        end
        if (state == IDLE) begin
            address <= job_address;
            left <= job_length + (is_side ? {{(20 - BEAT_LOG2){1'b0}}, job_address[BEAT_LOG2-1:0]}
                                : {{(20 - WORD_BITS){1'b0}}, job_address[BEAT_LOG2-1:2]});
            slots_left <= narrow ? narrow_slots : entry_slots;
            beat <= 8'd0;
            first <= 1'b1;
        end else begin
            if (push) begin
                left <= after;
                first <= 1'b0;
            end
            if (move) begin
                previous <= piece_beat;
                slots_left <= slots_left - 17'd1;
            end
            if (read_on || push_other)
                beat <= beat + 8'd1;
        end
    end

    // Bursts. A beat that is pushed is credit for a request.
    wire        request_valid;
    wire        request_ready;
    wire [63:0] request_address;
    wire [6:0]  request_beats;

    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_LOG2), .MAX_BURST(64), .CREDITS(0)) bursts (
        .clk, .rst_n, .stop,
        .start(state == BEGIN),
        .base({address[63:BEAT_LOG2], {BEAT_LOG2{1'b0}}}),
        .segment_beats(beats),
        .segments(18'd1),
        .skip_bytes(32'd0),
        .release_beat(push),
        .m_valid(request_valid),
        .m_ready(request_ready),
        .m_address(request_address),
        .m_beats(request_beats),
        .active
    );

    wire                 queue_valid;
    wire                 queue_ready;
    wire [144*LANES-1:0] queue_data;
    reg  [QUEUE_LOG2:0]  queued;
    wire                 sent = queue_valid && queue_ready;
    wire                 refused;
    wire                 answered;
    wire                 error;

    // Late by a cycle, and what was pushed too: the last entries stay free.
    always @(posedge clk) begin
        queue_room <= !queued[QUEUE_LOG2] && !(&queued[QUEUE_LOG2-1:2]);
        pushed <= rst_n && !clear && push;
        pushed_beat <= {push_strobe, push_data};
        queued <= !rst_n || clear ? 0 : queued + {{QUEUE_LOG2{1'b0}}, push} - {{QUEUE_LOG2{1'b0}}, sent};
    end

    tern_fifo #(.WIDTH(144 * LANES), .DEPTH_LOG2(QUEUE_LOG2)) queue (
        .clk, .rst_n, .clear,
        .s_valid(pushed),
        .s_data(pushed_beat),
        .m_valid(queue_valid),
        .m_data(queue_data),
        .m_ready(queue_ready)
    );

    tern_memory_writer #(.DATA_BITS(128 * LANES), .IN_FLIGHT_LOG2(4)) writer (
        .clk, .rst_n, .stop, .window_base, .window_end,
        .s_valid(request_valid),
        .s_ready(request_ready),
        .s_address(request_address),
        .s_beats(request_beats),
        .s_data_valid(queue_valid),
        .s_data_ready(queue_ready),
        .s_data(queue_data[128*LANES-1:0]),
        .s_strobe(queue_data[144*LANES-1:128*LANES]),
        .refused, .answered, .error,
        .idle(quiet),
        .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats, .m_data_valid, .m_data_ready, .m_data,
        .m_strobe, .m_done_valid, .m_done_error
    );

    assign idle = state == IDLE && is_pieces && pieces_idle && queued == 0 && quiet;

    always @(posedge clk)
        if (!rst_n || start) begin
            failed <= 1'b0;
        end else if ((refused || (answered && error)) && !failed) begin
            failed <= 1'b1;
            status <= refused ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_BUS_ERROR;
        end

    wire unused = &{1'b0, BYTES_32[31:20], WORDS_32[31:20], image_shifts, narrow_groups[0], HEADER_32[31:22]};
endmodule

`default_nettype wire
