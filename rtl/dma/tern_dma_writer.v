// SPDX-License-Identifier: Apache-2.0
// The write half of the DMA engine: `beats` beats from scratch memory as bursts of at most 64 beats that cross no 4 KB
// line, several of them in flight. Words outside the copy are masked by strobes. `stop`, and an error, begin no other
// burst; those whose address is out get their data, and `busy` falls with the last response. A beat a clock.
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
    output wire                 m_fetch,        // scratch memory: data the cycle after, held until the next
    output reg  [BEAT_BITS-1:0] m_fetch_beat,
    input  wire [127:0]         m_fetch_data,
    output wire [3:0]           m_axi_awid,
    output wire [63:0]          m_axi_awaddr,
    output wire [7:0]           m_axi_awlen,
    output wire [2:0]           m_axi_awsize,
    output wire [1:0]           m_axi_awburst,
    output wire                 m_axi_awvalid,
    input  wire                 m_axi_awready,
    output reg  [127:0]         m_axi_wdata,
    output wire [15:0]          m_axi_wstrb,
    output wire                 m_axi_wlast,
    output wire                 m_axi_wvalid,
    input  wire                 m_axi_wready,
    input  wire [3:0]           m_axi_bid,
    input  wire [1:0]           m_axi_bresp,
    input  wire                 m_axi_bvalid,
    output wire                 m_axi_bready
);
    localparam [3:0] BURSTS = 4'd8;     // whose data is not out yet

    // Addresses. An offered address stays until it is taken, whatever happens.
    wire       request_valid;
    wire [6:0] request_beats;
    wire       requests_active;
    wire       address_sent = m_axi_awvalid & m_axi_awready;
    wire       stop_requests = (stop | (failed & ~start)) & ~(m_axi_awvalid & ~m_axi_awready);
    reg  [3:0] pushed;
    reg  [3:0] popped;
    wire [3:0] owed = pushed - popped;  // bursts

    tern_burst_generator #(.BEAT_BYTES_LOG2(4), .MAX_BURST(64), .CREDITS(256)) requests (
        .clk(clk), .rst_n(rst_n), .start(start), .stop(stop_requests), .base({first_beat, 4'd0}),
        .segment_beats({{(19 - BEAT_BITS){1'b0}}, beats}), .segments(18'd1), .skip_bytes(32'd0),
        .release_beat(beat_sent), .m_valid(request_valid), .m_ready(address_sent), .m_address(m_axi_awaddr),
        .m_beats(request_beats), .active(requests_active));

    assign m_axi_awid = 4'd0;
    assign m_axi_awlen = {1'b0, request_beats} - 8'd1;
    assign m_axi_awsize = 3'd4;
    assign m_axi_awburst = 2'b01;
    assign m_axi_awvalid = request_valid & owed != BURSTS;

    reg [6:0] lengths [0:7];

    always @(posedge clk)
        if (address_sent)
            lengths[pushed[2:0]] <= request_beats;

    // Data: fetched ahead of the address, through the RAM's output and a register.
    reg                 fetched;
    reg                 loaded;
    reg [BEAT_BITS:0]   to_fetch;
    reg [BEAT_BITS:0]   left;           // beats of the copy not sent
    reg                 is_first;
    reg [6:0]           sent;           // beats of this burst

    wire       move = fetched & (~loaded | beat_sent);
    wire [3:0] words = (is_first ? first_words : 4'hf) & (left == 1 ? last_words : 4'hf);

    assign m_fetch = busy & to_fetch != 0 & (~fetched | move);
    assign m_axi_wvalid = loaded & owed != 4'd0;
    assign m_axi_wstrb = {{4{words[3]}}, {4{words[2]}}, {4{words[1]}}, {4{words[0]}}};
    assign m_axi_wlast = sent + 7'd1 == lengths[popped[2:0]];
    assign beat_sent = m_axi_wvalid & m_axi_wready;

    always @(posedge clk) begin
        if (move)
            m_axi_wdata <= m_fetch_data;
        if (start) begin
            m_fetch_beat <= local_beat;
            to_fetch <= beats;
            left <= beats;
            is_first <= 1'b1;
        end else begin
            if (m_fetch) begin
                m_fetch_beat <= m_fetch_beat + 1'b1;
                to_fetch <= to_fetch - 1'b1;
            end
            if (beat_sent) begin
                left <= left - 1'b1;
                is_first <= 1'b0;
            end
        end
    end

    always @(posedge clk)
        if (!rst_n || start) begin
            fetched <= 1'b0;
            loaded <= 1'b0;
            sent <= 7'd0;
        end else begin
            fetched <= m_fetch | (fetched & ~move);
            loaded <= move | (loaded & ~beat_sent);
            if (beat_sent)
                sent <= m_axi_wlast ? 7'd0 : sent + 7'd1;
        end

    // Responses.
    reg [BEAT_BITS:0] unanswered;       // bursts
    wire              answered = m_axi_bvalid & m_axi_bready;

    assign m_axi_bready = 1'b1;
    assign busy = requests_active | owed != 4'd0 | unanswered != 0;

    always @(posedge clk)
        if (!rst_n) begin
            pushed <= 4'd0;
            popped <= 4'd0;
            unanswered <= 0;
            failed <= 1'b0;
        end else begin
            pushed <= pushed + {3'd0, address_sent};
            popped <= popped + {3'd0, beat_sent & m_axi_wlast};
            unanswered <= unanswered + {{BEAT_BITS{1'b0}}, address_sent} - {{BEAT_BITS{1'b0}}, answered};
            failed <= (failed & ~start) | (answered & m_axi_bresp[1]);
        end

    wire unused = &{1'b0, m_axi_bid, m_axi_bresp[0]};
endmodule

`default_nettype wire
