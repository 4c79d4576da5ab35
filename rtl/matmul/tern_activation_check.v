// SPDX-License-Identifier: Apache-2.0
// Follows the beats of the activation images, one after the other: header, mantissas, shifts. It tells the lanes what a
// beat holds, keeps the base exponents, and checks the words of the header and each shift. The first fault is kept. It
// is there in the cycle after its beat. With several vectors a bus error fails the run only for its vector, which is
// `lost`. What follows in its image does not count.
// Model: check_image() of cmodel/device/matmul.c.
`default_nettype none

`include "tern_spec.vh"

module tern_activation_check #(
    parameter LANES = 1,
    parameter VECTORS = 1
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire [15:0]          columns,
    input  wire [11:0]          groups,
    input  wire [12:0]          mantissa_beats,
    input  wire                 s_valid,
    input  wire [128*LANES-1:0] s_data,
    input  wire [1:0]           s_fault,         // bit 0 bus error, bit 1 outside the window
    output wire [VECTORS-1:0]   mantissas_valid, // the beat holds mantissas of the vector
    output wire [VECTORS-1:0]   shifts_valid,
    output reg  [12:0]          index,           // of the beat within mantissas or shifts
    output reg  [9*VECTORS-1:0] base_exponents,  // signed
    output reg                  failed,
    output reg  [VECTORS-1:0]   lost,
    output reg  [7:0]           status,          // why it failed
    output reg  [1:0]           bad_vector,
    output reg  [2:0]           bad_word         // of the header; 4: a shift
);
    localparam [1:0] HEADER = 2'd0, MANTISSAS = 2'd1, SHIFTS = 2'd2;
    localparam [31:0] HEADER_BEATS = `TERN_ACTIVATION_HEADER_BYTES / (16 * LANES);
    localparam [31:0] BEAT_WORDS = 4 * LANES;
    localparam signed [31:0] LEAST = `TERN_LEAST_BASE_EXPONENT;
    localparam signed [31:0] LARGEST = `TERN_LARGEST_BASE_EXPONENT;
    localparam [31:0] MAX_SHIFT = `TERN_MAX_SHIFT;

    localparam [VECTORS-1:0] FIRST = 1;

    reg [1:0] part;
    reg [1:0] vector;
    reg [9:0] words_left; // of shifts, four to a word; the rest of the last beat is not checked

    reg [12:0] mantissa_last; // mantissa_beats hold long before the first beat
    wire       part_last = part == HEADER ? index == HEADER_BEATS[12:0] - 13'd1 : index == mantissa_last;
    wire       header_first = part == HEADER && index == 13'd0;
    wire       bad_exponent = $signed(s_data[31:0]) < LEAST || $signed(s_data[31:0]) > LARGEST;
    wire       bad_groups = s_data[63:32] != {20'd0, groups};
    wire       bad_columns = s_data[95:64] != {16'd0, columns};
    wire       bad_magic = s_data[127:96] != `TERN_ACTIVATION_MAGIC;
    wire       bad_header = header_first & (bad_exponent | bad_groups | bad_columns | bad_magic);
    wire [2:0] header_word = bad_magic ? 3'd3 : bad_groups ? 3'd1 : bad_columns ? 3'd2 : 3'd0;
    reg        bad_shift;
    integer    word;

    always @* begin
        bad_shift = 1'b0;
        for (word = 0; word < BEAT_WORDS; word = word + 1)
            if (part == SHIFTS && word[9:0] < words_left && (s_data[32 * word +: 32] & ~{4{MAX_SHIFT[7:0]}}) != 32'd0)
                bad_shift = 1'b1;
    end

    wire               is_mantissas = s_valid & (part == MANTISSAS);
    wire               is_shifts = s_valid & (part == SHIFTS);
    wire               image_last = VECTORS != 1 && is_shifts && words_left <= BEAT_WORDS[9:0];
    wire [VECTORS-1:0] of_vector = VECTORS == 1 ? FIRST : FIRST << vector;
    wire               fault = s_fault != 2'd0 | bad_header | bad_shift;
    wire               loses = VECTORS != 1 && s_fault[0];

    assign mantissas_valid = of_vector & {VECTORS{is_mantissas}};
    assign shifts_valid = of_vector & {VECTORS{is_shifts}};

    always @(posedge clk)
        if (!rst_n || start) begin
            part <= HEADER;
            index <= 13'd0;
            vector <= 2'd0;
            failed <= 1'b0;
            lost <= {VECTORS{1'b0}};
        end else if (s_valid) begin
            index <= index + 13'd1;
            if (part != SHIFTS && part_last) begin
                index <= 13'd0;
                part <= part == HEADER ? MANTISSAS : SHIFTS;
            end
            if (image_last) begin
                index <= 13'd0;
                part <= HEADER;
                vector <= vector + 2'd1;
            end
            // A burst outside the window has no beats to count: the run cannot go on.
            failed <= failed | s_fault[1] | (fault & ~loses & ~|(lost & of_vector));
            lost <= lost | (of_vector & {VECTORS{loses}});
        end

    integer choice;

    always @(posedge clk) begin
        mantissa_last <= mantissa_beats - 13'd1;
        if (start || image_last)
            words_left <= groups[11:2];
        else if (is_shifts)
            words_left <= words_left < BEAT_WORDS[9:0] ? 10'd0 : words_left - BEAT_WORDS[9:0];
        for (choice = 0; choice < VECTORS; choice = choice + 1)
            if (s_valid && header_first && of_vector[choice])
                base_exponents[9 * choice +: 9] <= s_data[8:0];
        if (s_valid && !failed) begin
            status <= s_fault[0] ? `TERN_STATUS_BUS_ERROR
                    : s_fault[1] ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_BAD_ACTIVATION;
            bad_vector <= s_fault != 2'd0 ? 2'd0 : vector;
            bad_word <= s_fault != 2'd0 ? 3'd0 : part == SHIFTS ? 3'd4 : header_word;
        end
    end

    wire unused = &{1'b0, groups[1:0], HEADER_BEATS[31:13], BEAT_WORDS[31:10], MAX_SHIFT[31:8]};
endmodule

`default_nettype wire
