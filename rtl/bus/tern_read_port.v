// SPDX-License-Identifier: Apache-2.0
// The read half of an AXI4 master: checks each burst against the window, issues it, and hands the data to the
// destination it was asked for. One ID, so data comes back in the order of the requests and a queue of destinations
// routes it. Requesters own room for what they ask, so memory never waits for RREADY. A burst that leaves the window is
// not issued: in its place among the answers comes one beat with m_refused, so that errors keep the order of the data.
// Three cycles a burst, 2^OUTSTANDING_LOG2 bursts in flight.
`default_nettype none

module tern_read_port #(
    parameter DATA_BITS = 128,
    parameter OUTSTANDING_LOG2 = 4
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 stop,          // forget a request that is not on the bus yet
    input  wire [63:0]          window_base,
    input  wire [63:0]          window_bytes,
    input  wire                 s_valid,
    output wire                 s_ready,
    input  wire [63:0]          s_address,
    input  wire [6:0]           s_beats,       // 1..64
    input  wire [1:0]           s_destination,
    output wire                 idle,          // nothing asked, nothing in flight
    output reg                  m_valid,
    output reg  [DATA_BITS-1:0] m_data,
    output reg                  m_error,       // the memory answered SLVERR or DECERR
    output reg                  m_refused,     // the burst leaves the window; no data
    output reg  [1:0]           m_destination,
    output wire [3:0]           m_axi_arid,
    output wire [63:0]          m_axi_araddr,
    output wire [7:0]           m_axi_arlen,
    output wire [2:0]           m_axi_arsize,
    output wire [1:0]           m_axi_arburst,
    output reg                  m_axi_arvalid,
    input  wire                 m_axi_arready,
    input  wire [3:0]           m_axi_rid,
    input  wire [DATA_BITS-1:0] m_axi_rdata,
    input  wire [1:0]           m_axi_rresp,
    input  wire                 m_axi_rlast,
    input  wire                 m_axi_rvalid,
    output wire                 m_axi_rready
);
    localparam [1:0] FREE = 2'd0, BOUND = 2'd1, CHECK = 2'd2, ISSUE = 2'd3;
    localparam BEAT_BYTES_LOG2 = $clog2(DATA_BITS / 8);
    localparam [31:0] SIZE_CODE = BEAT_BYTES_LOG2;

    reg [1:0]  state;
    reg [63:0] address;
    reg [6:0]  beats;
    reg [1:0]  destination;
    reg [64:0] burst_end;
    reg [64:0] window_end;

    reg [2:0]                tags [0:(1 << OUTSTANDING_LOG2) - 1];
    reg [OUTSTANDING_LOG2:0] issued;
    reg [OUTSTANDING_LOG2:0] answered;

    wire none_in_flight = issued == answered;
    wire full = issued == {~answered[OUTSTANDING_LOG2], answered[OUTSTANDING_LOG2-1:0]};
    wire in_window = address >= window_base && burst_end <= window_end;
    wire [2:0] tag = tags[answered[OUTSTANDING_LOG2-1:0]];
    wire head_refused = tag[2] & ~none_in_flight;
    wire answer = head_refused | (m_axi_rvalid & m_axi_rlast);

    assign s_ready = state == FREE;
    assign idle = state == FREE && none_in_flight && !m_valid;
    assign m_axi_arid = 4'd0;
    assign m_axi_araddr = address;
    assign m_axi_arlen = {1'b0, beats} - 8'd1;
    assign m_axi_arsize = SIZE_CODE[2:0];
    assign m_axi_arburst = 2'b01;
    assign m_axi_rready = ~head_refused;

    always @(posedge clk) begin
        window_end <= {1'b0, window_base} + {1'b0, window_bytes};
        if (s_valid && s_ready) begin
            address <= s_address;
            beats <= s_beats;
            destination <= s_destination;
        end
        burst_end <= {1'b0, address} + ({58'd0, beats} << BEAT_BYTES_LOG2);
        if (state == CHECK && !full)
            tags[issued[OUTSTANDING_LOG2-1:0]] <= {~in_window, destination};
    end

    always @(posedge clk)
        if (!rst_n) begin
            state <= FREE;
            m_axi_arvalid <= 1'b0;
            issued <= 0;
        end else begin
            case (state)
                FREE: if (s_valid && !stop) state <= BOUND;
                BOUND: state <= stop ? FREE : CHECK;
                CHECK: if (stop) begin
                    state <= FREE;
                end else if (!full) begin
                    m_axi_arvalid <= in_window;
                    issued <= issued + 1'b1;
                    state <= in_window ? ISSUE : FREE;
                end
                ISSUE: if (m_axi_arready) begin
                    m_axi_arvalid <= 1'b0;
                    state <= FREE;
                end
            endcase
        end

    always @(posedge clk)
        if (!rst_n) begin
            answered <= 0;
            m_valid <= 1'b0;
        end else begin
            answered <= answered + {{OUTSTANDING_LOG2{1'b0}}, answer};
            m_valid <= m_axi_rvalid | head_refused;
        end

    always @(posedge clk)
        if (m_axi_rvalid || head_refused) begin
            m_data <= m_axi_rdata;
            m_error <= m_axi_rresp[1] & ~head_refused;
            m_refused <= head_refused;
            m_destination <= tag[1:0];
        end

    wire unused = &{1'b0, m_axi_rid, m_axi_rresp[0], SIZE_CODE[31:3]};
endmodule

`default_nettype wire
