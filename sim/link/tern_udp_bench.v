// SPDX-License-Identifier: Apache-2.0
// The board's side of the link over UDP: words of datagrams at the port, or with TERN_LITEETH bytes of Ethernet frames
// at the generated core.
`default_nettype none

module tern_udp_bench #(
    parameter [63:0] MEMORY_BASE = 64'h100000000,
    parameter [63:0] MEMORY_BYTES = 64'h4000
) (
    input  wire         clk,
    input  wire         core_rst_n, // of what stays when the link is reset
    input  wire         rst_n,
    input  wire         m_axi_rst_n,
`ifdef TERN_LITEETH
    input  wire         gmii_clk,
    input  wire         gmii_rx_dv,
    input  wire [7:0]   gmii_rx_data,
    output wire         gmii_tx_en,
    output wire [7:0]   gmii_tx_data,
`else
    input  wire         s_udp_valid,
    input  wire         s_udp_last,
    input  wire [3:0]   s_udp_last_be,
    input  wire [31:0]  s_udp_data,
    input  wire         s_udp_error,
    input  wire [31:0]  s_udp_ip_address,
    input  wire [15:0]  s_udp_src_port,
    output wire         m_udp_valid,
    input  wire         m_udp_ready,
    output wire         m_udp_last,
    output wire [3:0]   m_udp_last_be,
    output wire [31:0]  m_udp_data,
    output wire [31:0]  m_udp_ip_address,
    output wire [15:0]  m_udp_dst_port,
    output wire [15:0]  m_udp_length,
`endif
    output wire         link_moves, // bytes at the link
    output wire [31:0]  m_axil_awaddr,
    output wire         m_axil_awvalid,
    input  wire         m_axil_awready,
    output wire [31:0]  m_axil_wdata,
    output wire [3:0]   m_axil_wstrb,
    output wire         m_axil_wvalid,
    input  wire         m_axil_wready,
    input  wire [1:0]   m_axil_bresp,
    input  wire         m_axil_bvalid,
    output wire         m_axil_bready,
    output wire [31:0]  m_axil_araddr,
    output wire         m_axil_arvalid,
    input  wire         m_axil_arready,
    input  wire [31:0]  m_axil_rdata,
    input  wire [1:0]   m_axil_rresp,
    input  wire         m_axil_rvalid,
    output wire         m_axil_rready,
    output wire [3:0]   m_axi_arid,
    output wire [63:0]  m_axi_araddr,
    output wire [7:0]   m_axi_arlen,
    output wire [2:0]   m_axi_arsize,
    output wire [1:0]   m_axi_arburst,
    output wire         m_axi_arvalid,
    input  wire         m_axi_arready,
    input  wire [3:0]   m_axi_rid,
    input  wire [127:0] m_axi_rdata,
    input  wire [1:0]   m_axi_rresp,
    input  wire         m_axi_rlast,
    input  wire         m_axi_rvalid,
    output wire         m_axi_rready,
    output wire [3:0]   m_axi_awid,
    output wire [63:0]  m_axi_awaddr,
    output wire [7:0]   m_axi_awlen,
    output wire [2:0]   m_axi_awsize,
    output wire [1:0]   m_axi_awburst,
    output wire         m_axi_awvalid,
    input  wire         m_axi_awready,
    output wire [127:0] m_axi_wdata,
    output wire [15:0]  m_axi_wstrb,
    output wire         m_axi_wlast,
    output wire         m_axi_wvalid,
    input  wire         m_axi_wready,
    input  wire [3:0]   m_axi_bid,
    input  wire [1:0]   m_axi_bresp,
    input  wire         m_axi_bvalid,
    output wire         m_axi_bready
);
    wire        in_valid;
    wire [7:0]  in_data;
    wire        in_last;
    wire        out_valid;
    wire        out_ready;
    wire [7:0]  out_data;
    wire        out_last;
    wire        s_udp_ready;

    assign link_moves = in_valid || out_valid;

`ifdef TERN_LITEETH
    wire        s_udp_valid;
    wire        s_udp_last;
    wire [3:0]  s_udp_last_be;
    wire [31:0] s_udp_data;
    wire        s_udp_error;
    wire [31:0] s_udp_ip_address;
    wire [15:0] s_udp_src_port;
    wire        m_udp_valid;
    wire        m_udp_ready;
    wire        m_udp_last;
    wire [3:0]  m_udp_last_be;
    wire [31:0] m_udp_data;
    wire [31:0] m_udp_ip_address;
    wire [15:0] m_udp_dst_port;
    wire [15:0] m_udp_length;

    liteeth_core core (
        .clk, .gmii_clk, .gmii_rx_dv, .gmii_rx_data, .gmii_tx_en, .gmii_tx_data,
        .rst(!core_rst_n),
        .udp_source_valid(s_udp_valid),
        .udp_source_ready(s_udp_ready),
        .udp_source_last(s_udp_last),
        .udp_source_last_be(s_udp_last_be),
        .udp_source_data(s_udp_data),
        .udp_source_error(s_udp_error),
        .udp_source_ip_address(s_udp_ip_address),
        .udp_source_src_port(s_udp_src_port),
        .udp_sink_valid(m_udp_valid),
        .udp_sink_ready(m_udp_ready),
        .udp_sink_last(m_udp_last),
        .udp_sink_last_be(m_udp_last_be),
        .udp_sink_data(m_udp_data),
        .udp_sink_ip_address(m_udp_ip_address),
        .udp_sink_dst_port(m_udp_dst_port),
        .udp_sink_length(m_udp_length)
    );
`else
    wire        unused = &{1'b0, s_udp_ready};
`endif

    tern_udp_port port (
        .clk, .s_udp_valid, .s_udp_ready, .s_udp_last, .s_udp_last_be, .s_udp_data, .s_udp_error, .s_udp_ip_address,
        .s_udp_src_port, .m_udp_valid, .m_udp_ready, .m_udp_last, .m_udp_last_be, .m_udp_data, .m_udp_ip_address,
        .m_udp_dst_port, .m_udp_length,
        .rst_n(core_rst_n),
        .link_rst_n(rst_n),
        .m_valid(in_valid),
        .m_data(in_data),
        .m_last(in_last),
        .s_valid(out_valid),
        .s_ready(out_ready),
        .s_data(out_data),
        .s_last(out_last)
    );

    tern_link #(.MEMORY_BASE(MEMORY_BASE), .MEMORY_BYTES(MEMORY_BYTES)) link (
        .clk, .rst_n, .m_axi_rst_n,
        .s_valid(in_valid),
        .s_data(in_data),
        .s_last(in_last),
        .m_valid(out_valid),
        .m_ready(out_ready),
        .m_data(out_data),
        .m_last(out_last),
        .m_axil_awaddr, .m_axil_awvalid, .m_axil_awready, .m_axil_wdata, .m_axil_wstrb, .m_axil_wvalid, .m_axil_wready,
        .m_axil_bresp, .m_axil_bvalid, .m_axil_bready, .m_axil_araddr, .m_axil_arvalid, .m_axil_arready, .m_axil_rdata,
        .m_axil_rresp, .m_axil_rvalid, .m_axil_rready, .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize,
        .m_axi_arburst, .m_axi_arvalid, .m_axi_arready, .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast,
        .m_axi_rvalid, .m_axi_rready, .m_axi_awid, .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst,
        .m_axi_awvalid, .m_axi_awready, .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast, .m_axi_wvalid, .m_axi_wready,
        .m_axi_bid, .m_axi_bresp, .m_axi_bvalid, .m_axi_bready
    );
endmodule

`default_nettype wire
