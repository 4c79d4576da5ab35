// SPDX-License-Identifier: Apache-2.0
// Follows the beats of an activation image: header, mantissas, shifts. It tells the lanes what a beat holds, keeps the
// base exponent, and checks the words of the header and each shift. The first fault is kept. It is there in the cycle
// after its beat.
// Model: tern_activation_check_header() of cmodel/matmul/activation_check.c.
`default_nettype none

`include "tern_spec.vh"

module tern_activation_check #(
    parameter LANES = 1
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
    output wire                 mantissas_valid, // the beat holds mantissas
    output wire                 shifts_valid,
    output reg  [12:0]          index,           // of the beat within mantissas or shifts
    output reg  [8:0]           base_exponent,   // signed
    output reg                  failed,
    output reg  [7:0]           status,          // why
    output reg  [2:0]           bad_word         // of the header; 4: a shift
);
    localparam [1:0] HEADER = 2'd0, MANTISSAS = 2'd1, SHIFTS = 2'd2;
    localparam [31:0] HEADER_BEATS = `TERN_ACTIVATION_HEADER_BYTES / (16 * LANES);
    localparam [31:0] BEAT_WORDS = 4 * LANES;
    localparam signed [31:0] LEAST = `TERN_LEAST_BASE_EXPONENT;
    localparam signed [31:0] LARGEST = `TERN_LARGEST_BASE_EXPONENT;
    localparam [31:0] MAX_SHIFT = `TERN_MAX_SHIFT;

    reg [1:0] part;
    reg [9:0] words_left; // of shifts, four to a word; the rest of the last beat is not checked

    wire       part_last = index == (part == HEADER ? HEADER_BEATS[12:0] : mantissa_beats) - 13'd1;
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

    assign mantissas_valid = s_valid & (part == MANTISSAS);
    assign shifts_valid = s_valid & (part == SHIFTS);

    always @(posedge clk)
        if (!rst_n || start) begin
            part <= HEADER;
            index <= 13'd0;
            failed <= 1'b0;
        end else if (s_valid) begin
            index <= index + 13'd1;
            if (part != SHIFTS && part_last) begin
                index <= 13'd0;
                part <= part == HEADER ? MANTISSAS : SHIFTS;
            end
            failed <= failed | s_fault != 2'd0 | bad_header | bad_shift;
        end

    always @(posedge clk) begin
        if (start)
            words_left <= groups[11:2];
        else if (shifts_valid)
            words_left <= words_left < BEAT_WORDS[9:0] ? 10'd0 : words_left - BEAT_WORDS[9:0];
        if (s_valid && header_first)
            base_exponent <= s_data[8:0];
        if (s_valid && !failed) begin
            status <= s_fault[0] ? `TERN_STATUS_BUS_ERROR
                    : s_fault[1] ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_BAD_ACTIVATION;
            bad_word <= s_fault != 2'd0 ? 3'd0 : part == SHIFTS ? 3'd4 : header_word;
        end
    end

    wire unused = &{1'b0, groups[1:0], HEADER_BEATS[31:13], BEAT_WORDS[31:10], MAX_SHIFT[31:8]};
endmodule

`default_nettype wire
