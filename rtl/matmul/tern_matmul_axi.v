// SPDX-License-Identifier: Apache-2.0
// The matmul unit alone, for systems with a bus of their own and for benches. Its register port is an AXI4-Lite slave,
// its memory port an AXI4 master. rtl/bus/tern_axi_master.v describes m_axi_rst_n.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul_axi #(
    parameter LANES = 1,
    parameter VECTORS = 1,
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS,
    parameter QUEUE_LOG2 = 9
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 m_axi_rst_n,
    input  wire [63:0]          window_base,
    input  wire [63:0]          window_bytes,
    output wire                 idle,
    input  wire [11:0]          s_axil_awaddr,
    input  wire                 s_axil_awvalid,
    output wire                 s_axil_awready,
    input  wire [31:0]          s_axil_wdata,
    input  wire [3:0]           s_axil_wstrb,
    input  wire                 s_axil_wvalid,
    output wire                 s_axil_wready,
    output wire [1:0]           s_axil_bresp,
    output wire                 s_axil_bvalid,
    input  wire                 s_axil_bready,
    input  wire [11:0]          s_axil_araddr,
    input  wire                 s_axil_arvalid,
    output wire                 s_axil_arready,
    output wire [31:0]          s_axil_rdata,
    output wire [1:0]           s_axil_rresp,
    output wire                 s_axil_rvalid,
    input  wire                 s_axil_rready,
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
    output wire                 m_axi_bready
);
    wire        access;
    wire        ready;
    wire [31:0] address;
    wire [31:0] write_data;
    wire [3:0]  strobe;
    wire [31:0] read_data;

    tern_host_bridge host_bridge (
        .clk, .rst_n,
        .s_axil_awaddr({20'd0, s_axil_awaddr}),
        .s_axil_awvalid, .s_axil_awready, .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready,
        .s_axil_bresp, .s_axil_bvalid, .s_axil_bready,
        .s_axil_araddr({20'd0, s_axil_araddr}),
        .s_axil_arvalid, .s_axil_arready, .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
        .m_valid(access),
        .m_ready(ready),
        .m_error(1'b0),
        .m_address(address),
        .m_write(write_data),
        .m_strobe(strobe),
        .m_read(read_data)
    );

    wire                 read_valid;
    wire                 read_ready;
    wire [63:0]          read_address;
    wire [6:0]           read_beats;
    wire                 answer_valid;
    wire [128*LANES-1:0] answer_data;
    wire                 answer_last;
    wire                 answer_error;
    wire                 write_valid;
    wire                 write_ready;
    wire [63:0]          write_address;
    wire [6:0]           write_beats;
    wire                 data_valid;
    wire                 data_ready;
    wire [128*LANES-1:0] data;
    wire [16*LANES-1:0]  data_strobe;
    wire                 done_valid;
    wire                 done_error;
    wire                 waiting;

    tern_matmul #(.LANES(LANES), .VECTORS(VECTORS), .MAX_GROUPS(MAX_GROUPS), .QUEUE_LOG2(QUEUE_LOG2)) matmul (
        .clk, .rst_n, .window_base, .window_bytes, .idle, .access,
        .write(&strobe),
        .address({address[11:2], 2'b00}),
        .write_data, .read_data, .ready,
        .m_read_valid(read_valid),
        .m_read_ready(read_ready),
        .m_read_address(read_address),
        .m_read_beats(read_beats),
        .m_answer_valid(answer_valid),
        .m_answer_data(answer_data),
        .m_answer_last(answer_last),
        .m_answer_error(answer_error),
        .m_write_valid(write_valid),
        .m_write_ready(write_ready),
        .m_write_address(write_address),
        .m_write_beats(write_beats),
        .m_data_valid(data_valid),
        .m_data_ready(data_ready),
        .m_data(data),
        .m_strobe(data_strobe),
        .m_done_valid(done_valid),
        .m_done_error(done_error)
    );

    tern_axi_master #(.DATA_BITS(128 * LANES)) axi_master (
        .clk, .rst_n, .m_axi_rst_n, .waiting,
        .s_read_valid(read_valid),
        .s_read_ready(read_ready),
        .s_read_address(read_address),
        .s_read_beats(read_beats),
        .s_answer_valid(answer_valid),
        .s_answer_data(answer_data),
        .s_answer_last(answer_last),
        .s_answer_error(answer_error),
        .s_write_valid(write_valid),
        .s_write_ready(write_ready),
        .s_write_address(write_address),
        .s_write_beats(write_beats),
        .s_data_valid(data_valid),
        .s_data_ready(data_ready),
        .s_data(data),
        .s_strobe(data_strobe),
        .s_done_valid(done_valid),
        .s_done_error(done_error),
        .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst, .m_axi_arvalid, .m_axi_arready,
        .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready, .m_axi_awid,
        .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awvalid, .m_axi_awready,
        .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast, .m_axi_wvalid, .m_axi_wready, .m_axi_bid, .m_axi_bresp,
        .m_axi_bvalid, .m_axi_bready
    );

    wire unused = &{1'b0, address, waiting};
endmodule

`default_nettype wire
