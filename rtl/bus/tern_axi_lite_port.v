// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite slave in front of a register file: one access at a time, word writes only (a write with any strobe off is
// answered OKAY and not done). `write` and `read` last one cycle; read_data is taken in the cycle after `read`.
`default_nettype none

module tern_axi_lite_port #(
    parameter ADDRESS_BITS = 12
) (
    input  wire                    clk,
    input  wire                    rst_n,
    input  wire [ADDRESS_BITS-1:0] s_axil_awaddr,
    input  wire                    s_axil_awvalid,
    output wire                    s_axil_awready,
    input  wire [31:0]             s_axil_wdata,
    input  wire [3:0]              s_axil_wstrb,
    input  wire                    s_axil_wvalid,
    output wire                    s_axil_wready,
    output wire [1:0]              s_axil_bresp,
    output reg                     s_axil_bvalid,
    input  wire                    s_axil_bready,
    input  wire [ADDRESS_BITS-1:0] s_axil_araddr,
    input  wire                    s_axil_arvalid,
    output wire                    s_axil_arready,
    output reg  [31:0]             s_axil_rdata,
    output wire [1:0]              s_axil_rresp,
    output reg                     s_axil_rvalid,
    input  wire                    s_axil_rready,
    output wire                    write,
    output wire [ADDRESS_BITS-1:0] write_address,
    output wire [31:0]             write_data,
    output wire                    read,
    output wire [ADDRESS_BITS-1:0] read_address,
    input  wire [31:0]             read_data
);
    reg fetching;

    wire write_taken = s_axil_awvalid & s_axil_wvalid & ~s_axil_bvalid;

    assign s_axil_awready = write_taken;
    assign s_axil_wready = write_taken;
    assign s_axil_bresp = 2'b00;
    assign write = write_taken & (&s_axil_wstrb);
    assign write_address = s_axil_awaddr;
    assign write_data = s_axil_wdata;

    assign s_axil_arready = s_axil_arvalid & ~s_axil_rvalid & ~fetching;
    assign s_axil_rresp = 2'b00;
    assign read = s_axil_arvalid & s_axil_arready;
    assign read_address = s_axil_araddr;

    always @(posedge clk)
        if (!rst_n) begin
            s_axil_bvalid <= 1'b0;
            s_axil_rvalid <= 1'b0;
            fetching <= 1'b0;
        end else begin
            s_axil_bvalid <= write_taken | (s_axil_bvalid & ~s_axil_bready);
            fetching <= read;
            s_axil_rvalid <= fetching | (s_axil_rvalid & ~s_axil_rready);
        end

    always @(posedge clk)
        if (fetching)
            s_axil_rdata <= read_data;
endmodule

`default_nettype wire
