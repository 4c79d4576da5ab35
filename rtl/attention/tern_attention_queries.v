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
    input  wire [4*QUERIES-1:0]  image_shifts_6,
    input  wire [4:0]            exponent_6,
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
    reg [6:2]            first;
    reg [10:2]           group;
    reg [9:2]            stored;
    reg [9:2]            kept;
    reg [10:2]           write;
    reg [8:0]            address [2:10];
    reg [11:3]           done;
    reg                  read_8;
    reg                  read_9;
    reg [2:0]            query_8;
    integer              stage;

    wire       group_reads = group[7] & stored[7];
    wire       read_7 = s_read & ~group_reads;
    wire [8:0] read_address_7 = group_reads ? address[7] : s_read_address;

    assign s_read_ready = ~group_reads;
    assign m_done = done[11];

    always @(posedge clk)
        if (!rst_n) begin
            first <= 5'd0;
            group <= 9'd0;
            done <= 9'd0;
            read_8 <= 1'b0;
            read_9 <= 1'b0;
            m_sum_valid <= 1'b0;
        end else begin
            first <= {first[5:2], first_1};
            group <= {group[9:2], group_1};
            done <= {done[10:3], done_2};
            read_8 <= read_7;
            read_9 <= read_8;
            m_sum_valid <= read_9;
        end

    always @(posedge clk) begin
        item_2 <= item_1;
        item_3 <= item_2;
        stored <= {stored[8:2], stored_1};
        kept <= {kept[8:2], kept_1};
        write <= {write[9:2], write_1};
        address[2] <= address_1;
        for (stage = 3; stage <= 10; stage = stage + 1)
            address[stage] <= address[stage - 1];
        query_8 <= s_read_query;
    end

    wire [SUM_BITS*QUERIES-1:0] sums_9;

    genvar query;
    generate
        for (query = 0; query < QUERIES; query = query + 1) begin : query_of
            localparam [2:0] QUERY = query;

            tern_attention_query #(.CHUNKS(CHUNKS), .SUM_BITS(SUM_BITS)) datapath (
                .clk,
                .load_1(mantissas_1 && vector_1 == QUERY),
                .operand_1, .item_1, .item_3,
                .first_6(first[6]),
                .image_shift_6(image_shifts_6[4*query +: 4]),
                .exponent_6,
                .read_7(read_address_7),
                .clear_8(read_8 && query_8 != QUERY),
                .group_9(group[9]),
                .stored_9(stored[9]),
                .kept_9(kept[9]),
                .write_10(group[10] & write[10]),
                .address_10(address[10]),
                .m_sum_9(sums_9[SUM_BITS*query +: SUM_BITS])
            );
        end
    endgenerate

    // All but the image read give 0.
    reg [SUM_BITS-1:0] any_9;
    integer            image;

    always @* begin
        any_9 = {SUM_BITS{1'b0}};
        for (image = 0; image < QUERIES; image = image + 1)
            any_9 = any_9 | sums_9[SUM_BITS*image +: SUM_BITS];
    end

    always @(posedge clk)
        if (read_9)
            m_sum <= any_9;
endmodule

`default_nettype wire
