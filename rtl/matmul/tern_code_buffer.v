// SPDX-License-Identifier: Apache-2.0
// Scale codes of the current strip, for all lanes. Read latency is 1 cycle. Three beats hold the codes of 16 groups a
// lane, at 3 bytes each. A row is three beats, written one by one and read as a whole. Thus no byte is realigned. A row
// that was read stays until the first group of the next row.
`default_nettype none

module tern_code_buffer #(
    parameter LANES = 1,
    parameter ROWS = 128,
    parameter ROW_BITS = 7
) (
    input  wire                 clk,
    input  wire                 s_valid,
    input  wire                 s_first, // first beat of the codes
    input  wire [128*LANES-1:0] s_data,
    input  wire                 read,
    input  wire [ROW_BITS-1:0]  read_row,
    output wire [384*LANES-1:0] m_codes
);
    // Nothing is read in the cycle that writes it, so block RAM needs no bypass (Yosys attribute).
    (* no_rw_check *)
    reg [128*LANES-1:0] first_thirds [0:ROWS-1];
    (* no_rw_check *)
    reg [128*LANES-1:0] second_thirds [0:ROWS-1];
    (* no_rw_check *)
    reg [128*LANES-1:0] last_thirds [0:ROWS-1];
    reg [128*LANES-1:0] first_third;
    reg [128*LANES-1:0] second_third;
    reg [128*LANES-1:0] last_third;
    reg [1:0]           next_third;
    reg [ROW_BITS-1:0]  next_row;

    wire [1:0]          third = s_first ? 2'd0 : next_third;
    wire [ROW_BITS-1:0] row = s_first ? {ROW_BITS{1'b0}} : next_row;

    always @(posedge clk) begin
        if (s_valid) begin
            next_third <= third == 2'd2 ? 2'd0 : third + 2'd1;
            next_row <= third == 2'd2 ? row + 1'b1 : row;
        end
        if (s_valid && third == 2'd0)
            first_thirds[row] <= s_data;
        if (s_valid && third == 2'd1)
            second_thirds[row] <= s_data;
        if (s_valid && third == 2'd2)
            last_thirds[row] <= s_data;
        if (read) begin
            first_third <= first_thirds[read_row];
            second_third <= second_thirds[read_row];
            last_third <= last_thirds[read_row];
        end
    end

    assign m_codes = {last_third, second_third, first_third};
endmodule

`default_nettype wire
