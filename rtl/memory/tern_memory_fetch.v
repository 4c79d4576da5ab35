// SPDX-License-Identifier: Apache-2.0
// Reads of one native port of LiteDRAM. A piece is a run of beats. A command is given only when its word has room here,
// since the controller does not wait. Beats come out in the order of the pieces.
`default_nettype none

module tern_memory_fetch #(
    parameter WIDTH = 128,        // of the native port: 16, 32, 64 or 128
    parameter ADDRESS_BITS = 24,  // of a native word
    parameter QUEUE_LOG2 = 6      // beats of room
) (
    input  wire                    clk,
    input  wire                    rst_n,
    input  wire                    piece_valid,
    output wire                    piece_ready,
    input  wire [ADDRESS_BITS-1:0] piece_address, // of its first native word
    input  wire [6:0]              piece_beats,   // 1 to 64
    output reg                     cmd_valid,
    input  wire                    cmd_ready,
    output reg  [ADDRESS_BITS-1:0] cmd_addr,
    output wire                    cmd_last,      // of the piece
    input  wire                    rdata_valid,
    input  wire [WIDTH-1:0]        rdata_data,
    output wire                    beat_valid,
    input  wire                    beat_ready,
    output wire [127:0]            beat
);
    localparam RATIO = 128 / WIDTH;
    localparam RATIO_LOG2 = $clog2(RATIO);
    localparam WORDS_LOG2 = QUEUE_LOG2 + RATIO_LOG2; // words of room
    localparam [WORDS_LOG2:0] ALL_WORDS = {1'b1, {WORDS_LOG2{1'b0}}};
    localparam [31:0] RATIO_32 = RATIO;

    wire                    next_valid;
    wire [ADDRESS_BITS-1:0] next_address;
    wire [6:0]              next_beats;
    wire                    take = cmd_valid & cmd_ready;

    reg                     busy;
    reg [7+RATIO_LOG2-1:0]  left;    // words
    reg [WORDS_LOG2:0]      room;    // words that may be asked
    wire                    ends = take & cmd_last;
    wire                    load = next_valid & (~busy | ends);
    wire                    pop = beat_valid & beat_ready;
    wire [WORDS_LOG2:0]     freed = pop ? RATIO_32[WORDS_LOG2:0] : {(WORDS_LOG2 + 1){1'b0}};
    wire [WORDS_LOG2:0]     room_after = room - {{WORDS_LOG2{1'b0}}, take} + freed;

    assign cmd_last = left == 1;

    tern_memory_queue #(.WIDTH(ADDRESS_BITS + 7), .DEPTH_LOG2(2)) pieces (
        .clk, .rst_n,
        .s_valid(piece_valid),
        .s_ready(piece_ready),
        .s_data({piece_address, piece_beats}),
        .m_valid(next_valid),
        .m_ready(load),
        .m_data({next_address, next_beats})
    );

    always @(posedge clk)
        if (!rst_n) begin
            busy <= 1'b0;
            cmd_valid <= 1'b0;
            room <= ALL_WORDS;
        end else begin
            busy <= load | (busy & ~ends);
            cmd_valid <= (load | (busy & ~ends)) & room_after != 0;
            room <= room_after;
        end

    always @(posedge clk)
        if (load) begin
            cmd_addr <= next_address;
            left <= {{RATIO_LOG2{1'b0}}, next_beats} << RATIO_LOG2;
        end else if (take) begin
            cmd_addr <= cmd_addr + 1'b1;
            left <= left - 1'b1;
        end

    // Words of a beat, the lowest first.
    wire         whole;
    wire [127:0] gathered;

    generate
        if (RATIO == 1) begin : direct
            assign whole = rdata_valid;
            assign gathered = rdata_data;
        end else begin : gather
            reg [RATIO_LOG2-1:0] count;
            reg [127-WIDTH:0]    lower;

            assign whole = rdata_valid & (&count);
            assign gathered = {rdata_data, lower};

            if (RATIO == 2) begin : two
                always @(posedge clk)
                    if (rdata_valid)
                        lower <= rdata_data;
            end else begin : more
                always @(posedge clk)
                    if (rdata_valid)
                        lower <= {rdata_data, lower[127-WIDTH:WIDTH]};
            end

            always @(posedge clk)
                if (!rst_n)
                    count <= 0;
                else if (rdata_valid)
                    count <= count + 1'b1;
        end
    endgenerate

    tern_fifo #(.WIDTH(128), .DEPTH_LOG2(QUEUE_LOG2)) beats (
        .clk, .rst_n,
        .clear(1'b0),
        .s_valid(whole),
        .s_data(gathered),
        .m_valid(beat_valid),
        .m_data(beat),
        .m_ready(beat_ready)
    );
endmodule

`default_nettype wire
