// SPDX-License-Identifier: Apache-2.0
// Rules of the memory port: its AXI4 side as any other, and what a native port of LiteDRAM does not check by itself.
`include "tern_rule.svh"

module tern_memory_port_rules #(
    parameter ADDRESS_BITS = 24,
    parameter WORDS = 64          // of room for the answers of a native port
) (
    input wire                    clk,
    input wire                    rst_n,
    input wire                    cmd_valid,   // of native port 0
    input wire                    cmd_ready,
    input wire                    cmd_we,
    input wire [ADDRESS_BITS-1:0] cmd_addr,
    input wire                    wdata_ready,
    input wire                    word_valid,  // for the controller to take
    input wire                    asks,        // a word of the last native port, which has room for so many
    input wire [31:0]             room
);
    tern_stream_rules #(.WIDTH(ADDRESS_BITS + 1)) cmd (.clk, .rst_n, .valid(cmd_valid), .ready(cmd_ready),
                                                       .payload({cmd_we, cmd_addr}));

    always @(posedge clk)
        if (rst_n) begin
            `TERN_RULE(!wdata_ready || word_valid, "the controller takes data that are not here")
            `TERN_RULE(!asks || (room != 0 && room <= WORDS), "a word is asked without room for it")
        end
endmodule

bind tern_memory_port tern_memory_port_rules #(.ADDRESS_BITS(ADDRESS_BITS), .WORDS(128 / WIDTH << QUEUE_LOG2)) port_rules (
    .clk,
    .rst_n,
    .cmd_valid(cmd_valid[0]),
    .cmd_ready(cmd_ready[0]),
    .cmd_we(cmd_we[0]),
    .cmd_addr(cmd_addr[ADDRESS_BITS-1:0]),
    .wdata_ready(wdata_ready[0]),
    .word_valid(store.word_valid),
    .asks(port[PORTS-1].fetch.take),
    .room(32'(port[PORTS-1].fetch.room))
);
bind tern_memory_port tern_axi_rules axi_rules (
    .clk,
    .rst_n,
    .arid(s_axi_arid),
    .araddr(s_axi_araddr),
    .arlen(s_axi_arlen),
    .arsize(3'd4),
    .arburst(2'b01),
    .arvalid(s_axi_arvalid),
    .arready(s_axi_arready),
    .rid(s_axi_rid),
    .rlast(s_axi_rlast),
    .rvalid(s_axi_rvalid),
    .rready(s_axi_rready),
    .awid(s_axi_awid),
    .awaddr(s_axi_awaddr),
    .awlen(s_axi_awlen),
    .awsize(3'd4),
    .awburst(2'b01),
    .awvalid(s_axi_awvalid),
    .awready(s_axi_awready),
    .wdata(s_axi_wdata),
    .wstrb(s_axi_wstrb),
    .wlast(s_axi_wlast),
    .wvalid(s_axi_wvalid),
    .wready(s_axi_wready),
    .bid(s_axi_bid),
    .bvalid(s_axi_bvalid),
    .bready(s_axi_bready)
);
