// SPDX-License-Identifier: Apache-2.0
// Block RAM of 32-bit words with byte strobes and two ports. Data come one cycle after the address. A port either
// writes or reads in a cycle. A read of a word that the other port writes in the same cycle is undefined. With the
// second port tied low, synthesis makes a single-port RAM.
`default_nettype none

module tern_byte_memory #(
    parameter WORDS_LOG2 = 14,
    parameter WORDS = 1 << WORDS_LOG2 // may be less: what is read above is undefined
) (
    input  wire                  clk,
    input  wire                  a_enable,
    input  wire [WORDS_LOG2-1:0] a_address,
    input  wire [3:0]            a_strobe,
    input  wire [31:0]           a_write,
    output reg  [31:0]           a_read,
    input  wire                  b_enable,
    input  wire [WORDS_LOG2-1:0] b_address,
    input  wire [3:0]            b_strobe,
    input  wire [31:0]           b_write,
    output reg  [31:0]           b_read
);
    (* no_rw_check *)
    reg [31:0] words [0:WORDS-1];
    integer a_lane;
    integer b_lane;

    always @(posedge clk)
        if (a_enable) begin
            for (a_lane = 0; a_lane < 4; a_lane = a_lane + 1)
                if (a_strobe[a_lane])
                    words[a_address][8*a_lane +: 8] <= a_write[8*a_lane +: 8];
            if (a_strobe == 4'd0)
                a_read <= words[a_address];
        end

    always @(posedge clk)
        if (b_enable) begin
            for (b_lane = 0; b_lane < 4; b_lane = b_lane + 1)
                if (b_strobe[b_lane])
                    words[b_address][8*b_lane +: 8] <= b_write[8*b_lane +: 8];
            if (b_strobe == 4'd0)
                b_read <= words[b_address];
        end
endmodule

`default_nettype wire
