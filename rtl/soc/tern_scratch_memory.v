// SPDX-License-Identifier: Apache-2.0
// Scratch memory: four banks of 32 bits. The core sees words, the DMA engine beats of 16 bytes; data one cycle after
// the address on both ports.
`default_nettype none

module tern_scratch_memory #(
    parameter BYTES_LOG2 = 16
) (
    input  wire                  clk,
    input  wire                  core_enable,
    input  wire [BYTES_LOG2-3:0] core_word,
    input  wire [3:0]            core_strobe,
    input  wire [31:0]           core_write,
    output wire [31:0]           core_read,
    input  wire                  dma_enable,
    input  wire [BYTES_LOG2-5:0] dma_beat,
    input  wire [15:0]           dma_strobe,
    input  wire [127:0]          dma_write,
    output wire [127:0]          dma_read
);
    wire [31:0] bank_read [0:3];
    reg  [1:0]  bank_of_core;

    always @(posedge clk)
        if (core_enable)
            bank_of_core <= core_word[1:0];

    assign core_read = bank_read[bank_of_core];

    genvar bank;
    generate
        for (bank = 0; bank < 4; bank = bank + 1) begin : bank_of
            localparam [1:0] BANK = bank;
            tern_byte_memory #(.WORDS_LOG2(BYTES_LOG2 - 4)) memory (
                .clk,
                .a_enable(core_enable),
                .a_address(core_word[BYTES_LOG2-3:2]),
                .a_strobe(core_strobe & {4{core_word[1:0] == BANK}}),
                .a_write(core_write),
                .a_read(bank_read[bank]),
                .b_enable(dma_enable),
                .b_address(dma_beat),
                .b_strobe(dma_strobe[4*bank +: 4]),
                .b_write(dma_write[32*bank +: 32]),
                .b_read(dma_read[32*bank +: 32])
            );
        end
    endgenerate
endmodule

`default_nettype wire
