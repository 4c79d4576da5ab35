// SPDX-License-Identifier: Apache-2.0
// Runs one section of the program: fetches its instructions and issues them to the ways, one result a cycle. A tile has
// up to 16 groups; a group takes 16 / WAYS results. The last two tiles of a row are alike. An instruction begins DEPTH
// cycles after the one before at the earliest, and then reads what that one wrote. After a scan or a fold it is more.
// Cycles in which a stream or the output holds an instruction do not count. A sum (I_ACCUMULATE) takes DEPTH cycles a
// group. It runs beside the instructions after it; one with I_JOIN waits for its end, and so does the section.
// What is issued comes from registers, a cycle after the words of its streams were taken.
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
    input  wire [29:0]                fetched,        // a cycle later
    output wire [5:0]                 next_k,         // of the next instruction
    input  wire [31:0]                fetched_constant, // a cycle later
    input  wire                       left_valid,
    output wire                       left_ready,
    input  wire                       right_valid,
    output wire                       right_ready,
    input  wire                       room,
    output wire                       reserve,
    output reg                        issue,
    output wire                       starved,
    output wire                       stalled,
    output wire [29:0]                instruction,    // what is issued
    output reg  [31:0]                constant,       // of its k
    output wire                       fold,           // its b is a fold
    output reg                        no_left,        // a is not of the left stream
    output reg                        no_right,       // nor b of the right one
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
    localparam [3:0] SUM_DEPTH = 4'd10;

    reg  [1:0]  state;
    reg         second;         // cycle of FETCH
    reg  [32:0] groups_left;    // two cycles behind the end of a tile: its last group is far away
    reg  [4:0]  tile;           // its groups; a cycle after groups_left
    reg  [3:0]  tile_last;      // another cycle later
    reg         tile_over;
    reg         loaded;         // the instruction's first cycle
    reg  [29:0] next;           // the instruction at `counter`, two cycles later: block RAM answers late in its cycle
    reg         next_fetched;   // from its third cycle on
    reg  [29:0] current;        // the instruction; a cycle later
    reg         folds;
    reg  [3:0]  here_group;
    reg  [1:0]  here_turn;
    reg         issued;         // all of the instruction
    reg         scanned;        // the section's last instruction was a scan

    // Decoded as it is fetched: what an instruction waits for is on the longest path.
    reg        from_left;
    reg        from_right;
    reg        to_output;
    reg        scans;
    reg        joins;
    reg        accumulate;
    reg        single;
    reg        last;
    reg  [4:0] until_next;      // cycles that it still takes at least, without this one
    reg        old;             // until_next is 0
    reg        offers;          // it runs, is not a sum, and not all of it is issued
    reg        more;            // tiles; a cycle after groups_left

    // The sum in the background.
    reg         sums;           // until its last result is written
    reg  [29:0] sum;            // a cycle later
    reg         sum_begins;
    reg  [3:0]  sum_group;
    reg  [1:0]  sum_turn;
    reg  [4:0]  sum_count;      // groups that are still to begin, or to end
    reg  [3:0]  sum_age;        // cycles since its last group began
    wire        sum_ready = sum_age == SUM_DEPTH;
    reg         sum_issue;      // a turn of it is issued
    reg         sum_issued;     // a cycle later
    reg         wants;          // the instruction offers, and no sum is issued or waited for

    wire       here = (!from_left || left_valid) && (!from_right || right_valid);
    wire       issue_here = wants && here && (!to_output || room);
    wire [3:0] last_group = single ? 4'd0 : tile_last;
    wire [1:0] next_turn = last_here ? 2'd0 : here_turn + 2'd1;
    wire [3:0] next_group = here_group + {3'd0, last_here};
    reg        at_last;         // here_group and here_turn are the instruction's last, a cycle later without an issue
    wire       last_here = here_turn == LAST_TURN;
    wire       last_issue = issue_here && at_last;
    wire       hands_over = state == RUN && accumulate && !sums && next_fetched;
    wire       ends_here = state == RUN && old && at_last; // with issue_here, which is known late
    wire       over = hands_over || (state == RUN && old && issued) || (ends_here && issue_here);
    wire       held = !issued && !issue_here && !accumulate;

    assign busy = state != IDLE;
    assign next_k = next[I_K +: 6];
    // No constant is in a sum.
    assign instruction = {sum_issued ? sum[29:I_B] : current[29:I_B], current[I_K +: 6],
                          sum_issued ? sum[I_K-1:0] : current[I_K-1:0]};
    assign fold = folds && !sum_issued; // a sum has none
    assign last_turn = turn == LAST_TURN;
    assign starved = wants && !here;
    assign stalled = wants && here && to_output && !room;
    assign left_ready = issue_here && from_left;
    assign right_ready = issue_here && from_right;
    assign reserve = issue_here && to_output;

    always @(posedge clk)
        if (!rst_n || stop) begin
            state <= IDLE;
        end else begin
            case (state)
                IDLE: if (start) state <= FETCH;
                FETCH: if (second) state <= RUN;
                RUN: if (over && last && !more) state <= scans || sums || hands_over ? SETTLE : IDLE;
                default: if (!sums && (!scanned || old)) state <= IDLE;
            endcase
        end

    always @(posedge clk) begin
        issue <= rst_n && !stop && (issue_here || sum_issue);
        no_left <= !left_ready;
        no_right <= !right_ready;
        sum_issued <= sum_issue;
        group <= sum_issue ? sum_group : here_group;
        turn <= sum_issue ? sum_turn : here_turn;
    end

    wire load = second || over;
    wire ends = over && last && !more;

    always @(posedge clk)
        if (load) begin
            from_left <= next[I_A +: 4] == FROM_LEFT;
            from_right <= next[I_B +: 4] == FROM_RIGHT;
            to_output <= next[I_TO +: 4] == TO_OUTPUT;
            scans <= next[I_SCAN +: 2] != SCAN_NONE;
            joins <= next[I_JOIN];
            accumulate <= next[I_ACCUMULATE];
            single <= next[I_SINGLE];
            last <= next[I_LAST];
            until_next <= !second && last && !more ? SCAN_DEPTH : next[I_SCAN +: 2] != SCAN_NONE ? SCAN_DEPTH - 5'd1
                        : next[I_B +: 4] == FROM_FOLD ? FOLD_DEPTH - 5'd1 : DEPTH - 5'd1;
            old <= 1'b0;
        end else if (!old && !(held && state == RUN)) begin
            until_next <= until_next - 5'd1;
            old <= until_next == 5'd1;
        end

    // With 16 ways the first result of an instruction may be the last.
    always @(posedge clk)
        if (load)
            at_last <= LAST_TURN == 2'd0 && (next[I_SINGLE] || tile == 5'd1);
        else if (issue_here)
            at_last <= next_turn == LAST_TURN && next_group == last_group;
        else
            at_last <= last_here && here_group == last_group;

    wire offers_after = load ? !next[I_ACCUMULATE] && !ends : offers && !last_issue;

    always @(posedge clk)
        offers <= rst_n && !stop && offers_after;

    always @(posedge clk) begin
        second <= state == FETCH && !second;
        more <= tiled && groups_left > 33'd16;
        tile <= groups_left < 33'd16 ? groups_left[4:0] : groups_left < 33'd32 && groups_left != 33'd16
              ? {1'b0, groups_left[4:1]} + {4'd0, groups_left[0]} : 5'd16;
        tile_last <= tile[3:0] - 4'd1;
        tile_over <= over && last && more;
        if (state == IDLE)
            groups_left <= groups;
        else if (tile_over)
            groups_left <= groups_left - {28'd0, tile};
        if (state == IDLE)
            counter <= entry;
        else if (load)
            counter <= next[I_LAST] ? entry : counter + 8'd1;
        next <= fetched;
        if (load)
            scanned <= scans;
        loaded <= load;
        next_fetched <= !load && !loaded;
        if (loaded)
            {current, folds, constant} <= {next, next[I_B +: 4] == FROM_FOLD, fetched_constant};
    end

    always @(posedge clk)
        if (load) begin
            here_group <= 4'd0;
            here_turn <= 2'd0;
            issued <= 1'b0;
        end else if (issue_here) begin
            here_turn <= next_turn;
            here_group <= next_group;
            if (at_last)
                issued <= 1'b1;
        end

    wire sum_issue_after = hands_over ? tile != 5'd0 : sum_issue ? sum_turn != LAST_TURN
                         : sums && sum_age >= SUM_DEPTH - 4'd1 && sum_count != 5'd0;
    // What the last turn wrote is there by then too: a fold is never the next instruction at once.
    wire sums_after = hands_over || (sums && !(sum_ready && sum_count == 5'd0 && !sum_issue));
    wire joins_after = load ? next[I_JOIN] : joins;

    always @(posedge clk)
        if (!rst_n || stop) begin
            sums <= 1'b0;
            sum_issue <= 1'b0;
            wants <= 1'b0;
        end else begin
            sums <= sums_after;
            sum_issue <= sum_issue_after;
            wants <= offers_after && !sum_issue_after && !(joins_after && sums_after);
        end

    always @(posedge clk)
        if (!rst_n || stop) begin
            sum_turn <= 2'd0;
        end else if (hands_over) begin
            sum_group <= 4'd0;
            sum_count <= tile;
            sum_age <= SUM_DEPTH;
        end else if (sums) begin
            if (sum_issue && sum_turn == 2'd0) begin
                sum_age <= 4'd1;
                sum_count <= sum_count - 5'd1;
            end else if (!sum_ready) begin
                sum_age <= sum_age + 4'd1;
            end
            if (sum_issue) begin
                sum_turn <= sum_turn == LAST_TURN ? 2'd0 : sum_turn + 2'd1;
                if (sum_turn == LAST_TURN)
                    sum_group <= sum_group + 4'd1;
            end
        end

    always @(posedge clk) begin
        sum_begins <= hands_over;
        if (sum_begins)
            sum <= current;
    end

    wire unused = &{1'b0, TURNS[31:2], tile, sum};
endmodule

`default_nettype wire
