// SPDX-License-Identifier: Apache-2.0
// The reads of a run: three streams of bursts share one memory reader. Checksums have priority, then steps and the
// activation images, then weights. A stream requests only what its receiver has room for, so an arriving beat is always taken.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul_reads #(
    parameter LANES = 1,
    parameter VECTORS = 1,
    parameter QUEUE_LOG2 = 9,         // beats of room for weights
    parameter CRC_BEATS = 16          // beats of room for checksums
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 launch,           // everything but the weights
    input  wire                 launch_weights,
    input  wire                 stop,
    input  wire [63:0]          window_base,
    input  wire [64:0]          window_end,
    input  wire [63:0]          steps,
    input  wire [63:0]          activation,       // the first image
    input  wire [63:0]          activation_stride,
    input  wire [2:0]           vectors,          // images
    input  wire [19:0]          activation_beats, // of an image
    input  wire [63:0]          crc,
    input  wire [19:0]          crc_beats,
    input  wire [63:0]          weights,
    input  wire [17:0]          strips,
    input  wire [19:0]          prefix_beats,     // of a strip: codes and the planes in use
    input  wire [31:0]          skip_bytes,       // planes not in use
    input  wire                 crc_release,      // room for a beat of checksums
    input  wire                 weight_release,   // room for a beat of weights
    output wire                 activation_asked, // all of it is requested
    output wire                 weights_asked,    // a burst of weights is requested
    output wire                 idle,
    output wire                 step_beat,
    output wire                 activation_beat,
    output wire                 crc_beat,
    output wire                 weight_beat,
    output wire [128*LANES-1:0] data,
    output wire [1:0]           fault,            // of the beat: bit 0 bus error, bit 1 outside the window
    output wire                 m_read_valid,
    input  wire                 m_read_ready,
    output wire [63:0]          m_read_address,
    output wire [6:0]           m_read_beats,
    input  wire                 m_answer_valid,
    input  wire [128*LANES-1:0] m_answer_data,
    input  wire                 m_answer_last,
    input  wire                 m_answer_error
);
    localparam BEAT_BYTES_LOG2 = $clog2(16 * LANES);
    localparam [1:0] TO_ACTIVATIONS = 2'd0, TO_CRC = 2'd1, TO_QUEUE = 2'd2, TO_STEPS = 2'd3;
    localparam [31:0] STEP_BYTES = 4 * `TERN_STEPS;
    localparam [31:0] STEP_BEATS = (STEP_BYTES + 16 * LANES - 1) / (16 * LANES);

    wire        activation_valid;
    wire [63:0] activation_address;
    wire [6:0]  activation_burst;
    wire        activation_active;
    wire        crc_valid;
    wire [63:0] crc_address;
    wire [6:0]  crc_burst;
    wire        crc_active;
    wire        weight_valid;
    wire [63:0] weight_address;
    wire [6:0]  weight_burst;
    wire        weight_active;
    wire        request_ready;
    wire        weight_ready = request_ready & ~crc_valid & ~activation_valid;

    // One generator asks for the steps, then for the images, one by one.
    reg         asking_steps;
    reg  [2:0]  images_left; // after the first one
    reg  [63:0] later_image;
    wire        steps_asked = asking_steps & ~activation_active;
    wire        image_asked = VECTORS != 1 && !asking_steps && !activation_active && images_left != 3'd0;
    wire [63:0] image = VECTORS == 1 || asking_steps ? activation : later_image;

    always @(posedge clk)
        if (!rst_n || stop) begin
            asking_steps <= 1'b0;
            images_left <= 3'd0;
        end else begin
            asking_steps <= launch | (asking_steps & ~steps_asked);
            images_left <= launch ? vectors - 3'd1 : images_left - {2'd0, image_asked};
        end

    always @(posedge clk)
        if (steps_asked || image_asked)
            later_image <= image + activation_stride;

    assign activation_asked = ~activation_active & ~asking_steps & images_left == 3'd0;
    assign weights_asked = weight_valid & weight_ready;

    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_BYTES_LOG2), .CREDITS(512), .KEEP_CREDITS(VECTORS > 1)) activation_bursts (
        .clk, .rst_n,
        .start(launch | steps_asked | image_asked),
        .stop,
        .base(asking_steps || image_asked ? image : steps),
        .segment_beats(asking_steps || image_asked ? activation_beats : STEP_BEATS[19:0]),
        .segments(18'd1),
        .skip_bytes(32'd0),
        .release_beat(activation_beat),
        .m_valid(activation_valid),
        .m_ready(request_ready & ~crc_valid),
        .m_address(activation_address),
        .m_beats(activation_burst),
        .active(activation_active)
    );
    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_BYTES_LOG2), .MAX_BURST(4), .CREDITS(CRC_BEATS)) crc_bursts (
        .clk, .rst_n,
        .start(launch),
        .stop,
        .base(crc),
        .segment_beats(crc_beats),
        .segments(18'd1),
        .skip_bytes(32'd0),
        .release_beat(crc_release),
        .m_valid(crc_valid),
        .m_ready(request_ready),
        .m_address(crc_address),
        .m_beats(crc_burst),
        .active(crc_active)
    );
    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_BYTES_LOG2), .CREDITS(1 << QUEUE_LOG2)) weight_bursts (
        .clk, .rst_n,
        .start(launch_weights),
        .stop,
        .base(weights),
        .segment_beats(prefix_beats),
        .segments(strips),
        .skip_bytes,
        .release_beat(weight_release),
        .m_valid(weight_valid),
        .m_ready(weight_ready),
        .m_address(weight_address),
        .m_beats(weight_burst),
        .active(weight_active)
    );

    wire       beat;
    wire [1:0] destination;

    assign step_beat = beat && destination == TO_STEPS;
    assign activation_beat = beat && destination == TO_ACTIVATIONS;
    assign crc_beat = beat && destination == TO_CRC;
    assign weight_beat = beat && destination == TO_QUEUE;

    tern_memory_reader #(.DATA_BITS(128 * LANES)) reader (
        .clk, .rst_n, .stop, .window_base, .window_end,
        .s_valid(activation_valid | crc_valid | weight_valid),
        .s_ready(request_ready),
        .s_address(crc_valid ? crc_address : activation_valid ? activation_address : weight_address),
        .s_beats(crc_valid ? crc_burst : activation_valid ? activation_burst : weight_burst),
        .s_destination(crc_valid ? TO_CRC : activation_valid ? asking_steps ? TO_STEPS : TO_ACTIVATIONS : TO_QUEUE),
        .idle,
        .m_valid(beat),
        .m_data(data),
        .m_error(fault[0]),
        .m_refused(fault[1]),
        .m_destination(destination),
        .m_read_valid, .m_read_ready, .m_read_address, .m_read_beats, .m_answer_valid, .m_answer_data,
        .m_answer_last, .m_answer_error
    );

    wire unused = &{1'b0, crc_active, weight_active, STEP_BEATS[31:20]};
endmodule

`default_nettype wire
