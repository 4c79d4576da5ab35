// SPDX-License-Identifier: Apache-2.0
// Number of zeros above the highest set bit of a 48-bit word. A bit of `stop` ends the count in its nibble at the latest;
// bit 0 is for the top one. A nibble without a set bit then counts 3. At most one bit is set. Combinational. It finds the first set bit of each
// nibble, the first nibble of each group of four, and the first group. This takes five LUT levels; repeated halving
// takes nine.
`default_nettype none

module tern_float_leading_zeros (
    input  wire [47:0] value,
    input  wire [11:0] stop,
    output wire        none,         // no set bit, no stop; count is 0
    output wire        stopped,      // the count ended in the nibble of `stop`
    output wire [5:0]  count
);
    // Index 0 is the top nibble, and the top group.
    wire [11:0] any;
    wire [23:0] place;
    wire [2:0]  group_any;
    wire [2:0]  group_stop;
    wire [5:0]  group_nibble;
    wire [5:0]  group_place;

    genvar index;
    generate
        for (index = 0; index < 12; index = index + 1) begin : nibble
            wire [3:0] bits = value[47 - 4 * index -: 4];
            assign any[index] = |bits | stop[index];
            assign place[2 * index +: 2] = {~bits[3] & ~bits[2], ~bits[3] & (bits[2] | ~bits[1])};
        end
        for (index = 0; index < 3; index = index + 1) begin : group
            wire [3:0] filled = any[4 * index +: 4];
            wire [7:0] places = place[8 * index +: 8];
            wire [3:0] stops = stop[4 * index +: 4];
            assign group_any[index] = |filled;
            assign group_stop[index] = filled[0] ? stops[0] : filled[1] ? stops[1] : filled[2] ? stops[2] : stops[3];
            assign group_nibble[2 * index +: 2] = {~filled[0] & ~filled[1], ~filled[0] & (filled[1] | ~filled[2])};
            assign group_place[2 * index +: 2] = filled[0] ? places[1:0] : filled[1] ? places[3:2]
                                               : filled[2] ? places[5:4] : places[7:6];
        end
    endgenerate

    assign count = group_any[0] ? {2'd0, group_nibble[1:0], group_place[1:0]}
                 : group_any[1] ? {2'd1, group_nibble[3:2], group_place[3:2]}
                 : {2'd2, group_nibble[5:4], group_place[5:4]} & {6{group_any[2]}};

    assign none = group_any == 3'd0;
    assign stopped = group_any[0] ? group_stop[0] : group_any[1] ? group_stop[1] : group_stop[2];
endmodule

`default_nettype wire
