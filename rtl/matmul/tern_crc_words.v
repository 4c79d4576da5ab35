// SPDX-License-Identifier: Apache-2.0
// Expected checksums, fetched ahead: beats of the table enter, one word a segment leaves. `advance` passes 1 to 4
// words, which skips those of planes not in use. The fault of a beat leaves with each of its words.
`default_nettype none

module tern_crc_words #(
    parameter BEAT_WORDS = 4,     // 4 x LANES
    parameter BEATS = 16
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire                     clear,
    input  wire                     s_valid,
    input  wire [32*BEAT_WORDS-1:0] s_data,
    input  wire [1:0]               s_fault,      // bit 0 bus error, bit 1 outside the window
    output wire                     release_beat, // a beat's room is free again
    output reg                      m_valid,
    output reg  [31:0]              m_word,
    output reg  [1:0]               m_fault,
    input  wire                     advance,      // only while m_valid
    input  wire [2:0]               advance_words
);
    localparam WORD_BITS = $clog2(BEAT_WORDS);
    localparam BEAT_BITS = $clog2(BEATS);
    localparam POINTER_BITS = WORD_BITS + BEAT_BITS + 2;

    reg [32*BEAT_WORDS+1:0] beats [0:BEATS-1];
    reg [POINTER_BITS-1:0]  written;  // words
    reg [POINTER_BITS-1:0]  pointer;
    reg [POINTER_BITS-1:WORD_BITS] earlier; // beat of the pointer, a cycle ago

    wire [POINTER_BITS-1:0]  step = {{(POINTER_BITS - 3){1'b0}}, advance_words};
    wire [POINTER_BITS-1:0]  filled = written - pointer;
    wire [32*BEAT_WORDS+1:0] beat = beats[pointer[WORD_BITS +: BEAT_BITS]];

    // Skipping may run ahead of what has come, hence the test for "positive".
    wire present = ~filled[POINTER_BITS-1] && filled != 0;

    assign release_beat = pointer[POINTER_BITS-1:WORD_BITS] != earlier;

    always @(posedge clk)
        if (s_valid)
            beats[written[WORD_BITS +: BEAT_BITS]] <= {s_fault, s_data};

    always @(posedge clk)
        if (!rst_n || clear) begin
            written <= 0;
            pointer <= 0;
            earlier <= 0;
            m_valid <= 1'b0;
        end else begin
            if (s_valid)
                written <= written + {{(POINTER_BITS - WORD_BITS - 1){1'b0}}, 1'b1, {WORD_BITS{1'b0}}};
            if (advance) // it comes late, the sum does not wait for it
                pointer <= pointer + step;
            earlier <= pointer[POINTER_BITS-1:WORD_BITS];
            m_valid <= present & ~advance;
        end

    always @(posedge clk)
        if (present) begin
            m_word <= beat[32 * pointer[WORD_BITS-1:0] +: 32];
            m_fault <= beat[32*BEAT_WORDS +: 2];
        end
endmodule

`default_nettype wire
