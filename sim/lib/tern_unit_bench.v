// SPDX-License-Identifier: Apache-2.0
// One unit behind the AXI4 edge. A bench or the virtual platform takes the place of the core. The macro TERN_UNIT_<NAME>
// chooses the unit. rtl/bus/tern_native_bus.v describes the register port, rtl/bus/tern_memory_arbiter.v the memory port.
`default_nettype none

module tern_unit_bench #(
    parameter LANES = 1,
    parameter VECTORS = 1, // of the matmul unit
    parameter WAYS = 8     // of the vector unit
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire [63:0]          window_base,
    input  wire [63:0]          window_bytes,
    output wire                 idle,
    input  wire                 access,
    input  wire                 write,
    input  wire [11:0]          address,
    input  wire [31:0]          write_data,
    output wire [31:0]          read_data,
    output wire                 ready,
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
    wire                 m_read_valid;
    wire                 m_read_ready;
    wire [63:0]          m_read_address;
    wire [6:0]           m_read_beats;
    wire                 m_answer_valid;
    wire [128*LANES-1:0] m_answer_data;
    wire                 m_answer_last;
    wire                 m_answer_error;
    wire                 m_write_valid;
    wire                 m_write_ready;
    wire [63:0]          m_write_address;
    wire [6:0]           m_write_beats;
    wire                 m_data_valid;
    wire                 m_data_ready;
    wire [128*LANES-1:0] m_data;
    wire [16*LANES-1:0]  m_strobe;
    wire                 m_done_valid;
    wire                 m_done_error;
    wire                 waiting;

`ifdef TERN_UNIT_MATMUL
    tern_matmul #(.LANES(LANES), .VECTORS(VECTORS)) dut (
`elsif TERN_UNIT_VECTOR
    tern_vector #(.LANES(LANES), .WAYS(WAYS), .CLOCK_GATES(1)) dut (
        .clocks_on(1'b0),
`else
    tern_attention #(.LANES(LANES)) dut (
`endif
        .clk, .rst_n, .window_base, .window_bytes, .idle, .access, .write, .address, .write_data, .read_data,
        .ready, .m_read_valid, .m_read_ready, .m_read_address, .m_read_beats, .m_answer_valid, .m_answer_data,
        .m_answer_last, .m_answer_error, .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats,
        .m_data_valid, .m_data_ready, .m_data, .m_strobe, .m_done_valid, .m_done_error
    );

    tern_axi_master #(.DATA_BITS(128 * LANES)) axi_master (
        .clk, .rst_n,
        .m_axi_rst_n(rst_n),
        .waiting,
        .s_read_valid(m_read_valid),
        .s_read_ready(m_read_ready),
        .s_read_address(m_read_address),
        .s_read_beats(m_read_beats),
        .s_answer_valid(m_answer_valid),
        .s_answer_data(m_answer_data),
        .s_answer_last(m_answer_last),
        .s_answer_error(m_answer_error),
        .s_write_valid(m_write_valid),
        .s_write_ready(m_write_ready),
        .s_write_address(m_write_address),
        .s_write_beats(m_write_beats),
        .s_data_valid(m_data_valid),
        .s_data_ready(m_data_ready),
        .s_data(m_data),
        .s_strobe(m_strobe),
        .s_done_valid(m_done_valid),
        .s_done_error(m_done_error),
        .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst, .m_axi_arvalid, .m_axi_arready,
        .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready, .m_axi_awid,
        .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awvalid, .m_axi_awready,
        .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast, .m_axi_wvalid, .m_axi_wready, .m_axi_bid, .m_axi_bresp,
        .m_axi_bvalid, .m_axi_bready
    );

    wire unused = &{1'b0, waiting, VECTORS[0], WAYS[0]};
endmodule

`default_nettype wire
