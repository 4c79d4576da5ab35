// SPDX-License-Identifier: Apache-2.0
// Read side of a memory port. It checks each burst against the window, requests it, and returns its beats with their
// destination. The requester has room for what it requests. A queue of destinations keeps the order. A burst that
// leaves the window is not requested. One beat with m_refused takes its place, after the beats of all bursts before it.
// A burst takes four cycles. Up to 2^OUTSTANDING_LOG2 bursts are in flight.
`default_nettype none

module tern_memory_reader #(
    parameter DATA_BITS = 128,
    parameter OUTSTANDING_LOG2 = 4,
    parameter CHECK_WINDOW = 1      // 0: the requester has done it
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 stop,      // forget a request that is not on the port yet
    input  wire [63:0]          window_base,
    input  wire [64:0]          window_end,
    input  wire                 s_valid,
    output wire                 s_ready,
    input  wire [63:0]          s_address,
    input  wire [6:0]           s_beats,   // 1..64
    input  wire [1:0]           s_destination,
    output wire                 idle,      // nothing asked, nothing in flight
    output reg                  m_valid,
    output reg  [DATA_BITS-1:0] m_data,
    output reg                  m_error,   // memory refused the beat
    output reg                  m_refused, // the burst leaves the window; no data
    output reg  [1:0]           m_destination,
    output reg                  m_read_valid,
    input  wire                 m_read_ready,
    output wire [63:0]          m_read_address,
    output wire [6:0]           m_read_beats,
    input  wire                 m_answer_valid,
    input  wire [DATA_BITS-1:0] m_answer_data,
    input  wire                 m_answer_last,
    input  wire                 m_answer_error
);
    localparam [2:0] FREE = 3'd0, BOUND = 3'd1, CHECK = 3'd2, ISSUE = 3'd3, REFUSE = 3'd4, JUDGE = 3'd5;
    localparam BEAT_BYTES_LOG2 = $clog2(DATA_BITS / 8);

    reg [2:0]  state;
    reg [63:0] address;
    reg [6:0]  beats;
    reg [1:0]  destination;
    reg [64:0] burst_end;
    reg        in_window;

    reg [1:0]                destinations [0:(1 << OUTSTANDING_LOG2) - 1];
    reg [OUTSTANDING_LOG2:0] issued;
    reg [OUTSTANDING_LOG2:0] answered;

    wire none_in_flight = issued == answered;
    wire full = issued == {~answered[OUTSTANDING_LOG2], answered[OUTSTANDING_LOG2-1:0]};
    wire refuse = state == REFUSE && none_in_flight && !stop;

    assign s_ready = state == FREE;
    assign idle = state == FREE && none_in_flight && !m_valid;
    assign m_read_address = address;
    assign m_read_beats = beats;

    always @(posedge clk) begin
        if (s_valid && s_ready) begin
            address <= s_address;
            beats <= s_beats;
            destination <= s_destination;
        end
        burst_end <= {1'b0, address} + ({58'd0, beats} << BEAT_BYTES_LOG2);
        in_window <= CHECK_WINDOW == 0 || (address >= window_base && burst_end <= window_end);
        if (state == CHECK && !full)
            destinations[issued[OUTSTANDING_LOG2-1:0]] <= destination;
    end

    always @(posedge clk)
        if (!rst_n) begin
            state <= FREE;
            m_read_valid <= 1'b0;
            issued <= 0;
        end else begin
            case (state)
                FREE: if (s_valid && !stop) state <= BOUND;
                BOUND: state <= stop ? FREE : JUDGE;
                JUDGE: state <= stop ? FREE : CHECK;
                CHECK: if (stop) begin
                    state <= FREE;
                end else if (!in_window) begin
                    state <= REFUSE;
                end else if (!full) begin
                    m_read_valid <= 1'b1;
                    issued <= issued + 1'b1;
                    state <= ISSUE;
                end
                ISSUE: if (m_read_ready) begin
                    m_read_valid <= 1'b0;
                    state <= FREE;
                end
                default: if (none_in_flight || stop) state <= FREE;
            endcase
        end

    always @(posedge clk)
        if (!rst_n) begin
            answered <= 0;
            m_valid <= 1'b0;
        end else begin
            answered <= answered + {{OUTSTANDING_LOG2{1'b0}}, m_answer_valid & m_answer_last};
            m_valid <= m_answer_valid | refuse;
        end

    always @(posedge clk)
        if (m_answer_valid || refuse) begin
            m_data <= m_answer_data;
            m_error <= m_answer_error & m_answer_valid;
            m_refused <= refuse;
            m_destination <= refuse ? destination : destinations[answered[OUTSTANDING_LOG2-1:0]];
        end
endmodule

`default_nettype wire
