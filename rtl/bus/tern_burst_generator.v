// SPDX-License-Identifier: Apache-2.0
// Cuts segments into bursts of at most MAX_BURST beats. No burst crosses a 4 KiB line. There are `segments` segments of
// `segment_beats` beats each. `skip_bytes` lie between two segments. A burst is offered only when the receiver has room
// for all of it. The receiver has CREDITS beats at start. A request uses them up, `release_beat` returns one. A burst
// takes about five cycles. With KEEP_CREDITS a start goes on with the credits that are left: only `stop` restores them.
`default_nettype none

module tern_burst_generator #(
    parameter BEAT_BYTES_LOG2 = 4,
    parameter MAX_BURST = 64,
    parameter CREDITS = 512,
    parameter KEEP_CREDITS = 0
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        start,
    input  wire        stop,
    input  wire [63:0] base,
    input  wire [19:0] segment_beats, // 1 or more
    input  wire [17:0] segments,      // 1 or more
    input  wire [31:0] skip_bytes,
    input  wire        release_beat,
    output reg         m_valid,
    input  wire        m_ready,
    output reg  [63:0] m_address,
    output reg  [6:0]  m_beats,
    output wire        active         // a request is still to come
);
    localparam [1:0] IDLE = 2'd0, SIZE = 2'd1, OFFER = 2'd2, STEP = 2'd3;
    localparam PAGE_BEATS_LOG2 = 12 - BEAT_BYTES_LOG2;
    localparam [31:0] CREDITS_32 = CREDITS;
    localparam [9:0] CREDITS_AT_START = CREDITS_32[9:0];
    localparam [19:0] LONGEST = MAX_BURST;

    reg [1:0]  state;
    reg [19:0] left;
    reg [17:0] segments_left;
    reg [9:0]  credits;
    reg        released;      // release_beat, a cycle later
    reg        sizing;        // second cycle of SIZE
    reg [19:0] shorter;
    reg        ends;          // the segment, with the burst on offer

    wire [PAGE_BEATS_LOG2:0] to_page = {1'b1, {PAGE_BEATS_LOG2{1'b0}}} - {1'b0, m_address[11:BEAT_BYTES_LOG2]};
    wire [19:0] to_page_beats = {{(19 - PAGE_BEATS_LOG2){1'b0}}, to_page};
    wire [19:0] beats = shorter < LONGEST ? shorter : LONGEST;
    wire        accepted = m_valid & m_ready;
    wire        room = credits >= {3'b0, m_beats};

    assign active = state != IDLE;

    always @(posedge clk)
        if (!rst_n || stop) begin
            state <= IDLE;
            m_valid <= 1'b0;
            credits <= CREDITS_AT_START;
            released <= 1'b0;
            sizing <= 1'b0;
        end else begin
            released <= release_beat;
            sizing <= state == SIZE && !sizing;
            credits <= (start && KEEP_CREDITS == 0 ? CREDITS_AT_START : credits) - (accepted ? {3'b0, m_beats} : 10'd0)
                     + {9'd0, released};
            case (state)
                IDLE: if (start) state <= SIZE;
                SIZE: if (sizing) state <= OFFER;
                OFFER: begin
                    m_valid <= room & ~accepted;
                    if (accepted) state <= STEP;
                end
                STEP: state <= ends && segments_left == 18'd1 ? IDLE : SIZE;
            endcase
        end

    always @(posedge clk)
        case (state)
            IDLE: if (start) begin
                m_address <= base;
                left <= segment_beats;
                segments_left <= segments;
            end
            SIZE: begin
                shorter <= left < to_page_beats ? left : to_page_beats;
                m_beats <= beats[6:0];
            end
            // The first cycle of OFFER is before the burst is taken.
            OFFER: begin
                ends <= left == {13'd0, m_beats};
                if (accepted) begin
                    m_address <= m_address + ({57'd0, m_beats} << BEAT_BYTES_LOG2);
                    left <= left - {13'd0, m_beats};
                end
            end
            STEP: if (ends) begin
                m_address <= m_address + {32'd0, skip_bytes};
                left <= segment_beats;
                segments_left <= segments_left - 18'd1;
            end
        endcase

    wire unused = &{1'b0, beats[19:7], CREDITS_32[31:10]};
endmodule

`default_nettype wire
