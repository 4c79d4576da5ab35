// SPDX-License-Identifier: Apache-2.0
// Ports of the generated liteeth_core of ecpix5, for checks of its top without the generator.
`default_nettype none

module liteeth_core (
    input  wire          clk,
    input  wire          rgmii_clock_rx,
    output wire          rgmii_clock_tx,
    input  wire          rgmii_rx_ctl,
    input  wire    [3:0] rgmii_rx_data,
    output wire          rgmii_tx_ctl,
    output wire    [3:0] rgmii_tx_data,
    input  wire          rst,
    input  wire   [31:0] udp_sink_data,
    input  wire   [15:0] udp_sink_dst_port,
    input  wire   [31:0] udp_sink_ip_address,
    input  wire          udp_sink_last,
    input  wire    [3:0] udp_sink_last_be,
    input  wire   [15:0] udp_sink_length,
    output wire          udp_sink_ready,
    input  wire          udp_sink_valid,
    output wire   [31:0] udp_source_data,
    output wire          udp_source_error,
    output wire   [31:0] udp_source_ip_address,
    output wire          udp_source_last,
    output wire    [3:0] udp_source_last_be,
    input  wire          udp_source_ready,
    output wire   [15:0] udp_source_src_port,
    output wire          udp_source_valid
);
    assign rgmii_clock_tx = 0;
    assign rgmii_tx_ctl = 0;
    assign rgmii_tx_data = 0;
    assign udp_sink_ready = 0;
    assign udp_source_data = 0;
    assign udp_source_error = 0;
    assign udp_source_ip_address = 0;
    assign udp_source_last = 0;
    assign udp_source_last_be = 0;
    assign udp_source_src_port = 0;
    assign udp_source_valid = 0;

    wire unused = &{1'b0, clk, rgmii_clock_rx, rgmii_rx_ctl, rgmii_rx_data, rst, udp_sink_data, udp_sink_dst_port,
                    udp_sink_ip_address, udp_sink_last, udp_sink_last_be, udp_sink_length, udp_sink_valid,
                    udp_source_ready};
endmodule

`default_nettype wire
