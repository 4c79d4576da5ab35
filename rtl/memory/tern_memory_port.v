// SPDX-License-Identifier: Apache-2.0
// An AXI4 port of 128 bits to native ports of LiteDRAM. Bursts are INCR, of the full width, within 4 KiB, of at most 64
// beats (tern_axi_master, tern_link). A burst outside memory is answered with DECERR and touches nothing. Answers come
// in the order of the requests, reads and writes apart.
//
// A native port waits at each change of the bank, until the commands of the last bank are through. With PORTS = 2 the
// rows of memory take turns between two native ports: one opens the next row while the other reads. Native port 0 also
// has all writes. Port p of the native signals is the p-th from the lowest bit.
//
// rst_n is the reset of memory and its port (m_axi_rst_n). It may only fall together with the controller's: else words
// of commands under way would come to others.
`default_nettype none

module tern_memory_port #(
    parameter WIDTH = 128,                       // of a native port: 16, 32, 64 or 128
    parameter PORTS = 1,                         // 1 or 2
    parameter ROW_LOG2 = 11,                     // bytes of a row of a bank
    parameter QUEUE_LOG2 = 8,                    // beats that a native port may have asked
    parameter [63:0] MEMORY_BASE = 64'h1_0000_0000,
    parameter MEMORY_LOG2 = 29,                  // bytes; the base is a multiple of them
    parameter ADDRESS_BITS = MEMORY_LOG2 - $clog2(WIDTH / 8) // of a native word
) (
    input  wire                          clk,
    input  wire                          rst_n,
    input  wire [3:0]                    s_axi_arid,
    input  wire [63:0]                   s_axi_araddr,
    input  wire [7:0]                    s_axi_arlen,
    input  wire                          s_axi_arvalid,
    output wire                          s_axi_arready,
    output wire [3:0]                    s_axi_rid,
    output wire [127:0]                  s_axi_rdata,
    output wire [1:0]                    s_axi_rresp,
    output wire                          s_axi_rlast,
    output wire                          s_axi_rvalid,
    input  wire                          s_axi_rready,
    input  wire [3:0]                    s_axi_awid,
    input  wire [63:0]                   s_axi_awaddr,
    input  wire [7:0]                    s_axi_awlen,
    input  wire                          s_axi_awvalid,
    output wire                          s_axi_awready,
    input  wire [127:0]                  s_axi_wdata,
    input  wire [15:0]                   s_axi_wstrb,
    input  wire                          s_axi_wlast,
    input  wire                          s_axi_wvalid,
    output wire                          s_axi_wready,
    output wire [3:0]                    s_axi_bid,
    output wire [1:0]                    s_axi_bresp,
    output wire                          s_axi_bvalid,
    input  wire                          s_axi_bready,
    output wire [PORTS-1:0]              cmd_valid,
    input  wire [PORTS-1:0]              cmd_ready,
    output wire [PORTS-1:0]              cmd_we,
    output wire [PORTS*ADDRESS_BITS-1:0] cmd_addr,
    output wire [PORTS-1:0]              wdata_valid,
    input  wire [PORTS-1:0]              wdata_ready,
    output wire [PORTS*WIDTH/8-1:0]      wdata_we,
    output wire [PORTS*WIDTH-1:0]        wdata_data,
    input  wire [PORTS-1:0]              rdata_valid,
    output wire [PORTS-1:0]              rdata_ready,
    input  wire [PORTS*WIDTH-1:0]        rdata_data
);
    localparam WORD_LOG2 = $clog2(WIDTH / 8);
    localparam [1:0] OKAY = 2'b00, DECERR = 2'b11;
    localparam ROW_BEATS_LOG2 = ROW_LOG2 - 4;

    generate
        if (WIDTH != 16 && WIDTH != 32 && WIDTH != 64 && WIDTH != 128) begin : wrong_width
            tern_rule_width_is_16_32_64_or_128 rule ();
        end
        if (PORTS != 1 && PORTS != 2) begin : wrong_ports
            tern_rule_ports_is_1_or_2 rule ();
        end
        if (MEMORY_BASE[MEMORY_LOG2-1:0] != 0 || MEMORY_LOG2 < 12) begin : wrong_base
            tern_rule_memory_base_is_a_multiple_of_the_bytes rule ();
        end
        if (ROW_LOG2 < 10 || ROW_LOG2 >= 12) begin : wrong_row
            tern_rule_a_burst_touches_two_rows_at_most rule ();
        end
    endgenerate

    // Reads: a burst becomes a piece of each row it touches.
    reg         split_valid;
    reg         split_bad;
    reg [63:0]  split_address;
    reg [6:0]   split_beats;
    reg [3:0]   split_id;
    wire        split_ready;
    wire        order_room;
    wire [1:0]  piece_room;
    wire        piece_port;
    wire        piece_last;
    wire [6:0]  piece_beats;

    generate
        if (PORTS == 2) begin : two_ports
            wire [ROW_BEATS_LOG2:0] to_row = {1'b1, {ROW_BEATS_LOG2{1'b0}}} - {1'b0, split_address[ROW_LOG2-1:4]};

            assign piece_port = split_address[ROW_LOG2];
            assign piece_last = split_bad | {{(ROW_BEATS_LOG2 + 1){1'b0}}, split_beats} <= {7'd0, to_row};
            assign piece_beats = piece_last ? split_beats : to_row[6:0];
        end else begin : one_port
            assign piece_port = 1'b0;
            assign piece_last = 1'b1;
            assign piece_beats = split_beats;
        end
    endgenerate

    wire piece_go = split_valid & order_room & (split_bad | piece_room[piece_port]);

    assign split_ready = piece_go & piece_last;
    assign s_axi_arready = ~split_valid | split_ready;

    always @(posedge clk)
        if (!rst_n)
            split_valid <= 1'b0;
        else if (s_axi_arready)
            split_valid <= s_axi_arvalid;

    always @(posedge clk)
        if (s_axi_arready) begin
            split_bad <= s_axi_araddr[63:MEMORY_LOG2] != MEMORY_BASE[63:MEMORY_LOG2];
            split_address <= s_axi_araddr;
            split_beats <= s_axi_arlen[6:0] + 7'd1;
            split_id <= s_axi_arid;
        end else if (piece_go) begin
            split_address <= split_address + {53'd0, piece_beats, 4'd0};
            split_beats <= split_beats - piece_beats;
        end

    // The order of the pieces is that of the answers.
    wire         answer_valid;
    wire         answer_bad;
    wire         answer_port;
    wire         answer_ends;   // the burst
    wire [6:0]   answer_beats;
    reg [6:0]    answer_beat;
    wire         answer_last = answer_beat == answer_beats - 7'd1;
    wire         answer = s_axi_rvalid & s_axi_rready;
    wire [1:0]   beat_valid;
    wire [255:0] beats;

    tern_memory_queue #(.WIDTH(14), .DEPTH_LOG2(4)) order (
        .clk, .rst_n,
        .s_valid(piece_go),
        .s_ready(order_room),
        .s_data({split_bad, piece_port, piece_last, split_id, piece_beats}),
        .m_valid(answer_valid),
        .m_ready(answer & answer_last),
        .m_data({answer_bad, answer_port, answer_ends, s_axi_rid, answer_beats})
    );

    always @(posedge clk)
        if (!rst_n)
            answer_beat <= 7'd0;
        else if (answer)
            answer_beat <= answer_last ? 7'd0 : answer_beat + 7'd1;

    assign s_axi_rvalid = answer_valid & (answer_bad | beat_valid[answer_port]);
    assign s_axi_rdata = answer_port ? beats[255:128] : beats[127:0];
    assign s_axi_rresp = answer_bad ? DECERR : OKAY;
    assign s_axi_rlast = answer_ends & answer_last;

    wire [PORTS-1:0]              read_valid;
    wire [PORTS-1:0]              read_last;
    wire [PORTS-1:0]              read_ready;
    wire [PORTS*ADDRESS_BITS-1:0] read_addr;

    genvar p;
    generate
        for (p = 0; p < PORTS; p = p + 1) begin : port
            localparam [0:0] ME = p;

            tern_memory_fetch #(.WIDTH(WIDTH), .ADDRESS_BITS(ADDRESS_BITS), .QUEUE_LOG2(QUEUE_LOG2)) fetch (
                .clk, .rst_n,
                .piece_valid(piece_go & ~split_bad & piece_port == ME),
                .piece_ready(piece_room[p]),
                .piece_address(split_address[MEMORY_LOG2-1:WORD_LOG2]),
                .piece_beats,
                .cmd_valid(read_valid[p]),
                .cmd_ready(read_ready[p]),
                .cmd_addr(read_addr[p*ADDRESS_BITS +: ADDRESS_BITS]),
                .cmd_last(read_last[p]),
                .rdata_valid(rdata_valid[p]),
                .rdata_data(rdata_data[p*WIDTH +: WIDTH]),
                .beat_valid(beat_valid[p]),
                .beat_ready(answer & ~answer_bad & answer_port == ME),
                .beat(beats[128*p +: 128])
            );
        end
        if (PORTS == 2) begin : second
            assign cmd_valid[1] = read_valid[1];
            assign read_ready[1] = cmd_ready[1];
            assign cmd_we[1] = 1'b0;
            assign cmd_addr[ADDRESS_BITS +: ADDRESS_BITS] = read_addr[ADDRESS_BITS +: ADDRESS_BITS];
            assign wdata_valid[1] = 1'b0;
            assign wdata_we[WIDTH/8 +: WIDTH/8] = 0;
            assign wdata_data[WIDTH +: WIDTH] = 0;
        end else begin : alone
            assign piece_room[1] = 1'b0;
            assign beat_valid[1] = 1'b0;
            assign beats[255:128] = 128'd0;
        end
    endgenerate

    assign rdata_ready = {PORTS{1'b1}};

    // Writes, and whose turn it is at native port 0. A turn is a piece or a burst, so that the controller seldom turns
    // the bus around. An offer stays until it is taken.
    wire                    write_valid;
    wire                    write_last;
    wire [ADDRESS_BITS-1:0] write_addr;
    wire                    done_bad;
    reg                     writes;
    wire                    stays = writes ? write_valid : read_valid[0];
    wire                    other = writes ? read_valid[0] : write_valid;
    wire                    taken = cmd_valid[0] & cmd_ready[0];
    wire                    last = writes ? write_last : read_last[0];

    tern_memory_store #(.WIDTH(WIDTH), .ADDRESS_BITS(ADDRESS_BITS)) store (
        .clk, .rst_n,
        .burst_valid(s_axi_awvalid),
        .burst_ready(s_axi_awready),
        .burst_bad(s_axi_awaddr[63:MEMORY_LOG2] != MEMORY_BASE[63:MEMORY_LOG2]),
        .burst_address(s_axi_awaddr[MEMORY_LOG2-1:WORD_LOG2]),
        .burst_beats(s_axi_awlen[6:0] + 7'd1),
        .burst_id(s_axi_awid),
        .data_valid(s_axi_wvalid),
        .data_ready(s_axi_wready),
        .data(s_axi_wdata),
        .strobe(s_axi_wstrb),
        .cmd_valid(write_valid),
        .cmd_ready(cmd_ready[0] & writes),
        .cmd_addr(write_addr),
        .cmd_last(write_last),
        .wdata_ready(wdata_ready[0]),
        .wdata_data(wdata_data[WIDTH-1:0]),
        .wdata_we(wdata_we[WIDTH/8-1:0]),
        .done_valid(s_axi_bvalid),
        .done_ready(s_axi_bready),
        .done_bad,
        .done_id(s_axi_bid)
    );

    assign s_axi_bresp = done_bad ? DECERR : OKAY;
    assign cmd_valid[0] = stays;
    assign cmd_we[0] = writes;
    assign cmd_addr[ADDRESS_BITS-1:0] = writes ? write_addr : read_addr[ADDRESS_BITS-1:0];
    assign read_ready[0] = cmd_ready[0] & ~writes;
    assign wdata_valid[0] = 1'b1; // a command was given only when its word was here

    always @(posedge clk)
        if (!rst_n)
            writes <= 1'b0;
        else if (other & (~stays | (taken & last)))
            writes <= ~writes;

    wire unused = &{1'b0, s_axi_arlen[7], s_axi_awlen[7], split_address[63:MEMORY_LOG2], split_address[3:0],
                    s_axi_awaddr[3:0], s_axi_araddr[3:0], wdata_ready, read_last, s_axi_wlast};
endmodule

`default_nettype wire
