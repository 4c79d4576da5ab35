// SPDX-License-Identifier: Apache-2.0
// Asks for the stream of a run: one run of bursts after the other, in the order of memory. Beats wait in a queue, from
// which tern_attention_sequencer takes items of 16 or 32 bytes. Requests go on while items are worked on, up to the
// queue's room. So a change from images to records, or from head to head, costs the few cycles of a request.
`default_nettype none

`include "tern_spec.vh"

module tern_attention_reads #(
    parameter LANES = 1,
    parameter CHUNKS = 1,                     // of 16 bytes in an item: 1 or 2
    parameter QUEUE_LOG2 = 9
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  start,
    input  wire                  stop,
    input  wire [63:0]           window_base,
    input  wire [64:0]           window_end,
    input  wire                  values,
    input  wire [8:0]            kv_heads,
    input  wire [3:0]            vectors,
    input  wire [63:6]           images,
    input  wire [63:6]           image_stride,
    input  wire [63:6]           cache,
    input  wire [63:6]           head_stride,
    input  wire [11:0]           image_groups,
    input  wire [11:0]           records,
    input  wire [4:0]            exponent_chunks, // of a record
    input  wire [9:0]            record_chunks,   // its mantissas
    input  wire [9:0]            last_chunks,     // those of a head's last record that are read
    output wire                  requested,       // a burst is asked for
    output wire                  idle,
    output wire                  ready,           // ports of tern_attention_queue
    input  wire                  step,
    input  wire                  ghost,
    input  wire                  unit,
    input  wire                  pair_last,
    input  wire                  portion_last,
    input  wire                  head_last,
    input  wire [5:0]            unit_items,
    input  wire [6:0]            next_items,
    output wire [128*CHUNKS-1:0] m_item_1,
    output wire [1:0]            m_fault_1,       // bit 0 bus error, bit 1 outside the window
    output wire                  beat_taken,
    output wire                  m_read_valid,
    input  wire                  m_read_ready,
    output wire [63:0]           m_read_address,
    output wire [6:0]            m_read_beats,
    input  wire                  m_answer_valid,
    input  wire [128*LANES-1:0]  m_answer_data,
    input  wire                  m_answer_last,
    input  wire                  m_answer_error
);
    localparam BEAT_BYTES_LOG2 = $clog2(16 * LANES);
    localparam LANES_LOG2 = BEAT_BYTES_LOG2 - 4;
    localparam [31:0] LAST_LANE = LANES - 1;
    localparam [3:0] IDLE = 4'd0, FIRST_IMAGE = 4'd1, MANTISSAS = 4'd2, SHIFTS = 4'd3, NEXT_IMAGE = 4'd4, RECORDS = 4'd5,
                     LAST = 4'd6, NEXT_PART = 4'd7, NEXT_HEAD = 4'd8;
    localparam HOLES = 32;                    // beats of a unit
    localparam [11:0] PART = `TERN_DOT_PART_RECORDS; // groups

    // Addresses are in units of 64 bytes.
    reg [3:0]  state;
    reg [63:6] image;         // of the vector
    reg [63:6] first_image;   // of the head
    reg [63:6] record;        // the first of the part
    reg [63:6] first_record;  // of the head
    reg [8:0]  heads_left;
    reg [3:0]  vectors_left;
    reg [4:0]  part;
    reg [11:0] groups_left;   // of an image, from this part on
    reg [11:0] records_left;

    wire [63:6] run_end;
    wire        run_active;
    // A state takes four cycles or more: `sum`, its operands and their choice are registers. The run before is over when
    // the state is `settled`.
    reg         settled;
    reg         entered;      // the state's first cycle is over
    reg         begun;        // and its second
    reg         run_begins;   // and it is one of a run
    wire        run_start = run_begins && !stop;
    wire        first_part = part == 5'd0;
    // A cycle behind the counts, which change long before.
    reg         part_last;
    reg         shorter_last;
    reg  [11:0] whole;        // records of a run
    reg         any_whole;
    wire [8:0]  part_groups = groups_left > PART ? PART[8:0] : groups_left[8:0];
    wire [11:0] part_records = part_last ? records_left : PART;
    wire        shorter = last_chunks != record_chunks;

    always @(posedge clk) begin
        part_last <= !values || records_left <= PART;
        shorter_last <= part_last && shorter;
        whole <= part_records - {11'd0, part_last && shorter};
        any_whole <= whole != 12'd0;
    end

    // One adder: the base of a run, or the next image or head. The last image of a part goes back to the first one. A
    // part has 128 groups: 64 units of mantissas, 2 of shifts.
    reg  [63:6] from;
    reg  [63:6] distance;
    reg  [63:6] sum;
    wire [57:0] mantissas_at = first_part ? 58'd0 : {47'd0, part, 6'd1};
    wire [57:0] shifts_at = {47'd0, image_groups[11:1]} + {52'd0, part, 1'd1};

    localparam [2:0] FROM_IMAGES = 3'd0, FROM_IMAGE = 3'd1, FROM_HEAD = 3'd2, FROM_PART = 3'd3, FROM_RUN = 3'd4;
    reg [2:0] source;
    reg [3:0] chosen;    // the state, a cycle later

    always @(posedge clk) begin
        chosen <= state;
        case (state)
            MANTISSAS, SHIFTS, NEXT_IMAGE: source <= FROM_IMAGE;
            RECORDS: source <= first_part ? FROM_HEAD : FROM_PART;
            LAST: source <= any_whole ? FROM_RUN : FROM_HEAD;
            NEXT_HEAD: source <= FROM_HEAD;
            default: source <= FROM_IMAGES;
        endcase
        case (source)
            FROM_IMAGE: from <= image;
            FROM_HEAD: from <= first_record;
            FROM_PART: from <= record;
            FROM_RUN: from <= run_end;
            default: from <= first_image;
        endcase
        case (chosen)
            MANTISSAS: distance <= mantissas_at;
            SHIFTS: distance <= shifts_at;
            NEXT_IMAGE: distance <= image_stride;
            NEXT_HEAD: distance <= head_stride;
            default: distance <= 58'd0;
        endcase
        sum <= from + distance;
    end

    // Sizes of runs in chunks, then beats.
    reg  [11:0] run_chunks;
    wire [9:0]  shift_chunks = ({1'b0, part_groups} + 10'd63) >> 4;
    wire [11:0] run_chunks_up = run_chunks + LAST_LANE[11:0];

    always @*
        case (state)
            MANTISSAS: run_chunks = {2'd0, part_groups, 1'b0} + (first_part ? 12'd4 : 12'd0);
            SHIFTS: run_chunks = {2'd0, shift_chunks[9:2], 2'd0};
            // The run before has segments of whole records. Their size must hold until it has asked for all of them.
            LAST: run_chunks = {7'd0, exponent_chunks} + {2'd0, run_active ? record_chunks : last_chunks};
            default: run_chunks = {7'd0, exponent_chunks} + {2'd0, record_chunks};
        endcase

    always @(posedge clk)
        if (!rst_n || stop) begin
            state <= IDLE;
            settled <= 1'b0;
            run_begins <= 1'b0;
            entered <= 1'b0;
            begun <= 1'b0;
        end else begin
            entered <= !settled && state != IDLE;
            begun <= !settled && entered;
            settled <= !settled && begun && !run_active;
            run_begins <= !settled && begun && !run_active
                       && (state == MANTISSAS || state == SHIFTS || (state == RECORDS && any_whole)
                           || state == LAST);
            case (state)
                IDLE: if (start) state <= FIRST_IMAGE;
                FIRST_IMAGE: if (settled) state <= MANTISSAS;
                MANTISSAS: if (settled) state <= SHIFTS;
                SHIFTS: if (settled) state <= NEXT_IMAGE;
                NEXT_IMAGE: if (settled) state <= vectors_left == 4'd1 ? RECORDS : MANTISSAS;
                RECORDS: if (settled) state <= shorter_last ? LAST : NEXT_PART;
                LAST: if (settled) state <= NEXT_PART;
                NEXT_PART: if (settled) state <= part_last ? NEXT_HEAD : MANTISSAS;
                default: if (settled) state <= heads_left == 9'd1 ? IDLE : MANTISSAS;
            endcase
        end

    always @(posedge clk) begin
        if (settled && (state == FIRST_IMAGE || state == NEXT_IMAGE || (state == NEXT_PART && !part_last)))
            image <= sum;
        if (state == IDLE || (settled && state == NEXT_HEAD)) begin
            first_image <= state == IDLE ? images : image;
            first_record <= state == IDLE ? cache : sum;
            heads_left <= state == IDLE ? kv_heads : heads_left - 9'd1;
            part <= 5'd0;
            groups_left <= image_groups;
            records_left <= records;
        end
        if (settled && state == NEXT_PART) begin
            record <= run_end;
            part <= part + 5'd1;
            groups_left <= groups_left - PART;
            records_left <= records_left - PART;
        end
        vectors_left <= state == NEXT_IMAGE ? vectors_left - {3'd0, settled}
                      : state == MANTISSAS || state == SHIFTS ? vectors_left : vectors;
    end

    wire        beat;
    wire        burst_valid;
    wire        burst_ready;
    wire [63:0] burst_address;
    wire [6:0]  burst_beats;

    assign requested = burst_valid & burst_ready;

    tern_burst_generator #(
        .BEAT_BYTES_LOG2(BEAT_BYTES_LOG2),
        .CREDITS((1 << QUEUE_LOG2) - HOLES),
        .KEEP_CREDITS(1)
    ) bursts (
        .clk, .rst_n,
        .start(run_start),
        .stop,
        .base({sum, 6'd0}),
        .segment_beats({8'd0, run_chunks_up >> LANES_LOG2}),
        .segments(state == RECORDS ? {6'd0, whole} : 18'd1),
        .skip_bytes(32'd0),
        .release_beat(beat_taken),
        .m_valid(burst_valid),
        .m_ready(burst_ready),
        .m_address(burst_address),
        .m_beats(burst_beats),
        .active(run_active)
    );

    assign run_end = burst_address[63:6];

    wire [128*LANES-1:0] beat_data;
    wire [1:0]           beat_fault;
    wire [1:0]           beat_destination;

    tern_memory_reader #(.DATA_BITS(128 * LANES)) reader (
        .clk, .rst_n, .stop, .window_base, .window_end,
        .s_valid(burst_valid),
        .s_ready(burst_ready),
        .s_address(burst_address),
        .s_beats(burst_beats),
        .s_destination(2'd0),
        .idle,
        .m_valid(beat),
        .m_data(beat_data),
        .m_error(beat_fault[0]),
        .m_refused(beat_fault[1]),
        .m_destination(beat_destination),
        .m_read_valid, .m_read_ready, .m_read_address, .m_read_beats, .m_answer_valid, .m_answer_data,
        .m_answer_last, .m_answer_error
    );

    tern_attention_queue #(.LANES(LANES), .CHUNKS(CHUNKS), .DEPTH_LOG2(QUEUE_LOG2)) queue (
        .clk, .rst_n,
        .clear(stop),
        .s_valid(beat),
        .s_data(beat_data),
        .s_fault(beat_fault),
        .ready, .step, .ghost, .unit, .pair_last, .portion_last, .head_last, .unit_items, .next_items, .beat_taken,
        .m_item_1, .m_fault_1
    );

    wire unused = &{1'b0, beat_destination, run_chunks_up, shift_chunks[1:0], LAST_LANE[31:12]};
endmodule

`default_nettype wire
