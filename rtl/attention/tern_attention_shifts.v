// SPDX-License-Identifier: Apache-2.0
// Shifts of the images and exponent bytes of the record, for each group of records in stage 8. A row has the shifts of
// all images for a record of values, or for one group of a position of keys. The shifts of an image arrive along the
// rows, many in an item. They wait in a buffer and go to their column one a cycle. This ends before the shifts of the
// next image come, because its mantissas come first. A record needs its row later than that.
`default_nettype none

module tern_attention_shifts #(
    parameter CHUNKS = 1,                     // of 16 bytes in an item: 1 or 2
    parameter QUERIES = 8
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  exponents_1, // the item holds exponent bytes
    input  wire [7:0]            group_0,     // of the record; a cycle early
    output reg  [7:0]            exponent_1,
    input  wire                  shifts_1,
    input  wire [2:0]            vector_1,
    input  wire [3:0]            place_1,     // of the item in its image's shifts, or in the exponent bytes
    input  wire [8:0]            part_groups,
    input  wire [128*CHUNKS-1:0] item_1,
    input  wire [7:0]            row_1,
    output wire [4*QUERIES-1:0]  image_shifts_8,
    output reg  [4:0]            exponent_8
);
    localparam BYTES = 16 * CHUNKS;
    localparam ITEMS_LOG2 = CHUNKS == 1 ? 4 : 3;
    localparam BYTE_BITS = 8 - ITEMS_LOG2;

    // Exponent bytes: one record.
    reg [128*CHUNKS-1:0] exponents [0:(1 << ITEMS_LOG2) - 1];
    wire [128*CHUNKS-1:0] exponents_read = exponents[group_0[7:BYTE_BITS]];
    reg [4:0]            exponent [2:7];
    integer              stage;

    always @(posedge clk) begin
        if (exponents_1)
            exponents[place_1[ITEMS_LOG2-1:0]] <= item_1;
        exponent_1 <= exponents_read[8*group_0[BYTE_BITS-1:0] +: 8];
        exponent[2] <= exponent_1[4:0];
        for (stage = 3; stage <= 7; stage = stage + 1)
            exponent[stage] <= exponent[stage - 1];
        exponent_8 <= exponent[7];
    end

    // Shifts of one image.
    reg  [4*BYTES-1:0]    buffer [0:(1 << ITEMS_LOG2) - 1];
    wire [4*BYTES-1:0]    narrow;
    reg  [8:0]            rows_here;
    reg  [8:0]            column_row;   // the next one
    reg  [2:0]            column;
    wire [9:0]            rows_with_item = ({6'd0, place_1} + 10'd1) << BYTE_BITS;
    wire [4*BYTES-1:0]    buffer_read = buffer[column_row[7:BYTE_BITS]];
    wire                  moving = column_row != rows_here;

    genvar byte_index;
    generate
        for (byte_index = 0; byte_index < BYTES; byte_index = byte_index + 1) begin : byte_of
            assign narrow[4*byte_index +: 4] = item_1[8*byte_index +: 4];
        end
    endgenerate

    always @(posedge clk) begin
        if (shifts_1) begin
            buffer[place_1[ITEMS_LOG2-1:0]] <= narrow;
            column <= vector_1;
        end
    end

    always @(posedge clk)
        if (!rst_n) begin
            rows_here <= 9'd0;
            column_row <= 9'd0;
        end else begin
            if (shifts_1)
                rows_here <= rows_with_item > {1'b0, part_groups} ? part_groups : rows_with_item[8:0];
            column_row <= shifts_1 && place_1 == 4'd0 ? 9'd0 : column_row + {8'd0, moving};
        end

    // Rows, a byte for each image.
    (* no_rw_check *)
    reg [8*QUERIES-1:0] rows [0:255];
    reg [8*QUERIES-1:0] row_read_8;
    reg [7:0]           row [2:7];
    integer             query;

    always @(posedge clk) begin
        for (query = 0; query < QUERIES; query = query + 1)
            if (moving && column == query[2:0])
                rows[column_row[7:0]][8*query +: 8] <= {4'd0, buffer_read[4*column_row[BYTE_BITS-1:0] +: 4]};
        row[2] <= row_1;
        for (stage = 3; stage <= 7; stage = stage + 1)
            row[stage] <= row[stage - 1];
        row_read_8 <= rows[row[7]];
    end

    generate
        for (byte_index = 0; byte_index < QUERIES; byte_index = byte_index + 1) begin : query_of
            wire unused_high = |row_read_8[8*byte_index+4 +: 4];
            assign image_shifts_8[4*byte_index +: 4] = row_read_8[8*byte_index +: 4];
        end
    endgenerate

    wire unused = &{1'b0, item_1, rows_with_item};
endmodule

`default_nettype wire
