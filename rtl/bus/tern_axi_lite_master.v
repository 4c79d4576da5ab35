// SPDX-License-Identifier: Apache-2.0
// Requests of a port like the native bus as an AXI4-Lite master, one at a time. Address and data of a write are offered
// together. The reset ends an access without its answer: the slave must be reset with it.
`default_nettype none

module tern_axi_lite_master (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        s_valid,
    output wire        s_ready,
    output wire        s_error,
    input  wire [31:0] s_address,
    input  wire [31:0] s_write,
    input  wire [3:0]  s_strobe, // 0 reads
    output wire [31:0] s_read,
    output wire [31:0] m_axil_awaddr,
    output wire        m_axil_awvalid,
    input  wire        m_axil_awready,
    output wire [31:0] m_axil_wdata,
    output wire [3:0]  m_axil_wstrb,
    output wire        m_axil_wvalid,
    input  wire        m_axil_wready,
    input  wire [1:0]  m_axil_bresp,
    input  wire        m_axil_bvalid,
    output wire        m_axil_bready,
    output wire [31:0] m_axil_araddr,
    output wire        m_axil_arvalid,
    input  wire        m_axil_arready,
    input  wire [31:0] m_axil_rdata,
    input  wire [1:0]  m_axil_rresp,
    input  wire        m_axil_rvalid,
    output wire        m_axil_rready
);
    // What the slave has taken of the request.
    reg  took_address;
    reg  took_data;

    wire is_write = s_strobe != 4'd0;

    assign m_axil_awaddr = s_address;
    assign m_axil_awvalid = s_valid && is_write && !took_address;
    assign m_axil_wdata = s_write;
    assign m_axil_wstrb = s_strobe;
    assign m_axil_wvalid = s_valid && is_write && !took_data;
    assign m_axil_bready = 1'b1;
    assign m_axil_araddr = s_address;
    assign m_axil_arvalid = s_valid && !is_write && !took_address;
    assign m_axil_rready = 1'b1;
    assign s_ready = m_axil_bvalid || m_axil_rvalid;
    assign s_error = is_write ? m_axil_bresp[1] : m_axil_rresp[1];
    assign s_read = m_axil_rdata;

    always @(posedge clk)
        if (!rst_n || s_ready) begin
            took_address <= 1'b0;
            took_data <= 1'b0;
        end else begin
            took_address <= took_address || (m_axil_awvalid && m_axil_awready) || (m_axil_arvalid && m_axil_arready);
            took_data <= took_data || (m_axil_wvalid && m_axil_wready);
        end

    wire unused = &{1'b0, m_axil_bresp[0], m_axil_rresp[0]};
endmodule

`default_nettype wire
