// SPDX-License-Identifier: Apache-2.0
// Reset of a board: low until `good` was high for 2^COUNT_LOG2 cycles. The registers begin in reset, so the clock may
// start late.
`default_nettype none

module tern_board_reset #(
    parameter COUNT_LOG2 = 12
) (
    input  wire clk,
    input  wire good,    // of any clock: the clock is locked and no button is pressed
    output reg  rst_n
);
    reg [1:0]          line;
    reg [COUNT_LOG2:0] count; // at its highest bit it stays

    initial begin
        line = 2'b00;
        count = 0;
        rst_n = 1'b0;
    end

    always @(posedge clk) begin
        line <= {line[0], good};
        count <= line[1] ? count + {{COUNT_LOG2{1'b0}}, ~count[COUNT_LOG2]} : 0;
        rst_n <= count[COUNT_LOG2];
    end
endmodule

`default_nettype wire
