// SPDX-License-Identifier: Apache-2.0
// The lanes with their memories: activations of the run, scale codes of the strip, bins of two strips. Each vector has
// activations and bins of its own. The ports are at stage 0, where a beat of the weight stream is taken. Stage 1 is its
// register beside the RAM outputs. The later stages are in the lanes. A strip is checked at stage 4 and is in its bank
// after stage 11. m_strip_done thus follows s_strip_good by 7 cycles.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul_lanes #(
    parameter LANES = 1,
    parameter VECTORS = 1,
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS
) (
    input  wire                              clk,
    input  wire                              rst_n,
    input  wire                              start,              // of a run: the bins are emptied
    input  wire                              launch,
    input  wire [VECTORS-1:0]                active,             // vectors of the run
    input  wire [VECTORS-1:0]                s_mantissas_valid,  // the vector that the beat is for
    input  wire [VECTORS-1:0]                s_shifts_valid,
    input  wire [12:0]                       s_activation_index, // of the beat within mantissas or shifts
    input  wire [128*LANES-1:0]              s_activation,
    input  wire                              s_take,
    input  wire                              s_is_plane, // else codes
    input  wire                              s_segment_first,
    input  wire [11:0]                       s_index,    // of the beat within its segment
    input  wire [2:0]                        s_plane,
    input  wire                              s_bank,
    input  wire [128*LANES-1:0]              s_beat,
    input  wire                              s_strip_good,
    output wire                              m_strip_done,
    output wire                              sweeping,   // the bins are being emptied
    input  wire                              read,       // of finish
    input  wire                              read_bank,
    input  wire [1:0]                        read_vector,
    input  wire [4:0]                        read_code,
    output wire [5*`TERN_BIN_BITS*LANES-1:0] read_bins   // a cycle later
);
    localparam ROWS = MAX_GROUPS / LANES;
    localparam ROW_BITS = $clog2(ROWS);
    localparam BINS = 5 * `TERN_BIN_BITS;

    // Stage 1: the beat's register beside the RAMs' outputs.
    wire                take_plane = s_take & s_is_plane;
    wire [ROW_BITS-1:0] row = s_index[ROW_BITS-1:0];
    wire [384*LANES-1:0] codes;
    reg                 lane_valid;
    reg [128*LANES-1:0] lane_beat;
    reg [3:0]           lane_slot;
    reg [2:0]           lane_plane;
    reg                 lane_bank;
    reg [6:0]           good;

    assign m_strip_done = good[6];

    reg  [5:0]         sweep;
    wire [4:0]         bin_code = sweeping ? sweep[4:0] : read_code;
    wire [VECTORS-1:0] reads;

    assign sweeping = !sweep[5];

    always @(posedge clk)
        sweep <= !rst_n || start ? 6'd0 : sweep + {5'd0, sweeping};

    always @(posedge clk) begin
        good <= !rst_n || launch ? 7'd0 : {good[5:0], s_strip_good};
        lane_valid <= take_plane;
        if (take_plane) begin
            lane_beat <= s_beat;
            lane_slot <= row[3:0];
            lane_plane <= s_plane;
            lane_bank <= s_bank;
        end
    end

    tern_code_buffer #(.LANES(LANES), .ROWS(ROWS / 16), .ROW_BITS(ROW_BITS - 4)) code_buffer (
        .clk,
        .s_valid(s_take & ~s_is_plane),
        .s_first(s_segment_first),
        .s_data(s_beat),
        .read(take_plane && row[3:0] == 4'd0),
        .read_row(row[ROW_BITS-1:4]),
        .m_codes(codes)
    );

    genvar lane;
    genvar vector;
    genvar slot;
    generate
        for (vector = 0; vector < VECTORS; vector = vector + 1) begin : read_of
            localparam [31:0] VECTOR = vector;
            assign reads[vector] = read && (VECTORS == 1 || read_vector == VECTOR[1:0]);
        end

        for (lane = 0; lane < LANES; lane = lane + 1) begin : lane_of
            wire [256*VECTORS-1:0]  mantissas;
            wire [64*VECTORS-1:0]   shifts;
            wire [383:0]            lane_codes;
            wire [BINS*VECTORS-1:0] all_bins;

            for (vector = 0; vector < VECTORS; vector = vector + 1) begin : vector_of
                tern_activation_buffer #(.LANES(LANES), .LANE(lane), .ROWS(ROWS), .ROW_BITS(ROW_BITS)) activations (
                    .clk,
                    .s_mantissas_valid(s_mantissas_valid[vector]),
                    .s_shifts_valid(s_shifts_valid[vector]),
                    .s_index(s_activation_index[ROW_BITS:0]),
                    .s_data(s_activation),
                    .read(take_plane & active[vector]),
                    .read_row(row),
                    .m_mantissas(mantissas[256 * vector +: 256]),
                    .m_shifts(shifts[64 * vector +: 64])
                );
            end

            for (slot = 0; slot < 16; slot = slot + 1) begin : code_of
                assign lane_codes[24 * slot +: 24] = codes[24 * (slot * LANES + lane) +: 24];
            end

            tern_lane #(.VECTORS(VECTORS)) matmul_lane (
                .clk, .rst_n,
                .clear(launch),
                .s_valid(lane_valid),
                .s_active(active),
                .s_beat(lane_beat[128 * lane +: 128]),
                .s_mantissas(mantissas),
                .s_shifts(shifts),
                .s_codes(lane_codes),
                .s_slot(lane_slot),
                .s_plane(lane_plane),
                .s_bank(lane_bank),
                .sweep(sweeping),
                .read(reads),
                .read_bank,
                .read_code(bin_code),
                .read_bins(all_bins)
            );

            // Only one vector's are not 0.
            reg [BINS-1:0] chosen;
            integer        choice;

            always @* begin
                chosen = all_bins[BINS-1:0];
                for (choice = 1; choice < VECTORS; choice = choice + 1)
                    chosen = chosen | all_bins[BINS * choice +: BINS];
            end

            assign read_bins[BINS * lane +: BINS] = chosen;
        end
    endgenerate

    wire unused = &{1'b0, s_index, s_activation_index, read_vector};
endmodule

`default_nettype wire
