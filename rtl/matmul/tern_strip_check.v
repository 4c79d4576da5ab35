// SPDX-License-Identifier: Apache-2.0
// Checks the weight stream in order: faults of beats and of expected checksums, then the checksums themselves. The
// first fault is kept with its strip. No later strip counts as good. The ports are at stage 0 of the lanes' pipeline,
// the result is at stage 4.
// Model: tern_matmul_strip_is_sound() of cmodel/matmul/matmul.c.
`default_nettype none

`include "tern_spec.vh"

module tern_strip_check #(
    parameter BITS = 128
) (
    input  wire            clk,
    input  wire            rst_n,
    input  wire            start,
    input  wire            s_take,
    input  wire [BITS-1:0] s_data,
    input  wire [1:0]      s_fault,   // of the beat: bit 0 bus error, bit 1 outside the window
    input  wire            s_segment_first,
    input  wire            s_segment_last,
    input  wire            s_strip_last,
    input  wire [31:0]     s_word,    // expected checksum, with the segment's last beat
    input  wire [1:0]      s_word_fault,
    output reg             failed,
    output reg  [7:0]      status,    // why
    output reg  [17:0]     strip,     // where; the strip in work while nothing failed
    output reg             strip_good // pulse: a strip's last beat passed stage 4 and all of it was sound
);
    reg [3:1]  take;
    reg [2:1]  segment_last;
    reg [3:1]  strip_last;
    reg [1:0]  fault [1:3];
    reg        mismatch;
    reg [31:0] word [1:2];
    wire [31:0] crc;

    tern_crc32c #(.BITS(BITS)) crc32c (
        .clk,
        .s_valid(s_take),
        .s_first(s_segment_first),
        .s_data,
        .m_crc(crc)
    );

    wire       bad = take[3] && (fault[3] != 2'd0 || mismatch);
    wire [7:0] reason = fault[3][0] ? `TERN_STATUS_BUS_ERROR
                      : fault[3][1] ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_CHECKSUM;

    always @(posedge clk)
        if (s_take) begin
            segment_last[1] <= s_segment_last;
            strip_last[1] <= s_strip_last;
            fault[1] <= s_fault | (s_word_fault & {2{s_segment_last}});
            if (s_segment_last)
                word[1] <= s_word;
        end

    always @(posedge clk)
        if (take[1]) begin
            segment_last[2] <= segment_last[1];
            strip_last[2] <= strip_last[1];
            fault[2] <= fault[1];
            word[2] <= word[1];
        end

    always @(posedge clk) begin
        mismatch <= segment_last[2] && crc != word[2];
        fault[3] <= fault[2];
        strip_last[3] <= strip_last[2];
    end

    always @(posedge clk)
        if (!rst_n || start) begin
            take <= 3'd0;
            failed <= 1'b0;
            strip_good <= 1'b0;
            status <= `TERN_STATUS_OK;
            strip <= 18'd0;
        end else begin
            take <= {take[2:1], s_take};
            strip_good <= take[3] & strip_last[3] & ~bad & ~failed;
            if (bad && !failed) begin
                failed <= 1'b1;
                status <= reason;
            end
            if (take[3] && strip_last[3] && !bad && !failed)
                strip <= strip + 18'd1;
        end
endmodule

`default_nettype wire
