// SPDX-License-Identifier: Apache-2.0
// Looks at results of the ways, for block floating point and for the softmax:
//   SCAN_GROUPS   the largest magnitude of each group gives its exponent, its shift above the base exponent and
//                 -(base + shift). The first element whose magnitude is the limit or more is bad.
//   SCAN_SIGNED   the largest element of the row; -0 is below +0. The first +infinity or NaN is bad. A row without an
//                 element above -infinity is bad from its first element on.
// Elements behind the end of a part of a row are zero, or -infinity, and never bad. `negative` is there 10 cycles after the
// last result of its group.
`default_nettype none

module tern_vector_scan #(
    parameter WAYS = 8
) (
    input  wire               clk,
    input  wire               rst_n,
    input  wire               advance,
    input  wire               row_start,        // forget the row before
    input  wire               start,            // forget the bad element
    input  wire               fixed_base,
    input  wire signed [9:0]  base,             // with fixed_base; else the largest exponent of the row - 15
    input  wire               cache_limit,      // CACHE_LIMIT is the limit; else infinity
    input  wire [1:0]         s_scan,
    input  wire [32*WAYS-1:0] s_result,
    input  wire [3:0]         s_group,          // of the tile
    input  wire               s_first,          // of the group's results
    input  wire               s_last,
    input  wire               counts,           // the results are those of new elements
    input  wire [18:0]        length,           // elements of a part of a row; a part begins with a group
    input  wire [14:0]        groups,           // of a part
    output reg                bad,
    output wire [31:0]        bad_element,
    output wire [31:0]        largest,          // SCAN_SIGNED
    output reg  signed [9:0]  row_base,         // two cycles after the last exponent of the first pass
    input  wire [3:0]         group,
    output wire signed [9:0]  negative,         // -(base + shift) of `group`, combinational
    output reg                shift_valid,      // the shift of the group after the one before
    output reg  [4:0]         shift
);
    `include "tern_vector_isa.vh"

    localparam WAY_BITS = $clog2(WAYS);
    localparam [31:0] WAYS_32 = WAYS;
    localparam [19:0] WAYS_20 = WAYS_32[19:0];
    localparam [31:0] MINUS_INFINITY_KEY = 32'h007fffff;
    localparam [7:0] LIMIT_FIELD = 8'h8e;           // of the cache
    localparam signed [9:0] MAX_SHIFT = 10'sd15;

    // Cycle 1: keys whose order is that of the elements, and bad elements.
    // The cache's limit is 65535, the least magnitude whose shift is over CACHE_MAX_SHIFT.
    wire signed_order = s_scan == SCAN_SIGNED;
    reg  [WAYS-1:0]     special;
    reg  [WAYS-1:0]     nan;
    reg  [WAYS-1:0]     beyond_cache;
    reg  [32*WAYS-1:0]  keys;
    reg  [WAYS-1:0]     bad_ways;
    reg                 valid_1;
    reg                 signed_1;
    reg                 first_1;
    reg                 last_1;
    reg  [3:0]          group_1;
    integer             i;

    always @*
        for (i = 0; i < WAYS; i = i + 1) begin
            special[i] = &s_result[32*i + 23 +: 8];
            nan[i] = special[i] && |s_result[32*i +: 23];
            beyond_cache[i] = s_result[32*i + 23 +: 8] > LIMIT_FIELD
                            || (s_result[32*i + 23 +: 8] == LIMIT_FIELD && &s_result[32*i + 8 +: 15]);
        end

    always @(posedge clk)
        if (advance) begin
            valid_1 <= s_scan != SCAN_NONE;
            signed_1 <= signed_order;
            first_1 <= s_first;
            last_1 <= s_last;
            group_1 <= s_group;
            for (i = 0; i < WAYS; i = i + 1) begin
                keys[32*i +: 32] <= !signed_order ? {1'b0, s_result[32*i +: 31]} : nan[i] ? 32'd0
                                  : s_result[32*i + 31] ? ~s_result[32*i +: 32] : {1'b1, s_result[32*i +: 31]};
                bad_ways[i] <= signed_order && s_result[32*i + 31] ? nan[i]
                             : special[i] || (!signed_order && cache_limit && beyond_cache[i]);
            end
        end

    // Cycle 2: the larger of each two ways, and the place of the first bad one.
    reg  [32*(WAYS/2)-1:0] pairs;
    reg                    valid_2;
    reg                    signed_2;
    reg                    first_2;
    reg                    last_2;
    reg  [3:0]             group_2;
    reg                    bad_2;
    reg  [WAY_BITS-1:0]    bad_way_2;
    reg  [WAY_BITS-1:0]    bad_way;
    integer                j;

    function [31:0] larger(input [31:0] a, input [31:0] b);
        larger = a > b ? a : b;
    endfunction

    always @* begin
        bad_way = 0;
        for (j = WAYS - 1; j >= 0; j = j - 1)
            if (bad_ways[j])
                bad_way = j[WAY_BITS-1:0];
    end

    always @(posedge clk)
        if (advance) begin
            valid_2 <= valid_1;
            signed_2 <= signed_1;
            first_2 <= first_1;
            last_2 <= last_1;
            group_2 <= group_1;
            bad_2 <= valid_1 && |bad_ways;
            bad_way_2 <= bad_way;
            for (i = 0; i < WAYS / 2; i = i + 1)
                pairs[32*i +: 32] <= larger(keys[64*i +: 32], keys[64*i + 32 +: 32]);
        end

    // Cycle 3: the largest of each four ways.
    reg  [32*(WAYS/4)-1:0] fours;
    reg                    valid_3;
    reg                    signed_3;
    reg                    first_3;
    reg                    last_3;
    reg  [3:0]             group_3;

    always @(posedge clk)
        if (advance) begin
            valid_3 <= valid_2;
            signed_3 <= signed_2;
            first_3 <= first_2;
            last_3 <= last_2;
            group_3 <= group_2;
            for (i = 0; i < WAYS / 4; i = i + 1)
                fours[32*i +: 32] <= larger(pairs[64*i +: 32], pairs[64*i + 32 +: 32]);
        end

    // Cycle 4: the largest of all ways.
    reg [31:0] all;
    reg [31:0] all_4;
    reg        valid_4;
    reg        signed_4;
    reg        first_4;
    reg        last_4;
    reg [3:0]  group_4;

    always @* begin
        all = fours[31:0];
        for (j = 1; j < WAYS / 4; j = j + 1)
            all = larger(all, fours[32*j +: 32]);
    end

    always @(posedge clk)
        if (advance) begin
            all_4 <= all;
            valid_4 <= valid_3;
            signed_4 <= signed_3;
            first_4 <= first_3;
            last_4 <= last_3;
            group_4 <= group_3;
        end

    // Cycle 5: of the group, and of the row.
    reg  [31:0] group_key;
    reg  [31:0] row_key;
    reg  [3:0]  exponent_valid; // cycles 5 to 8
    reg  [3:0]  group_5;
    reg  [3:0]  group_6;
    reg  [3:0]  group_7;
    reg  [3:0]  group_8;

    assign largest = row_key[31] ? {1'b0, row_key[30:0]} : ~row_key;

    always @(posedge clk)
        if (!rst_n) begin
            exponent_valid <= 4'd0;
            shift_valid <= 1'b0;
        end else if (advance) begin
            {shift_valid, exponent_valid} <= {exponent_valid, valid_4 && !signed_4 && last_4};
            if (valid_4 && (first_4 || all_4 > group_key))
                group_key <= all_4;
        end

    always @(posedge clk)
        if (row_start)
            row_key <= MINUS_INFINITY_KEY;
        else if (advance && valid_4 && signed_4 && all_4 > row_key)
            row_key <= all_4;

    // The first bad element. Results come in order, so their number is a count.
    reg  [19:0] element;    // first one of the result, in its part
    reg  [14:0] groups_left;
    reg  [31:0] part_element;
    reg         is_signed;      // the row's scan
    reg         found;
    reg  [31:0] found_element;
    wire        empty = is_signed && row_key == MINUS_INFINITY_KEY;
    reg         bad_3;          // cycle 3: its place; cycle 4: whether it counts
    reg  [19:0] place_3;
    reg  [31:0] part_element_3;

    always @(posedge clk)
        if (!rst_n || start) begin
            element <= 20'd0;
            groups_left <= groups;
            part_element <= 32'd0;
        end else if (advance && valid_2 && counts) begin
            element <= element + WAYS_20;
            if (last_2) begin
                groups_left <= groups_left - 15'd1;
                if (groups_left == 15'd1) begin
                    groups_left <= groups;
                    element <= 20'd0;
                    part_element <= part_element + {13'd0, length};
                end
            end
        end

    always @(posedge clk)
        if (!rst_n || start) begin
            bad_3 <= 1'b0;
            found <= 1'b0;
        end else if (advance) begin
            bad_3 <= bad_2 && counts;
            place_3 <= element + {{(20 - WAY_BITS){1'b0}}, bad_way_2};
            part_element_3 <= part_element;
            if (bad_3 && place_3 < {1'b0, length} && !found) begin
                found <= 1'b1;
                found_element <= part_element_3 + {12'd0, place_3};
            end
        end

    // When the scan of the row is over, the row's first element is one part back.
    always @(posedge clk)
        bad <= found || empty;

    assign bad_element = empty ? part_element - {13'd0, length} : found_element;

    // `bad` must not see the last row of the run before.
    always @(posedge clk)
        is_signed <= !(start || row_start) && (is_signed || (advance && valid_4 && signed_4));

    // Cycles 6 to 8: the exponent.
    wire               zero;
    wire signed [9:0]  exponent;

    tern_vector_exponent exponent_of_group (
        .clk, .advance,
        .magnitude(group_key[30:0]),
        .zero, .exponent
    );

    // Cycle 9: the shift and the exponent of the mantissas.
    reg signed  [9:0] negatives [0:15];
    reg signed  [9:0] row_exponent;     // the largest of the row, when `row_any`
    reg signed  [9:0] row_lowest;       // the base that it gives, or 0
    reg               row_any;
    reg signed  [9:0] base_negative;
    wire signed [9:0] next_base = fixed_base ? base : row_lowest;
    wire signed [9:0] above = exponent - row_base;
    wire              shifted = !zero && !above[9]; // by 0 too: both ways to the exponent are one then

    always @(posedge clk) begin
        row_base <= next_base;
        base_negative <= -next_base;
    end

    always @(posedge clk)
        if (advance) begin
            group_5 <= group_4;
            group_6 <= group_5;
            group_7 <= group_6;
            group_8 <= group_7;
            shift <= shifted ? above[4:0] : 5'd0;
            if (exponent_valid[3])
                negatives[group_8] <= shifted ? -exponent : base_negative;
        end

    always @(posedge clk)
        if (row_start) begin
            row_any <= 1'b0;
            row_lowest <= 10'sd0;
        end else if (advance && exponent_valid[3] && !zero) begin
            row_any <= 1'b1;
            if (!row_any || exponent > row_exponent) begin
                row_exponent <= exponent;
                row_lowest <= exponent - MAX_SHIFT;
            end
        end

    assign negative = negatives[group];

    wire unused = &{1'b0, above[8:5], WAYS_32[31:20]};
endmodule

`default_nettype wire
