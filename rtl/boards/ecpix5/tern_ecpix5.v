// SPDX-License-Identifier: Apache-2.0
// Top of the ECPIX-5 with an LFE5UM5G-85F: 100 MHz clock, DDR3 of 512 MiB with 16 bits, gigabit Ethernet, serial line of
// the FT2232. litedram_core has the PLL inside; it is made by tools/make_controller. Pins: ecpix5.lpf. Lights and button:
// docs/bring-up.md.
`default_nettype none

`include "tern_spec.vh"

module tern_ecpix5 #(
    parameter LINK = 0,                       // 0: serial line, 1: Ethernet (liteeth_core of tools/make_ethernet)
    parameter [31:0] CLOCK_HZ = 32'd50000000, // the controller's; it was made for this clock
    parameter [31:0] BAUD = 32'd3000000,
    parameter WAYS = 8,
    parameter HAS_ATTENTION = 1,
    parameter MAX_GROUPS = 512,               // of 16 columns
    parameter [31:0] SOURCES = 0,
    parameter RESET_LOG2 = 20,                // 21 ms: the Ethernet chip needs 10
    parameter LIGHT_LOG2 = 20
) (
    input  wire        clk_100mhz,
    input  wire        button_n,
    input  wire        serial_rx,             // from the host
    output wire        serial_tx,
    output wire [3:0]  led_r,                 // low: on
    output wire [3:0]  led_g,
    output wire [3:0]  led_b,
    input  wire        rgmii_clock_rx,
    output wire        rgmii_clock_tx,
    input  wire        rgmii_rx_ctl,
    input  wire [3:0]  rgmii_rx_data,
    output wire        rgmii_tx_ctl,
    output wire [3:0]  rgmii_tx_data,
    output wire        eth_rst_n,
    output wire        ddram_clk_p,
    output wire        ddram_cke,
    output wire        ddram_odt,
    output wire        ddram_ras_n,
    output wire        ddram_cas_n,
    output wire        ddram_we_n,
    output wire [14:0] ddram_a,
    output wire [2:0]  ddram_ba,
    output wire [1:0]  ddram_dm,
    inout  wire [1:0]  ddram_dqs_p,
    inout  wire [15:0] ddram_dq
);
    wire         clk;
    wire         user_rst;
    wire         pll_locked;
    wire         rst_n;
    wire         in_valid;
    wire [7:0]   in_data;
    wire         in_last;
    wire         out_valid;
    wire         out_ready;
    wire [7:0]   out_data;
    wire         out_last;
    wire [2:0]   cmd_valid;
    wire [2:0]   cmd_ready;
    wire [2:0]   cmd_we;
    wire [74:0]  cmd_addr;
    wire [2:0]   wdata_valid;
    wire [2:0]   wdata_ready;
    wire [47:0]  wdata_we;
    wire [383:0] wdata_data;
    wire [2:0]   rdata_valid;
    wire [2:0]   rdata_ready;
    wire [383:0] rdata_data;
    wire         wb_cyc;
    wire         wb_stb;
    wire         wb_we;
    wire [29:0]  wb_adr;
    wire [3:0]   wb_sel;
    wire [31:0]  wb_dat_w;
    wire [31:0]  wb_dat_r;
    wire         wb_ack;
    wire         wb_err;
    wire         init_done;
    wire         init_error;
    wire         idle;
    wire         runs;
    wire         trapped;
    wire [7:0]   lights;

    // The button resets the controller with its PLL, and that all the rest.
    tern_board_reset #(.COUNT_LOG2(RESET_LOG2)) reset (
        .clk,
        .good(pll_locked & ~user_rst),
        .rst_n
    );

    generate
        if (LINK == 1) begin : ethernet
            wire        source_valid;
            wire        source_ready;
            wire        source_last;
            wire [3:0]  source_last_be;
            wire [31:0] source_data;
            wire        source_error;
            wire [31:0] source_ip_address;
            wire [15:0] source_src_port;
            wire        sink_valid;
            wire        sink_ready;
            wire        sink_last;
            wire [3:0]  sink_last_be;
            wire [31:0] sink_data;
            wire [31:0] sink_ip_address;
            wire [15:0] sink_dst_port;
            wire [15:0] sink_length;

            tern_udp_port port (
                .clk, .rst_n,
                .link_rst_n(rst_n),
                .s_udp_valid(source_valid),
                .s_udp_ready(source_ready),
                .s_udp_last(source_last),
                .s_udp_last_be(source_last_be),
                .s_udp_data(source_data),
                .s_udp_error(source_error),
                .s_udp_ip_address(source_ip_address),
                .s_udp_src_port(source_src_port),
                .m_valid(in_valid),
                .m_data(in_data),
                .m_last(in_last),
                .s_valid(out_valid),
                .s_ready(out_ready),
                .s_data(out_data),
                .s_last(out_last),
                .m_udp_valid(sink_valid),
                .m_udp_ready(sink_ready),
                .m_udp_last(sink_last),
                .m_udp_last_be(sink_last_be),
                .m_udp_data(sink_data),
                .m_udp_ip_address(sink_ip_address),
                .m_udp_dst_port(sink_dst_port),
                .m_udp_length(sink_length)
            );

            liteeth_core core (
                .clk,
                .rst(~rst_n),
                .rgmii_clock_rx, .rgmii_clock_tx, .rgmii_rx_ctl, .rgmii_rx_data, .rgmii_tx_ctl, .rgmii_tx_data,
                .udp_sink_data(sink_data),
                .udp_sink_dst_port(sink_dst_port),
                .udp_sink_ip_address(sink_ip_address),
                .udp_sink_last(sink_last),
                .udp_sink_last_be(sink_last_be),
                .udp_sink_length(sink_length),
                .udp_sink_ready(sink_ready),
                .udp_sink_valid(sink_valid),
                .udp_source_data(source_data),
                .udp_source_error(source_error),
                .udp_source_ip_address(source_ip_address),
                .udp_source_last(source_last),
                .udp_source_last_be(source_last_be),
                .udp_source_ready(source_ready),
                .udp_source_src_port(source_src_port),
                .udp_source_valid(source_valid)
            );

            assign eth_rst_n = rst_n;
            assign serial_tx = 1'b1;
            wire unused_serial = &{1'b0, serial_rx};
        end else begin : serial
            tern_uart #(.CLOCK_HZ(CLOCK_HZ), .BAUD(BAUD)) uart (
                .clk, .rst_n,
                .rx(serial_rx),
                .tx(serial_tx),
                .m_valid(in_valid),
                .m_data(in_data),
                .s_valid(out_valid),
                .s_ready(out_ready),
                .s_data(out_data)
            );

            assign in_last = 1'b0;
            assign eth_rst_n = 1'b0;
            assign rgmii_clock_tx = 1'b0;
            assign rgmii_tx_ctl = 1'b0;
            assign rgmii_tx_data = 4'd0;
            wire unused_ethernet = &{1'b0, rgmii_clock_rx, rgmii_rx_ctl, rgmii_rx_data, out_last};
        end
    endgenerate

    tern_board_memory #(
        .STREAM(LINK != 1),
        .WAYS(WAYS),
        .MAX_GROUPS(MAX_GROUPS),
        .HAS_ATTENTION(HAS_ATTENTION),
        .BOARD(`TERN_SYSTEM_BOARD_ECPIX5),
        .SOURCES(SOURCES),
        .CLOCK_HZ(CLOCK_HZ),
        .WIDTH(128),
        .MEMORY_LOG2(29)
    ) board (
        .clk, .rst_n,
        .s_valid(in_valid),
        .s_data(in_data),
        .s_last(in_last),
        .m_valid(out_valid),
        .m_ready(out_ready),
        .m_data(out_data),
        .m_last(out_last),
        .cmd_valid, .cmd_ready, .cmd_we, .cmd_addr, .wdata_valid, .wdata_ready, .wdata_we, .wdata_data, .rdata_valid,
        .rdata_ready, .rdata_data, .wb_cyc, .wb_stb, .wb_we, .wb_adr, .wb_sel, .wb_dat_w, .wb_dat_r, .wb_ack,
        .idle, .runs, .trapped
    );

    litedram_core controller (
        .clk(clk_100mhz),
        .rst(~button_n),
        .user_clk(clk),
        .user_rst, .pll_locked, .init_done, .init_error, .ddram_clk_p, .ddram_cke, .ddram_odt, .ddram_ras_n,
        .ddram_cas_n, .ddram_we_n, .ddram_a, .ddram_ba, .ddram_dm, .ddram_dqs_p, .ddram_dq,
        .user_port_soc_cmd_valid(cmd_valid[0]),
        .user_port_soc_cmd_ready(cmd_ready[0]),
        .user_port_soc_cmd_we(cmd_we[0]),
        .user_port_soc_cmd_addr(cmd_addr[25*0 +: 25]),
        .user_port_soc_wdata_valid(wdata_valid[0]),
        .user_port_soc_wdata_ready(wdata_ready[0]),
        .user_port_soc_wdata_we(wdata_we[16*0 +: 16]),
        .user_port_soc_wdata_data(wdata_data[128*0 +: 128]),
        .user_port_soc_rdata_valid(rdata_valid[0]),
        .user_port_soc_rdata_ready(rdata_ready[0]),
        .user_port_soc_rdata_data(rdata_data[128*0 +: 128]),
        .user_port_next_cmd_valid(cmd_valid[1]),
        .user_port_next_cmd_ready(cmd_ready[1]),
        .user_port_next_cmd_we(cmd_we[1]),
        .user_port_next_cmd_addr(cmd_addr[25*1 +: 25]),
        .user_port_next_wdata_valid(wdata_valid[1]),
        .user_port_next_wdata_ready(wdata_ready[1]),
        .user_port_next_wdata_we(wdata_we[16*1 +: 16]),
        .user_port_next_wdata_data(wdata_data[128*1 +: 128]),
        .user_port_next_rdata_valid(rdata_valid[1]),
        .user_port_next_rdata_ready(rdata_ready[1]),
        .user_port_next_rdata_data(rdata_data[128*1 +: 128]),
        .user_port_link_cmd_valid(cmd_valid[2]),
        .user_port_link_cmd_ready(cmd_ready[2]),
        .user_port_link_cmd_we(cmd_we[2]),
        .user_port_link_cmd_addr(cmd_addr[25*2 +: 25]),
        .user_port_link_wdata_valid(wdata_valid[2]),
        .user_port_link_wdata_ready(wdata_ready[2]),
        .user_port_link_wdata_we(wdata_we[16*2 +: 16]),
        .user_port_link_wdata_data(wdata_data[128*2 +: 128]),
        .user_port_link_rdata_valid(rdata_valid[2]),
        .user_port_link_rdata_ready(rdata_ready[2]),
        .user_port_link_rdata_data(rdata_data[128*2 +: 128]),
        .wb_ctrl_cyc(wb_cyc),
        .wb_ctrl_stb(wb_stb),
        .wb_ctrl_we(wb_we),
        .wb_ctrl_adr(wb_adr),
        .wb_ctrl_sel(wb_sel),
        .wb_ctrl_dat_w(wb_dat_w),
        .wb_ctrl_dat_r(wb_dat_r),
        .wb_ctrl_ack(wb_ack),
        .wb_ctrl_err(wb_err)
    );

    tern_board_lights #(.TICK_LOG2(LIGHT_LOG2)) board_lights (
        .clk, .rst_n,
        .received(in_valid),
        .sent(out_valid & out_ready),
        .memory_ready(init_done),
        .memory_error(init_error),
        .runs,
        .busy(~idle),
        .trapped,
        .lights
    );

    // From the left: clock and trap, link, memory, core.
    assign led_g = ~{lights[5], lights[3], lights[1], lights[0]};
    assign led_r = ~{1'b0, lights[4], 1'b0, lights[7]};
    assign led_b = ~{lights[6], 1'b0, lights[2], 1'b0};

    wire unused = &{1'b0, wb_err};
endmodule

`default_nettype wire
