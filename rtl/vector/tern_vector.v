// SPDX-License-Identifier: Apache-2.0
// Vector unit (registers VECTOR of spec/tern.toml): runs a vector command on rows of float32 in device memory, as sequences of
// single operations (docs/numerics-vector.md). A program (program.txt) holds the sequences. WAYS float32 pipelines
// execute an instruction on a tile of 256 elements. The order of operations does not depend on WAYS: a partial sum is
// that of the elements i mod 16.
//
//   memory -> left, right streams -> ways: registers, float32 pipelines -> store -> memory
//                                     ^                  |
//                             program, issue            scan: maxima, exponents of groups
// Model: tern_vector_unit_step() of cmodel/device/vector.c.
`default_nettype none

`include "tern_spec.vh"

module tern_vector #(
    parameter LANES = 1,             // 16 bytes of the bus each: 1, 2 or 4
    parameter WAYS = 8,              // 4, 8 or 16, and at least 4 * LANES
    parameter CLOCK_GATES = 0
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 clocks_on, // for tests (tern_clock_gate)
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
    localparam signed [31:0] CACHE_EXPONENT = `TERN_CACHE_EXPONENT;
    localparam signed [31:0] SOFTMAX_EXPONENT = `TERN_SOFTMAX_BASE_EXPONENT;
    localparam [31:0] LARGEST_HALF = `TERN_MAX_HEAD_SIZE / 2;

    generate
        if (WAYS != 4 && WAYS != 8 && WAYS != 16) begin : wrong_ways
            tern_rule_ways_is_4_8_or_16 rule ();
        end
        if (WAYS < 4 * LANES) begin : wrong_ways_a_lane
            tern_rule_ways_take_a_beat rule ();
        end
        if (`TERN_GROUP_COLUMNS != 16 || `TERN_REDUCTION_PARTS != 16) begin : wrong_a_group
            tern_rule_a_group_is_16 rule ();
        end
        if (`TERN_CACHE_EXPONENT != -30 || `TERN_CACHE_MAX_SHIFT != 31) begin : wrong_cache_limit
            tern_rule_cache_limit_is_of_exponent_1 rule ();
        end
    endgenerate

    // Whether a value is not 1 to `limit`, a power of two.
    function beyond(input [31:0] value, input [31:0] limit);
        beyond = value == 32'd0 || |(value & ~(limit | (limit - 32'd1))) || (|(value & limit) && |(value & (limit - 32'd1)));
    endfunction

    wire        start;
    wire        abort;
    wire [63:0] run_window_base;
    wire [64:0] run_window_end;
    wire [31:0] operation;
    wire [31:0] rows;
    wire [31:0] parts;
    wire [31:0] length;
    wire [63:0] left;
    wire [63:0] left_stride;
    wire [63:0] right;
    wire [63:0] result_base;
    wire [63:0] result_stride;
    wire [63:0] side;
    wire [31:0] scalar_0;
    wire [31:0] scalar_1;
    wire        busy;
    wire [7:0]  status;
    wire [31:0] error_element;
    wire        issue;
    wire        starved;
    wire        stalled;

    assign idle = !busy;

    tern_vector_registers registers (
        .clk, .rst_n, .access, .write, .address, .write_data, .read_data, .ready, .window_base, .window_bytes,
        .start, .abort, .run_window_base, .run_window_end,
        .run_operation(operation),
        .run_rows(rows),
        .run_parts(parts),
        .run_length(length),
        .run_left(left),
        .run_left_stride(left_stride),
        .run_right(right),
        .run_output(result_base),
        .run_output_stride(result_stride),
        .run_side(side),
        .run_scalar_0(scalar_0),
        .run_scalar_1(scalar_1),
        .busy, .status, .error_element,
        .issued(issue),
        .starved, .stalled
    );

    // The program: entries of the operation, its instructions, the constant of the next one.
    wire        known;
    wire [4:0]  has;
    wire [39:0] entries;
    wire [7:0]  open_mask;
    wire [7:0]  counter;
    wire [29:0] fetched;
    wire [29:0] instruction;
    wire [5:0]  next_k;
    wire [31:0] fetched_constant;
    wire [31:0] constant;

    tern_vector_program program_memory (
        .clk,
        .operation(operation[3:0]),
        .known, .has, .entries, .open_mask, .counter,
        .instruction(fetched),
        .k(next_k),
        .constant(fetched_constant)
    );

    // What the operations differ in, in registers a cycle behind the captured command: control looks at it from then on.
    reg        is_rope;
    reg        is_copy;
    reg        is_norm;
    reg        is_scale;
    reg        is_store;
    reg        is_softmax;
    reg        is_quantize;
    reg        image;
    reg        narrow;
    reg        has_right;
    reg        has_small_number; // of the operation
    reg [14:0] filled_groups;
    reg [18:0] right_words;
    reg [14:0] padded_groups;    // another cycle later
    reg [14:0] right_groups;
    wire       of_quantize = operation == {28'd0, `TERN_OPCODE_QUANTIZE};
    wire       of_softmax = operation == {28'd0, `TERN_OPCODE_SOFTMAX};
    wire       of_store = operation == {28'd0, `TERN_OPCODE_STORE};
    wire       of_copy = operation == {28'd0, `TERN_OPCODE_COPY};
    wire       of_scale = operation == {28'd0, `TERN_OPCODE_SCALE};
    wire [18:0] elements = length[18:0];

    always @(posedge clk) begin
        is_rope <= operation == {28'd0, `TERN_OPCODE_ROPE};
        is_copy <= of_copy;
        is_norm <= operation == {28'd0, `TERN_OPCODE_RMSNORM};
        is_scale <= of_scale;
        is_store <= of_store;
        is_softmax <= of_softmax;
        is_quantize <= of_quantize;
        image <= of_quantize || of_softmax;
        narrow <= of_quantize || of_softmax || of_store;
        has_right <= !(of_quantize || of_softmax || of_store || of_copy);
        has_small_number <= operation[31:4] == 28'd0;
        filled_groups <= elements[18:4] + {14'd0, |elements[3:0]};
        right_words <= of_scale ? rows[18:0] : elements;
        padded_groups <= {filled_groups[14:2] + {12'd0, |filled_groups[1:0]}, 2'd0};
        right_groups <= right_words[18:4] + {14'd0, |right_words[3:0]};
    end

    // Sixteen ways put two groups of mantissas into an entry of the store.
    wire [14:0] groups = image && WAYS == 16 ? {filled_groups[14:1] + {13'd0, filled_groups[0]}, 1'b0} : filled_groups;

    // Sizes against their limits, at the same time.
    reg rows_beyond;
    reg parts_beyond_rows;
    reg parts_beyond_head;
    reg parts_are_1;
    reg parts_are_2;
    reg length_beyond;
    reg length_beyond_columns;
    reg length_beyond_head;
    reg length_beyond_half;

    always @(posedge clk) begin
        rows_beyond <= beyond(rows, `TERN_MAX_HEADS);
        parts_beyond_rows <= beyond(parts, `TERN_MAX_ROWS);
        parts_beyond_head <= beyond(parts, `TERN_MAX_HEAD_SIZE);
        parts_are_1 <= parts == 32'd1;
        parts_are_2 <= parts == 32'd2;
        length_beyond <= beyond(length, `TERN_MAX_LENGTH);
        length_beyond_columns <= beyond(length, `TERN_MAX_COLUMNS);
        length_beyond_head <= beyond(length, `TERN_MAX_HEAD_SIZE);
        length_beyond_half <= beyond(length, LARGEST_HALF);
    end

    wire bad_length = rows_beyond || parts_beyond_rows || (narrow ? length_beyond_columns : length_beyond)
                    || (is_rope ? !parts_are_2 || length_beyond_half
                      : is_store ? parts_beyond_head || length_beyond_head : !is_copy && !parts_are_1);
    wire bad_address = left[1:0] != 2'd0 || left_stride[1:0] != 2'd0 || (has_right && right[1:0] != 2'd0)
                     || result_base[1:0] != 2'd0 || result_stride[1:0] != 2'd0
                     || (image && (result_base[5:0] != 6'd0 || result_stride[5:0] != 6'd0))
                     || (is_softmax && side[1:0] != 2'd0);

    wire        launch;
    wire        stop;
    wire        clear;
    wire        row_start;
    wire [7:0]  row;
    wire        second_pass;
    wire        row_end;
    wire        row_pending;
    wire        section_start;
    wire [7:0]  section_entry;
    wire        section_tiled;
    wire [32:0] row_groups;
    wire        section_busy;
    wire        bad;
    wire [31:0] bad_element;
    wire        read_fault;
    wire        read_refused;
    wire        store_failed;
    wire [7:0]  store_status;
    wire        reads_idle;
    wire        store_idle;
    wire        store_quiet;

    tern_vector_control control (
        .clk, .rst_n,
        .start,
        .cancel(abort),
        .busy(control_busy),
        .status, .error_element,
        .known(known && has_small_number),
        .has, .entries, .open_mask, .bad_length, .bad_address,
        .all_twice(is_store),
        .is_rope, .narrow,
        .rows(rows[18:0]),
        .parts(parts[18:0]),
        .groups, .launch, .stop, .clear, .row_start, .row, .second_pass, .row_end, .row_pending, .section_start,
        .section_entry, .section_tiled, .row_groups, .section_busy, .bad, .bad_element, .read_fault, .read_refused,
        .store_failed, .store_status, .reads_idle, .store_idle, .store_quiet
    );

    wire               control_busy;

    assign busy = control_busy || start;

    wire               left_valid;
    wire               left_ready;
    wire [32*WAYS-1:0] left_piece;
    wire               right_valid;
    wire               right_ready;
    wire [32*WAYS-1:0] right_piece;

    tern_vector_reads #(.LANES(LANES), .WAYS(WAYS)) reads (
        .clk, .rst_n, .launch, .has_right, .stop,
        .window_base(run_window_base),
        .window_end(run_window_end),
        .left, .left_stride,
        .left_rows(rows[18:0]),
        .left_parts(parts[18:0]),
        .left_words(elements),
        .left_groups(groups),
        .twice(is_norm || image),
        .all_twice(is_store),
        .left_pad(is_softmax ? 32'hff800000 : 32'd0),
        .right,
        .right_stride(is_rope ? {43'd0, elements, 2'd0} : 64'd0),
        .right_rows(is_rope ? 19'd2 : is_scale ? 19'd1 : rows[18:0]),
        .right_words, .right_groups,
        .idle(reads_idle),
        .fault(read_fault),
        .refused(read_refused),
        .left_valid, .left_ready, .left_piece, .right_valid, .right_ready, .right_piece,
        .m_read_valid, .m_read_ready, .m_read_address, .m_read_beats, .m_answer_valid, .m_answer_data,
        .m_answer_last, .m_answer_error
    );

    wire       room;
    wire       reserve;
    wire [3:0] group;
    wire       fold;
    wire       no_left;
    wire       no_right;
    wire [1:0] turn;
    wire       last_turn;

    tern_vector_issue #(.WAYS(WAYS)) issuer (
        .clk, .rst_n, .stop,
        .start(section_start),
        .entry(section_entry),
        .tiled(section_tiled),
        .groups(row_groups),
        .busy(section_busy),
        .counter, .fetched, .next_k, .fetched_constant, .left_valid, .left_ready, .right_valid, .right_ready, .room, .reserve, .issue, .starved,
        .stalled, .instruction, .constant, .fold, .no_left, .no_right, .group, .turn, .last_turn
    );

    wire               advance;
    wire [32*WAYS-1:0] result;
    wire               result_output;
    wire [1:0]         result_scan;
    wire [3:0]         result_group;
    wire               result_first;
    wire               result_last;
    wire [31:0]        scalar;
    wire [31:0]        largest;
    wire signed [9:0]  negative;

    tern_vector_ways #(.WAYS(WAYS), .CLOCK_GATES(CLOCK_GATES)) ways (
        .clk, .rst_n, .clocks_on,
        .active(section_busy),
        .issue, .instruction, .fold, .no_left, .no_right, .group, .turn, .last_turn,
        .pick(row[3:0]),
        .left(left_piece),
        .right(right_piece),
        .constant, .scalar_0, .scalar_1, .largest, .negative, .advance, .result, .result_output,
        .result_scan, .result_group, .result_first, .result_last, .scalar
    );

    wire signed [9:0] row_base;
    wire              shift_valid;
    wire [4:0]        shift;

    tern_vector_scan #(.WAYS(WAYS)) scan (
        .clk, .rst_n, .advance, .row_start,
        .start(launch),
        .fixed_base(!is_quantize),
        .base(is_softmax ? SOFTMAX_EXPONENT[9:0] : CACHE_EXPONENT[9:0]),
        .cache_limit(is_store),
        .s_scan(result_scan),
        .s_result(result),
        .s_group(result_group),
        .s_first(result_first),
        .s_last(result_last),
        .counts(!second_pass),
        .length(elements),
        .groups,
        .bad, .bad_element, .largest, .row_base, .group, .negative, .shift_valid, .shift
    );

    tern_vector_store #(.LANES(LANES), .WAYS(WAYS)) store (
        .clk, .rst_n, .stop, .clear,
        .start(launch),
        .window_base(run_window_base),
        .window_end(run_window_end),
        .narrow, .image,
        .totals(is_softmax),
        .base(result_base),
        .stride(result_stride),
        .side, .elements,
        .groups(is_store ? row_groups[14:0] : groups),
        .image_groups(padded_groups),
        .shift_valid(shift_valid && second_pass && advance),
        .shift, .row_end, .row_base,
        .total(scalar),
        .row_pending, .room, .reserve,
        .s_valid(result_output),
        .s_piece(result),
        .idle(store_idle),
        .quiet(store_quiet),
        .failed(store_failed),
        .status(store_status),
        .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats, .m_data_valid, .m_data_ready, .m_data,
        .m_strobe, .m_done_valid, .m_done_error
    );

    wire unused = &{1'b0, SOFTMAX_EXPONENT[31:10], CACHE_EXPONENT[31:10], rows[31:19], parts[31:19], length[31:19],
                    row[7:4], row_groups[32:15]};
endmodule

`default_nettype wire
