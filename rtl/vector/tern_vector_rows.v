// SPDX-License-Identifier: Apache-2.0
// Walks the rows of a stream of the vector unit: `rows` times `parts` addresses, `stride` apart. With `twice` each comes
// twice; it is meant for one part. With `all_twice` the walk begins again after the last. `next` steps; `over` says that
// there is no further row.
`default_nettype none

module tern_vector_rows #(
    parameter ADDRESS_BITS = 64
) (
    input  wire                    clk,
    input  wire                    start,
    input  wire [ADDRESS_BITS-1:0] base,
    input  wire [ADDRESS_BITS-1:0] stride,
    input  wire [18:0]             rows,       // known the cycle before the start, like `parts`
    input  wire [18:0]             parts,
    input  wire                    twice,
    input  wire                    all_twice,
    input  wire                    next,
    output reg  [ADDRESS_BITS-1:0] address,
    output wire                    over
);
    reg  [18:0] rows_left;
    reg  [18:0] parts_left;
    reg         again;      // the row, or the whole walk, comes once more

    reg         last_part;  // parts_left is 1
    reg         last_row;   // rows_left is 1
    reg         one_part;
    reg         one_row;

    wire last = last_part && last_row;

    assign over = last && !again;

    always @(posedge clk) begin
        one_row <= rows == 19'd1;
        one_part <= parts == 19'd1;
    end

    always @(posedge clk)
        if (start) begin
            address <= base;
            rows_left <= rows;
            parts_left <= parts;
            last_row <= one_row;
            last_part <= one_part;
            again <= twice || all_twice;
        end else if (next) begin
            if (twice && again) begin
                again <= 1'b0;
            end else if (last) begin
                address <= base;
                rows_left <= rows;
                parts_left <= parts;
                last_row <= one_row;
                last_part <= one_part;
                again <= 1'b0;
            end else begin
                address <= address + stride;
                again <= all_twice ? again : twice;
                parts_left <= last_part ? parts : parts_left - 19'd1;
                rows_left <= rows_left - {18'd0, last_part};
                last_part <= last_part ? one_part : parts_left == 19'd2;
                last_row <= last_part ? rows_left == 19'd2 : last_row;
            end
        end
endmodule

`default_nettype wire
