// SPDX-License-Identifier: Apache-2.0
// Round-robin choice of an owner. The owner stays while `hold` is high. Else the next requester becomes the owner one
// cycle later. Without another requester the owner stays, so a single master never waits.
`default_nettype none

module tern_round_robin #(
    parameter COUNT = 2,
    parameter OWNER_BITS = 1
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire [COUNT-1:0]      wants,
    input  wire                  hold,
    output reg  [OWNER_BITS-1:0] owner
);
    // The nearest one behind the owner wins, so it is looked at last.
    integer                distance;
    integer                candidate;
    reg [OWNER_BITS-1:0]   next;
    localparam [31:0]      COUNT_32 = COUNT;

    always @* begin
        next = owner;
        for (distance = COUNT - 1; distance >= 1; distance = distance - 1) begin
            candidate = {{(32 - OWNER_BITS){1'b0}}, owner} + distance;
            if (candidate >= COUNT_32)
                candidate = candidate - COUNT_32;
            if (wants[candidate[OWNER_BITS-1:0]])
                next = candidate[OWNER_BITS-1:0];
        end
    end

    always @(posedge clk)
        if (!rst_n)
            owner <= {OWNER_BITS{1'b0}};
        else if (!hold)
            owner <= next;
endmodule

`default_nettype wire
