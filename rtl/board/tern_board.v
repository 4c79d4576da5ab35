// SPDX-License-Identifier: Apache-2.0
// What the top of every board holds: the SoC and the link to its host. Each has its own AXI4 port to device memory. A
// request of the host is answered when its access is, so the host sees to the order between the two ports. The top adds
// clocks, resets, pins, and the memory controller.
`default_nettype none

`include "tern_spec.vh"

module tern_board #(
    parameter STREAM = 0,            // 0: datagrams, 1: a stream of bytes (tern_link)
    parameter LANES = 1,
    parameter VECTORS = 1,
    parameter WAYS = LANES == 4 ? 16 : 8,
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS,
    parameter HAS_ATTENTION = 1,
    parameter HAS_CONTROLLER = 0,
    parameter [31:0] BOARD = `TERN_SYSTEM_BOARD_NONE,
    parameter [31:0] SOURCES = 0,
    parameter [31:0] CLOCK_HZ = `TERN_CLOCK_HZ,
    parameter CLOCK_GATES = 0,
    parameter [63:0] MEMORY_BASE = `TERN_DEVICE_MEMORY_BASE,
    parameter [63:0] MEMORY_BYTES = {{32{1'b0}}, `TERN_DEVICE_MEMORY_BYTES}
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 m_axi_rst_n, // of memory and both ports; rst_n may fall alone
    input  wire                 s_valid,     // bytes of the host, to and from
    input  wire [7:0]           s_data,
    input  wire                 s_last,
    output wire                 m_valid,
    input  wire                 m_ready,
    output wire [7:0]           m_data,
    output wire                 m_last,
    output wire [3:0]           m_axi_arid,
    output wire [63:0]          m_axi_araddr,
    output wire [7:0]           m_axi_arlen,
    output wire [2:0]           m_axi_arsize,
    output wire [1:0]           m_axi_arburst,
    output wire                 m_axi_arvalid,
    input  wire                 m_axi_arready,
    input  wire [3:0]           m_axi_rid,
    input  wire [128*LANES-1:0] m_axi_rdata,
    input  wire [1:0]           m_axi_rresp,
    input  wire                 m_axi_rlast,
    input  wire                 m_axi_rvalid,
    output wire                 m_axi_rready,
    output wire [3:0]           m_axi_awid,
    output wire [63:0]          m_axi_awaddr,
    output wire [7:0]           m_axi_awlen,
    output wire [2:0]           m_axi_awsize,
    output wire [1:0]           m_axi_awburst,
    output wire                 m_axi_awvalid,
    input  wire                 m_axi_awready,
    output wire [128*LANES-1:0] m_axi_wdata,
    output wire [16*LANES-1:0]  m_axi_wstrb,
    output wire                 m_axi_wlast,
    output wire                 m_axi_wvalid,
    input  wire                 m_axi_wready,
    input  wire [3:0]           m_axi_bid,
    input  wire [1:0]           m_axi_bresp,
    input  wire                 m_axi_bvalid,
    output wire                 m_axi_bready,
    output wire [3:0]           l_axi_arid,
    output wire [63:0]          l_axi_araddr,
    output wire [7:0]           l_axi_arlen,
    output wire [2:0]           l_axi_arsize,
    output wire [1:0]           l_axi_arburst,
    output wire                 l_axi_arvalid,
    input  wire                 l_axi_arready,
    input  wire [3:0]           l_axi_rid,
    input  wire [127:0]         l_axi_rdata,
    input  wire [1:0]           l_axi_rresp,
    input  wire                 l_axi_rlast,
    input  wire                 l_axi_rvalid,
    output wire                 l_axi_rready,
    output wire [3:0]           l_axi_awid,
    output wire [63:0]          l_axi_awaddr,
    output wire [7:0]           l_axi_awlen,
    output wire [2:0]           l_axi_awsize,
    output wire [1:0]           l_axi_awburst,
    output wire                 l_axi_awvalid,
    input  wire                 l_axi_awready,
    output wire [127:0]         l_axi_wdata,
    output wire [15:0]          l_axi_wstrb,
    output wire                 l_axi_wlast,
    output wire                 l_axi_wvalid,
    input  wire                 l_axi_wready,
    input  wire [3:0]           l_axi_bid,
    input  wire [1:0]           l_axi_bresp,
    input  wire                 l_axi_bvalid,
    output wire                 l_axi_bready,
    output wire                 c_access,    // registers of the memory controller (tern_soc)
    input  wire                 c_ready,
    output wire                 c_write,
    output wire [11:0]          c_address,
    output wire [31:0]          c_write_data,
    input  wire [31:0]          c_read_data,
    output wire                 idle,        // of the SoC
    output wire                 runs,
    output wire                 trapped
);
    wire [31:0]  axil_awaddr;
    wire         axil_awvalid;
    wire         axil_awready;
    wire [31:0]  axil_wdata;
    wire [3:0]   axil_wstrb;
    wire         axil_wvalid;
    wire         axil_wready;
    wire [1:0]   axil_bresp;
    wire         axil_bvalid;
    wire         axil_bready;
    wire [31:0]  axil_araddr;
    wire         axil_arvalid;
    wire         axil_arready;
    wire [31:0]  axil_rdata;
    wire [1:0]   axil_rresp;
    wire         axil_rvalid;
    wire         axil_rready;

    tern_link #(.STREAM(STREAM), .MEMORY_BASE(MEMORY_BASE), .MEMORY_BYTES(MEMORY_BYTES)) link (
        .clk, .rst_n, .m_axi_rst_n, .s_valid, .s_data, .s_last, .m_valid, .m_ready, .m_data, .m_last,
        .m_axil_awaddr(axil_awaddr),
        .m_axil_awvalid(axil_awvalid),
        .m_axil_awready(axil_awready),
        .m_axil_wdata(axil_wdata),
        .m_axil_wstrb(axil_wstrb),
        .m_axil_wvalid(axil_wvalid),
        .m_axil_wready(axil_wready),
        .m_axil_bresp(axil_bresp),
        .m_axil_bvalid(axil_bvalid),
        .m_axil_bready(axil_bready),
        .m_axil_araddr(axil_araddr),
        .m_axil_arvalid(axil_arvalid),
        .m_axil_arready(axil_arready),
        .m_axil_rdata(axil_rdata),
        .m_axil_rresp(axil_rresp),
        .m_axil_rvalid(axil_rvalid),
        .m_axil_rready(axil_rready),
        .m_axi_arid(l_axi_arid),
        .m_axi_araddr(l_axi_araddr),
        .m_axi_arlen(l_axi_arlen),
        .m_axi_arsize(l_axi_arsize),
        .m_axi_arburst(l_axi_arburst),
        .m_axi_arvalid(l_axi_arvalid),
        .m_axi_arready(l_axi_arready),
        .m_axi_rid(l_axi_rid),
        .m_axi_rdata(l_axi_rdata),
        .m_axi_rresp(l_axi_rresp),
        .m_axi_rlast(l_axi_rlast),
        .m_axi_rvalid(l_axi_rvalid),
        .m_axi_rready(l_axi_rready),
        .m_axi_awid(l_axi_awid),
        .m_axi_awaddr(l_axi_awaddr),
        .m_axi_awlen(l_axi_awlen),
        .m_axi_awsize(l_axi_awsize),
        .m_axi_awburst(l_axi_awburst),
        .m_axi_awvalid(l_axi_awvalid),
        .m_axi_awready(l_axi_awready),
        .m_axi_wdata(l_axi_wdata),
        .m_axi_wstrb(l_axi_wstrb),
        .m_axi_wlast(l_axi_wlast),
        .m_axi_wvalid(l_axi_wvalid),
        .m_axi_wready(l_axi_wready),
        .m_axi_bid(l_axi_bid),
        .m_axi_bresp(l_axi_bresp),
        .m_axi_bvalid(l_axi_bvalid),
        .m_axi_bready(l_axi_bready)
    );

    tern_soc #(
        .LANES(LANES),
        .VECTORS(VECTORS),
        .WAYS(WAYS),
        .MAX_GROUPS(MAX_GROUPS),
        .HAS_ATTENTION(HAS_ATTENTION),
        .HAS_CONTROLLER(HAS_CONTROLLER),
        .BOARD(BOARD),
        .SOURCES(SOURCES),
        .CLOCK_HZ(CLOCK_HZ),
        .CLOCK_GATES(CLOCK_GATES)
    ) soc (
        .clk, .rst_n, .m_axi_rst_n,
        .s_axil_awaddr(axil_awaddr),
        .s_axil_awvalid(axil_awvalid),
        .s_axil_awready(axil_awready),
        .s_axil_wdata(axil_wdata),
        .s_axil_wstrb(axil_wstrb),
        .s_axil_wvalid(axil_wvalid),
        .s_axil_wready(axil_wready),
        .s_axil_bresp(axil_bresp),
        .s_axil_bvalid(axil_bvalid),
        .s_axil_bready(axil_bready),
        .s_axil_araddr(axil_araddr),
        .s_axil_arvalid(axil_arvalid),
        .s_axil_arready(axil_arready),
        .s_axil_rdata(axil_rdata),
        .s_axil_rresp(axil_rresp),
        .s_axil_rvalid(axil_rvalid),
        .s_axil_rready(axil_rready),
        .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst, .m_axi_arvalid, .m_axi_arready,
        .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready, .m_axi_awid,
        .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awvalid, .m_axi_awready, .m_axi_wdata,
        .m_axi_wstrb, .m_axi_wlast, .m_axi_wvalid, .m_axi_wready, .m_axi_bid, .m_axi_bresp, .m_axi_bvalid,
        .m_axi_bready,
        .c_access, .c_ready, .c_write, .c_address, .c_write_data, .c_read_data,
        .clocks_on(1'b0),
        .idle, .runs, .trapped
    );
endmodule

`default_nettype wire
