// SPDX-License-Identifier: Apache-2.0
// What the tops of all boards with LiteDRAM share: tern_board, and its way to a generated litedram_core. That are two AXI4
// ports of memory, to native ports soc, next and link, and the controller's registers by Wishbone. One reset serves all,
// the controller's too.
`default_nettype none

`include "tern_spec.vh"

module tern_board_memory #(
    parameter STREAM = 0,
    parameter WAYS = 8,
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS,
    parameter HAS_ATTENTION = 1,
    parameter [31:0] BOARD = `TERN_SYSTEM_BOARD_NONE,
    parameter [31:0] SOURCES = 0,
    parameter [31:0] CLOCK_HZ = `TERN_CLOCK_HZ,
    parameter WIDTH = 128,                       // of a native port
    parameter MEMORY_LOG2 = 29,
    parameter ROW_LOG2 = 11,
    parameter ADDRESS_BITS = MEMORY_LOG2 - $clog2(WIDTH / 8)
) (
    input  wire                         clk,
    input  wire                         rst_n,
    input  wire                         s_valid,     // bytes of the host, to and from (tern_board)
    input  wire [7:0]                   s_data,
    input  wire                         s_last,
    output wire                         m_valid,
    input  wire                         m_ready,
    output wire [7:0]                   m_data,
    output wire                         m_last,
    output wire [2:0]                   cmd_valid,   // native ports: soc, next and link from the lowest bit
    input  wire [2:0]                   cmd_ready,
    output wire [2:0]                   cmd_we,
    output wire [3*ADDRESS_BITS-1:0]    cmd_addr,
    output wire [2:0]                   wdata_valid,
    input  wire [2:0]                   wdata_ready,
    output wire [3*WIDTH/8-1:0]         wdata_we,
    output wire [3*WIDTH-1:0]           wdata_data,
    input  wire [2:0]                   rdata_valid,
    output wire [2:0]                   rdata_ready,
    input  wire [3*WIDTH-1:0]           rdata_data,
    output wire                         wb_cyc,      // registers of the controller
    output wire                         wb_stb,
    output wire                         wb_we,
    output wire [29:0]                  wb_adr,
    output wire [3:0]                   wb_sel,
    output wire [31:0]                  wb_dat_w,
    input  wire [31:0]                  wb_dat_r,
    input  wire                         wb_ack,
    output wire                         idle,        // of the SoC
    output wire                         runs,
    output wire                         trapped
);
    localparam [63:0] MEMORY_BASE = `TERN_DEVICE_MEMORY_BASE;

    wire [3:0]   soc_axi_arid;
    wire [63:0]  soc_axi_araddr;
    wire [7:0]   soc_axi_arlen;
    wire         soc_axi_arvalid;
    wire         soc_axi_arready;
    wire [3:0]   soc_axi_rid;
    wire [127:0] soc_axi_rdata;
    wire [1:0]   soc_axi_rresp;
    wire         soc_axi_rlast;
    wire         soc_axi_rvalid;
    wire         soc_axi_rready;
    wire [3:0]   soc_axi_awid;
    wire [63:0]  soc_axi_awaddr;
    wire [7:0]   soc_axi_awlen;
    wire         soc_axi_awvalid;
    wire         soc_axi_awready;
    wire [127:0] soc_axi_wdata;
    wire [15:0]  soc_axi_wstrb;
    wire         soc_axi_wvalid;
    wire         soc_axi_wready;
    wire [3:0]   soc_axi_bid;
    wire [1:0]   soc_axi_bresp;
    wire         soc_axi_bvalid;
    wire         soc_axi_bready;
    wire [2:0]   soc_axi_arsize;
    wire [1:0]   soc_axi_arburst;
    wire [2:0]   soc_axi_awsize;
    wire [1:0]   soc_axi_awburst;
    wire         soc_axi_wlast;
    wire [3:0]   link_axi_arid;
    wire [63:0]  link_axi_araddr;
    wire [7:0]   link_axi_arlen;
    wire         link_axi_arvalid;
    wire         link_axi_arready;
    wire [3:0]   link_axi_rid;
    wire [127:0] link_axi_rdata;
    wire [1:0]   link_axi_rresp;
    wire         link_axi_rlast;
    wire         link_axi_rvalid;
    wire         link_axi_rready;
    wire [3:0]   link_axi_awid;
    wire [63:0]  link_axi_awaddr;
    wire [7:0]   link_axi_awlen;
    wire         link_axi_awvalid;
    wire         link_axi_awready;
    wire [127:0] link_axi_wdata;
    wire [15:0]  link_axi_wstrb;
    wire         link_axi_wvalid;
    wire         link_axi_wready;
    wire [3:0]   link_axi_bid;
    wire [1:0]   link_axi_bresp;
    wire         link_axi_bvalid;
    wire         link_axi_bready;
    wire [2:0]   link_axi_arsize;
    wire [1:0]   link_axi_arburst;
    wire [2:0]   link_axi_awsize;
    wire [1:0]   link_axi_awburst;
    wire         link_axi_wlast;
    wire         c_access;
    wire         c_ready;
    wire         c_write;
    wire [11:0]  c_address;
    wire [31:0]  c_write_data;
    wire [31:0]  c_read_data;

    tern_board #(
        .STREAM(STREAM),
        .LANES(1),
        .VECTORS(1),
        .WAYS(WAYS),
        .MAX_GROUPS(MAX_GROUPS),
        .HAS_ATTENTION(HAS_ATTENTION),
        .HAS_CONTROLLER(1),
        .BOARD(BOARD),
        .SOURCES(SOURCES),
        .CLOCK_HZ(CLOCK_HZ),
        .MEMORY_BASE(MEMORY_BASE),
        .MEMORY_BYTES(64'd1 << MEMORY_LOG2)
    ) board (
        .clk, .rst_n,
        .m_axi_rst_n(rst_n),
        .s_valid, .s_data, .s_last, .m_valid, .m_ready, .m_data, .m_last,
        .m_axi_arid(soc_axi_arid),
        .m_axi_araddr(soc_axi_araddr),
        .m_axi_arlen(soc_axi_arlen),
        .m_axi_arsize(soc_axi_arsize),
        .m_axi_arburst(soc_axi_arburst),
        .m_axi_arvalid(soc_axi_arvalid),
        .m_axi_arready(soc_axi_arready),
        .m_axi_rid(soc_axi_rid),
        .m_axi_rdata(soc_axi_rdata),
        .m_axi_rresp(soc_axi_rresp),
        .m_axi_rlast(soc_axi_rlast),
        .m_axi_rvalid(soc_axi_rvalid),
        .m_axi_rready(soc_axi_rready),
        .m_axi_awid(soc_axi_awid),
        .m_axi_awaddr(soc_axi_awaddr),
        .m_axi_awlen(soc_axi_awlen),
        .m_axi_awsize(soc_axi_awsize),
        .m_axi_awburst(soc_axi_awburst),
        .m_axi_awvalid(soc_axi_awvalid),
        .m_axi_awready(soc_axi_awready),
        .m_axi_wdata(soc_axi_wdata),
        .m_axi_wstrb(soc_axi_wstrb),
        .m_axi_wlast(soc_axi_wlast),
        .m_axi_wvalid(soc_axi_wvalid),
        .m_axi_wready(soc_axi_wready),
        .m_axi_bid(soc_axi_bid),
        .m_axi_bresp(soc_axi_bresp),
        .m_axi_bvalid(soc_axi_bvalid),
        .m_axi_bready(soc_axi_bready),
        .l_axi_arid(link_axi_arid),
        .l_axi_araddr(link_axi_araddr),
        .l_axi_arlen(link_axi_arlen),
        .l_axi_arsize(link_axi_arsize),
        .l_axi_arburst(link_axi_arburst),
        .l_axi_arvalid(link_axi_arvalid),
        .l_axi_arready(link_axi_arready),
        .l_axi_rid(link_axi_rid),
        .l_axi_rdata(link_axi_rdata),
        .l_axi_rresp(link_axi_rresp),
        .l_axi_rlast(link_axi_rlast),
        .l_axi_rvalid(link_axi_rvalid),
        .l_axi_rready(link_axi_rready),
        .l_axi_awid(link_axi_awid),
        .l_axi_awaddr(link_axi_awaddr),
        .l_axi_awlen(link_axi_awlen),
        .l_axi_awsize(link_axi_awsize),
        .l_axi_awburst(link_axi_awburst),
        .l_axi_awvalid(link_axi_awvalid),
        .l_axi_awready(link_axi_awready),
        .l_axi_wdata(link_axi_wdata),
        .l_axi_wstrb(link_axi_wstrb),
        .l_axi_wlast(link_axi_wlast),
        .l_axi_wvalid(link_axi_wvalid),
        .l_axi_wready(link_axi_wready),
        .l_axi_bid(link_axi_bid),
        .l_axi_bresp(link_axi_bresp),
        .l_axi_bvalid(link_axi_bvalid),
        .l_axi_bready(link_axi_bready),
        .c_access, .c_ready, .c_write, .c_address, .c_write_data, .c_read_data, .idle, .runs, .trapped
    );

    tern_memory_port #(
        .WIDTH(WIDTH),
        .PORTS(2),
        .ROW_LOG2(ROW_LOG2),
        .MEMORY_BASE(MEMORY_BASE),
        .MEMORY_LOG2(MEMORY_LOG2)
    ) soc_port (
        .clk, .rst_n,
        .s_axi_arid(soc_axi_arid),
        .s_axi_araddr(soc_axi_araddr),
        .s_axi_arlen(soc_axi_arlen),
        .s_axi_arvalid(soc_axi_arvalid),
        .s_axi_arready(soc_axi_arready),
        .s_axi_rid(soc_axi_rid),
        .s_axi_rdata(soc_axi_rdata),
        .s_axi_rresp(soc_axi_rresp),
        .s_axi_rlast(soc_axi_rlast),
        .s_axi_rvalid(soc_axi_rvalid),
        .s_axi_rready(soc_axi_rready),
        .s_axi_awid(soc_axi_awid),
        .s_axi_awaddr(soc_axi_awaddr),
        .s_axi_awlen(soc_axi_awlen),
        .s_axi_awvalid(soc_axi_awvalid),
        .s_axi_awready(soc_axi_awready),
        .s_axi_wdata(soc_axi_wdata),
        .s_axi_wstrb(soc_axi_wstrb),
        .s_axi_wlast(soc_axi_wlast),
        .s_axi_wvalid(soc_axi_wvalid),
        .s_axi_wready(soc_axi_wready),
        .s_axi_bid(soc_axi_bid),
        .s_axi_bresp(soc_axi_bresp),
        .s_axi_bvalid(soc_axi_bvalid),
        .s_axi_bready(soc_axi_bready),
        .cmd_valid(cmd_valid[1:0]),
        .cmd_ready(cmd_ready[1:0]),
        .cmd_we(cmd_we[1:0]),
        .cmd_addr(cmd_addr[0*ADDRESS_BITS +: 2*ADDRESS_BITS]),
        .wdata_valid(wdata_valid[1:0]),
        .wdata_ready(wdata_ready[1:0]),
        .wdata_we(wdata_we[0*(WIDTH/8) +: 2*(WIDTH/8)]),
        .wdata_data(wdata_data[0*WIDTH +: 2*WIDTH]),
        .rdata_valid(rdata_valid[1:0]),
        .rdata_ready(rdata_ready[1:0]),
        .rdata_data(rdata_data[0*WIDTH +: 2*WIDTH])
    );

    tern_memory_port #(
        .WIDTH(WIDTH),
        .PORTS(1),
        .ROW_LOG2(ROW_LOG2),
        .MEMORY_BASE(MEMORY_BASE),
        .MEMORY_LOG2(MEMORY_LOG2)
    ) link_port (
        .clk, .rst_n,
        .s_axi_arid(link_axi_arid),
        .s_axi_araddr(link_axi_araddr),
        .s_axi_arlen(link_axi_arlen),
        .s_axi_arvalid(link_axi_arvalid),
        .s_axi_arready(link_axi_arready),
        .s_axi_rid(link_axi_rid),
        .s_axi_rdata(link_axi_rdata),
        .s_axi_rresp(link_axi_rresp),
        .s_axi_rlast(link_axi_rlast),
        .s_axi_rvalid(link_axi_rvalid),
        .s_axi_rready(link_axi_rready),
        .s_axi_awid(link_axi_awid),
        .s_axi_awaddr(link_axi_awaddr),
        .s_axi_awlen(link_axi_awlen),
        .s_axi_awvalid(link_axi_awvalid),
        .s_axi_awready(link_axi_awready),
        .s_axi_wdata(link_axi_wdata),
        .s_axi_wstrb(link_axi_wstrb),
        .s_axi_wlast(link_axi_wlast),
        .s_axi_wvalid(link_axi_wvalid),
        .s_axi_wready(link_axi_wready),
        .s_axi_bid(link_axi_bid),
        .s_axi_bresp(link_axi_bresp),
        .s_axi_bvalid(link_axi_bvalid),
        .s_axi_bready(link_axi_bready),
        .cmd_valid(cmd_valid[2]),
        .cmd_ready(cmd_ready[2]),
        .cmd_we(cmd_we[2]),
        .cmd_addr(cmd_addr[2*ADDRESS_BITS +: ADDRESS_BITS]),
        .wdata_valid(wdata_valid[2]),
        .wdata_ready(wdata_ready[2]),
        .wdata_we(wdata_we[2*(WIDTH/8) +: (WIDTH/8)]),
        .wdata_data(wdata_data[2*WIDTH +: WIDTH]),
        .rdata_valid(rdata_valid[2]),
        .rdata_ready(rdata_ready[2]),
        .rdata_data(rdata_data[2*WIDTH +: WIDTH])
    );

    tern_controller_bus controller (
        .clk, .rst_n,
        .access(c_access),
        .ready(c_ready),
        .write(c_write),
        .address(c_address),
        .write_data(c_write_data),
        .read_data(c_read_data),
        .wb_cyc, .wb_stb, .wb_we, .wb_adr, .wb_sel, .wb_dat_w, .wb_dat_r, .wb_ack
    );

    wire unused = &{1'b0, soc_axi_arsize, soc_axi_arburst, soc_axi_awsize, soc_axi_awburst, link_axi_arsize,
                    link_axi_arburst, link_axi_awsize, link_axi_awburst};
endmodule

`default_nettype wire
