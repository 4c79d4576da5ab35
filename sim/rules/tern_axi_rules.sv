// SPDX-License-Identifier: Apache-2.0
// AXI4 as this project uses it: rules of the master and of the memory behind it. They are bound to the only AXI4
// master.
`include "tern_rule.svh"

module tern_axi_rules #(
    parameter DATA_BITS = 128
) (
    input wire                   clk,
    input wire                   rst_n,
    input wire [3:0]             arid,
    input wire [63:0]            araddr,
    input wire [7:0]             arlen,
    input wire [2:0]             arsize,
    input wire [1:0]             arburst,
    input wire                   arvalid,
    input wire                   arready,
    input wire [3:0]             rid,
    input wire                   rlast,
    input wire                   rvalid,
    input wire                   rready,
    input wire [3:0]             awid,
    input wire [63:0]            awaddr,
    input wire [7:0]             awlen,
    input wire [2:0]             awsize,
    input wire [1:0]             awburst,
    input wire                   awvalid,
    input wire                   awready,
    input wire [DATA_BITS-1:0]   wdata,
    input wire [DATA_BITS/8-1:0] wstrb,
    input wire                   wlast,
    input wire                   wvalid,
    input wire                   wready,
    input wire [3:0]             bid,
    input wire                   bvalid,
    input wire                   bready
);
    localparam [31:0] BYTES = DATA_BITS / 8;

    tern_stream_rules #(.WIDTH(81)) ar (.clk, .rst_n, .valid(arvalid), .ready(arready),
                                        .payload({arid, araddr, arlen, arsize, arburst}));
    tern_stream_rules #(.WIDTH(81)) aw (.clk, .rst_n, .valid(awvalid), .ready(awready),
                                        .payload({awid, awaddr, awlen, awsize, awburst}));
    tern_stream_rules #(.WIDTH(DATA_BITS + BYTES + 1)) w (.clk, .rst_n, .valid(wvalid), .ready(wready),
                                                          .payload({wdata, wstrb, wlast}));
    tern_stream_rules #(.WIDTH(5)) r (.clk, .rst_n, .valid(rvalid), .ready(rready), .payload({rid, rlast}));
    tern_stream_rules #(.WIDTH(4)) b (.clk, .rst_n, .valid(bvalid), .ready(bready), .payload(bid));

    function is_burst(input [11:0] first_byte, input [7:0] len, input [2:0] size, input [1:0] burst);
        is_burst = burst == 2'b01 && (32'd1 << size) == BYTES && len < 8'd64 && first_byte % BYTES[11:0] == 0
                 && {20'd0, first_byte} + ({24'd0, len} + 32'd1) * BYTES <= 32'd4096;
    endfunction

    // Reads by ID, and the beat that the first one of each ID has reached.
    reg [7:0]  read_lengths [0:255]; // ID, number modulo 16
    reg [3:0]  read_asked [0:15];
    reg [3:0]  read_answered [0:15];
    reg [4:0]  reads_owed [0:15];
    reg [7:0]  read_beat [0:15];
    // Writes in the order of their addresses, which is the order of their data. A write is complete when its address
    // and data are taken.
    reg [11:0] writes [0:255];       // ID, length
    reg [7:0]  offered;              // addresses, also the one on offer
    reg        is_counted;           // the one on offer is among them
    reg [7:0]  taken;                // addresses
    reg [7:0]  sent;                 // bursts whose data are all taken
    reg [7:0]  complete;
    reg [7:0]  beat;
    reg [7:0]  dones_owed [0:15];
    integer    i;

    // The checks follow the order of events within a cycle. They run only on events, so that a quiet bus costs no
    // simulation time.
    /* verilator lint_off BLKSEQ */
    always @(posedge clk)
        if (!rst_n) begin
            for (i = 0; i < 16; i = i + 1) begin
                read_asked[i] = 0;
                read_answered[i] = 0;
                reads_owed[i] = 0;
                read_beat[i] = 0;
                dones_owed[i] = 0;
            end
            offered = 0;
            is_counted = 0;
            taken = 0;
            sent = 0;
            complete = 0;
            beat = 0;
        end else if (arvalid || rvalid || awvalid || wvalid || bvalid) begin
            if (arvalid) begin
                `TERN_RULE(is_burst(araddr[11:0], arlen, arsize, arburst), "a read is no INCR burst of full width within 4 KiB")
                if (arready) begin
                    read_lengths[{arid, read_asked[arid]}] = arlen;
                    read_asked[arid] = read_asked[arid] + 1;
                    reads_owed[arid] = reads_owed[arid] + 1;
                end
            end
            if (rvalid) begin
                `TERN_RULE(reads_owed[rid] != 0, "memory answers a read that was not asked")
                `TERN_RULE(rlast == (read_beat[rid] == read_lengths[{rid, read_answered[rid]}]), "RLAST is not with the last beat")
                if (rready) begin
                    read_beat[rid] = rlast ? 0 : read_beat[rid] + 1;
                    read_answered[rid] = read_answered[rid] + {3'd0, rlast};
                    reads_owed[rid] = reads_owed[rid] - {4'd0, rlast};
                end
            end
            if (awvalid) begin
                `TERN_RULE(is_burst(awaddr[11:0], awlen, awsize, awburst), "a write is no INCR burst of full width within 4 KiB")
                if (!is_counted) begin
                    writes[offered] = {awid, awlen};
                    offered = offered + 1;
                end
                taken = taken + {7'd0, awready};
            end
            is_counted = awvalid && !awready;
            if (wvalid) begin
                `TERN_RULE(sent != offered, "data are ahead of their address")
                `TERN_RULE(wlast == (beat == writes[sent][7:0]), "WLAST is not with the last beat")
                if (wready) begin
                    beat = wlast ? 0 : beat + 1;
                    sent = sent + {7'd0, wlast};
                end
            end
            if (sent != complete && taken != complete) begin
                dones_owed[writes[complete][11:8]] = dones_owed[writes[complete][11:8]] + 1;
                complete = complete + 1;
            end
            if (bvalid) begin
                `TERN_RULE(dones_owed[bid] != 0, "memory answers a write that is not complete")
                dones_owed[bid] = dones_owed[bid] - {7'd0, bready};
            end
        end
endmodule

bind tern_axi_master tern_axi_rules #(.DATA_BITS(DATA_BITS)) axi_rules (
    .clk,
    .rst_n(m_axi_rst_n),
    .arid(m_axi_arid),
    .araddr(m_axi_araddr),
    .arlen(m_axi_arlen),
    .arsize(m_axi_arsize),
    .arburst(m_axi_arburst),
    .arvalid(m_axi_arvalid),
    .arready(m_axi_arready),
    .rid(m_axi_rid),
    .rlast(m_axi_rlast),
    .rvalid(m_axi_rvalid),
    .rready(m_axi_rready),
    .awid(m_axi_awid),
    .awaddr(m_axi_awaddr),
    .awlen(m_axi_awlen),
    .awsize(m_axi_awsize),
    .awburst(m_axi_awburst),
    .awvalid(m_axi_awvalid),
    .awready(m_axi_awready),
    .wdata(m_axi_wdata),
    .wstrb(m_axi_wstrb),
    .wlast(m_axi_wlast),
    .wvalid(m_axi_wvalid),
    .wready(m_axi_wready),
    .bid(m_axi_bid),
    .bvalid(m_axi_bvalid),
    .bready(m_axi_bready)
);
