// SPDX-License-Identifier: Apache-2.0
// Control of one run. It checks the shape, derives the sizes, starts the reads, and ends the run. A fault stops the
// stream. The strips before the fault are finished and written; then the unit is ready for the next run. A fault of the
// activations counts before one of the steps, and both before one of the weights: nothing is written then. A cancelled
// run only waits for the requests that memory has taken.
// Model: tern_matmul_check() of cmodel/matmul/matmul.c.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul_control #(
    parameter LANES = 1,
    parameter VECTORS = 1,
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        start,
    input  wire        cancel,
    output wire        busy,
    output reg  [7:0]  status,
    output reg  [17:0] error_detail,     // the register, a cycle after status
    input  wire        check_only,       // the run ends when the activations are checked
    input  wire [31:0] rows,
    input  wire [31:0] columns,
    input  wire [11:0] groups,
    input  wire [3:0]  depth_stored,
    input  wire [3:0]  depth_used,
    input  wire [31:0] vectors,
    input  wire        misaligned,       // one of the five addresses, or a stride
    output reg  [17:0] strips,
    output reg  [11:0] code_beats,       // beats of the bus
    output reg  [11:0] plane_beats,
    output reg  [19:0] prefix_beats,     // of a strip: codes and the planes in use
    output reg  [31:0] skip_bytes,       // planes not in use
    output reg  [19:0] crc_beats,
    output reg  [12:0] mantissa_beats,
    output reg  [19:0] activation_beats, // of an image
    output reg         launch,           // pulse: sizes hold, everything but the weight stream starts
    output reg         launch_weights,   // pulse
    output wire        stop,             // level: the run failed or is over, no further requests
    output reg         discard,          // level: and nothing held is worth writing
    output wire        flush,            // level: no result will come any more
    input  wire        activation_asked, // all its bursts are requested
    input  wire        activation_beat,
    input  wire        activation_failed,
    input  wire [7:0]  activation_status,
    input  wire [1:0]  activation_vector,
    input  wire [2:0]  activation_word,
    input  wire        steps_ready,
    input  wire        steps_failed,
    input  wire [7:0]  steps_status,
    input  wire [4:0]  steps_entry,
    input  wire        check_failed,
    input  wire [7:0]  check_status,
    input  wire [17:0] check_strip,
    input  wire        result_valid,     // a row of the last vector: the others have theirs
    input  wire        reads_idle,
    input  wire        finish_idle,
    input  wire        writer_idle,
    input  wire        writer_failed,
    input  wire [7:0]  writer_status,
    input  wire [17:0] writer_strip,
    input  wire        vector_failed,    // the first of the vectors that failed alone, and whether it is vector 0
    input  wire        vector_failed_0,
    input  wire [7:0]  vector_status,
    input  wire [17:0] vector_detail
);
    localparam [2:0] IDLE = 3'd0, CHECK = 3'd1, SIZE = 3'd2, LAUNCH = 3'd3, LOAD = 3'd4, STREAM = 3'd5, DRAIN = 3'd6,
                     FLUSH = 3'd7;
    localparam LANES_LOG2 = $clog2(LANES);
    localparam [31:0] BEAT_WORDS = 4 * LANES;
    localparam [31:0] LARGEST_COLUMNS = MAX_GROUPS * `TERN_GROUP_COLUMNS;
    localparam [31:0] MOST_VECTORS = VECTORS;
    localparam [31:0] LARGEST_DEPTH = `TERN_MAX_DEPTH;
    // Beats of activations still to come when the weights are asked for: the wait for memory overlaps them.
    localparam [19:0] AHEAD = 20'd64;
    localparam [31:0] HEADER_BEATS = `TERN_ACTIVATION_HEADER_BYTES / (16 * LANES);
    // Longer than any item stays in the lanes' pipeline.
    localparam [4:0] PIPELINE = 5'd20;

    // Where the detail comes from. The sources hold what failed first.
    localparam [2:0] KEEP = 3'd0, NONE = 3'd1, ACTIVATION = 3'd2, STEP = 3'd3, STRIP = 3'd4, WRITER = 3'd5,
                     CANCELLED = 3'd6, VECTOR = 3'd7;

    reg [2:0]  state;
    reg [2:0]  step;             // of the sizes: a sum or two each
    reg [2:0]  detail;
    reg [7:0]  verdict;
    reg [17:0] strip_in_work;
    reg [4:0]  quiet;
    reg        cancelled;
    reg        refused;      // status and detail are those of all vectors
    reg [19:0] activation_left;
    reg [18:0] results_left;

    wire       bad_length = rows == 32'd0 || rows > `TERN_MAX_ROWS || columns == 32'd0 || columns > LARGEST_COLUMNS
                          || (VECTORS != 1 && (vectors == 32'd0 || vectors > MOST_VECTORS));
    wire       bad_depth = depth_stored == 4'd0 || depth_stored > LARGEST_DEPTH[3:0]
                         || depth_used == 4'd0 || depth_used > depth_stored;
    wire [7:0] refusal = bad_length ? `TERN_STATUS_BAD_LENGTH
                       : bad_depth ? `TERN_STATUS_BAD_DEPTH
                       : misaligned ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_OK;

    wire       working = state == LOAD || state == STREAM;
    wire       loaded = activation_left == 20'd0; // a fault of the last beat is known

    assign busy = state != IDLE;
    assign stop = state == DRAIN || state == FLUSH || state == IDLE;
    assign flush = state == FLUSH;

    always @(posedge clk)
        if (!rst_n) begin
            state <= IDLE;
            status <= `TERN_STATUS_OK;
            detail <= NONE;
            launch <= 1'b0;
            launch_weights <= 1'b0;
            discard <= 1'b0;
            cancelled <= 1'b0;
            refused <= 1'b0;
        end else begin
            launch <= state == SIZE && step == 3'd0; // with state LAUNCH
            launch_weights <= 1'b0;
            detail <= KEEP;
            case (state)
                IDLE: if (start) begin
                    state <= CHECK;
                    status <= `TERN_STATUS_OK;
                    detail <= NONE;
                    refused <= 1'b0;
                end
                CHECK: if (step == 3'd6) begin
                    state <= verdict == `TERN_STATUS_OK ? SIZE : IDLE;
                    status <= verdict;
                end
                SIZE: if (step == 3'd0) state <= LAUNCH;
                LAUNCH: state <= LOAD;
                LOAD: if (check_only) begin
                    if (loaded) state <= FLUSH;
                end else if (activation_asked && activation_left <= AHEAD) begin
                    state <= STREAM;
                    launch_weights <= 1'b1;
                end
                STREAM: if (results_left == 19'd0) state <= FLUSH;
                DRAIN: if (quiet == PIPELINE && reads_idle && (discard || finish_idle)) state <= FLUSH;
                FLUSH: if (writer_idle && reads_idle) begin
                    state <= IDLE;
                    discard <= 1'b0;
                    // The first vector that failed counts. What ended the stream failed those that had not yet.
                    if (vector_failed && !refused && (vector_failed_0 || status == `TERN_STATUS_OK)) begin
                        status <= vector_status;
                        detail <= VECTOR;
                    end
                end
            endcase
            cancelled <= busy & (cancelled | cancel);
            if (working || state == DRAIN || state == FLUSH) begin
                if (working && activation_failed) begin
                    state <= DRAIN;
                    status <= activation_status;
                    detail <= ACTIVATION;
                    discard <= 1'b1;
                    refused <= 1'b1;
                end else if (working && steps_failed && loaded && !check_only) begin
                    state <= DRAIN;
                    status <= steps_status;
                    detail <= STEP;
                    discard <= 1'b1;
                end else if (working && check_failed && steps_ready) begin
                    state <= DRAIN;
                    status <= check_status;
                    detail <= STRIP;
                end
                if (!discard && writer_failed) begin
                    state <= DRAIN;
                    status <= writer_status;
                    detail <= WRITER;
                    discard <= 1'b1;
                end
                if (cancelled && !discard) begin
                    state <= DRAIN;
                    discard <= 1'b1;
                    if (status == `TERN_STATUS_OK) begin
                        status <= `TERN_STATUS_TIMEOUT;
                        refused <= 1'b1;
                        detail <= CANCELLED;
                    end
                end
            end
        end

    always @(posedge clk)
        case (detail)
            NONE: error_detail <= 18'd0;
            ACTIVATION: error_detail <= {8'd0, activation_vector, 5'd0, activation_word};
            STEP: error_detail <= {13'd0, steps_entry};
            STRIP: error_detail <= check_strip;
            WRITER: error_detail <= writer_strip;
            CANCELLED: error_detail <= strip_in_work;
            VECTOR: error_detail <= vector_detail;
            default: ;
        endcase

    always @(posedge clk) begin
        // With all strips in, it is results that are not taken.
        strip_in_work <= check_strip == strips ? strips - 18'd1 : check_strip;
        quiet <= state != DRAIN ? 5'd0 : quiet == PIPELINE ? quiet : quiet + 5'd1;
        if (launch)
            results_left <= rows[18:0];
        else if (result_valid)
            results_left <= results_left - 19'd1;
        if (launch)
            activation_left <= VECTORS == 1 ? activation_beats : image_beats[19:0];
        else if (activation_beat && !loaded)
            activation_left <= activation_left - 20'd1;
    end

    // A few ANDs and adds, where a multiplication would take a DSP block.
    function [20:0] times(input [17:0] value, input [2:0] factor);
        times = ({3'd0, value} & {21{factor[0]}}) + ({2'd0, value, 1'b0} & {21{factor[1]}})
              + ({1'd0, value, 2'd0} & {21{factor[2]}});
    endfunction

    // Sizes. 838861 / 2^22 is 1/5 with an error far below what rows up to 2^18 could see.
    // 838861 = 4 * 0x33333 + 1. What a run is asked for does not change meanwhile, so every step computes all of them.
    reg [18:0] rows_4;
    reg [20:0] times_3;
    reg [24:0] times_33;         // hexadecimal factors
    reg [32:0] times_3333;
    reg [36:0] times_33333;
    reg [38:0] fifth;
    reg [12:0] code_blocks;      // of 64 bytes
    reg [20:0] crc_words;
    reg [20:0] plane_beats_used;
    reg [20:0] groups_unused;
    wire [20:0] image_beats = times(activation_beats[17:0], vectors[2:0]);
    wire [31:0] crc_beats_wide = ({11'd0, crc_words} + BEAT_WORDS - 32'd1) >> (LANES_LOG2 + 2);
    wire [31:0] shift_beats = ({20'd0, groups} + 32'd4 * BEAT_WORDS - 32'd1) >> (LANES_LOG2 + 4);

    always @(posedge clk) begin
        step <= state == CHECK || state == SIZE ? step + 3'd1 : 3'd0;
        verdict <= refusal;
        if (state == CHECK) begin
            rows_4 <= rows[18:0] + 19'd4;
            times_3 <= {2'd0, rows_4} + {1'b0, rows_4, 1'b0};
            times_33 <= {4'd0, times_3} + {times_3, 4'd0};
            times_3333 <= {8'd0, times_33} + {times_33, 8'd0};
            times_33333 <= {times_3333, 4'd0} + {16'd0, times_3};
            fifth <= {times_33333, 2'd0} + {20'd0, rows_4};
            code_blocks <= ({1'b0, groups} + {groups, 1'b0} + 13'd63) >> 6;
            groups_unused <= times({6'd0, groups}, depth_stored[2:0] - depth_used[2:0]);
            strips <= {1'b0, fifth[38:22]};
            code_beats <= {code_blocks[9:0], 2'b00} >> LANES_LOG2;
            plane_beats <= groups >> LANES_LOG2;
            skip_bytes <= {7'd0, groups_unused, 4'd0};
            mantissa_beats <= {groups, 1'b0} >> LANES_LOG2;
        end
        if (state == SIZE) begin
            crc_words <= times(strips, depth_stored[2:0] + 3'd1);
            plane_beats_used <= times({6'd0, plane_beats}, depth_used[2:0]);
            prefix_beats <= {8'd0, code_beats} + plane_beats_used[19:0];
            crc_beats <= crc_beats_wide[19:0];
            activation_beats <= HEADER_BEATS[19:0] + {7'd0, mantissa_beats} + shift_beats[19:0];
        end
    end

    wire unused = &{1'b0, fifth[21:0], code_blocks[12:10], crc_beats_wide[31:20], shift_beats[31:20],
                     plane_beats_used[20], image_beats, vectors, LARGEST_DEPTH[31:4], HEADER_BEATS[31:20]};
endmodule

`default_nettype wire
