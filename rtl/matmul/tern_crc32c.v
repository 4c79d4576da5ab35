// SPDX-License-Identifier: Apache-2.0
// CRC-32C (polynomial 0x1EDC6F41, reflected) of a segment, one beat of BITS bits a cycle. The checksum is linear: the
// share of a beat is computed beside the state and registered. Only the advance of the state is in the loop. Latency
// from a beat to m_crc is 2 cycles.
// Model: tern_crc32c_portable() of cmodel/matmul/crc32c.c.
`default_nettype none

module tern_crc32c #(
    parameter BITS = 128
) (
    input  wire            clk,
    input  wire            s_valid,
    input  wire            s_first,
    input  wire [BITS-1:0] s_data,
    output wire [31:0]     m_crc // of the beats so far, complemented
);
    // Column i: what a one in bit i of a beat makes of a zero state by the end of the beat.
    function [32*BITS-1:0] columns_of(input integer bits);
        integer    i;
        reg [31:0] column;
        begin
            column = 32'h82f63b78;
            for (i = bits - 1; i >= 0; i = i - 1) begin
                columns_of[32 * i +: 32] = column;
                column = (column >> 1) ^ (column[0] ? 32'h82f63b78 : 32'd0);
            end
        end
    endfunction

    localparam [32*BITS-1:0] COLUMNS = columns_of(BITS);

    reg  [31:0] state;
    reg  [31:0] share;
    reg         share_valid;
    reg         share_first;
    wire [31:0] share_next;
    wire [31:0] advanced;
    wire [31:0] previous = state | {32{share_first}};

    genvar out;
    genvar in;
    generate
        for (out = 0; out < 32; out = out + 1) begin : bit_of
            wire [BITS-1:0] mask;
            for (in = 0; in < BITS; in = in + 1) begin : column_of
                assign mask[in] = COLUMNS[32 * in + out];
            end
            assign share_next[out] = ^(s_data & mask);
            assign advanced[out] = ^(previous & mask[31:0]);
        end
    endgenerate

    always @(posedge clk) begin
        share_valid <= s_valid;
        share_first <= s_first;
        if (s_valid)
            share <= share_next;
        if (share_valid)
            state <= advanced ^ share;
    end

    assign m_crc = ~state;
endmodule

`default_nettype wire
