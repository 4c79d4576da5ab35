// SPDX-License-Identifier: Apache-2.0
// One input stream of the vector unit: rows of elements at any multiple of 4 become pieces of WAYS elements. `rows` times
// `parts` rows of `elements` elements begin `stride` bytes apart. Each row fills whole groups of 16 elements; `pad` takes the
// place of missing ones. With `twice` each row comes twice, with `all_twice` all rows come again after the last one.
// Requests run ahead of the pieces as far as the queue has room. Throughput is one beat of the bus a cycle. A piece is
// also there in the cycle after it was taken.
`default_nettype none

module tern_vector_load #(
    parameter LANES = 1,             // 16 bytes of the bus each; 4 * LANES is at most WAYS
    parameter WAYS = 8
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire                 stop,       // forget everything; beats that still arrive are dropped
    input  wire [63:0]          base,
    input  wire [63:0]          stride,
    input  wire [18:0]          rows,       // 1 or more, like all counts
    input  wire [18:0]          parts,
    input  wire [18:0]          elements,
    input  wire [14:0]          groups,
    input  wire                 twice,
    input  wire                 all_twice,
    input  wire [31:0]          pad,
    output wire                 request_valid,
    input  wire                 request_ready,
    output wire [63:0]          request_address,
    output wire [6:0]           request_beats,
    input  wire                 beat,
    input  wire [128*LANES-1:0] beat_data,
    output wire                 m_valid,
    input  wire                 m_ready,
    output wire [32*WAYS-1:0]   m_piece
);
    localparam WORDS = 4 * LANES;                  // of a beat
    localparam WORD_BITS = $clog2(WORDS);
    localparam BEAT_LOG2 = WORD_BITS + 2;
    localparam BEATS = WAYS / WORDS;               // of a piece
    localparam QUEUE_LOG2 = 8;
    localparam [31:0] WORDS_32 = WORDS;

    // Requests: one run of the burst generator for each row.
    localparam [1:0] IDLE = 2'd0, ASK = 2'd1, WAIT = 2'd2;
    reg  [1:0]  state;
    wire        active;
    wire        taken;

    // Both sides walk the rows, each with its own place.
    wire [63:0] ask_address;
    wire        ask_over;

    tern_vector_rows #(.ADDRESS_BITS(64)) ask_rows (
        .clk, .start, .base, .stride, .rows, .parts, .twice, .all_twice,
        .next(state == WAIT && !active),
        .address(ask_address),
        .over(ask_over)
    );

    wire [19:0] asked = {1'b0, elements} + {{(20 - WORD_BITS){1'b0}}, ask_address[BEAT_LOG2-1:2]};
    wire [19:0] ask_beats = (asked + WORDS_32[19:0] - 20'd1) >> WORD_BITS;

    always @(posedge clk)
        if (!rst_n || stop)
            state <= IDLE;
        else
            case (state)
                IDLE: if (start) state <= ASK;
                ASK: state <= WAIT;
                default: if (!active) state <= ask_over ? IDLE : ASK;
            endcase

    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_LOG2), .MAX_BURST(64), .CREDITS(1 << QUEUE_LOG2), .KEEP_CREDITS(1)) bursts (
        .clk, .rst_n, .stop,
        .start(state == ASK),
        .base({ask_address[63:BEAT_LOG2], {BEAT_LOG2{1'b0}}}),
        .segment_beats(ask_beats),
        .segments(18'd1),
        .skip_bytes(32'd0),
        .release_beat(taken),
        .m_valid(request_valid),
        .m_ready(request_ready),
        .m_address(request_address),
        .m_beats(request_beats),
        .active
    );

    wire                 queue_valid;
    wire [128*LANES-1:0] queue_data;
    wire                 pop;

    assign taken = queue_valid && pop;

    tern_fifo #(.WIDTH(128 * LANES), .DEPTH_LOG2(QUEUE_LOG2)) queue (
        .clk, .rst_n,
        .clear(stop),
        .s_valid(beat),
        .s_data(beat_data),
        .m_valid(queue_valid),
        .m_data(queue_data),
        .m_ready(pop)
    );

    // Pieces. A row that does not begin with a beat is put together from two neighbouring ones.
    wire [BEAT_LOG2-1:0] row_address;
    wire                 row_over;
    wire                 row_next;      // the row's last beat is put
    wire [16:0]          row_beats = {2'd0, groups} << (4 - WORD_BITS);
    reg                  working;
    reg                  begun;         // the row's counts hold
    reg                  unprimed;      // a beat is still to become `previous`
    reg                  needs;         // the words left reach into the next beat
    reg                  step;          // the row's first cycle: the walk goes on to the next one
    reg                  last_row;      // the row is the last one
    reg                  last_put;      // beats_left is 1
    reg  [18:0]          words_left;
    reg  [16:0]          beats_left;    // of the row's groups
    reg  [128*LANES-1:0] previous;

    tern_vector_rows #(.ADDRESS_BITS(BEAT_LOG2)) piece_rows (
        .clk, .start,
        .base(base[BEAT_LOG2-1:0]),
        .stride(stride[BEAT_LOG2-1:0]),
        .rows, .parts, .twice, .all_twice,
        .next(step),
        .address(row_address),
        .over(row_over)
    );

    wire [WORD_BITS-1:0] next_offset = row_address[BEAT_LOG2-1:2];
    wire                 aligned = next_offset == 0;
    wire [WORD_BITS:0]   in_previous = WORDS_32[WORD_BITS:0] - {1'b0, next_offset};
    wire                 prime = begun && unprimed;
    // Words from which on a beat more is needed: aligned ones have no previous beat.
    wire [WORD_BITS:0]   reach = aligned ? 0 : in_previous;
    reg  [WORD_BITS+1:0] next_reach;    // a beat later
    reg  [WORD_BITS-1:0] first_word;    // words of `previous` that are behind: offset - 1
    reg  [WORDS-1:0]     padded;        // words of the beat that lie behind the row
    reg  [WORDS-1:0]     all_padded;    // of a row's first beat
    wire [31:0]          left_32 = {13'd0, words_left};
    wire                 room;
    wire                 put = begun && !prime && room && (!needs || queue_valid);
    wire [128*LANES-1:0] moved;
    reg  [128*LANES-1:0] filled;
    integer              word;

    tern_vector_window #(.WORDS(WORDS)) window (
        .earlier(previous),
        .later(queue_data),
        .first(first_word),
        .words(moved)
    );

    assign pop = prime || (put && needs);
    assign row_next = put && last_put;

    always @* begin
        filled = moved;
        for (word = 0; word < WORDS; word = word + 1)
            if (padded[word])
                filled[32*word +: 32] = pad;
    end

    always @(posedge clk)
        if (!rst_n || stop) begin
            working <= 1'b0;
            begun <= 1'b0;
            step <= 1'b0;
        end else begin
            if (start)
                working <= 1'b1;
            else if (row_next && last_row)
                working <= 1'b0;
            begun <= begun ? !row_next : working;
            step <= !begun && working;
        end

    always @(posedge clk)
        for (word = 0; word < WORDS; word = word + 1)
            all_padded[word] <= elements <= word[18:0];

    always @(posedge clk)
        if (!begun) begin
            words_left <= elements;
            beats_left <= row_beats;
            last_put <= row_beats == 17'd1;
            unprimed <= !aligned;
            needs <= elements > {{(18 - WORD_BITS){1'b0}}, reach};
            next_reach <= {1'b0, reach} + WORDS_32[WORD_BITS+1:0];
            first_word <= next_offset - 1'b1;
            last_row <= row_over;
            for (word = 0; word < WORDS; word = word + 1)
                padded[word] <= all_padded[word];
        end else begin
            if (queue_valid)
                unprimed <= 1'b0;
            if (pop && queue_valid)
                previous <= queue_data;
            if (put) begin
                needs <= left_32 > {{(30 - WORD_BITS){1'b0}}, next_reach};
                words_left <= left_32 > WORDS_32 ? words_left - WORDS_32[18:0] : 19'd0;
                beats_left <= beats_left - 17'd1;
                last_put <= beats_left == 17'd2;
                for (word = 0; word < WORDS; word = word + 1)
                    padded[word] <= left_32 <= WORDS_32 + word;
            end
        end

    generate
        if (BEATS == 1) begin : whole
            // Two pieces, so whether there is room does not depend on m_ready, which comes late.
            reg                 valid;
            reg                 next_valid;
            reg [32*WAYS-1:0]   piece;
            reg [32*WAYS-1:0]   next_piece;
            reg [32*WAYS-1:0]   out;
            wire                moves = !valid || m_ready;

            assign room = !next_valid;
            assign m_valid = valid;
            assign m_piece = out;

            always @(posedge clk)
                if (!rst_n || stop) begin
                    valid <= 1'b0;
                    next_valid <= 1'b0;
                end else begin
                    valid <= !moves || next_valid || put;
                    next_valid <= !moves && (next_valid || put);
                end

            always @(posedge clk) begin
                out <= piece;
                if (moves)
                    piece <= next_valid ? next_piece : filled;
                if (!next_valid)
                    next_piece <= filled;
            end
        end else begin : gather
            // A piece takes two beats or more. So it may leave for the output only when that is empty: whether there is
            // room does not depend on m_ready, which comes late.
            reg [2:0]                         count;
            reg                               full;
            reg                               valid;
            reg [32*WAYS-1:0]                 piece;
            reg [32*WAYS-1:0]                 out;
            integer                           slot;
            localparam [31:0] LAST = BEATS - 1;
            wire                              leaves = full && !valid;

            assign room = !full || leaves;
            assign m_valid = valid;
            assign m_piece = out;

            always @(posedge clk)
                if (!rst_n || stop) begin
                    count <= 3'd0;
                    full <= 1'b0;
                    valid <= 1'b0;
                end else begin
                    if (put)
                        count <= count == LAST[2:0] ? 3'd0 : count + 3'd1;
                    full <= put ? count == LAST[2:0] : full && !leaves;
                    valid <= leaves || (valid && !m_ready);
                end

            always @(posedge clk) begin
                // A beat that is not there yet is written too, and again when it is: so this knows nothing of the queue.
                if (room)
                    for (slot = 0; slot < BEATS; slot = slot + 1)
                        if (count == slot[2:0])
                            piece[128*LANES*slot +: 128*LANES] <= filled;
                if (leaves)
                    out <= piece;
            end
        end
    endgenerate

    wire unused = &{1'b0, WORDS_32[31:20], row_address[1:0], ask_address[1:0]};
endmodule

`default_nettype wire
