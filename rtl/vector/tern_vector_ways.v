// SPDX-License-Identifier: Apache-2.0
// The ways of the vector unit side by side, and what they share: the pipeline of an instruction, constants, scalars and
// the predicate. The times of tern_vector_way.v count from `issue`.
`default_nettype none

module tern_vector_ways #(
    parameter WAYS = 8,
    parameter CLOCK_GATES = 0
) (
    input  wire               clk,
    input  wire               rst_n,
    input  wire               clocks_on,
    input  wire               active,        // instructions may be issued, from the next cycle on
    input  wire               issue,
    input  wire [29:0]        instruction,
    input  wire               fold,          // its b is a fold
    input  wire               no_left,       // a is not of the left stream
    input  wire               no_right,      // nor b of the right one
    input  wire [3:0]         group,
    input  wire [1:0]         turn,
    input  wire               last_turn,
    input  wire [3:0]         pick,          // element that TO_SCALAR takes with I_PICK
    input  wire [32*WAYS-1:0] left,
    input  wire [32*WAYS-1:0] right,
    input  wire [31:0]        constant,      // of the instruction's k
    input  wire [31:0]        scalar_0,
    input  wire [31:0]        scalar_1,
    input  wire [31:0]        largest,
    input  wire signed [9:0]  negative,      // negated exponent of the group
    output wire               advance,
    output wire [32*WAYS-1:0] result,
    output reg                result_output, // goes to the store
    output wire [1:0]         result_scan,
    output wire [3:0]         result_group,
    output wire               result_first,  // of its group
    output wire               result_last,
    output reg  [31:0]        scalar         // of the last TO_SCALAR
);
    `include "tern_vector_isa.vh"

    localparam TURNS = 16 / WAYS;
    localparam TURN_BITS = $clog2(TURNS);
    localparam ADDRESS_BITS = 7 + TURN_BITS;
    localparam WAY_BITS = $clog2(WAYS);
    localparam [4:0] DEPTH = 5'd24;          // results and scans end earlier
    localparam [4:0] OP_ADD = 5'b00000, OP_SUBTRACT = 5'b00001, OP_MULTIPLY = 5'b00010, OP_SIGN = 5'b00100,
                     OP_SELECT = 5'b00101, OP_COMPARE = 5'b10100;

    reg [4:0] under_way;
    reg       working;

    // A register: it enables all ways. The first instruction is issued later than two cycles after `active` rises.
    always @(posedge clk)
        if (!rst_n) begin
            under_way <= 5'd0;
            working <= 1'b0;
        end else begin
            under_way <= active ? DEPTH : under_way != 5'd0 ? under_way - 5'd1 : 5'd0;
            working <= active || under_way != 5'd0;
        end

    tern_stage_enable advance_enable (.valid(working), .enable(advance));

    // Cycle 0: places. A place is a register of a group, and a turn.
    wire [3:0] k_stride = instruction[I_K +: 4];
    wire       accumulate = instruction[I_ACCUMULATE];
    wire [3:0] a_group = accumulate ? 4'd0 : group;
    wire [2:0] b_register = fold ? 3'd6 : instruction[I_B +: 3];
    wire [3:0] turns_on = fold ? k_stride >> WAY_BITS : 4'd0;
    wire [1:0] b_turn = turn + turns_on[1:0];
    wire [8:0] a_wide = {instruction[I_A +: 3], a_group, 2'd0} >> (2 - TURN_BITS) | {7'd0, turn};
    wire [8:0] b_wide = {b_register, group, 2'd0} >> (2 - TURN_BITS) | {7'd0, b_turn};
    wire [8:0] w_wide = {instruction[I_TO +: 3], a_group, 2'd0} >> (2 - TURN_BITS) | {7'd0, turn};

    // What the end of the pipeline needs: {group, turn, address, to, predicated, pick, scan, first, last}, 9 cycles.
    localparam TAIL_TO = 1 + 1 + 2 + 1 + 1;
    localparam TAIL = 4 + 2 + 9 + 4 + TAIL_TO;
    reg [TAIL-1:0] tails [0:8];
    reg [8:0]      valid;

    // Fields on their way; index 0 is cycle 1.
    reg [29:0] instruction_1;
    reg [3:0]  do_2;
    reg        bits_2;
    reg [2:0]  kind_2;
    reg        scaled_2;
    reg [31:0] k_1;
    reg [3:0]  fold_1;          // stride of a fold within a turn: the other element is of another way
    reg        a_is_k;
    reg        b_is_k;
    reg        a_register_1;
    reg        b_register_1;

    always @(posedge clk)
        if (!rst_n) begin
            valid <= 9'd0;
            result_output <= 1'b0;
        end else if (advance) begin
            valid <= {valid[7:0], issue};
            result_output <= valid[7] && tails[7][TAIL_TO +: 4] == TO_OUTPUT;
        end

    wire does_bits = instruction_1[I_DO +: 4] == DO_BITS;

    wire [8:0] live;

    tern_stage_enable #(.STAGES(9)) live_enable (.valid({valid[7:0], issue}), .enable(live));

    // The ways stand still behind the last result.
    wire ways_clk;

    tern_clock_gate #(.GATE(CLOCK_GATES), .HOLD(0)) clock_gate (
        .clk, .rst_n, .clocks_on,
        .run(issue || valid != 9'd0),
        .access(1'b0),
        .gated_clk(ways_clk)
    );

    always @(posedge clk)
        if (advance) begin
            instruction_1 <= instruction;
            do_2 <= instruction_1[I_DO +: 4];
            bits_2 <= does_bits;
            kind_2 <= does_bits ? instruction_1[I_K +: 3] : BITS_NONE;
            scaled_2 <= instruction_1[I_DO +: 4] == DO_SCALED;
            fold_1 <= k_stride & {4{fold && turns_on == 4'd0}};
            a_is_k <= instruction[I_A +: 4] == FROM_K;
            b_is_k <= instruction[I_B +: 4] == FROM_K;
            a_register_1 <= !instruction[I_A + 3];
            b_register_1 <= !instruction[I_B + 3] || (fold && turns_on != 4'd0);
            case (instruction[I_K +: 6])
                K_SCALAR_0: k_1 <= scalar_0;
                K_SCALAR_1: k_1 <= scalar_1;
                K_RESULT: k_1 <= scalar;
                K_LARGEST: k_1 <= largest;
                K_GROUP: k_1 <= {22'd0, negative};
                default: k_1 <= constant;
            endcase
        end

    wire [31:0] a_k = {32{a_is_k}} & k_1;
    wire [31:0] b_k = {32{b_is_k}} & k_1;

    wire [TAIL-1:0] tail = {group, turn, w_wide, instruction[I_TO +: 4], instruction[I_PREDICATED], instruction[I_PICK],
                            instruction[I_SCAN +: 2], turn == 2'd0, last_turn};
    integer place;

    always @(posedge clk)
        if (advance) begin
            tails[0] <= tail;
            for (place = 1; place < 9; place = place + 1)
                tails[place] <= tails[place - 1];
        end

    wire [1:0] end_turn;
    wire [8:0] end_address;
    wire [3:0] end_to;
    wire       end_predicated;
    wire       end_pick;
    wire [1:0] end_scan;
    wire       end_valid = valid[8];

    assign {result_group, end_turn, end_address, end_to, end_predicated, end_pick, end_scan, result_first, result_last}
        = tails[8];
    assign result_scan = end_valid ? end_scan : SCAN_NONE;

    // Cycle 2: the instruction of the float32 pipeline, which begins in the next one.
    reg [4:0] next_operation;
    reg [2:0] next_function;
    reg [4:0] operation;
    reg [2:0] function_3;

    always @* begin
        next_operation = OP_SIGN;
        next_function = 3'b000;
        case (do_2)
            DO_ADD: next_operation = OP_ADD;
            DO_SUBTRACT: next_operation = OP_SUBTRACT;
            DO_MULTIPLY, DO_SCALED: next_operation = OP_MULTIPLY;
            DO_LESS: {next_operation, next_function} = {OP_COMPARE, 3'b001};
            DO_EQUAL: {next_operation, next_function} = {OP_COMPARE, 3'b010};
            DO_LARGER: {next_operation, next_function} = {OP_SELECT, 3'b001};
            DO_SIGN: ;
            default: next_function = 3'b011;
        endcase
    end

    always @(posedge clk)
        if (advance)
            {operation, function_3} <= {next_operation, next_function};

    // Predicates of a tile.
    reg  [WAYS-1:0] predicates [0:16*TURNS-1];
    wire [8:0]      end_place = {3'd0, result_group, 2'd0} >> (2 - TURN_BITS) | {7'd0, end_turn};
    wire [WAYS-1:0] predicate = predicates[end_place[3+TURN_BITS:0]];
    reg  [WAYS-1:0] result_bits;
    integer         bit_of;

    always @*
        for (bit_of = 0; bit_of < WAYS; bit_of = bit_of + 1)
            result_bits[bit_of] = result[32*bit_of];

    always @(posedge clk)
        if (advance && end_valid && end_to == TO_PREDICATE)
            predicates[end_place[3+TURN_BITS:0]] <= result_bits;

    // A scalar.
    wire [3:0] element = end_pick ? pick : 4'd0;
    wire [3:0] element_turn = element >> WAY_BITS;

    always @(posedge clk)
        if (advance && end_valid && end_to == TO_SCALAR && end_turn == element_turn[1:0])
            scalar <= result[32*element[WAY_BITS-1:0] +: 32];

    wire [31:0] b_reads [0:WAYS-1];

    genvar way;
    generate
        for (way = 0; way < WAYS; way = way + 1) begin : way_of
            // The way whose element `stride` on is of this way's turn: for strides 1, 2, 4 and 8.
            localparam FOLDS = way < WAYS / 2;
            wire [31:0] folded = (way < 1 && fold_1[0] ? b_reads[(way + 1) % WAYS] : 32'd0)
                               | (way < 2 && fold_1[1] ? b_reads[(way + 2) % WAYS] : 32'd0)
                               | (way < 4 && WAYS > 4 && fold_1[2] ? b_reads[(way + 4) % WAYS] : 32'd0)
                               | (WAYS > 8 && fold_1[3] ? b_reads[(way + 8) % WAYS] : 32'd0);

            tern_vector_way #(.ADDRESS_BITS(ADDRESS_BITS), .ROOTS(way == 0), .FOLDS(FOLDS)) it (
                .clk(ways_clk),
                .live,
                .a_address(a_wide[ADDRESS_BITS-1:0]),
                .b_address(b_wide[ADDRESS_BITS-1:0]),
                .no_left, .no_right,
                .left(left[32*way +: 32]),
                .right(right[32*way +: 32]),
                .a_register(a_register_1),
                .b_register(b_register_1),
                .a_k, .b_k,
                .folded,
                .bits_valid(bits_2),
                .bits_kind(kind_2),
                .scaled(scaled_2),
                .operation, .function_3,
                .write(end_valid && !end_to[3] && (!end_predicated || predicate[way])),
                .write_address(end_address[ADDRESS_BITS-1:0]),
                .b_read(b_reads[way]),
                .result(result[32*way +: 32])
            );
        end
    endgenerate

    wire unused = &{1'b0, instruction, instruction_1, a_wide, b_wide, end_address, end_place, turns_on, element_turn};
endmodule

`default_nettype wire
