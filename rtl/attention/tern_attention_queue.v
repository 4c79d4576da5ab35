// SPDX-License-Identifier: Apache-2.0
// Queue of beats that gives items in the order of tern_attention_sequencer. It is read in portions: one item, or a pair
// of units, whose items are taken in turns. A unit is a position of keys or an element of values. A portion is ready
// when all of it is here, so no item of it waits. An item that is taken is m_item_1 two cycles later.
// A beat that failed ends the stream, perhaps in the middle of a portion. The portion is then ready too, and it is
// faulty. Items taken in turns leave holes, so the writer keeps 2^DEPTH_LOG2 - HOLES beats of room.
`default_nettype none

module tern_attention_queue #(
    parameter LANES = 1,
    parameter CHUNKS = 1,                     // of 16 bytes in an item: 1 or 2
    parameter DEPTH_LOG2 = 9
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  clear,
    input  wire                  s_valid,
    input  wire [128*LANES-1:0]  s_data,
    input  wire [1:0]            s_fault,
    output wire                  ready,       // the portion
    input  wire                  step,        // a step of the portion: an item is taken, unless it is a ghost
    input  wire                  ghost,       // in the place of a unit that does not exist
    input  wire                  unit,        // the item is of a pair's second unit
    input  wire                  pair_last,   // the step is a pair's last
    input  wire                  portion_last, // the step is a portion's last
    input  wire                  head_last,   // the step is a head's last: the rest of its beat is nothing
    input  wire [5:0]            unit_items,
    input  wire [6:0]            next_items,  // of the portion after this one
    output reg                   beat_taken,  // a cycle late
    output reg  [128*CHUNKS-1:0] m_item_1,
    output reg  [1:0]            m_fault_1
);
    localparam ITEMS_LOG2 = LANES > CHUNKS ? 1 : 0;   // of a beat
    localparam PLACE_BITS = DEPTH_LOG2 + ITEMS_LOG2;

    // Items here, less those of the portion: of either sign.
    reg [PLACE_BITS+1:0]  surplus;
    reg [1:0]             fault;              // of the first beat that failed
    wire [PLACE_BITS+1:0] arrived = {{(PLACE_BITS + 1){1'b0}}, s_valid} << ITEMS_LOG2;
    wire                  odd;                // an item of the beat was taken
    wire                  rest = head_last & ghost & odd;
    wire [6:0]            claims = rest ? 7'd2 : next_items;
    wire [PLACE_BITS+1:0] here = surplus + arrived;
    wire [PLACE_BITS+1:0] unclaimed = here - {{(PLACE_BITS - 5){1'b0}}, claims};
    wire [PLACE_BITS+1:0] surplus_after = step & portion_last ? unclaimed : here; // known late: no sum waits for it
    wire                  lacks = surplus[PLACE_BITS+1];
    reg                   is_ready;           // nothing lacks, or a beat failed

    assign ready = is_ready;

    always @(posedge clk)
        if (!rst_n || clear) begin
            surplus <= {(PLACE_BITS + 2){1'b1}};      // the first portion is an item
            is_ready <= 1'b0;
            fault <= 2'd0;
        end else begin
            surplus <= surplus_after;
            is_ready <= ~surplus_after[PLACE_BITS+1] | (|fault);
            if (s_valid && fault == 2'd0)
                fault <= s_fault;
        end

    // Places of the next item of each unit.
    reg [PLACE_BITS-1:0]  first_place;
    reg [PLACE_BITS-1:0]  second_place;
    wire [PLACE_BITS-1:0] place = unit ? second_place : first_place;

    always @(posedge clk) begin
        if (!unit)
            second_place <= first_place + {{(PLACE_BITS - 6){1'b0}}, unit_items};
        if (!rst_n || clear)
            first_place <= {PLACE_BITS{1'b0}};
        else if (step && (pair_last || !unit))
            first_place <= (unit && !ghost ? second_place : first_place) + {{(PLACE_BITS - 1){1'b0}}, !ghost | rest};
    end

    // Beats. A word is not written in the cycle that reads it, or nobody looks.
    (* no_rw_check *)
    reg [128*LANES+1:0]   words [0:(1 << DEPTH_LOG2) - 1];
    reg [DEPTH_LOG2-1:0]  write_place;
    reg [128*LANES+1:0]   word_0;
    reg [1:0]             forced_0;

    always @(posedge clk) begin
        write_place <= rst_n & ~clear ? write_place + {{(DEPTH_LOG2 - 1){1'b0}}, s_valid} : {DEPTH_LOG2{1'b0}};
        if (s_valid)
            words[write_place] <= {s_fault, s_data};
        word_0 <= words[place[PLACE_BITS-1:ITEMS_LOG2]];
        forced_0 <= fault & {2{lacks}};
        m_fault_1 <= |forced_0 ? forced_0 : word_0[128*LANES +: 2];
    end

    generate
        if (ITEMS_LOG2 == 0) begin : one_item
            assign odd = 1'b0;

            always @(posedge clk) begin
                m_item_1 <= word_0[128*CHUNKS-1:0];
                beat_taken <= rst_n & step & ~ghost;
            end
        end else begin : two_items
            reg odd_taken;
            reg high_0;

            assign odd = odd_taken;

            always @(posedge clk) begin
                high_0 <= place[0];
                m_item_1 <= high_0 ? word_0[128*LANES-1 -: 128*CHUNKS] : word_0[128*CHUNKS-1:0];
                odd_taken <= rst_n & ~clear & (step ? odd_taken ^ (~ghost | rest) : odd_taken);
                beat_taken <= rst_n & step & odd_taken & (~ghost | rest);
            end
        end
    endgenerate
endmodule

`default_nettype wire
