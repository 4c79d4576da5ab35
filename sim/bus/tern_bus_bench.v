// SPDX-License-Identifier: Apache-2.0
// MASTERS readers and writers on the AXI4 edge. The bench takes the place of the units behind them.
`default_nettype none

module tern_bus_bench #(
    parameter MASTERS = 3,
    parameter DATA_BITS = 128
) (
    input  wire                           clk,
    input  wire                           rst_n,
    input  wire                           m_axi_rst_n,
    output wire                           waiting,
    input  wire [63:0]                    window_base,
    input  wire [63:0]                    window_bytes,
    // reads of each master and their answers
    input  wire [MASTERS-1:0]             stop,
    input  wire [MASTERS-1:0]             read_valid,
    output wire [MASTERS-1:0]             read_ready,
    input  wire [MASTERS*64-1:0]          read_address,
    input  wire [MASTERS*8-1:0]           read_beats,
    output wire [MASTERS-1:0]             read_idle,
    output wire [MASTERS-1:0]             beat_valid,
    output wire [MASTERS*DATA_BITS-1:0]   beat_data,
    output wire [MASTERS-1:0]             beat_error,
    output wire [MASTERS-1:0]             beat_refused,
    // writes of each master
    input  wire [MASTERS-1:0]             write_valid,
    output wire [MASTERS-1:0]             write_ready,
    input  wire [MASTERS*64-1:0]          write_address,
    input  wire [MASTERS*8-1:0]           write_beats,
    input  wire [MASTERS-1:0]             data_valid,
    output wire [MASTERS-1:0]             data_ready,
    input  wire [MASTERS*DATA_BITS-1:0]   data,
    input  wire [MASTERS*DATA_BITS/8-1:0] strobe,
    output wire [MASTERS-1:0]             write_refused,
    output wire [MASTERS-1:0]             write_answered,
    output wire [MASTERS-1:0]             write_error,
    output wire [MASTERS-1:0]             write_idle,
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
    localparam STROBES = DATA_BITS / 8;

    wire [64:0] window_end = {1'b0, window_base} + {1'b0, window_bytes};

    wire [MASTERS-1:0]           s_read_valid;
    wire [MASTERS-1:0]           s_read_ready;
    wire [MASTERS*64-1:0]        s_read_address;
    wire [MASTERS*7-1:0]         s_read_beats;
    wire [MASTERS-1:0]           s_answer_valid;
    wire [DATA_BITS-1:0]         s_answer_data;
    wire                         s_answer_last;
    wire                         s_answer_error;
    wire [MASTERS-1:0]           s_write_valid;
    wire [MASTERS-1:0]           s_write_ready;
    wire [MASTERS*64-1:0]        s_write_address;
    wire [MASTERS*7-1:0]         s_write_beats;
    wire [MASTERS-1:0]           s_data_valid;
    wire [MASTERS-1:0]           s_data_ready;
    wire [MASTERS*DATA_BITS-1:0] s_data;
    wire [MASTERS*STROBES-1:0]   s_strobe;
    wire [MASTERS-1:0]           s_done_valid;
    wire                         s_done_error;
    wire [2*MASTERS-1:0]         destinations;

    genvar i;
    generate
        for (i = 0; i < MASTERS; i = i + 1) begin : master_of
            tern_memory_reader #(.DATA_BITS(DATA_BITS)) reader (
                .clk, .rst_n,
                .stop(stop[i]),
                .window_base, .window_end,
                .s_valid(read_valid[i]),
                .s_ready(read_ready[i]),
                .s_address(read_address[64*i +: 64]),
                .s_beats(read_beats[8*i +: 7]),
                .s_destination(2'd2),
                .idle(read_idle[i]),
                .m_valid(beat_valid[i]),
                .m_data(beat_data[DATA_BITS*i +: DATA_BITS]),
                .m_error(beat_error[i]),
                .m_refused(beat_refused[i]),
                .m_destination(destinations[2*i +: 2]),
                .m_read_valid(s_read_valid[i]),
                .m_read_ready(s_read_ready[i]),
                .m_read_address(s_read_address[64*i +: 64]),
                .m_read_beats(s_read_beats[7*i +: 7]),
                .m_answer_valid(s_answer_valid[i]),
                .m_answer_data(s_answer_data),
                .m_answer_last(s_answer_last),
                .m_answer_error(s_answer_error)
            );
            tern_memory_writer #(.DATA_BITS(DATA_BITS)) writer (
                .clk, .rst_n,
                .stop(stop[i]),
                .window_base, .window_end,
                .s_valid(write_valid[i]),
                .s_ready(write_ready[i]),
                .s_address(write_address[64*i +: 64]),
                .s_beats(write_beats[8*i +: 7]),
                .s_data_valid(data_valid[i]),
                .s_data_ready(data_ready[i]),
                .s_data(data[DATA_BITS*i +: DATA_BITS]),
                .s_strobe(strobe[STROBES*i +: STROBES]),
                .refused(write_refused[i]),
                .answered(write_answered[i]),
                .error(write_error[i]),
                .idle(write_idle[i]),
                .m_write_valid(s_write_valid[i]),
                .m_write_ready(s_write_ready[i]),
                .m_write_address(s_write_address[64*i +: 64]),
                .m_write_beats(s_write_beats[7*i +: 7]),
                .m_data_valid(s_data_valid[i]),
                .m_data_ready(s_data_ready[i]),
                .m_data(s_data[DATA_BITS*i +: DATA_BITS]),
                .m_strobe(s_strobe[STROBES*i +: STROBES]),
                .m_done_valid(s_done_valid[i]),
                .m_done_error(s_done_error)
            );
        end
    endgenerate

    tern_axi_master #(.MASTERS(MASTERS), .DATA_BITS(DATA_BITS)) axi_master (
        .clk, .rst_n, .m_axi_rst_n, .waiting,
        .s_read_valid, .s_read_ready, .s_read_address, .s_read_beats, .s_answer_valid, .s_answer_data,
        .s_answer_last, .s_answer_error, .s_write_valid, .s_write_ready, .s_write_address, .s_write_beats,
        .s_data_valid, .s_data_ready, .s_data, .s_strobe, .s_done_valid, .s_done_error, .m_axi_arid,
        .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst, .m_axi_arvalid, .m_axi_arready, .m_axi_rid,
        .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready, .m_axi_awid, .m_axi_awaddr,
        .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awvalid, .m_axi_awready, .m_axi_wdata, .m_axi_wstrb,
        .m_axi_wlast, .m_axi_wvalid, .m_axi_wready, .m_axi_bid, .m_axi_bresp, .m_axi_bvalid, .m_axi_bready
    );

    wire unused = &{1'b0, read_beats, write_beats, destinations};
endmodule

`default_nettype wire
