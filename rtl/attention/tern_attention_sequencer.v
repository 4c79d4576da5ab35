// SPDX-License-Identifier: Apache-2.0
// What the next item of the stream is, and whether it may be taken. An item is 16 or 32 bytes. Each key/value head has
// its images, then its records. An image is header, mantissas, shifts. A record is exponent bytes, mantissas. Values of
// many positions are in parts: each begins with the mantissas and shifts of its positions, without headers.
// The mantissas of a record are in units: positions of keys, elements of values. Two units are a pair. Their items are
// taken in turns: the first of each unit, then the second of each. So an operand meets two items, one after the other.
// When keys end with half a pair, ghosts are in the other's turns.
// A batch is what finish takes at once: a record of keys, or a head of values. It waits for a free bank of sums.
// `step` is combinational from s_ready; outputs with the suffix _1 are registers, two cycles later.
// Each cycle of the stream is counted as exactly one of taken, starved or stalled.
// Model: tern_dot_run_head() of cmodel/attention/dot_head.c.
`default_nettype none

`include "tern_spec.vh"

module tern_attention_sequencer #(
    parameter CHUNKS = 1                  // of 16 bytes in an item: 1 or 2
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        start,
    input  wire        stop,
    input  wire        requested,         // the stream's first burst is asked for: slots count from here
    input  wire        values,
    input  wire [8:0]  kv_heads,
    input  wire [3:0]  vectors,
    input  wire [8:0]  head_size,
    input  wire [11:0] image_groups,      // of an image, as stored
    input  wire [4:0]  head_groups,       // of a position of keys
    input  wire [11:0] records,           // of a head
    input  wire [4:0]  exponent_chunks,   // of a record
    input  wire [9:0]  record_chunks,     // its mantissas
    input  wire [4:0]  last_positions,    // of a head's last record
    input  wire        s_ready,           // ports of tern_attention_queue
    output wire        step,
    output wire        ghost,
    output reg         unit,
    output wire        pair_last,
    output wire        portion_last,
    output wire        head_last,
    output reg  [5:0]  unit_items,
    output wire [6:0]  next_items,
    input  wire        beat_taken,
    input  wire        hold,              // finish needs a free cycle
    input  wire        bank_released,     // finish has read a bank
    output reg  [8:0]  part_groups,       // groups of each image in this part; a cycle behind its first item
    output reg         active,
    output reg         valid_1,
    output reg         header_1,
    output reg         mantissas_1,
    output reg         shifts_1,
    output reg         exponents_1,       // the item holds exponent bytes
    output reg         image_1,           // the item is of an image
    output reg  [2:0]  vector_1,
    output reg  [3:0]  place_1,           // low bits
    output reg  [7:0]  head_1,
    output reg  [10:0] record_1,
    output reg  [7:0]  group_0,           // of the record; a cycle early
    output reg  [7:0]  operand_1,         // place of the item's operands
    output reg  [8:0]  read_1,            // operand memory: place, half. The second half is read a cycle later
    output reg         word_1,            // the item is of a pair's first unit: its operands are new
    output reg         group_1,           // last item of a group that counts
    output reg         checked_1,         // and is no ghost
    output reg         stored_1,          // the group's sum so far is in memory
    output reg         kept_1,            // it is that of the unit's group before
    output reg         write_1,           // the sum goes to memory
    output reg  [8:0]  address_1,
    output reg  [7:0]  row_1,             // of the images' shifts
    output reg         done_1,            // the item is a batch's last
    output wire        slot_taken,
    output reg         slot_starved,
    output wire        slot_stalled
);
    localparam [2:0] HEADER = 3'd0, MANTISSAS = 3'd1, SHIFTS = 3'd2, EXPONENTS = 3'd3, RECORD = 3'd4;
    localparam [8:0] HEADER_CHUNKS = 9'd4;
    localparam [8:0] HEADER_ITEMS = CHUNKS == 2 ? HEADER_CHUNKS >> 1 : HEADER_CHUNKS;
    localparam [5:0] UNIT_OF_VALUES = CHUNKS == 2 ? 6'd1 : 6'd2;
    localparam [11:0] PART = `TERN_DOT_PART_RECORDS; // groups
    localparam [11:0] PART_LAST = PART - 12'd1;
    localparam [8:0] PAIRS = `TERN_CACHE_POSITIONS / 2;

    reg        counting;
    reg [2:0]  phase;
    reg [8:0]  left;          // items of the phase after this one; in a record pairs
    reg        left_none;
    reg        left_one;
    reg [2:0]  vector;
    reg        first_part;
    reg [11:0] groups_left;   // of the images, from this part on
    reg [8:0]  heads_left;
    reg [7:0]  head;
    reg [11:0] records_left;
    reg        record_last;   // records_left is 1
    reg [10:0] record;
    reg [7:0]  row;           // record of the part
    reg [8:0]  place;         // of the item in its phase
    reg        second;        // of the two items of a group
    reg [3:0]  head_group;
    reg [2:0]  pair;          // of positions
    reg        bank;
    reg [1:0]  banks_held;    // batches that finish has not read

    wire       in_record = phase == RECORD;
    reg        vector_last;   // a cycle behind, as are the next ones: an item of another phase or unit lies between
    reg        ghosts;        // in this pair of a record
    reg        pair_ends;     // with this step: it is a pair's last
    reg        head_ended;    // with the step before
    wire       run_last = heads_left == 9'd1;
    wire       group_last = CHUNKS == 2 || second;
    reg  [3:0] last_group;    // of a position
    wire       unit_last = values || head_group == last_group;
    reg        phase_first;   // place is 0
    reg        odd_keys;      // half a pair is a head's last
    wire       phase_last = left_none && (pair_last || !in_record);
    reg        batch_begins;  // with this item
    wire       batch_last = in_record && phase_last && (!values || record_last);
    wire       blocked = (batch_begins && banks_held[1]) || hold;

    assign step = active & s_ready & ~blocked;
    assign ghost = unit & ghosts;
    assign pair_last = pair_ends;
    assign portion_last = ~in_record | pair_last;
    assign head_last = in_record & phase_last & record_last;

    wire       take = step & ~ghost;

    // The next phase and its items after the first. Sizes are in chunks.
    function [8:0] less(input [9:0] chunks);
        less = (CHUNKS == 2 ? chunks[9:1] : chunks[8:0]) - 9'd1;
    endfunction

    reg  [2:0]  next_phase;
    reg  [8:0]  next_left;
    reg  [8:0]  part_less;
    reg  [8:0]  next_part_less;   // a cycle later, too
    reg  [8:0]  shifts_less;
    reg  [8:0]  exponents_less;
    reg  [8:0]  record_less;      // pairs
    reg  [8:0]  last_less;
    reg         last_is_pair;     // last_less is 0
    reg         part_ends;        // with this record of values
    reg         images_end;       // with this record, too
    wire [11:0] groups_after = groups_left - PART;
    wire [11:0] next_groups_left = record_last ? image_groups : groups_after;
    wire [9:0]  shift_chunks = ({1'b0, part_groups} + 10'd63) >> 4;
    wire [4:0]  last_positions_less = last_positions - 5'd1;
    wire [3:0]  head_groups_less = head_groups[3:0] - 4'd1;

    always @(posedge clk) begin
        part_groups <= groups_left > PART ? PART[8:0] : groups_left[8:0];
        part_less <= less({groups_left > PART ? PART[8:0] : groups_left[8:0], 1'b0});
        next_part_less <= less({groups_after > PART ? PART[8:0] : groups_after[8:0], 1'b0});
        shifts_less <= less({shift_chunks[9:2], 2'd0});
        exponents_less <= less({5'd0, exponent_chunks});
        record_less <= values ? {1'b0, record_chunks[9:2]} - 9'd1 : PAIRS - 9'd1;
        last_less <= values ? {1'b0, record_chunks[9:2]} - 9'd1 : {5'd0, last_positions_less[4:1]};
        last_is_pair <= last_less == 9'd0;
        last_group <= head_groups_less;
        odd_keys <= !values && last_positions[0];
        unit_items <= values ? UNIT_OF_VALUES : CHUNKS == 2 ? {1'b0, head_groups} : {head_groups, 1'b0};
        part_ends <= values && {4'd0, row} == PART_LAST;
        images_end <= record_last || (values && {4'd0, row} == PART_LAST);
        vector_last <= {1'b0, vector} == vectors - 4'd1;
        ghosts <= odd_keys && record_last && left_none;
    end

    always @* begin
        next_phase = HEADER;
        next_left = HEADER_ITEMS - 9'd1;
        case (phase)
            HEADER: begin
                next_phase = MANTISSAS;
                next_left = part_less;
            end
            MANTISSAS: begin
                next_phase = SHIFTS;
                next_left = shifts_less;
            end
            SHIFTS: if (vector_last) begin
                next_phase = EXPONENTS;
                next_left = exponents_less;
            end else if (!first_part) begin
                next_phase = MANTISSAS;
                next_left = part_less;
            end
            EXPONENTS: begin
                next_phase = RECORD;
                next_left = record_last ? last_less : record_less;
            end
            default: if (!record_last) begin
                next_phase = part_ends ? MANTISSAS : EXPONENTS;
                next_left = part_ends ? next_part_less : exponents_less;
            end
        endcase
    end

    // Items of the portion after this one: a pair, half a pair, or 1.
    // The counts of a pair hold from its first item on, those of the first pair while exponent bytes are taken.
    reg  pair_follows;
    reg  [6:0] pair_items;
    wire next_is_half = odd_keys && record_last && (in_record ? left_one : last_is_pair);

    assign next_items = (unit ? pair_follows : phase == EXPONENTS && left_none) ? pair_items : 7'd1;

    always @(posedge clk) begin
        pair_follows <= !left_none;
        pair_items <= next_is_half ? {1'b0, unit_items} : {unit_items, 1'b0};
    end

    // Slots, a cycle late.
    reg slot;

    assign slot_taken = beat_taken;
    assign slot_stalled = slot & ~beat_taken & ~slot_starved;

    always @(posedge clk) begin
        slot <= active & counting;
        slot_starved <= active & counting & ~s_ready;
    end

    always @(posedge clk)
        if (!rst_n || stop) begin
            active <= 1'b0;
            counting <= 1'b0;
            banks_held <= 2'd0;
        end else if (start) begin
            active <= 1'b1;
            counting <= 1'b0;
            banks_held <= 2'd0;
        end else begin
            counting <= active & (counting | requested);
            if (step && head_last && run_last)
                active <= 1'b0;
            banks_held <= banks_held + {1'b0, step & batch_begins} - {1'b0, bank_released};
        end

    // Position in the run.
    wire [8:0] left_after = phase_last ? next_left : left - 9'd1;

    always @(posedge clk)
        if (start) begin
            phase <= HEADER;
            left <= HEADER_ITEMS - 9'd1;
            left_none <= 1'b0;
            left_one <= HEADER_ITEMS == 9'd2;
            place <= 9'd0;
            phase_first <= 1'b1;
            batch_begins <= 1'b0;
            vector <= 3'd0;
            first_part <= 1'b1;
            groups_left <= image_groups;
            records_left <= records;
            record_last <= records == 12'd1;
            record <= 11'd0;
            row <= 8'd0;
        end else if (step) begin
            if (portion_last) begin
                left <= left_after;
                left_none <= left_after == 9'd0;
                left_one <= left_after == 9'd1;
            end
            place <= phase_last ? 9'd0 : place + 9'd1;
            phase_first <= phase_last;
            batch_begins <= phase_last && phase == EXPONENTS && (!values || record == 11'd0);
            if (phase_last) begin
                phase <= next_phase;
                if (phase == SHIFTS)
                    vector <= vector_last ? 3'd0 : vector + 3'd1;
                if (in_record) begin
                    records_left <= record_last ? records : records_left - 12'd1;
                    record_last <= record_last ? records == 12'd1 : records_left == 12'd2;
                    record <= record_last ? 11'd0 : record + 11'd1;
                    row <= record_last || part_ends ? 8'd0 : row + 8'd1;
                end
                if (in_record && images_end) begin
                    groups_left <= next_groups_left;
                    first_part <= record_last;
                end
            end
        end

    // A cycle behind the step: its path is long, and a head has many items.
    always @(posedge clk) begin
        head_ended <= step && head_last;
        if (start) begin
            heads_left <= kv_heads;
            head <= 8'd0;
        end else if (head_ended) begin
            heads_left <= heads_left - 9'd1;
            head <= head + 8'd1;
        end
    end

    // Position in the record. The second unit's group is that of the first and a unit more.
    reg  [7:0] first_group;
    reg  [7:0] second_group;
    wire [4:0] unit_groups = values ? 5'd1 : head_groups;

    always @(posedge clk) begin
        second_group <= first_group + {3'd0, unit_groups};
        if (start) begin
            unit <= 1'b0;
            pair_ends <= 1'b0;
            second <= 1'b0;
            head_group <= 4'd0;
            pair <= 3'd0;
            bank <= 1'b0;
            first_group <= 8'd0;
        end else if (step && in_record) begin
            unit <= ~unit;
            pair_ends <= ~unit & group_last & unit_last;
            if (unit) begin
                second <= ~group_last;
                if (group_last) begin
                    head_group <= pair_last ? 4'd0 : head_group + 4'd1;
                    first_group <= phase_last ? 8'd0 : (pair_last ? second_group : first_group) + 8'd1;
                end
                if (pair_last)
                    pair <= phase_last ? 3'd0 : pair + 3'd1;
            end
            if (batch_last)
                bank <= ~bank;
        end
    end

    // What is known of the item, in two steps.
    reg        valid_0;
    reg        header_0;
    reg        mantissas_0;
    reg        shifts_0;
    reg        exponents_0;
    reg        word_0;
    reg        group_ends_0;
    reg        ghost_0;
    reg        done_0;

    always @(posedge clk)
        if (!rst_n) begin
            valid_0 <= 1'b0;
            header_0 <= 1'b0;
            mantissas_0 <= 1'b0;
            shifts_0 <= 1'b0;
            exponents_0 <= 1'b0;
            word_0 <= 1'b0;
            group_ends_0 <= 1'b0;
            done_0 <= 1'b0;
        end else begin
            valid_0 <= take;
            header_0 <= step && phase == HEADER && phase_first;
            mantissas_0 <= step && phase == MANTISSAS;
            shifts_0 <= step && phase == SHIFTS;
            exponents_0 <= step && phase == EXPONENTS;
            word_0 <= step && in_record && !unit;
            group_ends_0 <= step && in_record && group_last;
            done_0 <= step && batch_last;
        end

    reg        image_0;
    reg [2:0]  vector_0;
    reg [7:0]  place_0;
    reg [10:0] record_0;
    reg [7:0]  row_0;
    reg        second_0;
    reg        head_group_first_0;
    reg        unit_last_0;
    reg [3:0]  position_0;
    reg        bank_0;

    always @(posedge clk) begin
        ghost_0 <= ghost;
        image_0 <= phase == HEADER || phase == MANTISSAS || phase == SHIFTS;
        vector_0 <= vector;
        place_0 <= place[7:0];
        record_0 <= record;
        row_0 <= values ? row : {4'd0, head_group};
        second_0 <= second;
        head_group_first_0 <= head_group == 4'd0;
        unit_last_0 <= unit_last;
        position_0 <= {pair, unit};
        bank_0 <= bank;
        group_0 <= unit ? second_group : first_group;
    end

    wire       counts_0 = group_ends_0 && (!values || {1'b0, group_0} < head_size);
    wire [7:0] word_place_0 = CHUNKS == 2 ? row_0 : {row_0[6:0], second_0};

    always @(posedge clk)
        if (!rst_n) begin
            valid_1 <= 1'b0;
            header_1 <= 1'b0;
            mantissas_1 <= 1'b0;
            shifts_1 <= 1'b0;
            exponents_1 <= 1'b0;
            word_1 <= 1'b0;
            group_1 <= 1'b0;
            checked_1 <= 1'b0;
            done_1 <= 1'b0;
        end else begin
            valid_1 <= valid_0;
            header_1 <= header_0;
            mantissas_1 <= mantissas_0;
            shifts_1 <= shifts_0;
            exponents_1 <= exponents_0;
            word_1 <= word_0;
            group_1 <= counts_0;
            checked_1 <= counts_0 && !ghost_0;
            done_1 <= done_0;
        end

    always @(posedge clk) begin
        vector_1 <= vector_0;
        place_1 <= place_0[3:0];
        image_1 <= image_0;
        head_1 <= head; // of the item: it is counted a cycle late
        record_1 <= record_0;
        operand_1 <= place_0;
        read_1 <= word_0 ? {word_place_0, 1'b0} : {read_1[8:1], 1'b1};
        stored_1 <= values && record_0 != 11'd0;
        kept_1 <= !values && !head_group_first_0;
        write_1 <= unit_last_0 && !ghost_0;
        address_1 <= {bank_0, values ? group_0 : {4'd0, position_0}};
        row_1 <= row_0;
    end

    wire unused = &{1'b0, shift_chunks[1:0], record_chunks[1:0], last_positions_less[0], place_0[7:4]};
endmodule

`default_nettype wire
