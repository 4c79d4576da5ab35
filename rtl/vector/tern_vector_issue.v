// SPDX-License-Identifier: Apache-2.0
// Runs one section of the program: fetches its instructions and issues them to the ways, one result a cycle. A tile has
// up to 16 groups; a group takes 16 / WAYS results. An instruction begins DEPTH cycles after the one before at the
// earliest, and then reads what that one wrote. After a scan or a fold it is more. Cycles in which a stream or the
// output holds an instruction do not count.
`default_nettype none

module tern_vector_issue #(
    parameter WAYS = 8
) (
    input  wire                       clk,
    input  wire                       rst_n,
    input  wire                       stop,
    input  wire                       start,
    input  wire [7:0]                 entry,
    input  wire                       tiled,          // again for each tile of `groups`
    input  wire [32:0]                groups,
    output wire                       busy,           // a scan at the end of the section included
    output reg  [7:0]                 counter,        // of the program
    input  wire [28:0]                fetched,        // a cycle later
    input  wire                       left_valid,
    output wire                       left_ready,
    input  wire                       right_valid,
    output wire                       right_ready,
    input  wire                       room,
    output wire                       reserve,
    output wire                       issue,
    output wire                       starved,
    output wire                       stalled,
    output reg  [28:0]                instruction,    // what is issued
    output reg  [3:0]                 group,
    output reg  [1:0]                 turn,
    output wire                       last_turn
);
    `include "tern_vector_isa.vh"

    localparam [1:0] IDLE = 2'd0, FETCH = 2'd1, RUN = 2'd2, SETTLE = 2'd3;
    localparam [31:0] TURNS = 16 / WAYS;
    localparam [1:0] LAST_TURN = TURNS[1:0] - 2'd1;
    localparam [4:0] DEPTH = 5'd10;
    localparam [4:0] FOLD_DEPTH = 5'd12;     // the next fold reads up to two results ahead
    localparam [4:0] SCAN_DEPTH = 5'd21;

    reg  [1:0]  state;
    reg         second;         // cycle of FETCH
    reg  [32:0] groups_left;
    reg  [4:0]  age;            // cycles since the instruction, or its group, began
    reg         issued;         // all of the instruction

    wire [3:0] to = instruction[I_TO +: 4];
    wire       from_left = instruction[I_A +: 4] == FROM_LEFT;
    wire       from_right = instruction[I_A +: 4] == FROM_RIGHT || instruction[I_B +: 4] == FROM_RIGHT;
    wire       to_output = to == TO_OUTPUT;
    wire       single = instruction[I_SINGLE];
    wire       accumulate = instruction[I_ACCUMULATE];
    wire       last = instruction[I_LAST];
    wire       scans = instruction[I_SCAN +: 2] != SCAN_NONE;
    wire       folds = instruction[I_B +: 4] == FROM_FOLD;
    wire [4:0] spacing = scans ? SCAN_DEPTH : folds ? FOLD_DEPTH : DEPTH;

    wire [4:0] tile = groups_left > 33'd16 ? 5'd16 : groups_left[4:0];
    wire [4:0] count = single ? 5'd1 : tile;
    wire       more = tiled && groups_left > 33'd16;
    wire       old = age >= spacing - 5'd1;
    // A group that adds to the same sums waits for the group before.
    wire       wants = state == RUN && !issued && !(accumulate && turn == 2'd0 && group != 4'd0 && age < DEPTH);
    wire       here = (!from_left || left_valid) && (!from_right || right_valid);
    wire       last_group = {1'b0, group} == count - 5'd1;
    wire       last_issue = issue && last_turn && last_group;
    wire       over = state == RUN && old && (issued || (last_issue && !accumulate));
    wire       held = wants && !issue;

    assign busy = state != IDLE;
    assign last_turn = turn == LAST_TURN;
    assign issue = wants && here && (!to_output || room);
    assign starved = wants && !here;
    assign stalled = wants && here && to_output && !room;
    assign left_ready = issue && from_left;
    assign right_ready = issue && from_right;
    assign reserve = issue && to_output;

    always @(posedge clk)
        if (!rst_n || stop) begin
            state <= IDLE;
        end else begin
            case (state)
                IDLE: if (start) state <= FETCH;
                FETCH: if (second) state <= RUN;
                RUN: if (over && last && !more) state <= scans ? SETTLE : IDLE;
                default: if (age == SCAN_DEPTH) state <= IDLE;
            endcase
        end

    always @(posedge clk) begin
        second <= state == FETCH && !second;
        case (state)
            IDLE: begin
                counter <= entry;
                groups_left <= groups;
            end
            FETCH, RUN: if (second || over) begin
                instruction <= fetched;
                counter <= fetched[I_LAST] ? entry : counter + 8'd1;
            end
            default: ;
        endcase
        if (over && last && more)
            groups_left <= groups_left - 33'd16;
    end

    always @(posedge clk)
        if (state == FETCH || over) begin
            group <= 4'd0;
            turn <= 2'd0;
            age <= 5'd0;
            issued <= 1'b0;
        end else begin
            if (issue) begin
                turn <= last_turn ? 2'd0 : turn + 2'd1;
                if (last_turn)
                    group <= group + 4'd1;
                if (last_turn && last_group)
                    issued <= 1'b1;
            end
            if (accumulate && issue && turn == 2'd0)
                age <= 5'd1;
            else if (!held && !(&age))
                age <= age + 5'd1;
        end

    wire unused = &{1'b0, TURNS[31:2], instruction};
endmodule

`default_nettype wire
