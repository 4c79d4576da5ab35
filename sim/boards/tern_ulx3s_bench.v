// SPDX-License-Identifier: Apache-2.0
// tern_ulx3s with the two directions of its data pins apart, as the model of the SDRAM chip needs them.
`default_nettype none

module tern_ulx3s_bench #(
    parameter [31:0] CLOCK_HZ = 32'd40000000,
    parameter [31:0] BAUD = 32'd3000000,
    parameter WAYS = 8,
    parameter HAS_ATTENTION = 1,
    parameter MAX_GROUPS = 512,
    parameter [31:0] SOURCES = 0
) (
    input  wire        clk_25mhz,
    input  wire        button,
    input  wire        ftdi_txd,
    output wire        ftdi_rxd,
    output wire [7:0]  led,
    output wire        sdram_clk,
    output wire        sdram_cke,
    output wire        sdram_cs_n,
    output wire        sdram_ras_n,
    output wire        sdram_cas_n,
    output wire        sdram_we_n,
    output wire [12:0] sdram_a,
    output wire [1:0]  sdram_ba,
    output wire [1:0]  sdram_dm,
    input  wire        chip_drives,
    input  wire [15:0] chip_data,
    output wire        board_drives,
    output wire [15:0] board_data
);
    wire [15:0] sdram_dq;
    wire        wifi_gpio0;

    assign sdram_dq = chip_drives ? chip_data : 16'hzzzz;
    assign board_data = sdram_dq;
    assign board_drives = ~top.controller.BB.T;

    // Short times of reset and lights. The rest is as on the board.
    tern_ulx3s #(.CLOCK_HZ(CLOCK_HZ), .BAUD(BAUD), .WAYS(WAYS), .HAS_ATTENTION(HAS_ATTENTION), .MAX_GROUPS(MAX_GROUPS),
        .SOURCES(SOURCES), .RESET_LOG2(14), .LIGHT_LOG2(8)) top (
        .clk_25mhz, .button, .ftdi_txd, .ftdi_rxd, .led, .wifi_gpio0, .sdram_clk, .sdram_cke, .sdram_cs_n,
        .sdram_ras_n, .sdram_cas_n, .sdram_we_n, .sdram_a, .sdram_ba, .sdram_dm, .sdram_dq
    );

    wire unused = &{1'b0, wifi_gpio0};
endmodule

`default_nettype wire
