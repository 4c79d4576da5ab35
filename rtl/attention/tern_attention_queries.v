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
    input  wire [8:0]            operand_1,
    input  wire                  first_1,
    input  wire                  group_1,
    input  wire                  stored_1,
    input  wire                  kept_1,
    input  wire                  write_1,
    input  wire [8:0]            address_1,
    input  wire [4*QUERIES-1:0]  image_shifts_7,
    input  wire [4:0]            exponent_7,
    input  wire                  done_2,
    output wire                  m_done,          // the batch's sums are in memory
    input  wire                  s_read,
    output wire                  s_read_ready,
    input  wire [2:0]            s_read_query,
    input  wire [8:0]            s_read_address,
    output reg                   m_sum_valid,
    output reg  [SUM_BITS-1:0]   m_sum
);
    reg [128*CHUNKS-1:0] item_2;
    reg [128*CHUNKS-1:0] item_3;
    reg [7:2]            first;
    reg [11:2]           group;
    reg [10:2]           stored;
    reg [10:2]           kept;
    reg [11:2]           write;
    reg [8:0]            address [2:11];
    reg [12:3]           done;
    reg                  read_9;
    reg                  read_10;
    reg [2:0]            query_9;
    integer              stage;

    wire       group_reads = group[8] & stored[8];
    wire       read_8 = s_read & ~group_reads;
    wire [8:0] read_address_8 = group_reads ? address[8] : s_read_address;

    assign s_read_ready = ~group_reads;
    assign m_done = done[12];

    always @(posedge clk)
        if (!rst_n) begin
            first <= 6'd0;
            group <= 10'd0;
            done <= 10'd0;
            read_9 <= 1'b0;
            read_10 <= 1'b0;
            m_sum_valid <= 1'b0;
        end else begin
            first <= {first[6:2], first_1};
            group <= {group[10:2], group_1};
            done <= {done[11:3], done_2};
            read_9 <= read_8;
            read_10 <= read_9;
            m_sum_valid <= read_10;
        end

    always @(posedge clk) begin
        item_2 <= item_1;
        item_3 <= item_2;
        stored <= {stored[9:2], stored_1};
        kept <= {kept[9:2], kept_1};
        write <= {write[10:2], write_1};
        address[2] <= address_1;
        for (stage = 3; stage <= 11; stage = stage + 1)
            address[stage] <= address[stage - 1];
        query_9 <= s_read_query;
    end

    wire [SUM_BITS*QUERIES-1:0] sums_10;

    genvar query;
    generate
        for (query = 0; query < QUERIES; query = query + 1) begin : query_of
            localparam [2:0] QUERY = query;

            tern_attention_query #(.CHUNKS(CHUNKS), .SUM_BITS(SUM_BITS)) datapath (
                .clk,
                .load_1(mantissas_1 && vector_1 == QUERY),
                .operand_1, .item_1, .item_3,
                .first_7(first[7]),
                .image_shift_7(image_shifts_7[4*query +: 4]),
                .exponent_7,
                .read_8(read_address_8),
                .clear_9(read_9 && query_9 != QUERY),
                .group_10(group[10]),
                .stored_10(stored[10]),
                .kept_10(kept[10]),
                .write_11(group[11] & write[11]),
                .address_11(address[11]),
                .m_sum_10(sums_10[SUM_BITS*query +: SUM_BITS])
            );
        end
    endgenerate

    // All but the image read give 0.
    reg [SUM_BITS-1:0] any_10;
    integer            image;

    always @* begin
        any_10 = {SUM_BITS{1'b0}};
        for (image = 0; image < QUERIES; image = image + 1)
            any_10 = any_10 | sums_10[SUM_BITS*image +: SUM_BITS];
    end

    always @(posedge clk)
        if (read_10)
            m_sum <= any_10;
endmodule

`default_nettype wire
