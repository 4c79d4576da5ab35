// SPDX-License-Identifier: Apache-2.0
// Position of the weight stream within the strip: which segment the next beat belongs to, and whether it can be taken.
// The codes come first, then the planes, most significant first. The planes of a strip wait only for an empty bank
// of bins. The last beat of a segment waits only for its expected checksum. Each cycle of the stream is counted as exactly
// one of taken, starved or stalled. `take` is combinational from s_valid; all else comes from registers.
`default_nettype none

module tern_strip_sequencer (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        start,
    input  wire        stop,
    input  wire        requested,     // the stream's first burst is asked for: slots count from here
    input  wire [17:0] strips,
    input  wire [11:0] code_beats,
    input  wire [11:0] plane_beats,
    input  wire [2:0]  depth_stored,
    input  wire [2:0]  depth_used,
    input  wire        s_valid,
    input  wire        word_valid,    // expected checksum of this segment
    input  wire        sweeping,      // the bins are being emptied
    input  wire        bank_released, // finish has read a bank
    output wire        take,
    output wire        is_plane,
    output reg  [11:0] beat,          // within the segment
    output reg         segment_first,
    output reg         segment_last,
    output wire        strip_last,
    output wire [2:0]  advance_words, // to the next segment's expected checksum
    output reg  [2:0]  plane,         // index as stored; 3 to this is its weight
    output reg         bank,
    output wire        slot_taken,
    output wire        slot_starved,
    output wire        slot_stalled
);
    reg        active;
    reg        counting;
    reg [17:0] strips_left;
    reg        in_planes;
    reg [11:0] beats_left;   // of the segment, this one not counted
    reg [1:0]  banks_held;   // strips whose bins finish has not read

    wire [2:0] top_plane = depth_stored - 3'd1;
    wire [2:0] last_plane = depth_stored - depth_used;
    // Of the next beat, in registers: `take` goes to many places.
    reg        strip_begins;
    reg        last_segment; // of the strip
    reg        one_code;
    reg        one_plane;
    reg        only_plane;
    wire       hold = strip_begins & (sweeping | banks_held[1]);
    wire       present = s_valid & (~segment_last | word_valid);

    assign take = active & present & ~hold;
    assign is_plane = in_planes;
    assign strip_last = segment_last & last_segment;
    assign advance_words = strip_last ? last_plane + 3'd1 : 3'd1;
    assign slot_taken = take;
    assign slot_stalled = counting & active & present & hold;
    assign slot_starved = counting & active & ~present;

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
            if (take && strip_last && strips_left == 18'd1)
                active <= 1'b0;
            banks_held <= banks_held + {1'b0, take & strip_begins} - {1'b0, bank_released};
        end

    always @(posedge clk) begin
        one_code <= code_beats == 12'd1;
        one_plane <= plane_beats == 12'd1;
        only_plane <= depth_used == 3'd1;
    end

    always @(posedge clk)
        if (start) begin
            segment_first <= 1'b1;
            segment_last <= one_code;
            strip_begins <= 1'b0;
            last_segment <= 1'b0;
        end else if (take) begin
            segment_first <= segment_last;
            segment_last <= segment_last ? (strip_last ? one_code : one_plane) : beats_left == 12'd1;
            strip_begins <= segment_last & ~in_planes;
            if (segment_last)
                last_segment <= in_planes ? ~last_segment & (plane == last_plane + 3'd1) : only_plane;
        end

    always @(posedge clk)
        if (start) begin
            strips_left <= strips;
            in_planes <= 1'b0;
            plane <= 3'd0;
            beat <= 12'd0;
            beats_left <= code_beats - 12'd1;
            bank <= 1'b0;
        end else if (take) begin
            beat <= segment_last ? 12'd0 : beat + 12'd1;
            beats_left <= beats_left - 12'd1;
            if (segment_last) begin
                in_planes <= ~strip_last;
                plane <= in_planes ? plane - 3'd1 : top_plane;
                beats_left <= (strip_last ? code_beats : plane_beats) - 12'd1;
            end
            if (strip_last) begin
                strips_left <= strips_left - 18'd1;
                bank <= ~bank;
            end
        end
endmodule

`default_nettype wire
