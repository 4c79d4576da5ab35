// SPDX-License-Identifier: Apache-2.0
// What the next item of the stream is, and whether it may be taken. An item is 16 or 32 bytes. Each key/value head has
// its images, then its records. An image is header, mantissas, shifts. A record is exponent bytes, mantissas. Values of
// many positions are in parts: each begins with the mantissas and shifts of its positions, without headers.
// A batch is what finish takes at once: a record of keys, or a head of values. It waits for a free bank of sums.
// `take` is combinational from s_valid; outputs with the suffix _1 are registers, of the item taken in the last cycle.
// Each cycle of the stream is counted as exactly one of taken, starved or stalled.
// Model: tern_dot_run_head() of cmodel/attention/dot_head.c.
`default_nettype none

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
    input  wire [9:0]  last_chunks,       // those of a head's last record that are read
    input  wire        s_valid,
    input  wire        hold,              // finish needs a free cycle
    input  wire        bank_released,     // finish has read a bank
    output wire        take,
    output wire        head_last,         // the item is a head's last
    output wire        exponents,         // the item holds exponent bytes
    output reg  [8:0]  place,             // of the item in its phase
    output reg  [7:0]  group,             // of the record
    output reg  [8:0]  part_groups,       // groups of each image in this part; a cycle behind its first item
    output reg         active,
    output reg         valid_1,
    output reg         header_1,
    output reg         mantissas_1,
    output reg         shifts_1,
    output reg         image_1,           // the item is of an image
    output reg  [2:0]  vector_1,
    output reg  [3:0]  place_1,           // low bits
    output reg  [7:0]  head_1,
    output reg  [10:0] record_1,
    output reg  [8:0]  operand_1,         // place of the item's operands
    output reg         first_1,           // first of two items of a group
    output reg         group_1,           // last item of a group that counts
    output reg         stored_1,          // the group's sum so far is in memory
    output reg         kept_1,            // it is that of the group before
    output reg         write_1,           // the sum goes to memory
    output reg  [8:0]  address_1,
    output reg  [7:0]  row_1,             // of the images' shifts
    output reg         done_1,            // the item is a batch's last
    output wire        beat_slot,         // this cycle counts
    output wire        slot_starved
);
    localparam [2:0] HEADER = 3'd0, MANTISSAS = 3'd1, SHIFTS = 3'd2, EXPONENTS = 3'd3, RECORD = 3'd4;
    localparam [8:0] HEADER_CHUNKS = 9'd4;
    localparam [8:0] HEADER_ITEMS = CHUNKS == 2 ? HEADER_CHUNKS >> 1 : HEADER_CHUNKS;
    localparam [11:0] PART = 12'd256;     // groups
    localparam [7:0] PART_LAST = 8'd255;

    reg        counting;
    reg [2:0]  phase;
    reg [8:0]  left;          // items of the phase after this one
    reg [2:0]  vector;
    reg        first_part;
    reg [11:0] groups_left;   // of the images, from this part on
    reg [8:0]  heads_left;
    reg [7:0]  head;
    reg [11:0] records_left;
    reg        record_last;   // records_left is 1
    reg [10:0] record;
    reg [7:0]  row;           // record of the part
    reg        second;        // of the two items of a group
    reg [3:0]  head_group;
    reg [3:0]  position;
    reg        bank;
    reg [1:0]  banks_held;    // batches that finish has not read

    wire       in_record = phase == RECORD;
    wire       phase_last = left == 9'd0;
    wire       vector_last = {1'b0, vector} == vectors - 4'd1;
    wire       run_last = heads_left == 9'd1;
    wire       group_last = CHUNKS == 2 || second;
    wire       position_last = {1'b0, head_group} == head_groups - 5'd1;
    reg        phase_first;   // place is 0
    wire       batch_begins = in_record && phase_first && (!values || record == 11'd0);
    wire       batch_last = in_record && phase_last && (!values || record_last);
    wire       blocked = (batch_begins && banks_held[1]) || hold;

    assign take = active & s_valid & ~blocked;
    assign head_last = in_record & phase_last & record_last;
    assign exponents = phase == EXPONENTS;
    assign beat_slot = active & counting;
    assign slot_starved = counting & active & ~s_valid;

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
    reg  [8:0]  record_less;
    reg  [8:0]  last_less;
    reg         part_ends;        // with this record of values
    wire [11:0] groups_after = groups_left - PART;
    wire [11:0] next_groups_left = record_last ? image_groups : groups_after;
    wire [9:0]  shift_chunks = ({1'b0, part_groups} + 10'd63) >> 4;

    always @(posedge clk) begin
        part_groups <= groups_left > PART ? PART[8:0] : groups_left[8:0];
        part_less <= less({groups_left > PART ? PART[8:0] : groups_left[8:0], 1'b0});
        next_part_less <= less({groups_after > PART ? PART[8:0] : groups_after[8:0], 1'b0});
        shifts_less <= less({shift_chunks[9:2], 2'd0});
        exponents_less <= less({5'd0, exponent_chunks});
        record_less <= less(record_chunks);
        last_less <= less(last_chunks);
        part_ends <= values && row == PART_LAST;
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
            if (take && head_last && run_last)
                active <= 1'b0;
            banks_held <= banks_held + {1'b0, take & batch_begins} - {1'b0, bank_released};
        end

    // Position in the run.
    always @(posedge clk)
        if (start) begin
            phase <= HEADER;
            left <= HEADER_ITEMS - 9'd1;
            place <= 9'd0;
            phase_first <= 1'b1;
            vector <= 3'd0;
            first_part <= 1'b1;
            groups_left <= image_groups;
            heads_left <= kv_heads;
            head <= 8'd0;
            records_left <= records;
            record_last <= records == 12'd1;
            record <= 11'd0;
            row <= 8'd0;
        end else if (take) begin
            left <= phase_last ? next_left : left - 9'd1;
            place <= phase_last ? 9'd0 : place + 9'd1;
            phase_first <= phase_last;
            if (phase_last) begin
                phase <= next_phase;
                if (phase == SHIFTS)
                    vector <= vector_last ? 3'd0 : vector + 3'd1;
                if (in_record) begin
                    records_left <= record_last ? records : records_left - 12'd1;
                    record_last <= record_last ? records == 12'd1 : records_left == 12'd2;
                    record <= record_last ? 11'd0 : record + 11'd1;
                    row <= record_last ? 8'd0 : row + 8'd1;
                end
                if (head_last) begin
                    heads_left <= heads_left - 9'd1;
                    head <= head + 8'd1;
                end
                if (in_record && (record_last || next_phase == MANTISSAS)) begin
                    groups_left <= next_groups_left;
                    first_part <= record_last;
                end
            end
        end

    // Position in the record.
    always @(posedge clk)
        if (start) begin
            second <= 1'b0;
            group <= 8'd0;
            head_group <= 4'd0;
            position <= 4'd0;
            bank <= 1'b0;
        end else if (take && in_record) begin
            second <= ~second & ~phase_last;
            if (phase_last) begin
                group <= 8'd0;
                head_group <= 4'd0;
                position <= 4'd0;
            end else if (group_last) begin
                group <= group + 8'd1;
                head_group <= position_last ? 4'd0 : head_group + 4'd1;
                position <= position + {3'd0, position_last};
            end
            if (batch_last)
                bank <= ~bank;
        end

    wire [7:0] row_of_item = values ? row : {4'd0, head_group};

    always @(posedge clk)
        if (!rst_n || stop) begin
            valid_1 <= 1'b0;
            header_1 <= 1'b0;
            mantissas_1 <= 1'b0;
            shifts_1 <= 1'b0;
            first_1 <= 1'b0;
            group_1 <= 1'b0;
            done_1 <= 1'b0;
        end else begin
            valid_1 <= take;
            header_1 <= take && phase == HEADER && phase_first;
            mantissas_1 <= take && phase == MANTISSAS;
            shifts_1 <= take && phase == SHIFTS;
            first_1 <= take && in_record && !group_last;
            group_1 <= take && in_record && group_last && (!values || {1'b0, group} < head_size);
            done_1 <= take && batch_last;
        end

    always @(posedge clk) begin
        vector_1 <= vector;
        place_1 <= place[3:0];
        image_1 <= phase == HEADER || phase == MANTISSAS || phase == SHIFTS;
        head_1 <= head;
        record_1 <= record;
        operand_1 <= !in_record ? place : CHUNKS == 2 ? {1'b0, row_of_item} : {row_of_item, second};
        stored_1 <= values && record != 11'd0;
        kept_1 <= !values && head_group != 4'd0;
        write_1 <= values || position_last;
        address_1 <= {bank, values ? group : {4'd0, position}};
        row_1 <= row_of_item;
    end

    wire unused = &{1'b0, shift_chunks[1:0]};
endmodule

`default_nettype wire
