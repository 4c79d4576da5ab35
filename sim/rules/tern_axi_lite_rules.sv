// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite at the host's port. A waiting payload stays the same, and each answer belongs to a request. Both sides are
// checked.
`include "tern_rule.svh"

module tern_axi_lite_rules (
    input wire        clk,
    input wire        rst_n,
    input wire [31:0] awaddr,
    input wire        awvalid,
    input wire        awready,
    input wire [31:0] wdata,
    input wire [3:0]  wstrb,
    input wire        wvalid,
    input wire        wready,
    input wire [1:0]  bresp,
    input wire        bvalid,
    input wire        bready,
    input wire [31:0] araddr,
    input wire        arvalid,
    input wire        arready,
    input wire [31:0] rdata,
    input wire [1:0]  rresp,
    input wire        rvalid,
    input wire        rready
);
    tern_stream_rules #(.WIDTH(32)) aw (.clk, .rst_n, .valid(awvalid), .ready(awready), .payload(awaddr));
    tern_stream_rules #(.WIDTH(36)) w (.clk, .rst_n, .valid(wvalid), .ready(wready), .payload({wdata, wstrb}));
    tern_stream_rules #(.WIDTH(2)) b (.clk, .rst_n, .valid(bvalid), .ready(bready), .payload(bresp));
    tern_stream_rules #(.WIDTH(32)) ar (.clk, .rst_n, .valid(arvalid), .ready(arready), .payload(araddr));
    tern_stream_rules #(.WIDTH(34)) r (.clk, .rst_n, .valid(rvalid), .ready(rready), .payload({rdata, rresp}));

    reg [7:0] addresses;
    reg [7:0] words;
    reg [7:0] dones;
    reg [7:0] asked;
    reg [7:0] answered;

    always @(posedge clk)
        if (!rst_n) begin
            addresses <= 0;
            words <= 0;
            dones <= 0;
            asked <= 0;
            answered <= 0;
        end else if (awvalid || wvalid || bvalid || arvalid || rvalid) begin
            addresses <= addresses + {7'd0, awvalid && awready};
            words <= words + {7'd0, wvalid && wready};
            asked <= asked + {7'd0, arvalid && arready};
            `TERN_RULE(!bvalid || (dones != addresses && dones != words), "an answer to no write")
            `TERN_RULE(!rvalid || answered != asked, "an answer that was not asked for")
            dones <= dones + {7'd0, bvalid && bready};
            answered <= answered + {7'd0, rvalid && rready};
        end
endmodule

bind tern_host_bridge tern_axi_lite_rules axi_lite_rules (
    .clk, .rst_n,
    .awaddr(s_axil_awaddr),
    .awvalid(s_axil_awvalid),
    .awready(s_axil_awready),
    .wdata(s_axil_wdata),
    .wstrb(s_axil_wstrb),
    .wvalid(s_axil_wvalid),
    .wready(s_axil_wready),
    .bresp(s_axil_bresp),
    .bvalid(s_axil_bvalid),
    .bready(s_axil_bready),
    .araddr(s_axil_araddr),
    .arvalid(s_axil_arvalid),
    .arready(s_axil_arready),
    .rdata(s_axil_rdata),
    .rresp(s_axil_rresp),
    .rvalid(s_axil_rvalid),
    .rready(s_axil_rready)
);
