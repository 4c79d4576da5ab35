// SPDX-License-Identifier: Apache-2.0
// ECP5's output register of two bits a clock, as boards use it: with constant bits, to send a clock out.
`default_nettype none

module ODDRX1F (
    input  wire D0,
    input  wire D1,
    input  wire SCLK,
    input  wire RST,
    output wire Q
);
    assign Q = ~RST & (SCLK ? D0 : D1);
endmodule

`default_nettype wire
