// SPDX-License-Identifier: Apache-2.0
// The trit matmul unit: y = W x. Packed weights are streamed from memory, activations are on chip. Bins are exact
// integers, and each row is one exact sum with one rounding. The bits do not depend on the timing of memory. Throughput
// is 128 x LANES bits of weights a cycle, which meet up to VECTORS activation vectors. rtl/bus/tern_native_bus.v
// describes the register port, rtl/bus/tern_memory_arbiter.v the memory port.
//
//   memory -> reads -+-> steps ----------------------------------------+
//                    +-> activations, checked --------+                |
//                    +-> expected checksums           |                |
//                    +-> queue -> sequencer -> check  |                |
//                                    +------------> lanes (bins) -> finish -> output writers -> memory
//
// The window must begin and end at a multiple of the bus width.
// Model: tern_matmul_exact() of cmodel/matmul/matmul.c.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul #(
    parameter LANES = 1,
    parameter VECTORS = 1,            // activation vectors that one stream of the weights meets: 1, 2 or 4
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS,
    parameter QUEUE_LOG2 = 9          // beats of the weight queue; at least latency + 64 to stream without gaps
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire [63:0]          window_base,
    input  wire [63:0]          window_bytes,
    output wire                 idle,
    input  wire                 access,
    input  wire                 write,
    input  wire [11:0]          address,
    input  wire [31:0]          write_data,
    output wire [31:0]          read_data,
    output wire                 ready,
    output wire                 m_read_valid,
    input  wire                 m_read_ready,
    output wire [63:0]          m_read_address,
    output wire [6:0]           m_read_beats,
    input  wire                 m_answer_valid,
    input  wire [128*LANES-1:0] m_answer_data,
    input  wire                 m_answer_last,
    input  wire                 m_answer_error,
    output wire                 m_write_valid,
    input  wire                 m_write_ready,
    output wire [63:0]          m_write_address,
    output wire [6:0]           m_write_beats,
    output wire                 m_data_valid,
    input  wire                 m_data_ready,
    output wire [128*LANES-1:0] m_data,
    output wire [16*LANES-1:0]  m_strobe,
    input  wire                 m_done_valid,
    input  wire                 m_done_error
);
    localparam CRC_BEATS = 16;

    // Parameters in range.
    generate
        if (LANES != 1 && LANES != 2 && LANES != 4) begin : wrong_lanes
            tern_rule_lanes_is_1_2_or_4 rule ();
        end
        if (VECTORS != 1 && VECTORS != 2 && VECTORS != 4) begin : wrong_vectors
            tern_rule_vectors_is_1_2_or_4 rule ();
        end
        if (MAX_GROUPS < 64 * LANES || MAX_GROUPS > 2048 || (MAX_GROUPS & (MAX_GROUPS - 1)) != 0) begin : wrong_max_groups
            tern_rule_max_groups_is_a_power_of_two_from_64_a_lane_to_2048 rule ();
        end
        if (QUEUE_LOG2 < 7 || QUEUE_LOG2 > 9) begin : wrong_queue_log2
            tern_rule_queue_log2_is_7_to_9 rule ();
        end
    endgenerate

    tern_format_rules format_rules ();

    // Registers and control.
    wire        start;
    wire        abort;
    wire        works;
    wire        busy = works | start;  // from the cycle after the access that starts a run
    wire [7:0]  status;
    wire [17:0] error_detail;
    wire        run_check_only;
    wire [63:0] run_window_base;
    wire [64:0] run_window_end;
    wire [63:0] run_weights;
    wire [63:0] run_crc;
    wire [63:0] run_steps;
    wire [63:0] run_activation;
    wire [63:0] run_output;
    wire [31:0] run_vectors;
    wire [63:0] run_activation_stride;
    wire [63:0] run_output_stride;
    wire        run_bad_stride;
    wire [31:0] run_rows;
    wire [31:0] run_columns;
    wire [11:0] run_groups;
    wire [3:0]  run_depth_stored;
    wire [3:0]  run_depth_used;
    wire        slot_taken;
    wire        slot_starved;
    wire        slot_stalled;

    assign idle = !busy;

    tern_matmul_registers #(.VECTORS(VECTORS)) registers (
        .clk, .rst_n, .access, .write, .address, .write_data, .read_data, .ready, .window_base, .window_bytes,
        .start, .abort, .run_check_only, .run_window_base, .run_window_end, .run_weights, .run_crc, .run_steps,
        .run_activation, .run_output, .run_vectors, .run_activation_stride, .run_output_stride, .run_bad_stride, .run_rows, .run_columns, .run_groups, .run_depth_stored, .run_depth_used, .busy,
        .status, .error_detail, .slot_taken, .slot_starved, .slot_stalled
    );

    wire [VECTORS-1:0] active; // vectors of the run

    genvar vector;
    generate
        for (vector = 0; vector < VECTORS; vector = vector + 1) begin : vector_of
            localparam [31:0] VECTOR = vector;
            assign active[vector] = vector == 0 || run_vectors > VECTOR;
        end
    endgenerate

    wire [17:0] strips;
    wire [11:0] code_beats;
    wire [11:0] plane_beats;
    wire [12:0] mantissa_beats;
    wire [19:0] prefix_beats;
    wire [19:0] crc_beats;
    wire [19:0] activation_beats;
    wire [31:0] skip_bytes;
    wire        launch;
    wire        launch_weights;
    wire        stop;
    wire        discard;
    wire        flush;
    wire        activation_asked;
    wire        activation_beat;
    wire [1:0]  beat_fault;
    wire        activation_failed;
    wire [7:0]  activation_status;
    wire [1:0]  activation_vector;
    wire [2:0]  activation_word;
    wire        steps_ready;
    wire        steps_failed;
    wire [7:0]  steps_status;
    wire [4:0]  steps_entry;
    wire        check_failed;
    wire [7:0]  check_status;
    wire [17:0] check_strip;
    wire        result_valid;
    wire [1:0]  result_vector;
    wire [1:0]  last_vector = run_vectors[1:0] - 2'd1;
    wire        reads_idle;
    wire        finish_idle;
    wire        writer_idle;
    wire        writer_failed;
    wire [7:0]  writer_status;
    wire [17:0] writer_strip;
    wire        vector_failed;
    wire        vector_failed_0;

    tern_matmul_control #(.LANES(LANES), .VECTORS(VECTORS), .MAX_GROUPS(MAX_GROUPS)) control (
        .clk, .rst_n, .start,
        .cancel(abort),
        .busy(works),
        .status, .error_detail,
        .check_only(run_check_only),
        .rows(run_rows),
        .columns(run_columns),
        .groups(run_groups),
        .depth_stored(run_depth_stored),
        .depth_used(run_depth_used),
        .vectors(run_vectors),
        .misaligned(|{run_bad_stride, run_weights[5:0], run_crc[5:0], run_steps[5:0], run_activation[5:0], run_output[5:0]}),
        .strips, .code_beats, .plane_beats, .prefix_beats, .skip_bytes, .crc_beats, .mantissa_beats,
        .activation_beats, .launch, .launch_weights, .stop, .discard, .flush, .activation_asked,
        .activation_beat, .activation_failed, .activation_status, .activation_vector, .activation_word, .steps_ready,
        .steps_failed, .steps_status, .steps_entry, .check_failed, .check_status, .check_strip,
        .result_valid(result_valid && (VECTORS == 1 || result_vector == last_vector)),
        .reads_idle, .finish_idle, .writer_idle, .writer_failed, .writer_status, .writer_strip, .vector_failed,
        .vector_failed_0,
        .vector_status(writer_status),
        .vector_detail(writer_strip)
    );

    wire                 take;
    wire                 step_beat;
    wire                 crc_release;
    wire                 crc_beat;
    wire                 weight_beat;
    wire                 weights_asked;
    wire [128*LANES-1:0] beat;

    tern_matmul_reads #(.LANES(LANES), .VECTORS(VECTORS), .QUEUE_LOG2(QUEUE_LOG2), .CRC_BEATS(CRC_BEATS)) reads (
        .clk, .rst_n, .launch, .launch_weights, .stop,
        .window_base(run_window_base),
        .window_end(run_window_end),
        .steps(run_steps),
        .activation(run_activation),
        .activation_stride(run_activation_stride),
        .vectors(run_vectors[2:0]),
        .activation_beats,
        .crc(run_crc),
        .crc_beats,
        .weights(run_weights),
        .strips, .prefix_beats, .skip_bytes, .crc_release,
        .weight_release(take),
        .activation_asked, .weights_asked,
        .idle(reads_idle),
        .step_beat, .activation_beat, .crc_beat, .weight_beat,
        .data(beat),
        .fault(beat_fault),
        .m_read_valid, .m_read_ready, .m_read_address, .m_read_beats, .m_answer_valid, .m_answer_data,
        .m_answer_last, .m_answer_error
    );

    wire [VECTORS-1:0]   mantissas_valid;
    wire [VECTORS-1:0]   shifts_valid;
    wire [VECTORS-1:0]   lost;
    wire [12:0]          activation_index;
    wire [9*VECTORS-1:0] activation_exponents;

    tern_activation_check #(.LANES(LANES), .VECTORS(VECTORS)) activation_check (
        .clk, .rst_n,
        .start(launch),
        .columns(run_columns[15:0]),
        .groups(run_groups),
        .mantissa_beats,
        .s_valid(activation_beat),
        .s_data(beat),
        .s_fault(beat_fault),
        .mantissas_valid, .shifts_valid,
        .index(activation_index),
        .base_exponents(activation_exponents),
        .failed(activation_failed),
        .lost,
        .status(activation_status),
        .bad_vector(activation_vector),
        .bad_word(activation_word)
    );

    wire [4:0]  read_code;
    wire [4:0]  next_code;
    wire [23:0] step_mantissa;
    wire [5:0]  step_shift;
    wire [8:0]  step_exponent;

    tern_step_table #(.LANES(LANES)) step_table (
        .clk, .rst_n,
        .start(launch),
        .s_valid(step_beat),
        .s_data(beat),
        .s_fault(beat_fault),
        .next_code,
        .m_mantissa(step_mantissa),
        .m_shift(step_shift),
        .m_exponent(step_exponent),
        .ready(steps_ready),
        .failed(steps_failed),
        .status(steps_status),
        .entry(steps_entry)
    );

    // The weight stream: queue, sequencer, check.
    wire                 item_valid;
    wire [128*LANES-1:0] item;
    wire [1:0]           item_fault;
    wire                 is_plane;
    wire [11:0]          beat_index;
    wire                 segment_first;
    wire                 segment_last;
    wire                 strip_last;
    wire [2:0]           plane;
    wire                 bank;
    wire                 word_valid;
    wire [31:0]          word;
    wire [1:0]           word_fault;
    wire [2:0]           advance_words;
    wire                 sweeping;
    wire                 release_bank;
    wire                 strip_good;

    tern_fifo #(.WIDTH(128 * LANES + 2), .DEPTH_LOG2(QUEUE_LOG2)) queue (
        .clk, .rst_n,
        .clear(stop),
        .s_valid(weight_beat),
        .s_data({beat_fault, beat}),
        .m_valid(item_valid),
        .m_data({item_fault, item}),
        .m_ready(take)
    );

    tern_crc_words #(.BEAT_WORDS(4 * LANES), .BEATS(CRC_BEATS)) crc_words (
        .clk, .rst_n,
        .clear(stop),
        .s_valid(crc_beat),
        .s_data(beat),
        .s_fault(beat_fault),
        .release_beat(crc_release),
        .m_valid(word_valid),
        .m_word(word),
        .m_fault(word_fault),
        .advance(take & segment_last),
        .advance_words
    );

    tern_strip_sequencer sequencer (
        .clk, .rst_n,
        .start(launch),
        .stop,
        .requested(weights_asked),
        .strips, .code_beats, .plane_beats,
        .depth_stored(run_depth_stored[2:0]),
        .depth_used(run_depth_used[2:0]),
        .s_valid(item_valid),
        .word_valid,
        .sweeping,
        .bank_released(release_bank),
        .take, .is_plane,
        .beat(beat_index),
        .segment_first, .segment_last, .strip_last, .advance_words, .plane, .bank, .slot_taken, .slot_starved,
        .slot_stalled
    );

    tern_strip_check #(.BITS(128 * LANES)) check (
        .clk, .rst_n,
        .start(launch),
        .s_take(take),
        .s_data(item),
        .s_fault(item_fault),
        .s_segment_first(segment_first),
        .s_segment_last(segment_last),
        .s_strip_last(strip_last),
        .s_word(word),
        .s_word_fault(word_fault),
        .failed(check_failed),
        .status(check_status),
        .strip(check_strip),
        .strip_good
    );

    wire                                   strip_done;
    wire                                   read;
    wire                                   read_bank;
    wire [1:0]                             read_vector;
    wire [5*`TERN_BIN_BITS*LANES-1:0]      read_bins;
    wire [31:0]                            result;
    wire                                   writer_room;

    tern_matmul_lanes #(.LANES(LANES), .VECTORS(VECTORS), .MAX_GROUPS(MAX_GROUPS)) lanes (
        .clk, .rst_n, .start, .launch, .active,
        .s_mantissas_valid(mantissas_valid),
        .s_shifts_valid(shifts_valid),
        .s_activation_index(activation_index),
        .s_activation(beat),
        .s_take(take),
        .s_is_plane(is_plane),
        .s_segment_first(segment_first),
        .s_index(beat_index),
        .s_plane(plane),
        .s_bank(bank),
        .s_beat(item),
        .s_strip_good(strip_good),
        .m_strip_done(strip_done),
        .sweeping, .read, .read_bank, .read_vector, .read_code, .read_bins
    );

    tern_finish #(.LANES(LANES), .VECTORS(VECTORS)) finish (
        .clk, .rst_n,
        .start(launch),
        .discard,
        .rows(run_rows[18:0]),
        .last_vector, .activation_exponents, .step_exponent,
        .s_strip_done(strip_done),
        .read, .read_bank, .read_vector, .read_code, .next_code, .read_bins, .release_bank, .steps_ready, .step_mantissa,
        .step_shift,
        .m_room(writer_room),
        .m_valid(result_valid),
        .m_result(result),
        .m_vector(result_vector),
        .idle(finish_idle)
    );

    tern_output_writers #(.LANES(LANES), .VECTORS(VECTORS)) writers (
        .clk, .rst_n,
        .start(launch),
        .flush, .discard,
        .base(run_output),
        .stride(run_output_stride),
        .active, .lost,
        .window_base(run_window_base),
        .window_end(run_window_end),
        .s_valid(result_valid),
        .s_word(result),
        .s_vector(result_vector),
        .m_room(writer_room),
        .idle(writer_idle),
        .failed(writer_failed),
        .vector_failed, .vector_failed_0,
        .status(writer_status),
        .strip(writer_strip),
        .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats, .m_data_valid, .m_data_ready, .m_data,
        .m_strobe, .m_done_valid, .m_done_error
    );
endmodule

`default_nettype wire
