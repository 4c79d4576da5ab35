// SPDX-License-Identifier: Apache-2.0
// The attention unit: exact dot products of the records of a key/value cache with up to 8 images at once. Records are
// streamed once for all images of their head. An item meets all images in one cycle. It has 16 bytes, or 32 on a bus of
// several lanes. There are 8 x 8 products for each 16 bytes. Sums are exact integers, and each result is rounded once.
// The bits do not depend on the timing of memory. rtl/bus/tern_native_bus.v describes the register port,
// rtl/bus/tern_memory_arbiter.v the memory port.
//
//   memory -> reads, queue -> sequencer, check
//                                |-> images: operands, shifts --+
//                                +-> records: exponents, items -+-> queries (sums) -> finish -> writer -> memory
//
// The window must begin and end at a multiple of the bus width.
// Model: tern_attention_unit_step() of cmodel/device/attention.c.
`default_nettype none

`include "tern_spec.vh"

module tern_attention #(
    parameter LANES = 1,
    parameter QUEUE_LOG2 = 9          // beats of the queue; at least latency + 160 to stream without gaps
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
    localparam CHUNKS = LANES > 1 ? 2 : 1;    // of 16 bytes in an item
    localparam QUERIES = `TERN_DOT_VECTORS;
    localparam SUM_BITS = 93;

    // Parameters in range, and constants that the unit is built for.
    generate
        if (LANES != 1 && LANES != 2 && LANES != 4) begin : wrong_lanes
            tern_rule_lanes_is_1_2_or_4 rule ();
        end
        // All but one beat of a pair may wait, 63, for a burst of 64. The holes of a pair have another 32.
        if (QUEUE_LOG2 < 8 || QUEUE_LOG2 > 9) begin : wrong_queue_log2
            tern_rule_queue_log2_is_8_or_9 rule ();
        end
        if (QUERIES != 8 || `TERN_GROUP_COLUMNS != 16 || `TERN_CACHE_POSITIONS != 16
            || `TERN_DOT_PART_RECORDS != 128) begin : wrong_dot
            tern_rule_dot_takes_8_vectors_groups_of_16_parts_of_128 rule ();
        end
        if (`TERN_MAX_HEAD_SIZE != 256 || `TERN_MAX_POSITIONS != 32768 || `TERN_MAX_SHIFT != 15
            || `TERN_CACHE_MAX_SHIFT != 31) begin : wrong_limits
            tern_rule_limits_fit_the_sums_of_dot rule ();
        end
    endgenerate

    // Registers and control.
    wire        start;
    wire        abort;
    wire        busy;
    wire        control_busy;
    wire [7:0]  status;
    wire [7:0]  error_what;
    wire [7:0]  error_head;
    wire [15:0] error_index;
    wire [63:0] run_window_base;
    wire [64:0] run_window_end;
    wire [63:6] run_images;
    wire [63:6] run_cache;
    wire [63:6] run_output;
    wire [63:6] run_image_stride;
    wire [63:6] run_head_stride;
    wire [63:6] run_output_stride;
    wire        values;
    wire [8:0]  kv_heads;
    wire [3:0]  vectors;
    wire [8:0]  head_size;
    wire [15:0] positions;
    wire        copying;
    wire        bad_length;
    wire        misaligned;
    wire        slot_taken;
    wire        slot_starved;
    wire        slot_stalled;

    assign busy = control_busy || start;
    assign idle = !busy;

    tern_attention_registers registers (
        .clk, .rst_n, .access, .write, .address, .write_data, .read_data, .ready, .window_base, .window_bytes,
        .start, .abort, .copying, .run_window_base, .run_window_end, .run_images, .run_cache, .run_output, .run_image_stride,
        .run_head_stride, .run_output_stride,
        .run_values(values),
        .run_kv_heads(kv_heads),
        .run_vectors(vectors),
        .run_head_size(head_size),
        .run_positions(positions),
        .run_bad_length(bad_length),
        .run_misaligned(misaligned),
        .busy, .status, .error_what, .error_head, .error_index,
        .slot_taken, .slot_starved, .slot_stalled
    );

    wire [15:0] length;
    wire [11:0] image_groups;
    wire [4:0]  head_groups;
    wire [11:0] records;
    wire [4:0]  last_positions;
    wire [4:0]  exponent_chunks;
    wire [9:0]  record_chunks;
    wire [9:0]  last_chunks;
    wire        launch;
    wire        stop;
    wire        discard;
    wire        streaming;
    wire        check_failed;
    wire [7:0]  check_status;
    wire [7:0]  check_what;
    wire [7:0]  check_head;
    wire [15:0] check_index;
    wire        reads_idle;
    wire        finish_idle;
    wire        writer_idle;
    wire        writer_failed;
    wire [7:0]  writer_status;

    tern_attention_control control (
        .clk, .rst_n, .start,
        .cancel(abort),
        .busy(control_busy),
        .status, .error_what, .error_head, .error_index, .copying, .bad_length, .misaligned, .values, .head_size,
        .positions, .length, .image_groups, .head_groups, .records, .last_positions, .exponent_chunks,
        .record_chunks, .last_chunks, .launch, .stop, .discard, .streaming, .check_failed, .check_status,
        .check_what, .check_head, .check_index, .reads_idle, .finish_idle, .writer_idle, .writer_failed,
        .writer_status
    );

    // The stream.
    wire                  requested;
    wire                  item_ready;
    wire                  step;
    wire                  ghost;
    wire                  unit;
    wire                  pair_last;
    wire                  portion_last;
    wire                  head_last;
    wire [5:0]            unit_items;
    wire [6:0]            next_items;
    wire                  beat_taken;
    wire [128*CHUNKS-1:0] item_1;
    wire [1:0]            fault_1;

    tern_attention_reads #(.LANES(LANES), .CHUNKS(CHUNKS), .QUEUE_LOG2(QUEUE_LOG2)) reads (
        .clk, .rst_n,
        .start(launch),
        .stop,
        .window_base(run_window_base),
        .window_end(run_window_end),
        .values, .kv_heads, .vectors,
        .images(run_images),
        .image_stride(run_image_stride),
        .cache(run_cache),
        .head_stride(run_head_stride),
        .image_groups, .records, .exponent_chunks, .record_chunks, .last_chunks, .requested,
        .idle(reads_idle),
        .ready(item_ready),
        .step, .ghost, .unit, .pair_last, .portion_last, .head_last, .unit_items, .next_items, .beat_taken,
        .m_item_1(item_1),
        .m_fault_1(fault_1),
        .m_read_valid, .m_read_ready, .m_read_address, .m_read_beats, .m_answer_valid, .m_answer_data,
        .m_answer_last, .m_answer_error
    );

    wire       bank_released;
    wire       read;
    wire       read_ready;
    wire [8:0] part_groups;
    wire       valid_1;
    wire       header_1;
    wire       mantissas_1;
    wire       shifts_1;
    wire       exponents_1;
    wire       image_1;
    wire [2:0] vector_1;
    wire [3:0] place_1;
    wire [7:0] head_1;
    wire [10:0] record_1;
    wire [7:0] group_0;
    wire [7:0] operand_1;
    wire [8:0] read_1;
    wire       word_1;
    wire       group_1;
    wire       checked_1;
    wire       stored_1;
    wire       kept_1;
    wire       write_1;
    wire [8:0] address_1;
    wire [7:0] row_1;
    wire       done_1;

    // The kind holds long before it is used.
    wire values_of_sequencer;
    wire values_of_finish;

    tern_attention_copy kind_of_sequencer (.clk, .s_data(values), .m_data(values_of_sequencer));
    tern_attention_copy kind_of_finish (.clk, .s_data(values), .m_data(values_of_finish));

    // Two items of values a group leave free cycles for finish. One item does not: the stream waits.
    tern_attention_sequencer #(.CHUNKS(CHUNKS)) sequencer (
        .clk, .rst_n,
        .start(launch),
        .stop, .requested,
        .values(values_of_sequencer),
        .kv_heads, .vectors, .head_size, .image_groups, .head_groups, .records,
        .exponent_chunks, .record_chunks, .last_positions,
        .s_ready(item_ready),
        .step, .ghost, .unit, .pair_last, .portion_last, .head_last, .unit_items, .next_items, .beat_taken,
        .hold(CHUNKS == 2 && read && !read_ready),
        .bank_released, .part_groups,
        .active(streaming),
        .valid_1, .header_1, .mantissas_1, .shifts_1, .exponents_1, .image_1, .vector_1, .place_1, .head_1, .record_1,
        .group_0, .operand_1, .read_1, .word_1, .group_1, .checked_1, .stored_1, .kept_1, .write_1, .address_1, .row_1,
        .done_1, .slot_taken, .slot_starved, .slot_stalled
    );

    wire [7:0]           exponent_1;
    wire [4*QUERIES-1:0] image_shifts_8;
    wire [4:0]           exponent_8;
    wire                 done_2;

    tern_attention_check #(.CHUNKS(CHUNKS)) check (
        .clk, .rst_n,
        .start(launch),
        .length, .image_groups, .part_groups, .valid_1, .header_1, .shifts_1, .image_1, .checked_1, .done_1, .vector_1,
        .place_1, .head_1, .record_1, .item_1, .fault_1, .exponent_1,
        .failed(check_failed),
        .status(check_status),
        .what(check_what),
        .head(check_head),
        .index(check_index),
        .done_2
    );

    tern_attention_shifts #(.CHUNKS(CHUNKS), .QUERIES(QUERIES)) shifts (
        .clk, .rst_n,
        .exponents_1, .group_0, .exponent_1, .shifts_1, .vector_1, .place_1, .part_groups, .item_1, .row_1,
        .image_shifts_8, .exponent_8
    );

    // The arithmetic.
    wire                done;
    wire [2:0]          read_query;
    wire [8:0]          read_address;
    wire                sum_valid;
    wire [SUM_BITS-1:0] sum;

    tern_attention_queries #(.CHUNKS(CHUNKS), .QUERIES(QUERIES), .SUM_BITS(SUM_BITS)) queries (
        .clk, .rst_n, .item_1, .mantissas_1, .vector_1, .operand_1, .read_1, .word_1, .group_1, .stored_1, .kept_1,
        .write_1, .address_1, .image_shifts_8, .exponent_8, .done_2,
        .m_done(done),
        .s_read(read),
        .s_read_ready(read_ready),
        .s_read_query(read_query),
        .s_read_address(read_address),
        .m_sum_valid(sum_valid),
        .m_sum(sum)
    );

    wire        line_ready;
    wire        line_begin;
    wire [63:6] line_address;
    wire [3:0]  line_less;
    wire        result_valid;
    wire [31:0] result;

    tern_attention_finish #(.SUM_BITS(SUM_BITS)) finish (
        .clk, .rst_n,
        .start(launch),
        .discard,
        .values(values_of_finish),
        .vectors, .head_size, .records, .last_positions,
        .base(run_output),
        .stride(run_output_stride),
        .s_header(header_1),
        .s_header_head(head_1[1:0]),
        .s_header_vector(vector_1),
        .s_header_base(item_1[8:0]),
        .s_done(done),
        .bank_released,
        .m_read(read),
        .m_read_ready(read_ready),
        .m_read_query(read_query),
        .m_read_address(read_address),
        .s_sum_valid(sum_valid),
        .s_sum(sum),
        .line_ready, .line_begin, .line_address, .line_less,
        .m_valid(result_valid),
        .m_result(result),
        .idle(finish_idle)
    );

    tern_attention_writer #(.LANES(LANES)) writer (
        .clk, .rst_n,
        .start(launch),
        .discard,
        .window_base(run_window_base),
        .window_end(run_window_end),
        .line_ready, .line_begin, .line_address, .line_less,
        .s_valid(result_valid),
        .s_word(result),
        .idle(writer_idle),
        .failed(writer_failed),
        .status(writer_status),
        .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats, .m_data_valid, .m_data_ready, .m_data,
        .m_strobe, .m_done_valid, .m_done_error
    );
endmodule

`default_nettype wire
