// SPDX-License-Identifier: Apache-2.0
// Top of the ULX3S with an LFE5U-85F: 25 MHz clock, SDR SDRAM of 64 MiB with 16 bits, serial line of the FT231X.
// litedram_core is made by tools/make_controller. Pins: ulx3s.lpf. Lights and button: docs/bring-up.md.
`default_nettype none

`include "tern_spec.vh"

module tern_ulx3s #(
    parameter [31:0] CLOCK_HZ = 32'd40000000, // a multiple of 2.5 MHz from 40 to 80 MHz, or of 1.25 MHz from 20 MHz
    parameter [31:0] BAUD = 32'd3000000,
    parameter WAYS = 8,
    parameter HAS_ATTENTION = 1,
    parameter MAX_GROUPS = 512,               // of 16 columns
    parameter [31:0] SOURCES = 0,
    parameter SDRAM_DEGREES = 270,        // of the SDRAM's clock behind the clock of its pins
    parameter RESET_LOG2 = 16,            // cycles: SDRAM wants 200 us from its power-up to its first command
    parameter LIGHT_LOG2 = 20
) (
    input  wire        clk_25mhz,
    input  wire        button,            // FIRE 1; high when pressed
    input  wire        ftdi_txd,          // from the host
    output wire        ftdi_rxd,          // to the host
    output wire [7:0]  led,
    output wire        wifi_gpio0,        // high: the ESP32 leaves the FPGA alone
    output wire        sdram_clk,
    output wire        sdram_cke,
    output wire        sdram_cs_n,
    output wire        sdram_ras_n,
    output wire        sdram_cas_n,
    output wire        sdram_we_n,
    output wire [12:0] sdram_a,
    output wire [1:0]  sdram_ba,
    output wire [1:0]  sdram_dm,
    inout  wire [15:0] sdram_dq
);
    // The PLL's oscillator runs at 400 to 800 MHz. Feedback is an output of 25 MHz.
    localparam INPUT_HZ = 25000000;
    localparam DIVIDE = CLOCK_HZ < 40000000 ? 10 : 5; // of the doubled clock
    localparam MULTIPLY = 2 * DIVIDE * (CLOCK_HZ / 1250) / (INPUT_HZ / 1250);
    localparam SDRAM_EIGHTHS = 8 * DIVIDE * SDRAM_DEGREES / 360; // of a cycle of the oscillator

    generate
        if (MULTIPLY * (INPUT_HZ / 1250) != 2 * DIVIDE * (CLOCK_HZ / 1250) || CLOCK_HZ % 1250 != 0 ||
            CLOCK_HZ < 20000000 || CLOCK_HZ > 80000000) begin : wrong_clock
            tern_rule_the_pll_makes_the_clock rule ();
        end
    endgenerate

    wire clk;
    wire clk2x;
    wire clk_sdram;
    wire locked;
    wire rst_n;

    (* FREQUENCY_PIN_CLKI = "25", ICP_CURRENT = "6", LPF_RESISTOR = "16", MFG_ENABLE_FILTEROPAMP = "1",
       MFG_GMCREF_SEL = "2" *)
    EHXPLLL #(
        .CLKI_DIV(1),
        .CLKFB_DIV(1),
        .FEEDBK_PATH("INT_OS3"),
        .CLKOP_ENABLE("ENABLED"),
        .CLKOP_DIV(2 * DIVIDE),
        .CLKOP_CPHASE(2 * DIVIDE - 1),
        .CLKOP_FPHASE(0),
        .CLKOS_ENABLE("ENABLED"),
        .CLKOS_DIV(DIVIDE),
        .CLKOS_CPHASE(DIVIDE - 1),
        .CLKOS_FPHASE(0),
        .CLKOS2_ENABLE("ENABLED"),
        .CLKOS2_DIV(DIVIDE),
        .CLKOS2_CPHASE(DIVIDE - 1 + SDRAM_EIGHTHS / 8),
        .CLKOS2_FPHASE(SDRAM_EIGHTHS % 8),
        .CLKOS3_ENABLE("ENABLED"),
        .CLKOS3_DIV(MULTIPLY),
        .CLKOS3_CPHASE(MULTIPLY - 1),
        .CLKOS3_FPHASE(0)
    ) pll (
        .CLKI(clk_25mhz),
        .RST(1'b0),
        .STDBY(1'b0),
        .CLKOP(clk),
        .CLKOS(clk2x),
        .CLKOS2(clk_sdram),
        .LOCK(locked)
    );

    ODDRX1F sdram_clk_pin (
        .D0(1'b1),
        .D1(1'b0),
        .SCLK(clk_sdram),
        .RST(1'b0),
        .Q(sdram_clk)
    );

    tern_board_reset #(.COUNT_LOG2(RESET_LOG2)) reset (
        .clk,
        .good(locked & ~button),
        .rst_n
    );

    wire       in_valid;
    wire [7:0] in_data;
    wire       out_valid;
    wire       out_ready;
    wire [7:0] out_data;
    wire       out_last;

    tern_uart #(.CLOCK_HZ(CLOCK_HZ), .BAUD(BAUD)) uart (
        .clk, .rst_n,
        .rx(ftdi_txd),
        .tx(ftdi_rxd),
        .m_valid(in_valid),
        .m_data(in_data),
        .s_valid(out_valid),
        .s_ready(out_ready),
        .s_data(out_data)
    );

    wire [2:0]  cmd_valid;
    wire [2:0]  cmd_ready;
    wire [2:0]  cmd_we;
    wire [71:0] cmd_addr;
    wire [2:0]  wdata_valid;
    wire [2:0]  wdata_ready;
    wire [11:0] wdata_we;
    wire [95:0] wdata_data;
    wire [2:0]  rdata_valid;
    wire [2:0]  rdata_ready;
    wire [95:0] rdata_data;
    wire        wb_cyc;
    wire        wb_stb;
    wire        wb_we;
    wire [29:0] wb_adr;
    wire [3:0]  wb_sel;
    wire [31:0] wb_dat_w;
    wire [31:0] wb_dat_r;
    wire        wb_ack;
    wire        wb_err;
    wire        init_done;
    wire        init_error;
    wire        user_clk;
    wire        user_rst;
    wire        idle;
    wire        runs;
    wire        trapped;

    tern_board_memory #(
        .STREAM(1),
        .WAYS(WAYS),
        .MAX_GROUPS(MAX_GROUPS),
        .HAS_ATTENTION(HAS_ATTENTION),
        .BOARD(`TERN_SYSTEM_BOARD_ULX3S),
        .SOURCES(SOURCES),
        .CLOCK_HZ(CLOCK_HZ),
        .WIDTH(32),
        .MEMORY_LOG2(26)
    ) board (
        .clk, .rst_n,
        .s_valid(in_valid),
        .s_data(in_data),
        .s_last(1'b0),
        .m_valid(out_valid),
        .m_ready(out_ready),
        .m_data(out_data),
        .m_last(out_last),
        .cmd_valid, .cmd_ready, .cmd_we, .cmd_addr, .wdata_valid, .wdata_ready, .wdata_we, .wdata_data, .rdata_valid,
        .rdata_ready, .rdata_data, .wb_cyc, .wb_stb, .wb_we, .wb_adr, .wb_sel, .wb_dat_w, .wb_dat_r, .wb_ack,
        .idle, .runs, .trapped
    );

    litedram_core controller (
        .clk, .clk2x,
        .rst(~rst_n),
        .user_clk, .user_rst, .init_done, .init_error, .sdram_cke, .sdram_cs_n, .sdram_ras_n, .sdram_cas_n,
        .sdram_we_n, .sdram_a, .sdram_ba, .sdram_dm, .sdram_dq,
        .user_port_soc_cmd_valid(cmd_valid[0]),
        .user_port_soc_cmd_ready(cmd_ready[0]),
        .user_port_soc_cmd_we(cmd_we[0]),
        .user_port_soc_cmd_addr(cmd_addr[24*0 +: 24]),
        .user_port_soc_wdata_valid(wdata_valid[0]),
        .user_port_soc_wdata_ready(wdata_ready[0]),
        .user_port_soc_wdata_we(wdata_we[4*0 +: 4]),
        .user_port_soc_wdata_data(wdata_data[32*0 +: 32]),
        .user_port_soc_rdata_valid(rdata_valid[0]),
        .user_port_soc_rdata_ready(rdata_ready[0]),
        .user_port_soc_rdata_data(rdata_data[32*0 +: 32]),
        .user_port_next_cmd_valid(cmd_valid[1]),
        .user_port_next_cmd_ready(cmd_ready[1]),
        .user_port_next_cmd_we(cmd_we[1]),
        .user_port_next_cmd_addr(cmd_addr[24*1 +: 24]),
        .user_port_next_wdata_valid(wdata_valid[1]),
        .user_port_next_wdata_ready(wdata_ready[1]),
        .user_port_next_wdata_we(wdata_we[4*1 +: 4]),
        .user_port_next_wdata_data(wdata_data[32*1 +: 32]),
        .user_port_next_rdata_valid(rdata_valid[1]),
        .user_port_next_rdata_ready(rdata_ready[1]),
        .user_port_next_rdata_data(rdata_data[32*1 +: 32]),
        .user_port_link_cmd_valid(cmd_valid[2]),
        .user_port_link_cmd_ready(cmd_ready[2]),
        .user_port_link_cmd_we(cmd_we[2]),
        .user_port_link_cmd_addr(cmd_addr[24*2 +: 24]),
        .user_port_link_wdata_valid(wdata_valid[2]),
        .user_port_link_wdata_ready(wdata_ready[2]),
        .user_port_link_wdata_we(wdata_we[4*2 +: 4]),
        .user_port_link_wdata_data(wdata_data[32*2 +: 32]),
        .user_port_link_rdata_valid(rdata_valid[2]),
        .user_port_link_rdata_ready(rdata_ready[2]),
        .user_port_link_rdata_data(rdata_data[32*2 +: 32]),
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
        .lights(led)
    );

    assign wifi_gpio0 = 1'b1;

    wire unused = &{1'b0, out_last, wb_err, user_clk, user_rst};
endmodule

`default_nettype wire
