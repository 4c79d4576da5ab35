// SPDX-License-Identifier: Apache-2.0
// binary32 a * b * 2^power without the rounding: four products of half fractions and their sum. A power other than 0 is
// for b = 1. Results below the normal range are shifted right onto the subnormal grid. The product leaves as
// (-1)^sign * significand / 2^46 * 2^(exponent - 127), for tern_float_round. tern_float_round also normalizes products
// of subnormal operands. The outputs are zero if `drop` was high in cycle 2, so tern_float_pipeline joins the
// operations with an OR. They are combinational, for the first registers of tern_float_round. Latency is 2 cycles of
// `live`, throughput one operation a cycle. There is no reset: tern_float_unit tracks validity.
`default_nettype none

module tern_float_multiply (
    input  wire        clk,
    input  wire [1:0]  live,
    input  wire [31:0] s_a,
    input  wire [31:0] s_b,
    input  wire        s_normal_a,  // the exponent is not 0
    input  wire        s_normal_b,
    input  wire [9:0]  s_power,     // signed, -192..191
    input  wire        drop,
    output wire        m_sign,
    output wire [9:0]  m_exponent,
    output wire [47:0] m_significand,
    output wire        m_nan,
    output wire        m_infinite
);
    // Cycle 1: partial products of the significands. A subnormal has the exponent of the smallest normal number and no
    // hidden bit.
    wire [11:0] high_a = {s_normal_a, s_a[22:12]};
    wire [11:0] high_b = {s_normal_b, s_b[22:12]};
    wire [11:0] low_a = s_a[11:0];
    wire [11:0] low_b = s_b[11:0];
    wire        zero_a = ~(|s_a[30:0]);
    wire        zero_b = ~(|s_b[30:0]);
    wire        infinite_a = &s_a[30:23] & ~(|s_a[22:0]);
    wire        infinite_b = &s_b[30:23] & ~(|s_b[22:0]);
    wire        nan_a = &s_a[30:23] & (|s_a[22:0]);
    wire        nan_b = &s_b[30:23] & (|s_b[22:0]);

    reg         part_sign;
    reg         part_nan;
    reg         part_infinite;
    reg  [9:0]  part_exponent;   // -64..573, modulo 2^10
    reg  [23:0] part_high_high;
    reg  [23:0] part_high_low;
    reg  [23:0] part_low_high;
    reg  [23:0] part_low_low;

    always @(posedge clk)
        if (live[0]) begin
            part_sign <= s_a[31] ^ s_b[31];
            part_nan <= nan_a | nan_b | (infinite_a & zero_b) | (zero_a & infinite_b);
            part_infinite <= infinite_a | infinite_b;
            part_exponent <= {2'b0, s_a[30:24], s_a[23] | ~s_normal_a} + {2'b0, s_b[30:24], s_b[23] | ~s_normal_b} + s_power;
            part_high_high <= high_a * high_b;
            part_high_low <= high_a * low_b;
            part_low_high <= low_a * high_b;
            part_low_low <= low_a * low_b;
        end

    // Cycle 2: the 48-bit product. The bit below its top bit has the biased exponent ea + eb - 127.
    wire [24:0] middle = {1'b0, part_high_low} + {1'b0, part_low_high};
    wire        below = part_exponent < 10'd127 || &part_exponent[9:8];
    wire        far_below = part_exponent[9] | ~(&part_exponent[6:5]);  // when `below`: 32 places or more

    reg         product_sign;
    reg         product_nan;
    reg         product_infinite;
    reg         product_below;
    reg  [9:0]  product_exponent;
    reg  [4:0]  product_distance;   // at most 31: nothing is left behind 27 places
    reg  [47:0] product;

    always @(posedge clk)
        if (drop) begin
            product_sign <= 1'b0;
            product_nan <= 1'b0;
            product_infinite <= 1'b0;
            product_below <= 1'b0;
            product_exponent <= 10'd0;
            product_distance <= 5'd0;
            product <= 48'd0;
        end else if (live[1]) begin
            product_sign <= part_sign;
            product_nan <= part_nan;
            product_infinite <= part_infinite;
            product_below <= below;
            product_exponent <= below ? 10'd0 : part_exponent - 10'd127;
            product_distance <= {5{below}} & ({5{far_below}} | ~part_exponent[4:0]); // 127 - part_exponent
            product <= {part_high_high, part_low_low} + {11'b0, middle, 12'b0};
        end

    // Cycle 3: below the normal range, onto the subnormal grid. There the bits below the rounded ones are one.
    wire [26:0] product_aligned;

    tern_float_align align_product (
        .value({product[47:22], |product[21:0]}),
        .distance({3'd0, product_distance}),
        .aligned(product_aligned)
    );

    assign m_sign = product_sign;
    assign m_exponent = product_exponent;
    assign m_significand = {product_aligned[26:1], product_below ? {product_aligned[0], 21'd0} : product[21:0]};
    assign m_nan = product_nan;
    assign m_infinite = product_infinite;
endmodule

`default_nettype wire
