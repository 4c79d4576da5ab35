// SPDX-License-Identifier: Apache-2.0
// The board's side of the link (docs/link.md): bytes in, bytes out, a byte a cycle each way. Bytes are those of datagrams,
// with `last`; or with STREAM those of a stream without it. Input has no ready: frames beyond the room are dropped. Behind
// it are AXI4-Lite for registers and AXI4 for memory. rst_n resets the link together with the SoC, m_axi_rst_n the AXI4
// master together with memory.
// Model: tern_link_board_take() of cmodel/link/board.c.
`default_nettype none

module tern_link #(
    parameter STREAM = 0,
    parameter [63:0] MEMORY_BASE = 64'h100000000,
    parameter [63:0] MEMORY_BYTES = 64'h10000000
) (
    input  wire         clk,
    input  wire         rst_n,
    input  wire         m_axi_rst_n,
    input  wire         s_valid,
    input  wire [7:0]   s_data,
    input  wire         s_last,
    output wire         m_valid,
    input  wire         m_ready,
    output wire [7:0]   m_data,
    output wire         m_last,
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
    wire         in_valid;
    wire [7:0]   in_data;
    wire         in_last;
    wire         out_valid;
    wire         out_ready;
    wire [7:0]   out_data;
    wire         out_last;
    wire         request_valid;
    wire         request_ready;
    wire [31:0]  request_data;
    wire         reply_valid;
    wire         reply_ready;
    wire [31:0]  reply_data;
    wire         reply_last;
    wire         register_valid;
    wire         register_ready;
    wire         register_error;
    wire [31:0]  register_address;
    wire [31:0]  register_write;
    wire [3:0]   register_strobe;
    wire [31:0]  register_read;
    wire         read_valid;
    wire         read_ready;
    wire [63:0]  read_address;
    wire [6:0]   read_beats;
    wire         answer_valid;
    wire [127:0] answer_data;
    wire         answer_last;
    wire         answer_error;
    wire         write_valid;
    wire         write_ready;
    wire [63:0]  write_address;
    wire [6:0]   write_beats;
    wire         data_valid;
    wire         data_ready;
    wire [127:0] data;
    wire [15:0]  strobe;
    wire         done_valid;
    wire         done_error;
    wire         waiting;

    generate
        if (STREAM != 0) begin : stream
            tern_link_unstuff unstuff (
                .clk, .rst_n, .s_valid, .s_data,
                .m_valid(in_valid),
                .m_data(in_data),
                .m_last(in_last)
            );
            tern_link_stuff stuff (
                .clk, .rst_n,
                .s_valid(out_valid),
                .s_ready(out_ready),
                .s_data(out_data),
                .s_last(out_last),
                .m_valid, .m_ready, .m_data
            );
            assign m_last = 1'b0;
            wire unused_last = &{1'b0, s_last};
        end else begin : datagrams
            assign in_valid = s_valid;
            assign in_data = s_data;
            assign in_last = s_last;
            assign m_valid = out_valid;
            assign out_ready = m_ready;
            assign m_data = out_data;
            assign m_last = out_last;
        end
    endgenerate

    tern_link_receive receive (
        .clk, .rst_n,
        .s_valid(in_valid),
        .s_data(in_data),
        .s_last(in_last),
        .m_valid(request_valid),
        .m_data(request_data),
        .m_ready(request_ready)
    );

    tern_link_execute #(.MEMORY_BASE(MEMORY_BASE), .MEMORY_BYTES(MEMORY_BYTES)) execute (
        .clk, .rst_n,
        .s_valid(request_valid),
        .s_ready(request_ready),
        .s_data(request_data),
        .m_valid(reply_valid),
        .m_ready(reply_ready),
        .m_data(reply_data),
        .m_last(reply_last),
        .register_valid, .register_ready, .register_error, .register_address, .register_write, .register_strobe,
        .register_read, .read_valid, .read_ready, .read_address, .read_beats, .answer_valid, .answer_data, .answer_last,
        .answer_error, .write_valid, .write_ready, .write_address, .write_beats, .data_valid, .data_ready, .data,
        .strobe, .done_valid, .done_error
    );

    tern_link_send send (
        .clk, .rst_n,
        .s_valid(reply_valid),
        .s_ready(reply_ready),
        .s_data(reply_data),
        .s_last(reply_last),
        .m_valid(out_valid),
        .m_ready(out_ready),
        .m_data(out_data),
        .m_last(out_last)
    );

    tern_axi_lite_master registers (
        .clk, .rst_n,
        .s_valid(register_valid),
        .s_ready(register_ready),
        .s_error(register_error),
        .s_address(register_address),
        .s_write(register_write),
        .s_strobe(register_strobe),
        .s_read(register_read),
        .m_axil_awaddr, .m_axil_awvalid, .m_axil_awready, .m_axil_wdata, .m_axil_wstrb, .m_axil_wvalid, .m_axil_wready,
        .m_axil_bresp, .m_axil_bvalid, .m_axil_bready, .m_axil_araddr, .m_axil_arvalid, .m_axil_arready, .m_axil_rdata,
        .m_axil_rresp, .m_axil_rvalid, .m_axil_rready
    );

    tern_axi_master #(.MASTERS(1), .DATA_BITS(128)) memory (
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
        .s_strobe(strobe),
        .s_done_valid(done_valid),
        .s_done_error(done_error),
        .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst, .m_axi_arvalid, .m_axi_arready,
        .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready, .m_axi_awid, .m_axi_awaddr,
        .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awvalid, .m_axi_awready, .m_axi_wdata, .m_axi_wstrb,
        .m_axi_wlast, .m_axi_wvalid, .m_axi_wready, .m_axi_bid, .m_axi_bresp, .m_axi_bvalid, .m_axi_bready
    );

    wire unused = &{1'b0, waiting};
endmodule

`default_nettype wire
