// SPDX-License-Identifier: Apache-2.0
// ECP5's input register of a pin, with preset.
`default_nettype none

module IFS1P3BX (
    input  wire D,
    input  wire SP,
    input  wire SCLK,
    input  wire PD,
    output reg  Q
);
    always @(posedge SCLK)
        if (PD)
            Q <= 1'b1;
        else if (SP)
            Q <= D;
endmodule

`default_nettype wire
