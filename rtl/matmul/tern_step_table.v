// SPDX-License-Identifier: Apache-2.0
// The steps of a run. Beats of float32 words enter. Two passes over the 27 words follow, one word a cycle. The first
// finds the smallest exponent and words that are no step. The second finds words too far above the smallest. The table
// is ready 56 cycles after its last beat. It keeps the words as they are: mantissa and shift are made when they are read.
// A word goes into a register first, so the reader says a cycle ahead which code it will read.
// Model: tern_step_table_make() of cmodel/matmul/step_table.c.
`default_nettype none

`include "tern_spec.vh"

module tern_step_table #(
    parameter LANES = 1
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire                 s_valid,
    input  wire [128*LANES-1:0] s_data,
    input  wire [1:0]           s_fault,    // bit 0 bus error, bit 1 outside the window
    input  wire [4:0]           next_code,
    output wire [23:0]          m_mantissa, // of next_code, a cycle later
    output wire [5:0]           m_shift,
    output wire [8:0]           m_exponent, // signed base exponent of the table
    output wire                 ready,
    output wire                 failed,
    output reg  [7:0]           status,     // why
    output reg  [4:0]           entry       // where
);
    localparam [1:0] LOAD = 2'd0, SCAN = 2'd1, READY = 2'd2, FAILED = 2'd3;
    localparam BEAT_WORDS = 4 * LANES;
    localparam WORD_BITS = $clog2(BEAT_WORDS);
    localparam BEAT_BITS = 5 - WORD_BITS;
    localparam [31:0] STEPS = `TERN_STEPS;
    localparam [4:0] LAST = STEPS[4:0] - 5'd1;
    localparam [31:0] LARGEST_SHIFT = `TERN_STEP_RATIO_LOG2;

    reg [1:0]           state;
    reg [BEAT_BITS-1:0] written;
    reg [128*LANES-1:0] beats [0:(1 << BEAT_BITS)-1];

    // The passes: the word of `index` is fetched while the one before is looked at. `limit` is the largest exponent that
    // is not too far above the smallest; a zero never is.
    reg        second;
    reg [4:0]  index;
    reg        fetched;
    reg        fetched_second;
    reg [4:0]  fetched_index;
    reg [31:0] fetched_word;
    reg [7:0]  field;            // exponent of fetched_word
    reg [7:0]  smallest;
    reg [8:0]  limit;

    wire [4:0]           address = state == SCAN ? index : next_code;
    wire [128*LANES-1:0] beat = beats[address[4:WORD_BITS]];
    wire [31:0]          word = beat[32 * address[WORD_BITS-1:0] +: 32];
    wire                 last_beat = written == LAST[4:WORD_BITS];

    // A subnormal number counts as exponent 1. The mantissa of a zero is zero, whatever its shift.
    function [7:0] exponent_of(input [7:0] bits);
        exponent_of = {bits[7:1], bits[0] | bits == 8'd0};
    endfunction

    wire [7:0] read_shift = field - smallest;
    wire       no_step = fetched_word[31] | (&fetched_word[30:23]);
    wire       too_far = {1'b0, field} > limit;
    wire       bad = fetched & (fetched_second ? too_far : no_step);

    assign m_mantissa = {fetched_word[30:23] != 8'd0, fetched_word[22:0]};
    assign m_shift = read_shift[5:0];
    assign m_exponent = {1'b0, smallest} - 9'd150;
    assign ready = state == READY;
    assign failed = state == FAILED;

    always @(posedge clk)
        if (!rst_n || start) begin
            state <= LOAD;
            written <= 0;
            status <= `TERN_STATUS_OK;
            entry <= 5'd0;
        end else
            case (state)
                LOAD: if (s_valid) begin
                    written <= written + 1'b1;
                    if (s_fault != 2'd0) begin
                        state <= FAILED;
                        status <= s_fault[0] ? `TERN_STATUS_BUS_ERROR : `TERN_STATUS_BAD_ADDRESS;
                    end else if (last_beat)
                        state <= SCAN;
                end
                SCAN: if (bad) begin
                    state <= FAILED;
                    status <= `TERN_STATUS_BAD_STEPS;
                    entry <= fetched_index;
                end else if (fetched && fetched_second && fetched_index == LAST)
                    state <= READY;
                default: ;
            endcase

    always @(posedge clk) begin
        if (s_valid && state == LOAD)
            beats[written] <= s_data;
        fetched <= state == SCAN;
        fetched_second <= second;
        fetched_index <= index;
        fetched_word <= word;
        field <= exponent_of(word[30:23]);
        if (state != SCAN) begin
            second <= 1'b0;
            index <= 5'd0;
        end else begin
            second <= second | index == LAST;
            index <= index == LAST ? 5'd0 : index + 5'd1;
        end
        if (state == LOAD) begin
            smallest <= 8'd255;
            limit <= 9'd255 + LARGEST_SHIFT[8:0];
        end else if (state == SCAN && fetched && fetched_word != 32'd0 && field < smallest) begin
            smallest <= field;
            limit <= {1'b0, field} + LARGEST_SHIFT[8:0];
        end
    end

    wire unused = &{1'b0, read_shift[7:6], STEPS[31:5], LARGEST_SHIFT[31:9]};
endmodule

`default_nettype wire
