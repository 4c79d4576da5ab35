// SPDX-License-Identifier: Apache-2.0
// Rounds the sums of a batch while the next one is streamed, and gives the results to the writer line by line. A batch
// is a record of keys (16 scores of each image) or a head of values (each image's elements). A result a cycle; a line
// of 16 takes 17 cycles. A line begins only when the writer has room for it.
// Model: tern_dot_finish() of cmodel/attention/dot.c.
`default_nettype none

`include "tern_spec.vh"

module tern_attention_finish #(
    parameter SUM_BITS = 93
) (
    input  wire                clk,
    input  wire                rst_n,
    input  wire                start,
    input  wire                discard,        // forget all batches
    input  wire                values,
    input  wire [3:0]          vectors,
    input  wire [8:0]          head_size,
    input  wire [11:0]         records,
    input  wire [4:0]          last_positions, // of a head's last record
    input  wire [63:6]         base,           // of the results
    input  wire [63:6]         stride,
    input  wire                s_header,       // an image's base exponent
    input  wire [1:0]          s_header_head,
    input  wire [2:0]          s_header_vector,
    input  wire [8:0]          s_header_base,
    input  wire                s_done,         // a batch is in its bank
    output wire                bank_released,
    output wire                m_read,
    input  wire                m_read_ready,
    output wire [2:0]          m_read_query,
    output wire [8:0]          m_read_address,
    input  wire                s_sum_valid,
    input  wire [SUM_BITS-1:0] s_sum,
    input  wire                line_ready,
    output wire                line_begin,
    output wire [63:6]         line_address,
    output wire [3:0]          line_less,      // words of the line - 1
    output wire                m_valid,
    output wire [31:0]         m_result,
    output wire                idle            // nothing waiting, nothing in the pipelines
);
    localparam CACHE_EXPONENT = `TERN_CACHE_EXPONENT;

    reg [1:0]  waiting;
    reg        in_line;
    reg        bank;
    reg [2:0]  vector;
    reg [1:0]  head;
    reg [11:0] records_left;
    reg [8:0]  row;            // of the image's results in this batch
    reg [3:0]  words_left;     // of the line, after the next one
    reg        last_word;      // there are none
    reg        line_is_last;   // of the image
    reg [63:6] address;        // of the line
    reg [63:6] outer;          // keys: of image 0's line; values: of the image's first line
    reg [63:6] next_head;      // keys: of image 0's results in the next head

    reg        vector_last;    // a cycle behind, which no line's end can see
    reg        record_last;    // records_left is 1
    reg        next_last;      // it will be after this batch; a cycle behind
    reg        head_first;     // records_left is `records`; a cycle later, which no line's end can see
    reg  [8:0] sizes_less;     // head_size - 1
    reg  [4:0] last_less;      // last_positions - 1
    reg  [8:0] rows_less;      // results of the image from this line on, less 1
    wire       image_ends = rows_less[8:4] == 5'd0;   // with this line
    wire       read = m_read && m_read_ready;
    wire       line_ends = read && last_word;
    wire       image_last = line_ends && line_is_last;
    wire       batch_last = image_last && vector_last;

    assign line_begin = !in_line && waiting != 2'd0 && line_ready;
    assign line_address = address;
    assign line_less = image_ends ? rows_less[3:0] : 4'd15;
    assign m_read = in_line;
    assign m_read_query = vector;
    assign m_read_address = {bank, row[7:0]};
    assign bank_released = batch_last;

    always @(posedge clk)
        if (!rst_n || start || discard) begin
            waiting <= 2'd0;
            in_line <= 1'b0;
            bank <= 1'b0;
            vector <= 3'd0;
            head <= 2'd0;
            records_left <= records;
            record_last <= records == 12'd1;
            rows_less <= values ? sizes_less : records == 12'd1 ? {4'd0, last_less} : 9'd15;
            row <= 9'd0;
        end else begin
            waiting <= waiting + {1'b0, s_done} - {1'b0, batch_last};
            in_line <= line_begin || (in_line && !line_ends);
            if (read)
                row <= image_last ? 9'd0 : row + 9'd1;
            if (line_ends)
                rows_less <= !line_is_last ? rows_less - 9'd16 : values ? sizes_less
                           : (vector_last ? next_last : record_last) ? {4'd0, last_less} : 9'd15;
            if (image_last)
                vector <= vector_last ? 3'd0 : vector + 3'd1;
            if (batch_last) begin
                bank <= ~bank;
                records_left <= record_last ? records : records_left - 12'd1;
                record_last <= next_last;
                if (values || record_last)
                    head <= head + 2'd1;
            end
        end

    always @(posedge clk) begin
        head_first <= records_left == records;
        vector_last <= {1'b0, vector} == vectors - 4'd1;
        next_last <= record_last ? records == 12'd1 : records_left == 12'd2;
        sizes_less <= head_size - 9'd1;
        last_less <= last_positions - 5'd1;
    end

    // Addresses. Keys go from image to image, then to the next line of each. Values go along an image's lines.
    // The sums are there before the line ends.
    reg [63:6] next_image;
    reg [63:6] next_line;

    always @(posedge clk) begin
        next_image <= (values ? outer : address) + stride;
        next_line <= (values ? address : outer) + 58'd1;
    end

    always @(posedge clk)
        if (line_begin) begin
            words_left <= line_less;
            last_word <= line_less == 4'd0;
            line_is_last <= image_ends;
        end else if (read) begin
            words_left <= words_left - 4'd1;
            last_word <= words_left == 4'd1;
        end

    always @(posedge clk)
        if (start) begin
            address <= base;
            outer <= base;
        end else if (line_ends) begin
            if (values) begin
                address <= line_is_last ? next_image : next_line;
                outer <= line_is_last ? next_image : outer;
            end else begin
                address <= !vector_last ? next_image : !record_last ? next_line : head_first ? next_image : next_head;
                if (vector_last)
                    outer <= !record_last ? next_line : head_first ? next_image : next_head;
                if (vector_last && head_first)
                    next_head <= next_image;
            end
        end

    // Base exponents of the images: those of the head in the stream and of up to two heads that wait here.
    reg  [8:0]        bases [0:31];
    wire [8:0]        base_read = bases[{head, vector}];
    reg  signed [9:0] exponents [0:7]; // as long as the sum is on its way to where tern_round takes the exponent
    integer           stage;

    always @(posedge clk) begin
        if (s_header)
            bases[{s_header_head, s_header_vector}] <= s_header_base;
        exponents[0] <= {base_read[8], base_read} + CACHE_EXPONENT[9:0];
        for (stage = 1; stage <= 7; stage = stage + 1)
            exponents[stage] <= exponents[stage - 1];
    end

    wire rounded_idle;

    tern_round round (
        .clk,
        .rst_n(rst_n & ~discard),
        .s_valid(s_sum_valid),
        .s_sum({{(128 - SUM_BITS){s_sum[SUM_BITS-1]}}, s_sum}),
        .s_exponent(exponents[7]),
        .m_valid, .m_result,
        .idle(rounded_idle)
    );

    // A sum that is read takes three cycles to the rounding.
    reg [2:0] reads;

    always @(posedge clk)
        reads <= rst_n && !discard ? {reads[1:0], read} : 3'd0;

    assign idle = waiting == 2'd0 && !in_line && reads == 3'd0 && rounded_idle;
endmodule

`default_nettype wire
