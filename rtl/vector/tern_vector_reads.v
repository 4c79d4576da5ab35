// SPDX-License-Identifier: Apache-2.0
// The two input streams of the vector unit share one memory reader. They take turns while both ask.
`default_nettype none

module tern_vector_reads #(
    parameter LANES = 1,
    parameter WAYS = 8
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 launch,
    input  wire                 has_right,
    input  wire                 stop,
    input  wire [63:0]          window_base,
    input  wire [64:0]          window_end,
    input  wire [63:0]          left,
    input  wire [63:0]          left_stride,
    input  wire [18:0]          left_rows,
    input  wire [18:0]          left_parts,
    input  wire [18:0]          left_words,
    input  wire [14:0]          left_groups,
    input  wire                 twice,
    input  wire                 all_twice,
    input  wire [31:0]          left_pad,
    input  wire [63:0]          right,
    input  wire [63:0]          right_stride,
    input  wire [18:0]          right_rows,
    input  wire [18:0]          right_words,
    input  wire [14:0]          right_groups,
    output wire                 idle,
    output wire                 fault,          // memory refused a beat
    output wire                 refused,        // a burst leaves the window
    output wire                 left_valid,
    input  wire                 left_ready,
    output wire [32*WAYS-1:0]   left_piece,
    output wire                 right_valid,
    input  wire                 right_ready,
    output wire [32*WAYS-1:0]   right_piece,
    output wire                 m_read_valid,
    input  wire                 m_read_ready,
    output wire [63:0]          m_read_address,
    output wire [6:0]           m_read_beats,
    input  wire                 m_answer_valid,
    input  wire [128*LANES-1:0] m_answer_data,
    input  wire                 m_answer_last,
    input  wire                 m_answer_error
);
    wire                 left_asks;
    wire [63:0]          left_address;
    wire [6:0]           left_beats;
    wire                 right_asks;
    wire [63:0]          right_address;
    wire [6:0]           right_beats;
    wire                 request_ready;
    wire                 beat;
    wire [128*LANES-1:0] data;
    wire [1:0]           destination;
    wire                 beat_fault;
    wire                 beat_refused;
    // Chosen a cycle before: a stream that asks alone may wait a cycle.
    reg                  to_right;
    reg                  from_left;    // !to_right, for the addresses
    wire                 asks = to_right ? right_asks : left_asks;
    wire                 next_right = request_ready && asks ? !to_right && right_asks
                                    : asks ? to_right : right_asks && !left_asks;

    always @(posedge clk) begin
        to_right <= next_right;
        from_left <= !next_right;
    end

    tern_vector_load #(.LANES(LANES), .WAYS(WAYS)) left_load (
        .clk, .rst_n, .stop,
        .start(launch),
        .base(left),
        .stride(left_stride),
        .rows(left_rows),
        .parts(left_parts),
        .elements(left_words),
        .groups(left_groups),
        .twice, .all_twice,
        .pad(left_pad),
        .request_valid(left_asks),
        .request_ready(request_ready && !to_right),
        .request_address(left_address),
        .request_beats(left_beats),
        .beat(beat && !destination[0]),
        .beat_data(data),
        .m_valid(left_valid),
        .m_ready(left_ready),
        .m_piece(left_piece)
    );

    tern_vector_load #(.LANES(LANES), .WAYS(WAYS)) right_load (
        .clk, .rst_n, .stop,
        .start(launch && has_right),
        .base(right),
        .stride(right_stride),
        .rows(right_rows),
        .parts(19'd1),
        .elements(right_words),
        .groups(right_groups),
        .twice(1'b0),
        .all_twice(1'b0),
        .pad(32'd0),
        .request_valid(right_asks),
        .request_ready(request_ready && to_right),
        .request_address(right_address),
        .request_beats(right_beats),
        .beat(beat && destination[0]),
        .beat_data(data),
        .m_valid(right_valid),
        .m_ready(right_ready),
        .m_piece(right_piece)
    );

    tern_memory_reader #(.DATA_BITS(128 * LANES)) reader (
        .clk, .rst_n, .stop, .window_base, .window_end,
        .s_valid(asks),
        .s_ready(request_ready),
        .s_address(from_left ? left_address : right_address),
        .s_beats(from_left ? left_beats : right_beats),
        .s_destination({1'b0, to_right}),
        .idle,
        .m_valid(beat),
        .m_data(data),
        .m_error(beat_fault),
        .m_refused(beat_refused),
        .m_destination(destination),
        .m_read_valid, .m_read_ready, .m_read_address, .m_read_beats, .m_answer_valid, .m_answer_data,
        .m_answer_last, .m_answer_error
    );

    assign fault = beat && beat_fault;
    assign refused = beat && beat_refused;

    wire unused = destination[1];
endmodule

`default_nettype wire
