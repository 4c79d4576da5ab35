// SPDX-License-Identifier: Apache-2.0
// AXI4 master for the memory ports of any number of masters. AXI4 exists only here. Bursts are INCR, of the full bus
// width. The ID is the number of the master. No VALID waits for a READY. Data are offered before or after their address
// is taken, so slaves of either order work (AXI4 A3.3.1). RREADY and BREADY are always high. Latency is 0 cycles in both
// directions.
//
// rst_n resets the masters and the arbiter. m_axi_rst_n resets this module together with memory. When only rst_n falls,
// this module ends the bursts that memory has taken. Offers stay until they are taken. Missing write data are sent
// without strobes. Answers are dropped. Until all are answered, `waiting` is high and no new burst is taken.
`default_nettype none

module tern_axi_master #(
    parameter MASTERS = 1,
    parameter DATA_BITS = 128
) (
    input  wire                           clk,
    input  wire                           rst_n,
    input  wire                           m_axi_rst_n,
    output wire                           waiting,
    // the memory ports side by side, number 0 lowest (tern_memory_arbiter)
    input  wire [MASTERS-1:0]             s_read_valid,
    output wire [MASTERS-1:0]             s_read_ready,
    input  wire [MASTERS*64-1:0]          s_read_address,
    input  wire [MASTERS*7-1:0]           s_read_beats,
    output wire [MASTERS-1:0]             s_answer_valid,
    output wire [DATA_BITS-1:0]           s_answer_data,
    output wire                           s_answer_last,
    output wire                           s_answer_error,
    input  wire [MASTERS-1:0]             s_write_valid,
    output wire [MASTERS-1:0]             s_write_ready,
    input  wire [MASTERS*64-1:0]          s_write_address,
    input  wire [MASTERS*7-1:0]           s_write_beats,
    input  wire [MASTERS-1:0]             s_data_valid,
    output wire [MASTERS-1:0]             s_data_ready,
    input  wire [MASTERS*DATA_BITS-1:0]   s_data,
    input  wire [MASTERS*DATA_BITS/8-1:0] s_strobe,
    output wire [MASTERS-1:0]             s_done_valid,
    output wire                           s_done_error,
    output wire [3:0]                     m_axi_arid,
    output wire [63:0]                    m_axi_araddr,
    output wire [7:0]                     m_axi_arlen,
    output wire [2:0]                     m_axi_arsize,
    output wire [1:0]                     m_axi_arburst,
    output wire                           m_axi_arvalid,
    input  wire                           m_axi_arready,
    input  wire [3:0]                     m_axi_rid,
    input  wire [DATA_BITS-1:0]           m_axi_rdata,
    input  wire [1:0]                     m_axi_rresp,
    input  wire                           m_axi_rlast,
    input  wire                           m_axi_rvalid,
    output wire                           m_axi_rready,
    output wire [3:0]                     m_axi_awid,
    output wire [63:0]                    m_axi_awaddr,
    output wire [7:0]                     m_axi_awlen,
    output wire [2:0]                     m_axi_awsize,
    output wire [1:0]                     m_axi_awburst,
    output wire                           m_axi_awvalid,
    input  wire                           m_axi_awready,
    output wire [DATA_BITS-1:0]           m_axi_wdata,
    output wire [DATA_BITS/8-1:0]         m_axi_wstrb,
    output wire                           m_axi_wlast,
    output wire                           m_axi_wvalid,
    input  wire                           m_axi_wready,
    input  wire [3:0]                     m_axi_bid,
    input  wire [1:0]                     m_axi_bresp,
    input  wire                           m_axi_bvalid,
    output wire                           m_axi_bready
);
    localparam OWNER_BITS = MASTERS > 1 ? $clog2(MASTERS) : 1;
    localparam STROBES = DATA_BITS / 8;
    localparam ADDRESS_BITS = OWNER_BITS + 64 + 7;
    localparam [31:0] SIZE_CODE = $clog2(STROBES);
    localparam [7:0] MOST_BURSTS = 8'hff;

    generate
        if (MASTERS < 1 || MASTERS > 16) begin : wrong_masters
            tern_rule_masters_is_1_to_16_for_an_axi_id_of_4_bits rule ();
        end
    endgenerate

    // One port for all masters.
    wire                  port_read_valid;
    wire                  port_read_ready;
    wire [63:0]           port_read_address;
    wire [6:0]            port_read_beats;
    wire [OWNER_BITS-1:0] port_read_owner;
    wire                  port_answer_valid;
    wire [OWNER_BITS-1:0] port_answer_owner;
    wire                  port_write_valid;
    wire                  port_write_ready;
    wire [63:0]           port_write_address;
    wire [6:0]            port_write_beats;
    wire [OWNER_BITS-1:0] port_write_owner;
    wire                  port_data_valid;
    wire                  port_data_ready;
    wire [DATA_BITS-1:0]  port_data;
    wire [STROBES-1:0]    port_strobe;
    wire                  port_done_valid;
    wire [OWNER_BITS-1:0] port_done_owner;

    tern_memory_arbiter #(.MASTERS(MASTERS), .OWNER_BITS(OWNER_BITS), .DATA_BITS(DATA_BITS)) arbiter (
        .clk, .rst_n, .s_read_valid, .s_read_ready, .s_read_address, .s_read_beats, .s_answer_valid, .s_answer_data,
        .s_answer_last, .s_answer_error, .s_write_valid, .s_write_ready, .s_write_address, .s_write_beats, .s_data_valid,
        .s_data_ready, .s_data, .s_strobe, .s_done_valid, .s_done_error,
        .m_read_valid(port_read_valid),
        .m_read_ready(port_read_ready),
        .m_read_address(port_read_address),
        .m_read_beats(port_read_beats),
        .m_read_owner(port_read_owner),
        .m_answer_valid(port_answer_valid),
        .m_answer_data(m_axi_rdata),
        .m_answer_last(m_axi_rlast),
        .m_answer_error(m_axi_rresp[1]),
        .m_answer_owner(port_answer_owner),
        .m_write_valid(port_write_valid),
        .m_write_ready(port_write_ready),
        .m_write_address(port_write_address),
        .m_write_beats(port_write_beats),
        .m_write_owner(port_write_owner),
        .m_data_valid(port_data_valid),
        .m_data_ready(port_data_ready),
        .m_data(port_data),
        .m_strobe(port_strobe),
        .m_done_valid(port_done_valid),
        .m_done_error(m_axi_bresp[1]),
        .m_done_owner(port_done_owner)
    );

    // What memory owes: bursts of reads, answers for writes; and beats of the write burst that are still to come.
    reg       draining;
    reg [7:0] reads_owed;
    reg [7:0] dones_owed;
    reg [6:0] beats_owed;
    reg       sending;   // beats_owed is not 0, which masters and memory hear in the same cycle

    wire take_read = port_read_valid && port_read_ready;
    wire take_write = port_write_valid && port_write_ready;
    wire read_answered = m_axi_rvalid && m_axi_rlast;
    wire send_beat;

    assign waiting = draining;

    always @(posedge clk)
        if (!m_axi_rst_n) begin
            draining <= 1'b1;
            reads_owed <= 8'd0;
            dones_owed <= 8'd0;
            beats_owed <= 7'd0;
            sending <= 1'b0;
        end else begin
            draining <= !rst_n || (draining && (reads_owed != 8'd0 || dones_owed != 8'd0));
            reads_owed <= reads_owed + {7'd0, take_read} - {7'd0, read_answered};
            dones_owed <= dones_owed + {7'd0, take_write} - {7'd0, m_axi_bvalid};
            if (take_write)
                beats_owed <= port_write_beats;
            else if (send_beat) // known late: no subtraction waits for it
                beats_owed <= beats_owed - 7'd1;
            sending <= take_write || (sending && !(send_beat && beats_owed == 7'd1));
        end

    // Addresses.
    wire                  read_room;
    wire                  write_room;
    wire [OWNER_BITS-1:0] read_owner;
    wire [OWNER_BITS-1:0] write_owner;
    wire [6:0]            read_beats;
    wire [6:0]            write_beats;

    assign port_read_ready = read_room && !draining && reads_owed != MOST_BURSTS;
    assign port_write_ready = write_room && !draining && dones_owed != MOST_BURSTS && !sending;

    tern_stream_hold #(.WIDTH(ADDRESS_BITS)) read_hold (
        .clk,
        .rst_n(m_axi_rst_n),
        .s_valid(take_read),
        .s_ready(read_room),
        .s_data({port_read_owner, port_read_beats, port_read_address}),
        .m_valid(m_axi_arvalid),
        .m_ready(m_axi_arready),
        .m_data({read_owner, read_beats, m_axi_araddr})
    );
    tern_stream_hold #(.WIDTH(ADDRESS_BITS)) write_hold (
        .clk,
        .rst_n(m_axi_rst_n),
        .s_valid(take_write),
        .s_ready(write_room),
        .s_data({port_write_owner, port_write_beats, port_write_address}),
        .m_valid(m_axi_awvalid),
        .m_ready(m_axi_awready),
        .m_data({write_owner, write_beats, m_axi_awaddr})
    );

    assign m_axi_arid = {{(4 - OWNER_BITS){1'b0}}, read_owner};
    assign m_axi_arlen = {1'b0, read_beats} - 8'd1;
    assign m_axi_arsize = SIZE_CODE[2:0];
    assign m_axi_arburst = 2'b01;
    assign m_axi_awid = {{(4 - OWNER_BITS){1'b0}}, write_owner};
    assign m_axi_awlen = {1'b0, write_beats} - 8'd1;
    assign m_axi_awsize = SIZE_CODE[2:0];
    assign m_axi_awburst = 2'b01;

    // Write data.
    wire data_room;
    wire beat_valid = sending && (port_data_valid || draining);

    assign send_beat = beat_valid && data_room;
    assign port_data_ready = sending && data_room && !draining;

    tern_stream_hold #(.WIDTH(DATA_BITS + STROBES + 1)) data_hold (
        .clk,
        .rst_n(m_axi_rst_n),
        .s_valid(beat_valid),
        .s_ready(data_room),
        .s_data({port_data, port_strobe & {STROBES{!draining}}, beats_owed == 7'd1}),
        .m_valid(m_axi_wvalid),
        .m_ready(m_axi_wready),
        .m_data({m_axi_wdata, m_axi_wstrb, m_axi_wlast})
    );

    // Answers.
    assign m_axi_rready = 1'b1;
    assign m_axi_bready = 1'b1;
    assign port_answer_valid = m_axi_rvalid && !draining;
    assign port_answer_owner = m_axi_rid[OWNER_BITS-1:0];
    assign port_done_valid = m_axi_bvalid && !draining;
    assign port_done_owner = m_axi_bid[OWNER_BITS-1:0];

    wire unused = &{1'b0, m_axi_rid, m_axi_bid, m_axi_rresp[0], m_axi_bresp[0], SIZE_CODE[31:3]};
endmodule

`default_nettype wire
