// SPDX-License-Identifier: Apache-2.0
// sum x 2^exponent to binary32 with one rounding to nearest even. Subnormals are kept, overflow gives infinity, zero is
// +0. Latency is 8 cycles, throughput one sum a cycle. `place` is the model's `field` before the limit of the subnormal
// grid.
// Model: tern_round_wide_sum() of cmodel/matmul/round.c.
`default_nettype none

module tern_round (
    input  wire         clk,
    input  wire         rst_n,
    input  wire         s_valid,
    input  wire [127:0] s_sum,      // signed
    input  wire [9:0]   s_exponent, // signed; constant while anything is in the pipeline
    output wire         m_valid,
    output reg  [31:0]  m_result,
    output wire         idle
);
    reg [8:1] valid;

    assign m_valid = valid[8];
    assign idle = valid == 8'd0;

    always @(posedge clk)
        if (!rst_n)
            valid <= 8'd0;
        else
            valid <= {valid[7:1], s_valid};

    wire [7:0] moves;

    tern_stage_enable #(.STAGES(8)) enables (.valid({valid[7:1], s_valid}), .enable(moves));

    // Stages 1 and 2: magnitude, low half then high half.
    reg         sign [1:7];
    reg [64:0]  low_1;
    reg [63:0]  high_1;
    reg [127:0] magnitude;

    always @(posedge clk) begin
        if (moves[0]) begin
            sign[1] <= s_sum[127];
            low_1 <= {1'b0, s_sum[63:0] ^ {64{s_sum[127]}}} + {64'd0, s_sum[127]};
            high_1 <= s_sum[127:64] ^ {64{s_sum[127]}};
        end
        if (moves[1]) begin
            sign[2] <= sign[1];
            magnitude <= {high_1 + {63'd0, low_1[64]}, low_1[63:0]};
        end
    end

    // Stages 3 to 5: leading bit to the top. Beyond 64 bits only "anything there" matters once 96 are passed.
    // All quarters at once: the second skip does not wait for the first.
    wire         zero_3 = magnitude[127:96] == 32'd0;
    wire         zero_2 = magnitude[95:64] == 32'd0;
    wire         zero_1 = magnitude[63:32] == 32'd0;
    wire         skip_64 = zero_3 & zero_2;
    wire [127:0] after_64 = skip_64 ? {magnitude[63:0], 64'd0} : magnitude;
    wire         skip_32 = zero_3 & (zero_1 | ~zero_2);
    wire [127:0] after_32 = skip_32 ? {after_64[95:0], 32'd0} : after_64;
    reg  [63:0]  top_3;
    reg          sticky_3;
    reg  [1:0]   lead_3;
    wire         skip_16 = top_3[63:48] == 16'd0;
    wire [63:0]  after_16 = skip_16 ? {top_3[47:0], 16'd0} : top_3;
    wire         skip_8 = after_16[63:56] == 8'd0;
    wire [63:0]  after_8 = skip_8 ? {after_16[55:0], 8'd0} : after_16;
    reg  [63:0]  top_4;
    reg          sticky_4;
    reg  [3:0]   lead_4;
    wire         skip_4 = top_4[63:60] == 4'd0;
    wire [63:0]  after_4 = skip_4 ? {top_4[59:0], 4'd0} : top_4;
    wire         skip_2 = after_4[63:62] == 2'd0;
    wire [63:0]  after_2 = skip_2 ? {after_4[61:0], 2'd0} : after_4;
    wire         skip_1 = ~after_2[63];
    wire [63:0]  after_1 = skip_1 ? {after_2[62:0], 1'b0} : after_2;
    reg  [24:0]  top_5;     // 24 bits of the result and the first one lost
    reg          sticky_5;
    reg  [6:0]   lead_5;

    always @(posedge clk) begin
        if (moves[2]) begin
            sign[3] <= sign[2];
            top_3 <= after_32[127:64];
            sticky_3 <= |after_32[63:0];
            lead_3 <= {skip_64, skip_32};
        end
        if (moves[3]) begin
            sign[4] <= sign[3];
            top_4 <= after_8;
            sticky_4 <= sticky_3;
            lead_4 <= {lead_3, skip_16, skip_8};
        end
        if (moves[4]) begin
            sign[5] <= sign[4];
            top_5 <= after_1[63:39];
            sticky_5 <= sticky_4 | (|after_1[38:0]);
            lead_5 <= {lead_4, skip_4, skip_2, skip_1};
        end
    end

    // Stage 6: where the result's last place lies; 253 = 128 - 24 + 149.
    reg [10:0] place;       // signed
    reg [10:0] below;       // -place
    reg [24:0] top_6;
    reg        sticky_6;

    always @(posedge clk)
        if (moves[5]) begin
            sign[6] <= sign[5];
            place <= {s_exponent[9], s_exponent} + 11'd253 - {4'd0, lead_5};
            below <= {4'd0, lead_5} - {s_exponent[9], s_exponent} - 11'd253;
            top_6 <= top_5;
            sticky_6 <= sticky_5;
        end

    // Stage 7: down to the subnormal grid; a shift by 25 or more leaves nothing to round up.
    wire        subnormal = place[10];
    wire        lost = |below[10:5];
    wire [55:0] dropped = {top_6, 31'd0} >> below[4:0];
    reg [24:0]  top_7;
    reg [30:0]  lost_7;     // bits that only make the result inexact
    reg         sticky_7;
    reg [7:0]   field;
    reg         overflow;

    always @(posedge clk)
        if (moves[6]) begin
            sign[7] <= sign[6];
            top_7 <= !subnormal ? top_6 : lost ? 25'd0 : dropped[55:31];
            lost_7 <= subnormal ? dropped[30:0] : 31'd0;
            sticky_7 <= sticky_6;
            field <= subnormal ? 8'd0 : place[7:0];
            overflow <= ~subnormal & (place[9:0] >= 10'd254) & (|top_6);
        end

    // Stage 8: round; the hidden bit and a carry run into the exponent. Zero has no leading bit: its place is dropped.
    wire        round_up = top_7[0] & (top_7[1] | sticky_7 | (|lost_7));
    wire [31:0] rounded = {1'b0, top_7[24:1] == 24'd0 ? 8'd0 : field, 23'd0} + {8'd0, top_7[24:1]} + {31'd0, round_up};

    always @(posedge clk)
        if (moves[7])
            m_result <= {sign[7], overflow ? 31'h7f800000 : rounded[30:0]};

    wire unused = rounded[31];
endmodule

`default_nettype wire
