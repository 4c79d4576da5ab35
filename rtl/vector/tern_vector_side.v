// SPDX-License-Identifier: Apache-2.0
// The shifts of a row's groups: collected byte by byte, read by beats. The first byte goes to `offset` of the first
// beat. Bytes behind the last one read zero. Latency of a read is 1 cycle; what was read stays until the next one.
`default_nettype none

module tern_vector_side #(
    parameter LANES = 1
) (
    input  wire                         clk,
    input  wire                         start,       // the next byte is a row's first
    input  wire [$clog2(16*LANES)-1:0]  offset,
    input  wire                         shift_valid,
    input  wire [4:0]                   shift,
    input  wire                         read_on,
    input  wire [7:0]                   read_beat,
    output wire [128*LANES-1:0]         read_data
);
    localparam BYTES = 16 * LANES;
    localparam BYTE_BITS = $clog2(BYTES);
    localparam BEAT_BITS = 12 - BYTE_BITS;           // 2048 bytes and an offset

    reg [11:0]         place;
    reg                read_whole;    // all bytes of the beat were collected
    reg                read_part;     // those below end_byte
    reg [BYTE_BITS-1:0] end_byte;
    reg [8*BYTES-1:0]  read;
    // No byte comes while a row is read.
    (* no_rw_check *)
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
        if (read_on) begin
            read <= bytes[read_beat[BEAT_BITS-1:0]];
            read_whole <= read_beat[BEAT_BITS-1:0] < place[11:BYTE_BITS];
            read_part <= read_beat[BEAT_BITS-1:0] == place[11:BYTE_BITS];
            end_byte <= place[BYTE_BITS-1:0];
        end
    end

    wire [BYTES-1:0] behind = {BYTES{1'b1}} << end_byte;

    genvar byte_of;
    generate
        for (byte_of = 0; byte_of < BYTES; byte_of = byte_of + 1) begin : masked
            wire filled = read_whole || (read_part && !behind[byte_of]);
            assign read_data[8*byte_of +: 8] = filled ? read[8*byte_of +: 8] : 8'd0;
        end
    endgenerate

    wire unused = &{1'b0, read_beat};
endmodule

`default_nettype wire
