// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite slave of the host: one request at a time on the native bus. After a write, a waiting read is served first,
// so neither kind starves. An unmapped address answers SLVERR.
`default_nettype none

module tern_host_bridge (
    input  wire        clk,
    input  wire        rst_n,
    input  wire [31:0] s_axil_awaddr,
    input  wire        s_axil_awvalid,
    output wire        s_axil_awready,
    input  wire [31:0] s_axil_wdata,
    input  wire [3:0]  s_axil_wstrb,
    input  wire        s_axil_wvalid,
    output wire        s_axil_wready,
    output wire [1:0]  s_axil_bresp,
    output wire        s_axil_bvalid,
    input  wire        s_axil_bready,
    input  wire [31:0] s_axil_araddr,
    input  wire        s_axil_arvalid,
    output wire        s_axil_arready,
    output wire [31:0] s_axil_rdata,
    output wire [1:0]  s_axil_rresp,
    output wire        s_axil_rvalid,
    input  wire        s_axil_rready,
    output wire        m_valid,
    input  wire        m_ready,
    input  wire        m_error,
    output reg  [31:0] m_address,
    output reg  [31:0] m_write,
    output reg  [3:0]  m_strobe, // 0 reads
    input  wire [31:0] m_read
);
    localparam [1:0] IDLE = 2'd0, ACCESS = 2'd1, WRITTEN = 2'd2, FETCHED = 2'd3;

    reg [1:0]  state;
    reg        is_write;
    reg [31:0] data;
    reg        failed;

    wire take_write = state == IDLE && s_axil_awvalid && s_axil_wvalid && !(is_write && s_axil_arvalid);
    wire take_read = state == IDLE && s_axil_arvalid && !take_write;

    assign s_axil_awready = take_write;
    assign s_axil_wready = take_write;
    assign s_axil_arready = take_read;
    assign s_axil_bvalid = state == WRITTEN;
    assign s_axil_rvalid = state == FETCHED;
    assign s_axil_bresp = {failed, 1'b0};
    assign s_axil_rresp = {failed, 1'b0};
    assign s_axil_rdata = data;
    assign m_valid = state == ACCESS;

    always @(posedge clk)
        if (!rst_n)
            state <= IDLE;
        else
            case (state)
                // A write without a strobe is done by doing nothing.
                IDLE: if (take_write) state <= s_axil_wstrb == 4'd0 ? WRITTEN : ACCESS;
                      else if (take_read) state <= ACCESS;
                ACCESS: if (m_ready) state <= is_write ? WRITTEN : FETCHED;
                WRITTEN: if (s_axil_bready) state <= IDLE;
                FETCHED: if (s_axil_rready) state <= IDLE;
            endcase

    // The last access was a write.
    always @(posedge clk)
        if (!rst_n)
            is_write <= 1'b0;
        else if (take_write || take_read)
            is_write <= take_write;

    always @(posedge clk) begin
        if (state == IDLE) begin
            m_address <= take_write ? s_axil_awaddr : s_axil_araddr;
            m_write <= s_axil_wdata;
            m_strobe <= take_write ? s_axil_wstrb : 4'd0;
            failed <= 1'b0;
        end
        if (m_valid && m_ready) begin
            data <= m_read;
            failed <= m_error;
        end
    end
endmodule

`default_nettype wire
