// SPDX-License-Identifier: Apache-2.0
// Two AXI4 masters on one port, turn about. Bit 3 of the ID says whose a transaction is and routes R and B back; the
// masters use IDs 0..7. Reads interleave freely; a write holds the write channels from its address to its last beat.
`default_nettype none

module tern_axi_arbiter #(
    parameter DATA_BITS = 128
) (
    input  wire                     clk,
    input  wire                     rst_n,
    // both masters side by side, master 1 in the upper half
    input  wire [2*4-1:0]           s_axi_arid,
    input  wire [2*64-1:0]          s_axi_araddr,
    input  wire [2*8-1:0]           s_axi_arlen,
    input  wire [2*3-1:0]           s_axi_arsize,
    input  wire [2*2-1:0]           s_axi_arburst,
    input  wire [1:0]               s_axi_arvalid,
    output wire [1:0]               s_axi_arready,
    output wire [3:0]               s_axi_rid,
    output wire [DATA_BITS-1:0]     s_axi_rdata,
    output wire [1:0]               s_axi_rresp,
    output wire                     s_axi_rlast,
    output wire [1:0]               s_axi_rvalid,
    input  wire [1:0]               s_axi_rready,
    input  wire [2*4-1:0]           s_axi_awid,
    input  wire [2*64-1:0]          s_axi_awaddr,
    input  wire [2*8-1:0]           s_axi_awlen,
    input  wire [2*3-1:0]           s_axi_awsize,
    input  wire [2*2-1:0]           s_axi_awburst,
    input  wire [1:0]               s_axi_awvalid,
    output wire [1:0]               s_axi_awready,
    input  wire [2*DATA_BITS-1:0]   s_axi_wdata,
    input  wire [2*DATA_BITS/8-1:0] s_axi_wstrb,
    input  wire [1:0]               s_axi_wlast,
    input  wire [1:0]               s_axi_wvalid,
    output wire [1:0]               s_axi_wready,
    output wire [3:0]               s_axi_bid,
    output wire [1:0]               s_axi_bresp,
    output wire [1:0]               s_axi_bvalid,
    input  wire [1:0]               s_axi_bready,
    output wire [3:0]               m_axi_arid,
    output wire [63:0]              m_axi_araddr,
    output wire [7:0]               m_axi_arlen,
    output wire [2:0]               m_axi_arsize,
    output wire [1:0]               m_axi_arburst,
    output wire                     m_axi_arvalid,
    input  wire                     m_axi_arready,
    input  wire [3:0]               m_axi_rid,
    input  wire [DATA_BITS-1:0]     m_axi_rdata,
    input  wire [1:0]               m_axi_rresp,
    input  wire                     m_axi_rlast,
    input  wire                     m_axi_rvalid,
    output wire                     m_axi_rready,
    output wire [3:0]               m_axi_awid,
    output wire [63:0]              m_axi_awaddr,
    output wire [7:0]               m_axi_awlen,
    output wire [2:0]               m_axi_awsize,
    output wire [1:0]               m_axi_awburst,
    output wire                     m_axi_awvalid,
    input  wire                     m_axi_awready,
    output wire [DATA_BITS-1:0]     m_axi_wdata,
    output wire [DATA_BITS/8-1:0]   m_axi_wstrb,
    output wire                     m_axi_wlast,
    output wire                     m_axi_wvalid,
    input  wire                     m_axi_wready,
    input  wire [3:0]               m_axi_bid,
    input  wire [1:0]               m_axi_bresp,
    input  wire                     m_axi_bvalid,
    output wire                     m_axi_bready
);
    localparam STROBES = DATA_BITS / 8;

    // Reads: the owner changes only between offers, so a valid address stays.
    reg  reader;
    wire [1:0] reader_is = {reader, ~reader};

    assign m_axi_arid = {reader, s_axi_arid[4*reader +: 3]};
    assign m_axi_araddr = s_axi_araddr[64*reader +: 64];
    assign m_axi_arlen = s_axi_arlen[8*reader +: 8];
    assign m_axi_arsize = s_axi_arsize[3*reader +: 3];
    assign m_axi_arburst = s_axi_arburst[2*reader +: 2];
    assign m_axi_arvalid = s_axi_arvalid[reader];
    assign s_axi_arready = reader_is & {2{m_axi_arready}};

    always @(posedge clk)
        if (!rst_n)
            reader <= 1'b0;
        else if ((!m_axi_arvalid || m_axi_arready) && s_axi_arvalid[~reader])
            reader <= ~reader;

    wire [1:0] read_for = {m_axi_rid[3], ~m_axi_rid[3]};

    assign s_axi_rid = {1'b0, m_axi_rid[2:0]};
    assign s_axi_rdata = m_axi_rdata;
    assign s_axi_rresp = m_axi_rresp;
    assign s_axi_rlast = m_axi_rlast;
    assign s_axi_rvalid = read_for & {2{m_axi_rvalid}};
    assign m_axi_rready = |(read_for & s_axi_rready);

    // Writes: one burst at a time.
    reg  writer;
    reg  writing;
    reg  address_sent;
    reg  data_sent;
    wire [1:0] writer_is = {writer, ~writer} & {2{writing}};
    wire address_taken = m_axi_awvalid & m_axi_awready;
    wire data_taken = m_axi_wvalid & m_axi_wready & m_axi_wlast;

    assign m_axi_awid = {writer, s_axi_awid[4*writer +: 3]};
    assign m_axi_awaddr = s_axi_awaddr[64*writer +: 64];
    assign m_axi_awlen = s_axi_awlen[8*writer +: 8];
    assign m_axi_awsize = s_axi_awsize[3*writer +: 3];
    assign m_axi_awburst = s_axi_awburst[2*writer +: 2];
    assign m_axi_awvalid = writing & ~address_sent & s_axi_awvalid[writer];
    assign s_axi_awready = writer_is & {2{m_axi_awready & ~address_sent}};
    assign m_axi_wdata = s_axi_wdata[DATA_BITS*writer +: DATA_BITS];
    assign m_axi_wstrb = s_axi_wstrb[STROBES*writer +: STROBES];
    assign m_axi_wlast = s_axi_wlast[writer];
    assign m_axi_wvalid = writing & ~data_sent & s_axi_wvalid[writer];
    assign s_axi_wready = writer_is & {2{m_axi_wready & ~data_sent}};

    always @(posedge clk)
        if (!rst_n) begin
            writing <= 1'b0;
            writer <= 1'b0;
            address_sent <= 1'b0;
            data_sent <= 1'b0;
        end else if (!writing) begin
            writing <= |s_axi_awvalid;
            writer <= s_axi_awvalid[~writer] ? ~writer : writer;
            address_sent <= 1'b0;
            data_sent <= 1'b0;
        end else begin
            address_sent <= address_sent | address_taken;
            data_sent <= data_sent | data_taken;
            writing <= ~((address_sent | address_taken) & (data_sent | data_taken));
        end

    wire [1:0] response_for = {m_axi_bid[3], ~m_axi_bid[3]};

    assign s_axi_bid = {1'b0, m_axi_bid[2:0]};
    assign s_axi_bresp = m_axi_bresp;
    assign s_axi_bvalid = response_for & {2{m_axi_bvalid}};
    assign m_axi_bready = |(response_for & s_axi_bready);

    wire unused = &{1'b0, s_axi_arid, s_axi_awid};
endmodule

`default_nettype wire
