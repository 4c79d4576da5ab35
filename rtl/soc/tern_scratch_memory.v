// SPDX-License-Identifier: Apache-2.0
// Scratch memory in banks of 32 bits. A row has LANES chunks of 16 bytes. The core accesses words. The DMA engine
// accesses beats of LANES chunks, which begin at any chunk. Chunk c is in row c / LANES. A beat is rotated by c % LANES
// chunks, and its last chunks can be in the next row. Data come one cycle after the address. On the core's port they go
// through a register, a cycle more.
`default_nettype none

module tern_scratch_memory #(
    parameter LANES = 1,             // 1, 2 or 4
    parameter BYTES_LOG2 = 15
) (
    input  wire                  clk,
    input  wire [BYTES_LOG2-3:0] core_word,
    input  wire [3:0]            core_strobe,
    input  wire [31:0]           core_write,
    output reg  [31:0]           core_read,
    input  wire                  dma_enable,
    input  wire [BYTES_LOG2-5:0] dma_chunk, // the beat's lowest
    input  wire [16*LANES-1:0]   dma_strobe,
    input  wire [128*LANES-1:0]  dma_write,
    output wire [128*LANES-1:0]  dma_read
);
    localparam LANES_LOG2 = $clog2(LANES);
    localparam ROW_BITS = BYTES_LOG2 - 4 - LANES_LOG2;
    localparam BANK_BITS = 2 + LANES_LOG2;
    localparam [31:0] LANE_MASK = LANES - 1;
    localparam CHUNK_BITS = BYTES_LOG2 - 4;

    reg  [4*LANES-1:0]     core_bank; // one bit a bank
    reg  [128*LANES-1:0]   core_words; // of the banks, 0 but for one: their outputs come late
    reg  [CHUNK_BITS-1:0]  read_turn;
    wire [31:0]            core_bank_read [0:4*LANES-1];
    wire [128*LANES-1:0]   rows_read;
    wire [256*LANES-1:0]   twice_read = {rows_read, rows_read};
    wire [256*LANES-1:0]   twice_write = {dma_write, dma_write};
    wire [32*LANES-1:0]    twice_strobe = {dma_strobe, dma_strobe};

    // Chunk i of a row is chunk (i - turn) % LANES of the beat.
    wire [CHUNK_BITS-1:0]  turn = dma_chunk & LANE_MASK[CHUNK_BITS-1:0];
    wire [CHUNK_BITS-1:0]  back = (~turn + 1'b1) & LANE_MASK[CHUNK_BITS-1:0];
    wire [128*LANES-1:0]   rows_write = twice_write[128*back +: 128*LANES];
    wire [16*LANES-1:0]    rows_strobe = twice_strobe[16*back +: 16*LANES];

    assign dma_read = twice_read[128*read_turn +: 128*LANES];

    always @(posedge clk) begin
        core_bank <= {{(4 * LANES - 1){1'b0}}, 1'b1} << core_word[BANK_BITS-1:0];
        if (dma_enable)
            read_turn <= turn;
    end

    integer bank;

    always @(posedge clk)
        for (bank = 0; bank < 4 * LANES; bank = bank + 1)
            core_words[32*bank +: 32] <= core_bank[bank] ? core_bank_read[bank] : 32'd0;

    always @* begin
        core_read = 32'd0;
        for (bank = 0; bank < 4 * LANES; bank = bank + 1)
            core_read = core_read | core_words[32*bank +: 32];
    end

    genvar lane;
    genvar word;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : lane_of
            localparam [31:0] LANE = lane;
            wire                in_next_row = LANE[CHUNK_BITS-1:0] < turn;
            wire [ROW_BITS-1:0] row = dma_chunk[CHUNK_BITS-1:LANES_LOG2] + {{(ROW_BITS - 1){1'b0}}, in_next_row};

            for (word = 0; word < 4; word = word + 1) begin : word_of
                localparam [31:0] BANK = 4 * lane + word;
                tern_byte_memory #(.WORDS_LOG2(ROW_BITS)) memory (
                    .clk,
                    .a_enable(1'b1),
                    .a_address(core_word[BYTES_LOG2-3:BANK_BITS]),
                    .a_strobe(core_strobe & {4{core_word[BANK_BITS-1:0] == BANK[BANK_BITS-1:0]}}),
                    .a_write(core_write),
                    .a_read(core_bank_read[BANK]),
                    .b_enable(dma_enable),
                    .b_address(row),
                    .b_strobe(rows_strobe[4*BANK +: 4]),
                    .b_write(rows_write[32*BANK +: 32]),
                    .b_read(rows_read[32*BANK +: 32])
                );
            end
        end
    endgenerate
endmodule

`default_nettype wire
