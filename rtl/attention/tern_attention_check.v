// SPDX-License-Identifier: Apache-2.0
// Checks each item a cycle after it was taken: faults of memory, headers and shifts of images, exponent bytes of
// records. Keeps the place of the first failure. A batch is done only when no item up to its last one has failed.
// Model: tern_dot_check_header() of cmodel/attention/dot.c.
`default_nettype none

`include "tern_spec.vh"

module tern_attention_check #(
    parameter CHUNKS = 1                      // of 16 bytes in an item: 1 or 2
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  start,
    input  wire [15:0]           length,      // elements of an image
    input  wire [11:0]           image_groups,
    input  wire [8:0]            part_groups,
    input  wire                  valid_1,
    input  wire                  header_1,    // first item of a header
    input  wire                  shifts_1,
    input  wire                  image_1,     // any item of an image
    input  wire                  checked_1,   // a group's exponent byte counts
    input  wire                  done_1,
    input  wire [2:0]            vector_1,
    input  wire [3:0]            place_1,
    input  wire [7:0]            head_1,
    input  wire [10:0]           record_1,
    input  wire [128*CHUNKS-1:0] item_1,
    input  wire [1:0]            fault_1,     // bit 0 bus error, bit 1 outside the window
    input  wire [7:0]            exponent_1,
    output reg                   failed,
    output reg  [7:0]            status,
    output reg  [7:0]            what,
    output reg  [7:0]            head,
    output reg  [15:0]           index,
    output wire                  done_2
);
    localparam [31:0] LEAST_BASE = `TERN_LEAST_BASE_EXPONENT;
    localparam [31:0] LARGEST_BASE = `TERN_LARGEST_BASE_EXPONENT;
    localparam [31:0] SHIFT_WHAT = `TERN_DOT_AT_SHIFT;
    localparam [31:0] EXPONENT_WHAT = `TERN_DOT_AT_EXPONENT;
    localparam [31:0] IMAGE_WHAT = `TERN_DOT_AT_IMAGE;
    localparam [31:0] RECORD_WHAT = `TERN_DOT_AT_RECORD;

    // Header. The base exponent is in range when, counted from the least one, it is at most the distance of the two.
    wire [31:0] above_least = item_1[31:0] - LEAST_BASE;
    wire        bad_base = above_least > LARGEST_BASE - LEAST_BASE;
    wire        bad_groups = item_1[63:32] != {20'd0, image_groups};
    wire        bad_columns = item_1[95:64] != {16'd0, length};
    wire        bad_magic = item_1[127:96] != `TERN_ACTIVATION_MAGIC;
    wire        bad_header = header_1 & (bad_base | bad_groups | bad_columns | bad_magic);

    // Shifts, four a word. Groups of an image are in fours.
    wire [4*CHUNKS-1:0] bad_word;

    genvar word;
    generate
        for (word = 0; word < 4 * CHUNKS; word = word + 1) begin : word_of
            localparam [9:0] WORD = word;
            wire [9:0] first_group = ({6'd0, place_1} << (CHUNKS == 1 ? 4 : 5)) + 4 * WORD;
            assign bad_word[word] = first_group < {1'b0, part_groups} && |{item_1[32*word+4 +: 4],
                item_1[32*word+12 +: 4], item_1[32*word+20 +: 4], item_1[32*word+28 +: 4]};
        end
    endgenerate

    wire bad_shift = shifts_1 & (|bad_word);
    wire bad_exponent = checked_1 & (|exponent_1[7:5]);
    wire bad_access = valid_1 & (|fault_1);
    wire fails = bad_access | bad_header | bad_shift | bad_exponent;
    reg  done;

    assign done_2 = done & ~failed;

    always @(posedge clk)
        if (!rst_n || start) begin
            failed <= 1'b0;
            done <= 1'b0;
        end else begin
            failed <= failed | fails;
            done <= done_1;
        end

    always @(posedge clk)
        if (!failed) begin // those of the last item are those of the failure
            status <= fault_1[0] ? `TERN_STATUS_BUS_ERROR
                    : fault_1[1] ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_BAD_ACTIVATION;
            what <= bad_access ? (image_1 ? IMAGE_WHAT[7:0] : RECORD_WHAT[7:0])
                  : bad_shift ? SHIFT_WHAT[7:0]
                  : bad_exponent ? EXPONENT_WHAT[7:0]
                  : bad_magic ? 8'd3 : bad_groups ? 8'd1 : bad_columns ? 8'd2 : 8'd0;
            head <= head_1;
            index <= image_1 ? {13'd0, vector_1} : {5'd0, record_1};
        end

    wire unused = &{1'b0, SHIFT_WHAT[31:8], EXPONENT_WHAT[31:8], IMAGE_WHAT[31:8], RECORD_WHAT[31:8], exponent_1, item_1};
endmodule

`default_nettype wire
