// SPDX-License-Identifier: Apache-2.0
// Activations of one lane: for each of its groups 16 mantissas (i16) and a shift. Lane l of LANES has the groups l, l +
// LANES, and so on. Rows are counted per lane. It is written by beats of the activation image in the order of memory:
// mantissas, then shifts of a byte each. Read latency is 1 cycle from `read`. The shifts are read as a row of 16 and
// stay until the next row is read. A row of 16 begins where `read_row[3:0] == 0`.
`default_nettype none

module tern_activation_buffer #(
    parameter LANES = 1,
    parameter LANE = 0,
    parameter ROWS = 2048,
    parameter ROW_BITS = 11
) (
    input  wire                 clk,
    input  wire                 s_mantissas_valid,
    input  wire                 s_shifts_valid,
    input  wire [ROW_BITS:0]    s_index, // of the beat, within mantissas or shifts
    input  wire [128*LANES-1:0] s_data,
    input  wire                 read,
    input  wire [ROW_BITS-1:0]  read_row,
    output wire [255:0]         m_mantissas,
    output reg  [63:0]          m_shifts
);
    localparam SHIFT_ROWS = ROWS / 16;

    // Nothing is read in the cycle that writes it, so block RAM needs no bypass (Yosys attribute).
    (* no_rw_check *)
    reg [127:0] low_halves [0:ROWS-1];
    (* no_rw_check *)
    reg [127:0] high_halves [0:ROWS-1];
    (* no_rw_check *)
    reg [63:0]  shifts [0:SHIFT_ROWS-1];
    reg [127:0] low;
    reg [127:0] high;

    // Half h of group g is sub-beat 2g + h of the stream, LANES sub-beats a beat.
    localparam LOW_PART = LANES == 4 ? 2 * (LANE % 2) : 0;
    localparam HIGH_PART = LANES == 1 ? 0 : LOW_PART + 1;
    localparam LOW_PHASE = LANES == 1 ? 0 : LANES == 2 ? LANE : LANE / 2;
    localparam HIGH_PHASE = LANES == 1 ? 1 : LOW_PHASE;

    wire [ROW_BITS-1:0] mantissa_row = s_index[ROW_BITS:1];
    wire                write_low = s_mantissas_valid & (s_index[0] == (LOW_PHASE != 0));
    wire                write_high = s_mantissas_valid & (s_index[0] == (HIGH_PHASE != 0));
    wire [63:0]         shift_row;

    genvar slot;
    generate
        for (slot = 0; slot < 16; slot = slot + 1) begin : shift_of
            assign shift_row[4 * slot +: 4] = s_data[8 * (slot * LANES + LANE) +: 4];
        end
    endgenerate

    always @(posedge clk) begin
        if (write_low)
            low_halves[mantissa_row] <= s_data[128 * LOW_PART +: 128];
        if (write_high)
            high_halves[mantissa_row] <= s_data[128 * HIGH_PART +: 128];
        if (s_shifts_valid)
            shifts[s_index[ROW_BITS-5:0]] <= shift_row;
        if (read) begin
            low <= low_halves[read_row];
            high <= high_halves[read_row];
            if (read_row[3:0] == 4'd0)
                m_shifts <= shifts[read_row[ROW_BITS-1:4]];
        end
    end

    assign m_mantissas = {high, low};
    wire unused = &{1'b0, s_data};
endmodule

`default_nettype wire
