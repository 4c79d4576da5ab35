// SPDX-License-Identifier: Apache-2.0
// The write half of the DMA engine: `beats` beats from scratch memory as bursts of at most 64 beats that cross no 4 KB
// line; two cycles a beat. `stop` lets the burst on the bus finish and begins no other. Words outside the copy are
// masked by strobes.
`default_nettype none

module tern_dma_writer #(
    parameter BEAT_BITS = 12        // of a beat's index in scratch memory
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire                 stop,
    input  wire [59:0]          first_beat,     // device address / 16
    input  wire [BEAT_BITS-1:0] local_beat,
    input  wire [BEAT_BITS:0]   beats,          // 1 or more
    input  wire [3:0]           first_words,    // words of the first beat that belong to the copy
    input  wire [3:0]           last_words,
    output wire                 busy,
    output reg                  failed,
    output wire                 beat_sent,
    output wire                 m_fetch,        // scratch memory: data the cycle after
    output reg  [BEAT_BITS-1:0] m_fetch_beat,
    input  wire [127:0]         m_fetch_data,
    output wire [3:0]           m_axi_awid,
    output wire [63:0]          m_axi_awaddr,
    output wire [7:0]           m_axi_awlen,
    output wire [2:0]           m_axi_awsize,
    output wire [1:0]           m_axi_awburst,
    output reg                  m_axi_awvalid,
    input  wire                 m_axi_awready,
    output wire [127:0]         m_axi_wdata,
    output wire [15:0]          m_axi_wstrb,
    output wire                 m_axi_wlast,
    output wire                 m_axi_wvalid,
    input  wire                 m_axi_wready,
    input  wire [3:0]           m_axi_bid,
    input  wire [1:0]           m_axi_bresp,
    input  wire                 m_axi_bvalid,
    output wire                 m_axi_bready
);
    localparam [2:0] IDLE = 3'd0, SIZE = 3'd1, ADDRESS = 3'd2, FETCH = 3'd3, SEND = 3'd4, DRAIN = 3'd5;
    localparam [BEAT_BITS:0] LONGEST = 64;

    reg [2:0]           state;
    reg [59:0]          beat_address;
    reg [BEAT_BITS:0]   left;         // beats of the copy not sent
    reg [6:0]           burst;        // beats of this burst
    reg [6:0]           burst_left;
    reg [BEAT_BITS:0]   in_flight;    // bursts without a response
    reg                 is_first;

    wire [8:0]         to_page = 9'd256 - {1'b0, beat_address[7:0]};
    wire [BEAT_BITS:0] to_page_beats = {{(BEAT_BITS - 8){1'b0}}, to_page};
    wire [BEAT_BITS:0] shorter = left < to_page_beats ? left : to_page_beats;
    wire [BEAT_BITS:0] size = shorter < LONGEST ? shorter : LONGEST;
    wire               answered = m_axi_bvalid & m_axi_bready;
    wire [3:0]         words = (is_first ? first_words : 4'hf) & (left == 1 ? last_words : 4'hf);

    assign busy = state != IDLE;
    assign beat_sent = state == SEND & m_axi_wready;
    assign m_fetch = state == FETCH;
    assign m_axi_awid = 4'd0;
    assign m_axi_awaddr = {beat_address, 4'd0};
    assign m_axi_awlen = {1'b0, burst} - 8'd1;
    assign m_axi_awsize = 3'd4;
    assign m_axi_awburst = 2'b01;
    assign m_axi_wdata = m_fetch_data;
    assign m_axi_wstrb = {{4{words[3]}}, {4{words[2]}}, {4{words[1]}}, {4{words[0]}}};
    assign m_axi_wlast = burst_left == 7'd1;
    assign m_axi_wvalid = state == SEND;
    assign m_axi_bready = 1'b1;

    always @(posedge clk)
        if (!rst_n) begin
            state <= IDLE;
            m_axi_awvalid <= 1'b0;
            in_flight <= 0;
            failed <= 1'b0;
        end else begin
            in_flight <= in_flight + {{BEAT_BITS{1'b0}}, m_axi_awvalid & m_axi_awready}
                       - {{BEAT_BITS{1'b0}}, answered};
            failed <= (failed & ~start) | (answered & m_axi_bresp[1]);
            if (m_axi_awready)
                m_axi_awvalid <= 1'b0;
            case (state)
                IDLE: if (start) state <= SIZE;
                SIZE: begin
                    state <= stop || failed ? DRAIN : ADDRESS;
                    m_axi_awvalid <= ~(stop | failed);
                end
                ADDRESS: if (m_axi_awready) state <= FETCH;
                FETCH: state <= SEND;
                SEND: if (m_axi_wready)
                    state <= !m_axi_wlast ? FETCH : left == 1 ? DRAIN : SIZE;
                default: if (in_flight == 0) state <= IDLE;
            endcase
        end

    always @(posedge clk)
        case (state)
            IDLE: begin
                beat_address <= first_beat;
                m_fetch_beat <= local_beat;
                left <= beats;
                is_first <= 1'b1;
            end
            SIZE: begin
                burst <= size[6:0];
                burst_left <= size[6:0];
            end
            SEND: if (m_axi_wready) begin
                beat_address <= beat_address + 60'd1;
                m_fetch_beat <= m_fetch_beat + 1'b1;
                left <= left - 1'b1;
                burst_left <= burst_left - 7'd1;
                is_first <= 1'b0;
            end
            default: ;
        endcase

    wire unused = &{1'b0, m_axi_bid, m_axi_bresp[0], size[BEAT_BITS:7]};
endmodule

`default_nettype wire
