// SPDX-License-Identifier: Apache-2.0
// Two AXI4 ports on one memory controller: that of the SoC on two native ports, that of the link on one. The module
// litedram_core is the generated one (tools/make_controller --sim) or the stand-in of this folder.
`default_nettype none

module tern_memory_bench #(
    parameter WIDTH = 128,
    parameter PORTS = 2,        // native ports of the SoC
    parameter MEMORY_LOG2 = 25,
    parameter QUEUE_LOG2 = 8    // beats that a native port may have asked
) (
    input  wire         clk,
    input  wire         rst_n,
    input  wire         c_access,
    output wire         c_ready,
    input  wire         c_write,
    input  wire [11:0]  c_address,
    input  wire [31:0]  c_write_data,
    output wire [31:0]  c_read_data,
    input  wire [3:0]   s_axi_arid,
    input  wire [63:0]  s_axi_araddr,
    input  wire [7:0]   s_axi_arlen,
    input  wire         s_axi_arvalid,
    input  wire         s_axi_rready,
    input  wire [3:0]   s_axi_awid,
    input  wire [63:0]  s_axi_awaddr,
    input  wire [7:0]   s_axi_awlen,
    input  wire         s_axi_awvalid,
    input  wire [127:0] s_axi_wdata,
    input  wire [15:0]  s_axi_wstrb,
    input  wire         s_axi_wvalid,
    input  wire         s_axi_wlast,
    input  wire         s_axi_bready,
    output wire         s_axi_arready,
    output wire [3:0]   s_axi_rid,
    output wire [127:0] s_axi_rdata,
    output wire [1:0]   s_axi_rresp,
    output wire         s_axi_rlast,
    output wire         s_axi_rvalid,
    output wire         s_axi_awready,
    output wire         s_axi_wready,
    output wire [3:0]   s_axi_bid,
    output wire [1:0]   s_axi_bresp,
    output wire         s_axi_bvalid,
    input  wire [3:0]   l_axi_arid,
    input  wire [63:0]  l_axi_araddr,
    input  wire [7:0]   l_axi_arlen,
    input  wire         l_axi_arvalid,
    input  wire         l_axi_rready,
    input  wire [3:0]   l_axi_awid,
    input  wire [63:0]  l_axi_awaddr,
    input  wire [7:0]   l_axi_awlen,
    input  wire         l_axi_awvalid,
    input  wire [127:0] l_axi_wdata,
    input  wire [15:0]  l_axi_wstrb,
    input  wire         l_axi_wvalid,
    input  wire         l_axi_wlast,
    input  wire         l_axi_bready,
    output wire         l_axi_arready,
    output wire [3:0]   l_axi_rid,
    output wire [127:0] l_axi_rdata,
    output wire [1:0]   l_axi_rresp,
    output wire         l_axi_rlast,
    output wire         l_axi_rvalid,
    output wire         l_axi_awready,
    output wire         l_axi_wready,
    output wire [3:0]   l_axi_bid,
    output wire [1:0]   l_axi_bresp,
    output wire         l_axi_bvalid
);
    localparam ADDRESS_BITS = MEMORY_LOG2 - $clog2(WIDTH / 8);

    // Native ports, lowest first: the SoC's, the SoC's next row, the link's.
    wire [2:0]                cmd_valid;
    wire [2:0]                cmd_ready;
    wire [2:0]                cmd_we;
    wire [3*ADDRESS_BITS-1:0] cmd_addr;
    wire [2:0]                wdata_valid;
    wire [2:0]                wdata_ready;
    wire [3*WIDTH/8-1:0]      wdata_we;
    wire [3*WIDTH-1:0]        wdata_data;
    wire [2:0]                rdata_valid;
    wire [2:0]                rdata_ready;
    wire [3*WIDTH-1:0]        rdata_data;
    wire                      wb_cyc;
    wire                      wb_stb;
    wire                      wb_we;
    wire [29:0]               wb_adr;
    wire [3:0]                wb_sel;
    wire [31:0]               wb_dat_w;
    wire [31:0]               wb_dat_r;
    wire                      wb_ack;
    wire                      wb_err;
    wire                      init_done;
    wire                      init_error;
    wire                      user_clk;
    wire                      user_rst;

    tern_controller_bus registers (
        .clk, .rst_n,
        .access(c_access),
        .ready(c_ready),
        .write(c_write),
        .address(c_address),
        .write_data(c_write_data),
        .read_data(c_read_data),
        .wb_cyc, .wb_stb, .wb_we, .wb_adr, .wb_sel, .wb_dat_w, .wb_dat_r, .wb_ack
    );

    generate
        if (PORTS == 1) begin : no_next
            assign cmd_valid[1] = 1'b0;
            assign cmd_we[1] = 1'b0;
            assign cmd_addr[ADDRESS_BITS +: ADDRESS_BITS] = 0;
            assign wdata_valid[1] = 1'b0;
            assign wdata_we[WIDTH/8 +: WIDTH/8] = 0;
            assign wdata_data[WIDTH +: WIDTH] = 0;
            assign rdata_ready[1] = 1'b1;
        end
    endgenerate

    tern_memory_port #(.WIDTH(WIDTH), .PORTS(PORTS), .MEMORY_LOG2(MEMORY_LOG2), .QUEUE_LOG2(QUEUE_LOG2)) soc (
        .clk, .rst_n,
        .s_axi_arid(s_axi_arid),
        .s_axi_araddr(s_axi_araddr),
        .s_axi_arlen(s_axi_arlen),
        .s_axi_arvalid(s_axi_arvalid),
        .s_axi_rready(s_axi_rready),
        .s_axi_awid(s_axi_awid),
        .s_axi_awaddr(s_axi_awaddr),
        .s_axi_awlen(s_axi_awlen),
        .s_axi_awvalid(s_axi_awvalid),
        .s_axi_wdata(s_axi_wdata),
        .s_axi_wstrb(s_axi_wstrb),
        .s_axi_wvalid(s_axi_wvalid),
        .s_axi_wlast(s_axi_wlast),
        .s_axi_bready(s_axi_bready),
        .s_axi_arready(s_axi_arready),
        .s_axi_rid(s_axi_rid),
        .s_axi_rdata(s_axi_rdata),
        .s_axi_rresp(s_axi_rresp),
        .s_axi_rlast(s_axi_rlast),
        .s_axi_rvalid(s_axi_rvalid),
        .s_axi_awready(s_axi_awready),
        .s_axi_wready(s_axi_wready),
        .s_axi_bid(s_axi_bid),
        .s_axi_bresp(s_axi_bresp),
        .s_axi_bvalid(s_axi_bvalid),
        .cmd_valid(cmd_valid[0 +: PORTS]),
        .cmd_ready(cmd_ready[0 +: PORTS]),
        .cmd_we(cmd_we[0 +: PORTS]),
        .cmd_addr(cmd_addr[0 +: PORTS*ADDRESS_BITS]),
        .wdata_valid(wdata_valid[0 +: PORTS]),
        .wdata_ready(wdata_ready[0 +: PORTS]),
        .wdata_we(wdata_we[0 +: PORTS*(WIDTH/8)]),
        .wdata_data(wdata_data[0 +: PORTS*WIDTH]),
        .rdata_valid(rdata_valid[0 +: PORTS]),
        .rdata_ready(rdata_ready[0 +: PORTS]),
        .rdata_data(rdata_data[0 +: PORTS*WIDTH])
    );
    tern_memory_port #(.WIDTH(WIDTH), .PORTS(1), .MEMORY_LOG2(MEMORY_LOG2), .QUEUE_LOG2(QUEUE_LOG2)) link (
        .clk, .rst_n,
        .s_axi_arid(l_axi_arid),
        .s_axi_araddr(l_axi_araddr),
        .s_axi_arlen(l_axi_arlen),
        .s_axi_arvalid(l_axi_arvalid),
        .s_axi_rready(l_axi_rready),
        .s_axi_awid(l_axi_awid),
        .s_axi_awaddr(l_axi_awaddr),
        .s_axi_awlen(l_axi_awlen),
        .s_axi_awvalid(l_axi_awvalid),
        .s_axi_wdata(l_axi_wdata),
        .s_axi_wstrb(l_axi_wstrb),
        .s_axi_wvalid(l_axi_wvalid),
        .s_axi_wlast(l_axi_wlast),
        .s_axi_bready(l_axi_bready),
        .s_axi_arready(l_axi_arready),
        .s_axi_rid(l_axi_rid),
        .s_axi_rdata(l_axi_rdata),
        .s_axi_rresp(l_axi_rresp),
        .s_axi_rlast(l_axi_rlast),
        .s_axi_rvalid(l_axi_rvalid),
        .s_axi_awready(l_axi_awready),
        .s_axi_wready(l_axi_wready),
        .s_axi_bid(l_axi_bid),
        .s_axi_bresp(l_axi_bresp),
        .s_axi_bvalid(l_axi_bvalid),
        .cmd_valid(cmd_valid[2 +: 1]),
        .cmd_ready(cmd_ready[2 +: 1]),
        .cmd_we(cmd_we[2 +: 1]),
        .cmd_addr(cmd_addr[2*ADDRESS_BITS +: 1*ADDRESS_BITS]),
        .wdata_valid(wdata_valid[2 +: 1]),
        .wdata_ready(wdata_ready[2 +: 1]),
        .wdata_we(wdata_we[2*(WIDTH/8) +: 1*(WIDTH/8)]),
        .wdata_data(wdata_data[2*WIDTH +: 1*WIDTH]),
        .rdata_valid(rdata_valid[2 +: 1]),
        .rdata_ready(rdata_ready[2 +: 1]),
        .rdata_data(rdata_data[2*WIDTH +: 1*WIDTH])
    );

    litedram_core core (
        .clk,
        .rst(~rst_n),
        .user_port_soc_cmd_valid(cmd_valid[0]),
        .user_port_soc_cmd_ready(cmd_ready[0]),
        .user_port_soc_cmd_we(cmd_we[0]),
        .user_port_soc_cmd_addr(cmd_addr[0*ADDRESS_BITS +: ADDRESS_BITS]),
        .user_port_soc_wdata_valid(wdata_valid[0]),
        .user_port_soc_wdata_ready(wdata_ready[0]),
        .user_port_soc_wdata_we(wdata_we[0*(WIDTH/8) +: (WIDTH/8)]),
        .user_port_soc_wdata_data(wdata_data[0*WIDTH +: WIDTH]),
        .user_port_soc_rdata_valid(rdata_valid[0]),
        .user_port_soc_rdata_ready(rdata_ready[0]),
        .user_port_soc_rdata_data(rdata_data[0*WIDTH +: WIDTH]),
        .user_port_next_cmd_valid(cmd_valid[1]),
        .user_port_next_cmd_ready(cmd_ready[1]),
        .user_port_next_cmd_we(cmd_we[1]),
        .user_port_next_cmd_addr(cmd_addr[1*ADDRESS_BITS +: ADDRESS_BITS]),
        .user_port_next_wdata_valid(wdata_valid[1]),
        .user_port_next_wdata_ready(wdata_ready[1]),
        .user_port_next_wdata_we(wdata_we[1*(WIDTH/8) +: (WIDTH/8)]),
        .user_port_next_wdata_data(wdata_data[1*WIDTH +: WIDTH]),
        .user_port_next_rdata_valid(rdata_valid[1]),
        .user_port_next_rdata_ready(rdata_ready[1]),
        .user_port_next_rdata_data(rdata_data[1*WIDTH +: WIDTH]),
        .user_port_link_cmd_valid(cmd_valid[2]),
        .user_port_link_cmd_ready(cmd_ready[2]),
        .user_port_link_cmd_we(cmd_we[2]),
        .user_port_link_cmd_addr(cmd_addr[2*ADDRESS_BITS +: ADDRESS_BITS]),
        .user_port_link_wdata_valid(wdata_valid[2]),
        .user_port_link_wdata_ready(wdata_ready[2]),
        .user_port_link_wdata_we(wdata_we[2*(WIDTH/8) +: (WIDTH/8)]),
        .user_port_link_wdata_data(wdata_data[2*WIDTH +: WIDTH]),
        .user_port_link_rdata_valid(rdata_valid[2]),
        .user_port_link_rdata_ready(rdata_ready[2]),
        .user_port_link_rdata_data(rdata_data[2*WIDTH +: WIDTH]),
        .wb_ctrl_cyc(wb_cyc),
        .wb_ctrl_stb(wb_stb),
        .wb_ctrl_we(wb_we),
        .wb_ctrl_adr(wb_adr),
        .wb_ctrl_sel(wb_sel),
        .wb_ctrl_dat_w(wb_dat_w),
        .wb_ctrl_dat_r(wb_dat_r),
        .wb_ctrl_ack(wb_ack),
        .wb_ctrl_err(wb_err),
        .init_done,
        .init_error,
        .user_clk,
        .user_rst
    );

    wire unused = &{1'b0, wb_err, init_done, init_error, user_clk, user_rst};
endmodule

`default_nettype wire
