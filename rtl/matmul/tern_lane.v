// SPDX-License-Identifier: Apache-2.0
// One lane: a beat of 16 bytes (one plane of one group, 5 rows) meets 16 activations of each vector. It takes one beat
// a cycle and never stalls. Each row sums trit x mantissa, then multiplies by 3^plane x 2^shift. The result is added to
// the bin of the group's scale code. Vectors share decoded trits and codes. The ports are at stage 1, with the beat's
// register and the RAM outputs. Stage 2 decodes trits, stages 3 to 6 add. Stages 7 and 8 multiply, stage 9 ends the
// shift, stages 10 and 11 are in the bins.
// Model: tern_lane_strip() of cmodel/matmul/lane.c.
`default_nettype none

`include "tern_spec.vh"

(* keep_hierarchy *)
module tern_lane #(
    parameter VECTORS = 1,
    parameter BIN_BITS = `TERN_BIN_BITS
) (
    input  wire                          clk,
    input  wire                          rst_n,
    input  wire                          clear,
    input  wire                          s_valid,
    input  wire [VECTORS-1:0]            s_active, // vectors of the run
    input  wire [127:0]                  s_beat,
    input  wire [256*VECTORS-1:0]        s_mantissas,
    input  wire [64*VECTORS-1:0]         s_shifts, // of 16 groups
    input  wire [383:0]                  s_codes,  // of 16 groups, 3 bytes each
    input  wire [3:0]                    s_slot,   // which of the 16
    input  wire [2:0]                    s_plane,  // weighs 3 to this
    input  wire                          s_bank,
    input  wire                          sweep,
    input  wire [VECTORS-1:0]            read,
    input  wire                          read_bank,
    input  wire [4:0]                    read_code,
    output wire [5*BIN_BITS*VECTORS-1:0] read_bins
);
    localparam PLANE_BITS = 21;    // of a sum over one plane
    localparam SUM_BITS = `TERN_GROUP_SUM_BITS;
    localparam VALUE_BITS = SUM_BITS + `TERN_MAX_SHIFT;
    localparam FINE_BITS = SUM_BITS + 7; // after a shift by up to 7
    localparam [0:0] DEEP = `TERN_MAX_DEPTH > 4;

    reg [3:2] valid;

    always @(posedge clk)
        if (!rst_n || clear)
            valid <= 2'd0;
        else
            valid <= {valid[2], s_valid};

    wire [3:1] moves;              // stages of what the vectors share

    tern_stage_enable #(.STAGES(3)) shared_enables (.valid({valid, s_valid}), .enable(moves));

    // Stage 2: digits of the beat; the codes of four groups. Choices go through arrays: a part-select by a multiple of
    // 24 would cost a multiplier and a barrel shifter.
    wire [159:0] digits;
    reg  [159:0] trits;
    reg  [95:0]  codes_2;
    reg  [1:0]   slot_2;
    wire [95:0]  code_quads [0:3];
    wire [23:0]  code_singles [0:3];

    genvar quarter;
    generate
        for (quarter = 0; quarter < 4; quarter = quarter + 1) begin : quarter_of
            assign code_quads[quarter] = s_codes[96 * quarter +: 96];
            assign code_singles[quarter] = codes_2[24 * quarter +: 24];
        end
    endgenerate

    tern_trit_decode #(.COLUMNS(16)) decode (.code(s_beat), .digits);

    always @(posedge clk)
        if (moves[1]) begin
            trits <= digits;
            codes_2 <= code_quads[s_slot[3:2]];
            slot_2 <= s_slot[1:0];
        end

    // Stages 3 and 4: one group's codes; its codes as numbers.
    reg  [23:0]  code_3;
    wire [29:0]  code_digits;
    wire [24:0]  code_numbers;
    reg  [24:0]  codes [4:9];
    reg  [2:0]   plane [2:5];
    reg          bank [2:9];

    tern_trit_decode decode_high (.code(code_3[7:0]), .digits(code_digits[29:20]));
    tern_trit_decode decode_middle (.code(code_3[15:8]), .digits(code_digits[19:10]));
    tern_trit_decode decode_low (.code(code_3[23:16]), .digits(code_digits[9:0]));

    genvar number;
    generate
        for (number = 0; number < 5; number = number + 1) begin : code_of
            wire [1:0] nines = code_digits[20 + 2 * number +: 2];
            wire [1:0] threes = code_digits[10 + 2 * number +: 2];
            wire [1:0] ones = code_digits[2 * number +: 2];
            assign code_numbers[5 * number +: 5] = {nines, 3'b000} + {3'b000, nines} + {2'b00, threes, 1'b0}
                                                 + {3'b000, threes} + {3'b000, ones};
        end
    endgenerate

    integer stage;

    always @(posedge clk) begin
        if (moves[2])
            code_3 <= code_singles[slot_2];
        if (moves[3])
            codes[4] <= code_numbers;
        for (stage = 5; stage <= 9; stage = stage + 1)
            codes[stage] <= codes[stage - 1];
        plane[2] <= s_plane;
        for (stage = 3; stage <= 5; stage = stage + 1)
            plane[stage] <= plane[stage - 1];
        bank[2] <= s_bank;
        for (stage = 3; stage <= 9; stage = stage + 1)
            bank[stage] <= bank[stage - 1];
    end

    function [7:0] power_of_3(input [2:0] exponent);
        case (exponent)
            3'd0: power_of_3 = 8'd1;
            3'd1: power_of_3 = 8'd3;
            3'd2: power_of_3 = 8'd9;
            3'd3: power_of_3 = 8'd27;
            3'd4: power_of_3 = 8'd81;
            default: power_of_3 = 8'd243;
        endcase
    endfunction

    wire [7:0] weight = power_of_3({DEEP & plane[5][2], plane[5][1:0]});

    genvar vector;
    genvar row;
    generate
        for (vector = 0; vector < VECTORS; vector = vector + 1) begin : vector_of
            wire        s_active_valid = s_valid && (VECTORS == 1 || s_active[vector]);
            reg [9:2]   active; // valid, for this vector
            reg [255:0] mantissas;
            reg [127:0] mantissas_late; // of columns 8 to 15
            reg [15:0]  shifts_2;
            reg [3:0]   shift_3;
            reg [3:0]   shift [4:8];
            reg [FINE_BITS-19:0] factor; // of stage 6: 3^plane shifted by up to 7
            integer     step;

            always @(posedge clk)
                if (!rst_n || clear)
                    active <= 8'd0;
                else
                    active <= {active[8:2], s_active_valid};

            wire [8:1] runs;       // stages of this vector

            tern_stage_enable #(.STAGES(8)) enables (.valid({active[8:2], s_active_valid}), .enable(runs));

            always @(posedge clk) begin
                if (runs[1]) begin
                    mantissas <= s_mantissas[256 * vector +: 256];
                    shifts_2 <= s_shifts[64 * vector + 16 * s_slot[3:2] +: 16];
                end
                if (runs[2]) begin
                    mantissas_late <= mantissas[255:128];
                    shift_3 <= shifts_2[4 * slot_2 +: 4];
                end
                if (runs[3])
                    shift[4] <= shift_3;
                if (runs[5])
                    factor <= {{(FINE_BITS - 26){1'b0}}, weight} << shift[5][2:0];
                for (step = 5; step <= 8; step = step + 1)
                    shift[step] <= shift[step - 1];
            end

            for (row = 0; row < 5; row = row + 1) begin : row_of
                wire signed [PLANE_BITS-1:0] sum;
                reg [FINE_BITS-1:0]          low_product;
                reg signed [FINE_BITS-19:0]  high_product;
                reg signed [FINE_BITS-1:0]   product;
                reg signed [VALUE_BITS-1:0]  shifted;

                tern_row_sum row_sum (
                    .clk,
                    .moves(runs[5:2]),
                    .trits(trits[32 * row +: 32]),
                    .mantissas(mantissas[127:0]),
                    .mantissas_late, .sum
                );

                // The sum's low 18 bits and the rest are a DSP block each. The shift by 8 is left.
                wire signed [FINE_BITS-19:0] high_sum = {{(FINE_BITS - PLANE_BITS){sum[PLANE_BITS-1]}}, sum[PLANE_BITS-1:18]};
                wire signed [VALUE_BITS-1:0] product_wide = {{(VALUE_BITS - FINE_BITS){product[FINE_BITS-1]}}, product};

                always @(posedge clk) begin
                    if (runs[6]) begin
                        low_product <= {{(FINE_BITS - 18){1'b0}}, sum[17:0]} * {18'd0, factor};
                        high_product <= high_sum * $signed(factor);
                    end
                    if (runs[7])
                        product <= low_product + {high_product, 18'd0};
                    if (runs[8])
                        shifted <= shift[8][3] ? product_wide << 8 : product_wide;
                end

                tern_bins row_bins (
                    .clk, .rst_n, .clear, .sweep,
                    .s_valid(active[9]),
                    .s_bank(bank[9]),
                    .s_code(codes[9][5 * row +: 5]),
                    .s_value(shifted),
                    .read(read[vector]),
                    .read_bank, .read_code,
                    .read_bin(read_bins[BIN_BITS * (5 * vector + row) +: BIN_BITS])
                );
            end
        end
    endgenerate
endmodule

`default_nettype wire
