// SPDX-License-Identifier: Apache-2.0
// Ends a strip while the next one is streamed. It reads the 27 bins of all five rows, one code a cycle. It adds the
// banks of the lanes and multiplies by the steps into exact sums. The sums of existing rows go through one rounding
// pipeline. A bank is free again after 27 cycles. A strip takes 32 cycles: its sums leave just before the first product
// of the next strip. It begins only when the writer has room for its rows, so nothing waits inside. The vectors of a run
// take turns, 32 cycles each. The bank is then free when the last one has read it.
// Model: tern_matmul_strip() of cmodel/matmul/matmul.c.
`default_nettype none

`include "tern_spec.vh"

module tern_finish #(
    parameter LANES = 1,
    parameter VECTORS = 1,
    parameter BINS = 5 * `TERN_BIN_BITS       // bits of a code's bins of all rows
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  start,         // of a run
    input  wire                  discard,       // forget all strips
    input  wire [18:0]           rows,          // of the matrix
    input  wire [1:0]            last_vector,
    input  wire [9*VECTORS-1:0]  activation_exponents, // signed; they hold from the first strip on
    input  wire [8:0]            step_exponent,
    input  wire                  s_strip_done,  // a strip's beats are all in its bank
    output wire                  read,          // the bins of read_code, which are empty then
    output wire                  read_bank,
    output wire [1:0]            read_vector,
    output wire [4:0]            read_code,
    output reg  [4:0]            next_code,     // read_code of the next cycle, if anything is read then
    input  wire [BINS*LANES-1:0] read_bins,     // a cycle later
    output wire                  release_bank,
    input  wire                  steps_ready,
    input  wire [23:0]           step_mantissa, // of read_code
    input  wire [5:0]            step_shift,
    input  wire                  m_room,        // the writer takes the rows of two more strips
    output wire                  m_valid,
    output wire [31:0]           m_result,
    output wire [1:0]            m_vector,      // of the result
    output wire                  idle           // nothing waiting, nothing in the pipelines
);
    localparam [1:0] WAIT = 2'd0, READ = 2'd1, GAP = 2'd2;
    localparam BIN_BITS = `TERN_BIN_BITS;
    localparam [4:0] LAST_CODE = 5'd26;
    localparam [2:0] GAP_CYCLES = 3'd4;

    reg [1:0]  state;
    reg [1:0]  waiting;
    reg [18:0] rows_left;
    reg        bank;
    reg [1:0]  vector;    // being read
    reg [1:0]  vector_8;  // of the sums leaving, and of their results
    reg [4:0]  code;
    reg [2:0]  gap;
    reg [7:1]  valid;
    reg [6:1]  first;
    reg [8:1]  last;      // the strip's last item; its sums are complete when it has passed stage 7
    reg [2:0]  row;       // of the sums leaving

    wire       reading = state == READ;
    wire       begin_strip = state == WAIT && waiting != 2'd0 && m_room && steps_ready;
    wire       emitting = last[8] | (row != 3'd0);
    wire       reads_last = VECTORS == 1 || vector == last_vector;
    wire       emits_last = VECTORS == 1 || vector_8 == last_vector;
    wire       read_ends = reading && code == LAST_CODE;
    // Only the last vector's rows are counted off.
    wire       last_row = row == 3'd4 || rows_left == 19'd1 + {16'd0, row & {3{~emits_last}}};
    wire       round_idle;

    assign read = reading;
    assign read_bank = bank;
    assign read_vector = vector;
    assign read_code = code;
    assign m_vector = vector_8;
    assign release_bank = read_ends && reads_last;
    assign idle = state == WAIT && waiting == 2'd0 && last == 8'd0 && row == 3'd0 && round_idle;

    always @(posedge clk)
        if (!rst_n || start || discard) begin
            state <= WAIT;
            waiting <= 2'd0;
            bank <= 1'b0;
            vector <= 2'd0;
            vector_8 <= 2'd0;
            valid <= 7'd0;
            last <= 8'd0;
            row <= 3'd0;
            rows_left <= rows;
        end else begin
            waiting <= waiting + {1'b0, s_strip_done} - {1'b0, begin_strip & reads_last};
            valid <= {valid[6:1], reading};
            last <= {last[7:1], read_ends};
            if (read_ends) begin
                vector <= reads_last ? 2'd0 : vector + 2'd1;
                vector_8 <= vector;
            end
            if (release_bank)
                bank <= ~bank;
            if (emitting) begin
                rows_left <= rows_left - {18'd0, emits_last};
                row <= last_row ? 3'd0 : row + 3'd1;
            end
            case (state)
                WAIT: if (begin_strip) state <= READ;
                READ: if (code == LAST_CODE) state <= GAP;
                default: if (gap == GAP_CYCLES - 3'd1) state <= WAIT;
            endcase
        end

    always @(posedge clk) begin
        code <= reading || begin_strip ? next_code : 5'd0;
        next_code <= (reading || begin_strip) && next_code != LAST_CODE ? next_code + 5'd1 : 5'd0;
        gap <= state == GAP ? gap + 3'd1 : 3'd0;
        first <= {first[5:1], code == 5'd0};
    end

    // Stage 1: the bins of one code, in the lanes, and its step. Stage 2: the sum over the lanes of each row's bin, and
    // the step's mantissa shifted by up to 10. The rest of the shift is a multiple of 11, for the product.
    reg [BINS-1:0] merged;
    reg [BINS-1:0] operands;
    reg [23:0]     mantissa;
    reg [3:0]      shift;         // the fine part
    reg [33:0]     factor;
    reg [1:0]      coarse [1:5];
    wire           once = step_shift >= 6'd11 && step_shift < 6'd22;
    wire           twice = step_shift >= 6'd22;
    wire [5:0]     fine = step_shift - (twice ? 6'd22 : once ? 6'd11 : 6'd0);
    integer        lane;
    integer        part;
    integer        stage;

    always @* begin
        merged = read_bins[BINS-1:0];
        for (lane = 1; lane < LANES; lane = lane + 1)
            for (part = 0; part < 5; part = part + 1)
                merged[BIN_BITS * part +: BIN_BITS] = merged[BIN_BITS * part +: BIN_BITS]
                                                    + read_bins[BINS * lane + BIN_BITS * part +: BIN_BITS];
    end

    wire [5:0]     moves;         // stages without a sum

    tern_stage_enable #(.STAGES(6)) enables (.valid({valid[5:1], reading}), .enable(moves));

    always @(posedge clk) begin
        if (moves[0]) begin
            mantissa <= step_mantissa;
            shift <= fine[3:0];
            coarse[1] <= {twice, once};
        end
        if (moves[1]) begin
            operands <= merged;
            factor <= {10'd0, mantissa} << shift;
        end
        for (stage = 2; stage <= 5; stage = stage + 1)
            coarse[stage] <= coarse[stage - 1];
    end

    wire [127:0] sums [0:7];

    genvar index;
    generate
        for (index = 0; index < 5; index = index + 1) begin : row_of
            tern_finish_row finish_row (
                .clk,
                .moves(moves[5:2]),
                .valid(valid[7:6]),
                .first_6(first[6]),
                .bin(operands[BIN_BITS * index +: BIN_BITS]),
                .factor,
                .shift_5(coarse[5]),
                .sum(sums[index])
            );
        end
        for (index = 5; index < 8; index = index + 1) begin : no_row
            assign sums[index] = 128'd0;
        end
    endgenerate

    // One register between the choice of the row and the rounding.
    reg         sum_valid;
    reg [127:0] sum;
    reg [9:0]   exponent;
    reg [8:0]   activation_exponent; // of vector_8, which holds until its sums are past the pipeline's use of it
    integer     choice;

    always @* begin
        activation_exponent = activation_exponents[8:0];
        for (choice = 1; choice < VECTORS; choice = choice + 1)
            if (vector_8 == choice[1:0])
                activation_exponent = activation_exponents[9 * choice +: 9];
    end

    always @(posedge clk) begin
        exponent <= {activation_exponent[8], activation_exponent} + {step_exponent[8], step_exponent};
        sum_valid <= rst_n & emitting & ~discard;
        if (emitting)
            sum <= sums[row];
    end

    wire rounded_idle;

    tern_round round (
        .clk,
        .rst_n(rst_n & ~discard),
        .s_valid(sum_valid),
        .s_sum(sum),
        .s_exponent(exponent),
        .m_valid, .m_result,
        .idle(rounded_idle)
    );

    assign round_idle = rounded_idle & ~sum_valid;
    wire unused = &{1'b0, fine[5:4]};
endmodule

`default_nettype wire
