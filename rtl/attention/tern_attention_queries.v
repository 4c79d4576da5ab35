// SPDX-License-Identifier: Apache-2.0
// The images' datapaths side by side, with the control of their stages. All of them see the same item. finish reads the
// sum of one image in a cycle in which no group of values reads its sums. The sum comes three cycles later.
`default_nettype none

module tern_attention_queries #(
    parameter CHUNKS = 1,                     // of 16 bytes in an item: 1 or 2
    parameter QUERIES = 8,
    parameter SUM_BITS = 93
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire [128*CHUNKS-1:0] item_1,
    input  wire                  mantissas_1,
    input  wire [2:0]            vector_1,
    input  wire [7:0]            operand_1,
    input  wire [8:0]            read_1,
    input  wire                  word_1,
    input  wire                  group_1,
    input  wire                  stored_1,
    input  wire                  kept_1,
    input  wire                  write_1,
    input  wire [8:0]            address_1,
    input  wire [4*QUERIES-1:0]  image_shifts_8,
    input  wire [4:0]            exponent_8,
    input  wire                  done_2,
    output wire                  m_done,          // the batch's sums are in memory
    input  wire                  s_read,
    output wire                  s_read_ready,
    input  wire [2:0]            s_read_query,
    input  wire [8:0]            s_read_address,
    output reg                   m_sum_valid,
    output reg  [SUM_BITS-1:0]   m_sum
);
    localparam PLACE_BITS = CHUNKS == 1 ? 8 : 7;  // of operands

    reg [128*CHUNKS-1:0] item_2;
    reg [128*CHUNKS-1:0] item_3;
    reg [128*CHUNKS-1:0] item_4;
    reg [QUERIES/2-1:0]  load_2;      // pairs of images
    reg                  odd_2;
    reg [64*CHUNKS-1:0]  half_0_2;
    reg [64*CHUNKS-1:0]  half_1_2;
    reg [7:0]            operand_2;
    reg                  word_2;
    reg                  word_3;
    reg [12:2]           group;
    reg [10:2]           stored;
    reg [10:2]           kept;
    reg [12:2]           write;
    reg [8:0]            address [2:12];
    reg [13:3]           done;
    reg                  read_10;
    reg                  read_11;
    reg [2:0]            query_10;
    integer              stage;

    reg        group_reads;   // in stage 9
    wire       read_9 = s_read & ~group_reads;
    wire [8:0] read_address_9 = group_reads ? address[9] : s_read_address;

    assign s_read_ready = ~group_reads;
    assign m_done = done[13];

    always @(posedge clk)
        if (!rst_n) begin
            load_2 <= {(QUERIES / 2){1'b0}};
            group <= 11'd0;
            done <= 11'd0;
            group_reads <= 1'b0;
            read_10 <= 1'b0;
            read_11 <= 1'b0;
            m_sum_valid <= 1'b0;
        end else begin
            for (stage = 0; stage < QUERIES / 2; stage = stage + 1)
                load_2[stage] <= mantissas_1 && vector_1[2:1] == stage[1:0];
            group <= {group[11:2], group_1};
            done <= {done[12:3], done_2};
            group_reads <= group[8] & stored[8];
            read_10 <= read_9;
            read_11 <= read_10;
            m_sum_valid <= read_11;
        end

    always @(posedge clk) begin
        item_2 <= item_1;
        item_3 <= item_2;
        item_4 <= item_3;
        operand_2 <= operand_1;
        odd_2 <= vector_1[0];
        half_0_2 <= vector_1[0] ? item_1[128*CHUNKS-1 -: 64*CHUNKS] : item_1[64*CHUNKS-1:0];
        half_1_2 <= vector_1[0] ? item_1[64*CHUNKS-1:0] : item_1[128*CHUNKS-1 -: 64*CHUNKS];
        word_2 <= word_1;
        word_3 <= word_2;
        stored <= {stored[9:2], stored_1};
        kept <= {kept[9:2], kept_1};
        write <= {write[11:2], write_1};
        address[2] <= address_1;
        for (stage = 3; stage <= 12; stage = stage + 1)
            address[stage] <= address[stage - 1];
        query_10 <= s_read_query;
    end

    wire [128*CHUNKS*QUERIES-1:0] operands_4;
    wire [SUM_BITS*QUERIES-1:0]   sums_11;

    genvar query;
    generate
        for (query = 0; query < QUERIES; query = query + 2) begin : pair_of
            tern_attention_operands #(.CHUNKS(CHUNKS), .PLACE_BITS(PLACE_BITS)) operands (
                .clk,
                .load_2(load_2[query/2]),
                .odd_2,
                .place_2(operand_2[PLACE_BITS-1:0]),
                .half_0_2, .half_1_2,
                .read_1(read_1[PLACE_BITS:0]),
                .word_3,
                .operand_4(operands_4[128*CHUNKS*query +: 128*CHUNKS]),
                .other_4(operands_4[128*CHUNKS*(query+1) +: 128*CHUNKS])
            );
        end
        for (query = 0; query < QUERIES; query = query + 1) begin : query_of
            localparam [2:0] QUERY = query;

            tern_attention_query #(.CHUNKS(CHUNKS), .SUM_BITS(SUM_BITS)) datapath (
                .clk,
                .operand_4(operands_4[128*CHUNKS*query +: 128*CHUNKS]),
                .item_4,
                .image_shift_8(image_shifts_8[4*query +: 4]),
                .exponent_8,
                .read_9(read_address_9),
                .clear_10(read_10 && query_10 != QUERY),
                .group_10(group[10]),
                .stored_10(stored[10]),
                .kept_10(kept[10]),
                .write_12(group[12] & write[12]),
                .address_12(address[12]),
                .m_sum_11(sums_11[SUM_BITS*query +: SUM_BITS])
            );
        end
        if (PLACE_BITS < 8) begin : narrow
            wire unused = &{1'b0, operand_2[7], read_1[8]};
        end
    endgenerate

    // All but the image read give 0.
    reg [SUM_BITS-1:0] any_11;
    integer            image;

    always @* begin
        any_11 = {SUM_BITS{1'b0}};
        for (image = 0; image < QUERIES; image = image + 1)
            any_11 = any_11 | sums_11[SUM_BITS*image +: SUM_BITS];
    end

    always @(posedge clk)
        if (read_11)
            m_sum <= any_11;
endmodule

`default_nettype wire
