// SPDX-License-Identifier: Apache-2.0
// A serial line: 8 bits, no parity, one stop bit. Bits are counted by a phase, so the clock need be no multiple of the
// rate. The receiver takes two of three samples around the middle of a bit. It drops a byte whose stop bit is low, and
// then waits for a high line: a break is no byte. Received bytes have no ready.
`default_nettype none

module tern_uart #(
    parameter [31:0] CLOCK_HZ = 32'd40000000,
    parameter [31:0] BAUD = 32'd3000000 // at most a quarter of the clock
) (
    input  wire       clk,
    input  wire       rst_n,
    input  wire       rx,
    output wire       tx,
    output reg        m_valid,     // received
    output wire [7:0] m_data,
    input  wire       s_valid,     // to be sent
    output wire       s_ready,
    input  wire [7:0] s_data
);
    localparam PHASE_BITS = 24;
    localparam [63:0] HZ = {32'd0, CLOCK_HZ}, BAUD_64 = {32'd0, BAUD};
    localparam [63:0] STEP_64 = ((BAUD_64 << PHASE_BITS) + HZ / 2) / HZ; // of a bit, each cycle
    localparam [PHASE_BITS-1:0] STEP = STEP_64[PHASE_BITS-1:0];
    localparam [PHASE_BITS-1:0] HALF = 1 << (PHASE_BITS - 1);
    localparam [3:0] STOP = 4'd9;  // bit of a byte; the start bit is 0

    generate
        if (BAUD > CLOCK_HZ / 4) begin : wrong_baud
            tern_rule_a_bit_has_at_least_four_cycles rule ();
        end
    endgenerate

    // Receiver. The first two registers of the line only bring it to our clock.
    reg [3:0]            line;
    reg                  receives;
    reg                  waits;    // for a high line
    reg [3:0]            rx_bit;
    reg [PHASE_BITS-1:0] rx_phase;
    reg [7:0]            rx_byte;
    wire                 low = ~line[1];
    wire                 level = (line[1] & line[2]) | (line[1] & line[3]) | (line[2] & line[3]);
    wire [PHASE_BITS:0]  rx_next = {1'b0, rx_phase} + {1'b0, STEP};
    wire                 rx_tick = receives & rx_next[PHASE_BITS];

    assign m_data = rx_byte;

    always @(posedge clk)
        line <= rst_n ? {line[2:0], rx} : 4'hf;

    always @(posedge clk)
        if (!rst_n) begin
            receives <= 1'b0;
            waits <= 1'b1;
            m_valid <= 1'b0;
        end else begin
            m_valid <= rx_tick & rx_bit == STOP & level;
            if (!receives) begin
                receives <= low & ~waits;
                waits <= waits & low;
            end else if (rx_tick) begin
                receives <= rx_bit == 4'd0 ? ~level : rx_bit != STOP; // a start bit that ends early is noise
                waits <= rx_bit == STOP & ~level;
            end
        end

    always @(posedge clk) begin
        rx_phase <= receives ? rx_next[PHASE_BITS-1:0] : HALF;
        if (!receives)
            rx_bit <= 4'd0;
        else if (rx_tick)
            rx_bit <= rx_bit + 4'd1;
        if (rx_tick & rx_bit != STOP)
            rx_byte <= {level, rx_byte[7:1]};
    end

    // Transmitter. The line is the lowest bit; behind a byte come ones.
    reg [3:0]            tx_left;
    reg [8:0]            tx_bits;
    reg [PHASE_BITS-1:0] tx_phase;
    wire [PHASE_BITS:0]  tx_next = {1'b0, tx_phase} + {1'b0, STEP};

    assign tx = tx_bits[0];
    assign s_ready = tx_left == 4'd0;

    always @(posedge clk)
        if (!rst_n) begin
            tx_left <= STOP + 4'd1;        // the line is high for a byte, so that the other side is in step
            tx_bits <= 9'h1ff;
        end else if (s_ready) begin
            tx_left <= s_valid ? STOP + 4'd1 : 4'd0;
            tx_bits <= s_valid ? {s_data, 1'b0} : 9'h1ff;
        end else if (tx_next[PHASE_BITS]) begin
            tx_left <= tx_left - 4'd1;
            tx_bits <= {1'b1, tx_bits[8:1]};
        end

    always @(posedge clk)
        tx_phase <= s_ready | ~rst_n ? {PHASE_BITS{1'b0}} : tx_next[PHASE_BITS-1:0];

    wire unused = &{1'b0, STEP_64[63:PHASE_BITS]};
endmodule

`default_nettype wire
