// SPDX-License-Identifier: Apache-2.0
// Ports of the generated litedram_core of ecpix5, for checks of its top without the generator.
`default_nettype none

module litedram_core (
    input  wire          clk,
    output wire   [14:0] ddram_a,
    output wire    [2:0] ddram_ba,
    output wire          ddram_cas_n,
    output wire          ddram_cke,
    output wire          ddram_clk_p,
    output wire    [1:0] ddram_dm,
    inout  wire   [15:0] ddram_dq,
    inout  wire    [1:0] ddram_dqs_p,
    output wire          ddram_odt,
    output wire          ddram_ras_n,
    output wire          ddram_we_n,
    output wire          init_done,
    output wire          init_error,
    output wire          pll_locked,
    input  wire          rst,
    output wire          user_clk,
    input  wire   [24:0] user_port_link_cmd_addr,
    output wire          user_port_link_cmd_ready,
    input  wire          user_port_link_cmd_valid,
    input  wire          user_port_link_cmd_we,
    output wire  [127:0] user_port_link_rdata_data,
    input  wire          user_port_link_rdata_ready,
    output wire          user_port_link_rdata_valid,
    input  wire  [127:0] user_port_link_wdata_data,
    output wire          user_port_link_wdata_ready,
    input  wire          user_port_link_wdata_valid,
    input  wire   [15:0] user_port_link_wdata_we,
    input  wire   [24:0] user_port_next_cmd_addr,
    output wire          user_port_next_cmd_ready,
    input  wire          user_port_next_cmd_valid,
    input  wire          user_port_next_cmd_we,
    output wire  [127:0] user_port_next_rdata_data,
    input  wire          user_port_next_rdata_ready,
    output wire          user_port_next_rdata_valid,
    input  wire  [127:0] user_port_next_wdata_data,
    output wire          user_port_next_wdata_ready,
    input  wire          user_port_next_wdata_valid,
    input  wire   [15:0] user_port_next_wdata_we,
    input  wire   [24:0] user_port_soc_cmd_addr,
    output wire          user_port_soc_cmd_ready,
    input  wire          user_port_soc_cmd_valid,
    input  wire          user_port_soc_cmd_we,
    output wire  [127:0] user_port_soc_rdata_data,
    input  wire          user_port_soc_rdata_ready,
    output wire          user_port_soc_rdata_valid,
    input  wire  [127:0] user_port_soc_wdata_data,
    output wire          user_port_soc_wdata_ready,
    input  wire          user_port_soc_wdata_valid,
    input  wire   [15:0] user_port_soc_wdata_we,
    output wire          user_rst,
    output wire          wb_ctrl_ack,
    input  wire   [29:0] wb_ctrl_adr,
    input  wire          wb_ctrl_cyc,
    output wire   [31:0] wb_ctrl_dat_r,
    input  wire   [31:0] wb_ctrl_dat_w,
    output wire          wb_ctrl_err,
    input  wire    [3:0] wb_ctrl_sel,
    input  wire          wb_ctrl_stb,
    input  wire          wb_ctrl_we
);
    assign ddram_a = 0;
    assign ddram_ba = 0;
    assign ddram_cas_n = 0;
    assign ddram_cke = 0;
    assign ddram_clk_p = 0;
    assign ddram_dm = 0;
    assign ddram_odt = 0;
    assign ddram_ras_n = 0;
    assign ddram_we_n = 0;
    assign init_done = 0;
    assign init_error = 0;
    assign pll_locked = 0;
    assign user_clk = 0;
    assign user_port_link_cmd_ready = 0;
    assign user_port_link_rdata_data = 0;
    assign user_port_link_rdata_valid = 0;
    assign user_port_link_wdata_ready = 0;
    assign user_port_next_cmd_ready = 0;
    assign user_port_next_rdata_data = 0;
    assign user_port_next_rdata_valid = 0;
    assign user_port_next_wdata_ready = 0;
    assign user_port_soc_cmd_ready = 0;
    assign user_port_soc_rdata_data = 0;
    assign user_port_soc_rdata_valid = 0;
    assign user_port_soc_wdata_ready = 0;
    assign user_rst = 0;
    assign wb_ctrl_ack = 0;
    assign wb_ctrl_dat_r = 0;
    assign wb_ctrl_err = 0;
    assign ddram_dq = {16{1'bz}};
    assign ddram_dqs_p = {2{1'bz}};

    wire unused = &{1'b0, clk, rst, user_port_link_cmd_addr, user_port_link_cmd_valid, user_port_link_cmd_we,
                    user_port_link_rdata_ready, user_port_link_wdata_data, user_port_link_wdata_valid,
                    user_port_link_wdata_we, user_port_next_cmd_addr, user_port_next_cmd_valid,
                    user_port_next_cmd_we, user_port_next_rdata_ready, user_port_next_wdata_data,
                    user_port_next_wdata_valid, user_port_next_wdata_we, user_port_soc_cmd_addr,
                    user_port_soc_cmd_valid, user_port_soc_cmd_we, user_port_soc_rdata_ready,
                    user_port_soc_wdata_data, user_port_soc_wdata_valid, user_port_soc_wdata_we, wb_ctrl_adr,
                    wb_ctrl_cyc, wb_ctrl_dat_w, wb_ctrl_sel, wb_ctrl_stb, wb_ctrl_we, ddram_dq, ddram_dqs_p};
endmodule

`default_nettype wire
