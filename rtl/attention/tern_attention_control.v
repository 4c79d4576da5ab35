// SPDX-License-Identifier: Apache-2.0
// Control of one run. It derives the sizes, starts the stream, and ends the run. A fault stops the stream. The batches
// before the fault are rounded and written; then the unit is ready for the next run. A cancelled run only waits for the
// requests that memory has taken.
// Model: tern_attention_unit_step() of cmodel/device/attention.c.
`default_nettype none

`include "tern_spec.vh"

module tern_attention_control (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        start,
    input  wire        cancel,
    output wire        busy,
    output reg  [7:0]  status,
    output reg  [7:0]  error_what,
    output reg  [7:0]  error_head,
    output reg  [15:0] error_index,
    input  wire        copying,          // the configuration is not there yet
    input  wire        bad_length,
    input  wire        misaligned,
    input  wire        values,
    input  wire [8:0]  head_size,
    input  wire [15:0] positions,
    output reg  [15:0] length,           // elements of an image; a cycle after the counts
    output reg  [11:0] image_groups,     // as stored
    output reg  [4:0]  head_groups,      // of a position of keys
    output reg  [11:0] records,          // of a head
    output reg  [4:0]  last_positions,   // of its last record
    output reg  [4:0]  exponent_chunks,  // of 16 bytes, of a record
    output reg  [9:0]  record_chunks,    // its mantissas
    output reg  [9:0]  last_chunks,      // those of the last record that are read
    output reg         launch,           // pulse: sizes hold
    output wire        stop,             // level: the stream failed or is over, no further requests
    output reg         discard,          // level: and nothing held is worth writing
    input  wire        streaming,        // an item is still to be taken
    input  wire        check_failed,
    input  wire [7:0]  check_status,
    input  wire [7:0]  check_what,
    input  wire [7:0]  check_head,
    input  wire [15:0] check_index,
    input  wire        reads_idle,
    input  wire        finish_idle,
    input  wire        writer_idle,
    input  wire        writer_failed,
    input  wire [7:0]  writer_status
);
    localparam [2:0] IDLE = 3'd0, CHECK = 3'd1, GROUPS = 3'd2, CHUNKS = 3'd3, LAUNCH = 3'd4, STREAM = 3'd5, DRAIN = 3'd6,
                     FLUSH = 3'd7;
    localparam [31:0] OUTPUT_WHAT = `TERN_DOT_AT_OUTPUT;
    // Longer than any item stays in the pipeline before finish.
    localparam [4:0] PIPELINE = 5'd20;

    reg [2:0] state;
    reg [4:0] quiet;
    reg       cancelled;

    wire [7:0] refusal = bad_length ? `TERN_STATUS_BAD_LENGTH
                       : misaligned ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_OK;

    assign busy = state != IDLE;
    assign stop = state == DRAIN || state == FLUSH || state == IDLE;

    always @(posedge clk)
        if (!rst_n) begin
            state <= IDLE;
            status <= `TERN_STATUS_OK;
            discard <= 1'b0;
            cancelled <= 1'b0;
            launch <= 1'b0;
            error_what <= 8'd0;
            error_head <= 8'd0;
            error_index <= 16'd0;
        end else begin
            launch <= state == CHUNKS; // with state LAUNCH
            case (state)
                IDLE: if (start) begin
                    state <= CHECK;
                    status <= `TERN_STATUS_OK;
                    error_what <= 8'd0;
                    error_head <= 8'd0;
                    error_index <= 16'd0;
                end
                CHECK: if (!copying) begin
                    state <= refusal == `TERN_STATUS_OK ? GROUPS : IDLE;
                    status <= refusal;
                end
                GROUPS: state <= CHUNKS;
                CHUNKS: state <= LAUNCH;
                LAUNCH: state <= STREAM;
                STREAM: if (!streaming) state <= DRAIN;
                DRAIN: if (quiet == PIPELINE && reads_idle && (discard || finish_idle)) state <= FLUSH;
                default: if (writer_idle && reads_idle) begin
                    state <= IDLE;
                    discard <= 1'b0;
                end
            endcase
            cancelled <= busy & (cancelled | cancel);
            if (state == STREAM || state == DRAIN || state == FLUSH) begin
                if (check_failed && status == `TERN_STATUS_OK) begin
                    state <= DRAIN;
                    status <= check_status;
                    error_what <= check_what;
                    error_head <= check_head;
                    error_index <= check_index;
                end
                if (!discard && writer_failed) begin
                    state <= DRAIN;
                    status <= writer_status;
                    error_what <= OUTPUT_WHAT[7:0];
                    error_head <= 8'd0;
                    error_index <= 16'd0;
                    discard <= 1'b1;
                end
                if (cancelled && !discard) begin
                    state <= DRAIN;
                    discard <= 1'b1;
                    if (status == `TERN_STATUS_OK) begin
                        status <= `TERN_STATUS_TIMEOUT;
                        error_what <= 8'd0;
                        error_head <= 8'd0;
                        error_index <= 16'd0;
                    end
                end
            end
        end

    always @(posedge clk)
        quiet <= state != DRAIN ? 5'd0 : quiet == PIPELINE ? quiet : quiet + 5'd1;

    // Sizes. Five bits times five, without a multiplier.
    function [9:0] times(input [4:0] left, input [4:0] right);
        times = ({5'd0, left} & {10{right[0]}}) + ({4'd0, left, 1'b0} & {10{right[1]}})
              + ({3'd0, left, 2'b0} & {10{right[2]}}) + ({2'd0, left, 3'b0} & {10{right[3]}})
              + ({1'd0, left, 4'b0} & {10{right[4]}});
    endfunction

    wire [15:0] counted = values ? positions : {7'd0, head_size};
    wire [16:0] length_up = {1'b0, counted} + 17'd63;
    wire [9:0]  head_size_up = {1'b0, head_size} + 10'd15;
    wire [16:0] positions_up = {1'b0, positions} + 17'd15;
    wire [3:0]  positions_less = positions[3:0] - 4'd1;
    wire [8:0]  record_groups = values ? head_size : {head_groups, 4'd0};
    wire [9:0]  record_groups_up = {1'b0, record_groups} + 10'd63;
    wire [9:0]  group_pairs_up = {1'b0, record_groups} + 10'd1;
    reg  [9:0]  last_groups;

    always @(posedge clk) begin
        length <= counted;
        if (state == CHECK) begin
            image_groups <= {length_up[15:6], 2'd0};
            head_groups <= head_size_up[8:4];
            records <= positions_up[15:4];
            last_positions <= {1'b0, positions_less} + 5'd1;
        end
        if (state == GROUPS) begin
            exponent_chunks <= {record_groups_up[8:6], 2'd0};
            record_chunks <= {group_pairs_up[8:1], 2'd0};
            last_groups <= times(last_positions, head_groups);
        end
        if (state == CHUNKS)
            last_chunks <= values ? record_chunks : {last_groups[8:0], 1'b0};
    end

    wire unused = &{1'b0, length_up[16], length_up[5:0], head_size_up[9], head_size_up[3:0], positions_up[16],
                     positions_up[3:0], record_groups_up[9], record_groups_up[5:0], group_pairs_up[9],
                     group_pairs_up[0], last_groups[9], OUTPUT_WHAT[31:8]};
endmodule

`default_nettype wire
