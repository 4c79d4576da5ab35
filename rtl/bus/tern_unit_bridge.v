// SPDX-License-Identifier: Apache-2.0
// Native bus to AXI4-Lite master, for the registers of a unit: one access at a time, s_ready with the answer.
`default_nettype none

module tern_unit_bridge (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [11:0] s_address,
    input  wire [31:0] s_write,
    input  wire [3:0]  s_strobe,
    output wire [31:0] s_read,
    output wire [11:0] m_axil_awaddr,
    output wire        m_axil_awvalid,
    input  wire        m_axil_awready,
    output wire [31:0] m_axil_wdata,
    output wire [3:0]  m_axil_wstrb,
    output wire        m_axil_wvalid,
    input  wire        m_axil_wready,
    input  wire [1:0]  m_axil_bresp,
    input  wire        m_axil_bvalid,
    output wire        m_axil_bready,
    output wire [11:0] m_axil_araddr,
    output wire        m_axil_arvalid,
    input  wire        m_axil_arready,
    input  wire [31:0] m_axil_rdata,
    input  wire [1:0]  m_axil_rresp,
    input  wire        m_axil_rvalid,
    output wire        m_axil_rready
);
    reg  address_sent;
    reg  data_sent;
    wire is_write = |s_strobe;

    assign m_axil_awaddr = s_address;
    assign m_axil_araddr = s_address;
    assign m_axil_wdata = s_write;
    assign m_axil_wstrb = s_strobe;
    assign m_axil_awvalid = s_valid & is_write & ~address_sent;
    assign m_axil_wvalid = s_valid & is_write & ~data_sent;
    assign m_axil_arvalid = s_valid & ~is_write & ~address_sent;
    assign m_axil_bready = 1'b1;
    assign m_axil_rready = 1'b1;
    assign s_ready = s_valid & (is_write ? m_axil_bvalid : m_axil_rvalid);
    assign s_read = m_axil_rdata;

    always @(posedge clk)
        if (!rst_n || s_ready) begin
            address_sent <= 1'b0;
            data_sent <= 1'b0;
        end else begin
            if (m_axil_awvalid && m_axil_awready || m_axil_arvalid && m_axil_arready)
                address_sent <= 1'b1;
            if (m_axil_wvalid && m_axil_wready)
                data_sent <= 1'b1;
        end

    wire unused = &{1'b0, m_axil_bresp, m_axil_rresp};
endmodule

`default_nettype wire
