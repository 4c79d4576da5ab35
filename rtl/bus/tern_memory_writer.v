// SPDX-License-Identifier: Apache-2.0
// Write side of a memory port. It checks each burst against the window, requests it, and passes its data. A burst that
// leaves the window is dropped with a pulse of `refused`. The requester then sends no data for it. A burst takes four
// cycles, or one without the check. The data of the burst before are sent in the same cycles.
`default_nettype none

module tern_memory_writer #(
    parameter DATA_BITS = 128,
    parameter IN_FLIGHT_LOG2 = 3,   // bursts not answered for: less than 2 to this
    parameter CHECK_WINDOW = 1      // 0: the requester has done it
) (
    input  wire                   clk,
    input  wire                   rst_n,
    input  wire                   stop,         // forget a request that is not on the port yet
    input  wire [63:0]            window_base,
    input  wire [64:0]            window_end,
    input  wire                   s_valid,
    output wire                   s_ready,
    input  wire [63:0]            s_address,
    input  wire [6:0]             s_beats,      // 1..64
    input  wire                   s_data_valid, // beats of the bursts, in order
    output wire                   s_data_ready,
    input  wire [DATA_BITS-1:0]   s_data,
    input  wire [DATA_BITS/8-1:0] s_strobe,
    output wire                   refused,
    output wire                   answered,     // pulses, in the order of the bursts
    output wire                   error,        // with `answered`: memory refused the burst
    output wire                   idle,         // nothing asked, nothing in flight
    output reg                    m_write_valid,
    input  wire                   m_write_ready,
    output wire [63:0]            m_write_address,
    output wire [6:0]             m_write_beats,
    output wire                   m_data_valid,
    input  wire                   m_data_ready,
    output wire [DATA_BITS-1:0]   m_data,
    output wire [DATA_BITS/8-1:0] m_strobe,
    input  wire                   m_done_valid,
    input  wire                   m_done_error
);
    localparam [2:0] FREE = 3'd0, BOUND = 3'd1, CHECK = 3'd2, ISSUE = 3'd3, JUDGE = 3'd4;
    localparam BEAT_BYTES_LOG2 = $clog2(DATA_BITS / 8);

    reg [2:0]                state;
    reg [63:0]               address;
    reg [6:0]                beats;
    reg [64:0]               burst_end;
    reg                      in_window;
    reg [6:0]                left;       // beats of the burst taken last
    reg [IN_FLIGHT_LOG2-1:0] in_flight;  // from the check on

    wire full = &in_flight;
    wire issue = !full && !stop && (CHECK_WINDOW != 0 ? state == CHECK && in_window : state == FREE && s_valid);
    wire taken = m_write_valid && m_write_ready;
    wire beat = m_data_valid && m_data_ready;

    assign s_ready = state == FREE && (CHECK_WINDOW != 0 || !full);
    assign s_data_ready = m_data_ready && left != 7'd0;
    assign refused = state == CHECK && !in_window && !stop;
    assign answered = m_done_valid;
    assign error = m_done_error;
    assign idle = state == FREE && in_flight == 0;
    assign m_write_address = address;
    assign m_write_beats = beats;
    assign m_data_valid = s_data_valid && left != 7'd0;
    assign m_data = s_data;
    assign m_strobe = s_strobe;

    always @(posedge clk) begin
        if (s_valid && s_ready) begin
            address <= s_address;
            beats <= s_beats;
        end
        in_window <= address >= window_base && burst_end <= window_end;
        burst_end <= {1'b0, address} + ({58'd0, beats} << BEAT_BYTES_LOG2);
    end

    always @(posedge clk)
        if (!rst_n) begin
            state <= FREE;
            m_write_valid <= 1'b0;
            left <= 7'd0;
            in_flight <= 0;
        end else begin
            left <= taken ? beats : left - {6'd0, beat};
            in_flight <= in_flight + {{(IN_FLIGHT_LOG2 - 1){1'b0}}, issue}
                       - {{(IN_FLIGHT_LOG2 - 1){1'b0}}, m_done_valid};
            case (state)
                FREE: if (s_valid && !stop && CHECK_WINDOW != 0) state <= BOUND;
                BOUND: state <= stop ? FREE : JUDGE;
                JUDGE: state <= stop ? FREE : CHECK;
                CHECK: if (stop || refused) state <= FREE;
                default: if (m_write_ready) begin
                    m_write_valid <= 1'b0;
                    state <= FREE;
                end
            endcase
            if (issue) begin
                m_write_valid <= 1'b1;
                state <= ISSUE;
            end
        end
endmodule

`default_nettype wire
