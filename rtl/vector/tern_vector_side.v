// SPDX-License-Identifier: Apache-2.0
// The shifts of a row's groups: collected byte by byte, read by beats. The first byte goes to `offset` of the first
// beat. Bytes behind the last one read zero. Latency of a read is 1 cycle.
`default_nettype none

module tern_vector_side #(
    parameter LANES = 1
) (
    input  wire                         clk,
    input  wire                         start,       // the next byte is a row's first
    input  wire [$clog2(16*LANES)-1:0]  offset,
    input  wire                         shift_valid,
    input  wire [4:0]                   shift,
    input  wire [7:0]                   read_beat,
    output wire [128*LANES-1:0]         read_data
);
    localparam BYTES = 16 * LANES;
    localparam BYTE_BITS = $clog2(BYTES);
    localparam BEAT_BITS = 12 - BYTE_BITS;           // 2048 bytes and an offset

    reg [11:0]         place;
    reg [11:0]         end_place;
    reg [11:0]         read_place;
    reg [8*BYTES-1:0]  read;
    reg [8*BYTES-1:0]  bytes [0:(1 << BEAT_BITS) - 1];
    integer            i;

    always @(posedge clk) begin
        if (start)
            place <= {{(12 - BYTE_BITS){1'b0}}, offset};
        else if (shift_valid)
            place <= place + 12'd1;
        for (i = 0; i < BYTES; i = i + 1)
            if (shift_valid && place[BYTE_BITS-1:0] == i[BYTE_BITS-1:0])
                bytes[place[11:BYTE_BITS]][8*i +: 8] <= {3'd0, shift};
        read <= bytes[read_beat[BEAT_BITS-1:0]];
        read_place <= {read_beat[BEAT_BITS-1:0], {BYTE_BITS{1'b0}}};
        end_place <= place;
    end

    genvar byte_of;
    generate
        for (byte_of = 0; byte_of < BYTES; byte_of = byte_of + 1) begin : masked
            localparam [31:0] BYTE = byte_of;
            assign read_data[8*byte_of +: 8] = (read_place | BYTE[11:0]) < end_place ? read[8*byte_of +: 8] : 8'd0;
        end
    endgenerate

    wire unused = &{1'b0, read_beat};
endmodule

`default_nettype wire
