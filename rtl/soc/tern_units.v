// SPDX-License-Identifier: Apache-2.0
// The units of the SoC: each has a register port, a clock and a reset, and a memory port. A number of the register ports
// is that of tern_soc less one. WAYS 0 and HAS_ATTENTION 0 leave a unit out.
`default_nettype none

`include "tern_spec.vh"

module tern_units #(
    parameter LANES = 1,
    parameter VECTORS = 1,
    parameter WAYS = 8,
    parameter HAS_ATTENTION = 1,
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS,
    parameter CLOCK_GATES = 0,
    parameter DATA_BITS = 128 * LANES,
    parameter STROBES = 16 * LANES,
    parameter SCRATCH_LOG2 = $clog2(`TERN_SCRATCH_BYTES)
) (
    input  wire [3:0]              clk,            // of DMA, matmul, vector, attention
    input  wire [3:0]              rst_n,
    input  wire                    clocks_on,
    input  wire [63:0]             window_base,
    input  wire [63:0]             window_bytes,
    output wire [3:0]              idle,
    input  wire [3:0]              access,
    input  wire [3:0]              write,
    input  wire [47:0]             address,
    input  wire [127:0]            write_data,
    output wire [127:0]            read_data,
    output wire [3:0]              ready,
    output wire                    scratch_enable,
    output wire [SCRATCH_LOG2-5:0] scratch_chunk,
    output wire [STROBES-1:0]      scratch_strobe,
    output wire [DATA_BITS-1:0]    scratch_write,
    input  wire [DATA_BITS-1:0]    scratch_read,
    output wire [3:0]              m_read_valid,   // of matmul, DMA, vector, attention
    input  wire [3:0]              m_read_ready,
    output wire [255:0]            m_read_address,
    output wire [27:0]             m_read_beats,
    input  wire [3:0]              m_answer_valid,
    input  wire [DATA_BITS-1:0]    m_answer_data,
    input  wire                    m_answer_last,
    input  wire                    m_answer_error,
    output wire [3:0]              m_write_valid,
    input  wire [3:0]              m_write_ready,
    output wire [255:0]            m_write_address,
    output wire [27:0]             m_write_beats,
    output wire [3:0]              m_data_valid,
    input  wire [3:0]              m_data_ready,
    output wire [4*DATA_BITS-1:0]  m_data,
    output wire [4*STROBES-1:0]    m_strobe,
    input  wire [3:0]              m_done_valid,
    input  wire                    m_done_error
);
    localparam DMA = 0, MATMUL = 1, VECTOR = 2, ATTENTION = 3;
    localparam MATMUL_PORT = 0, DMA_PORT = 1, VECTOR_PORT = 2, ATTENTION_PORT = 3;

    tern_dma #(.LANES(LANES), .SCRATCH_LOG2(SCRATCH_LOG2)) dma (
        .clk(clk[DMA]),
        .rst_n(rst_n[DMA]),
        .window_base, .window_bytes,
        .idle(idle[DMA]),
        .access(access[DMA]),
        .write(write[DMA]),
        .address(address[12*DMA +: 12]),
        .write_data(write_data[32*DMA +: 32]),
        .read_data(read_data[32*DMA +: 32]),
        .ready(ready[DMA]),
        .scratch_enable, .scratch_chunk, .scratch_strobe, .scratch_write, .scratch_read,
        .m_read_valid(m_read_valid[DMA_PORT]),
        .m_read_ready(m_read_ready[DMA_PORT]),
        .m_read_address(m_read_address[64*DMA_PORT +: 64]),
        .m_read_beats(m_read_beats[7*DMA_PORT +: 7]),
        .m_answer_valid(m_answer_valid[DMA_PORT]),
        .m_answer_data,
        .m_answer_last,
        .m_answer_error,
        .m_write_valid(m_write_valid[DMA_PORT]),
        .m_write_ready(m_write_ready[DMA_PORT]),
        .m_write_address(m_write_address[64*DMA_PORT +: 64]),
        .m_write_beats(m_write_beats[7*DMA_PORT +: 7]),
        .m_data_valid(m_data_valid[DMA_PORT]),
        .m_data_ready(m_data_ready[DMA_PORT]),
        .m_data(m_data[DATA_BITS*DMA_PORT +: DATA_BITS]),
        .m_strobe(m_strobe[STROBES*DMA_PORT +: STROBES]),
        .m_done_valid(m_done_valid[DMA_PORT]),
        .m_done_error
    );

    generate
        if (WAYS != 0) begin : with_vector
            tern_vector #(.LANES(LANES), .WAYS(WAYS), .CLOCK_GATES(CLOCK_GATES)) vector (
                .clk(clk[VECTOR]),
                .rst_n(rst_n[VECTOR]),
                .clocks_on, .window_base, .window_bytes,
                .idle(idle[VECTOR]),
                .access(access[VECTOR]),
                .write(write[VECTOR]),
                .address(address[12*VECTOR +: 12]),
                .write_data(write_data[32*VECTOR +: 32]),
                .read_data(read_data[32*VECTOR +: 32]),
                .ready(ready[VECTOR]),
                .m_read_valid(m_read_valid[VECTOR_PORT]),
                .m_read_ready(m_read_ready[VECTOR_PORT]),
                .m_read_address(m_read_address[64*VECTOR_PORT +: 64]),
                .m_read_beats(m_read_beats[7*VECTOR_PORT +: 7]),
                .m_answer_valid(m_answer_valid[VECTOR_PORT]),
                .m_answer_data,
                .m_answer_last,
                .m_answer_error,
                .m_write_valid(m_write_valid[VECTOR_PORT]),
                .m_write_ready(m_write_ready[VECTOR_PORT]),
                .m_write_address(m_write_address[64*VECTOR_PORT +: 64]),
                .m_write_beats(m_write_beats[7*VECTOR_PORT +: 7]),
                .m_data_valid(m_data_valid[VECTOR_PORT]),
                .m_data_ready(m_data_ready[VECTOR_PORT]),
                .m_data(m_data[DATA_BITS*VECTOR_PORT +: DATA_BITS]),
                .m_strobe(m_strobe[STROBES*VECTOR_PORT +: STROBES]),
                .m_done_valid(m_done_valid[VECTOR_PORT]),
                .m_done_error
            );
        end else begin : without_vector
            tern_absent_unit #(.DATA_BITS(DATA_BITS)) absent (
                .idle(idle[VECTOR]),
                .access(access[VECTOR]),
                .write(write[VECTOR]),
                .address(address[12*VECTOR +: 12]),
                .write_data(write_data[32*VECTOR +: 32]),
                .read_data(read_data[32*VECTOR +: 32]),
                .ready(ready[VECTOR]),
                .m_read_valid(m_read_valid[VECTOR_PORT]),
                .m_read_address(m_read_address[64*VECTOR_PORT +: 64]),
                .m_read_beats(m_read_beats[7*VECTOR_PORT +: 7]),
                .m_write_valid(m_write_valid[VECTOR_PORT]),
                .m_write_address(m_write_address[64*VECTOR_PORT +: 64]),
                .m_write_beats(m_write_beats[7*VECTOR_PORT +: 7]),
                .m_data_valid(m_data_valid[VECTOR_PORT]),
                .m_data(m_data[DATA_BITS*VECTOR_PORT +: DATA_BITS]),
                .m_strobe(m_strobe[STROBES*VECTOR_PORT +: STROBES])
            );
        end
    endgenerate

    generate
        if (HAS_ATTENTION != 0) begin : with_attention
            tern_attention #(.LANES(LANES)) attention (
                .clk(clk[ATTENTION]),
                .rst_n(rst_n[ATTENTION]),
                .window_base, .window_bytes,
                .idle(idle[ATTENTION]),
                .access(access[ATTENTION]),
                .write(write[ATTENTION]),
                .address(address[12*ATTENTION +: 12]),
                .write_data(write_data[32*ATTENTION +: 32]),
                .read_data(read_data[32*ATTENTION +: 32]),
                .ready(ready[ATTENTION]),
                .m_read_valid(m_read_valid[ATTENTION_PORT]),
                .m_read_ready(m_read_ready[ATTENTION_PORT]),
                .m_read_address(m_read_address[64*ATTENTION_PORT +: 64]),
                .m_read_beats(m_read_beats[7*ATTENTION_PORT +: 7]),
                .m_answer_valid(m_answer_valid[ATTENTION_PORT]),
                .m_answer_data,
                .m_answer_last,
                .m_answer_error,
                .m_write_valid(m_write_valid[ATTENTION_PORT]),
                .m_write_ready(m_write_ready[ATTENTION_PORT]),
                .m_write_address(m_write_address[64*ATTENTION_PORT +: 64]),
                .m_write_beats(m_write_beats[7*ATTENTION_PORT +: 7]),
                .m_data_valid(m_data_valid[ATTENTION_PORT]),
                .m_data_ready(m_data_ready[ATTENTION_PORT]),
                .m_data(m_data[DATA_BITS*ATTENTION_PORT +: DATA_BITS]),
                .m_strobe(m_strobe[STROBES*ATTENTION_PORT +: STROBES]),
                .m_done_valid(m_done_valid[ATTENTION_PORT]),
                .m_done_error
            );
        end else begin : without_attention
            tern_absent_unit #(.DATA_BITS(DATA_BITS)) absent (
                .idle(idle[ATTENTION]),
                .access(access[ATTENTION]),
                .write(write[ATTENTION]),
                .address(address[12*ATTENTION +: 12]),
                .write_data(write_data[32*ATTENTION +: 32]),
                .read_data(read_data[32*ATTENTION +: 32]),
                .ready(ready[ATTENTION]),
                .m_read_valid(m_read_valid[ATTENTION_PORT]),
                .m_read_address(m_read_address[64*ATTENTION_PORT +: 64]),
                .m_read_beats(m_read_beats[7*ATTENTION_PORT +: 7]),
                .m_write_valid(m_write_valid[ATTENTION_PORT]),
                .m_write_address(m_write_address[64*ATTENTION_PORT +: 64]),
                .m_write_beats(m_write_beats[7*ATTENTION_PORT +: 7]),
                .m_data_valid(m_data_valid[ATTENTION_PORT]),
                .m_data(m_data[DATA_BITS*ATTENTION_PORT +: DATA_BITS]),
                .m_strobe(m_strobe[STROBES*ATTENTION_PORT +: STROBES])
            );
        end
    endgenerate

    tern_matmul #(.LANES(LANES), .VECTORS(VECTORS), .MAX_GROUPS(MAX_GROUPS)) matmul (
        .clk(clk[MATMUL]),
        .rst_n(rst_n[MATMUL]),
        .window_base, .window_bytes,
        .idle(idle[MATMUL]),
        .access(access[MATMUL]),
        .write(write[MATMUL]),
        .address(address[12*MATMUL +: 12]),
        .write_data(write_data[32*MATMUL +: 32]),
        .read_data(read_data[32*MATMUL +: 32]),
        .ready(ready[MATMUL]),
        .m_read_valid(m_read_valid[MATMUL_PORT]),
        .m_read_ready(m_read_ready[MATMUL_PORT]),
        .m_read_address(m_read_address[64*MATMUL_PORT +: 64]),
        .m_read_beats(m_read_beats[7*MATMUL_PORT +: 7]),
        .m_answer_valid(m_answer_valid[MATMUL_PORT]),
        .m_answer_data,
        .m_answer_last,
        .m_answer_error,
        .m_write_valid(m_write_valid[MATMUL_PORT]),
        .m_write_ready(m_write_ready[MATMUL_PORT]),
        .m_write_address(m_write_address[64*MATMUL_PORT +: 64]),
        .m_write_beats(m_write_beats[7*MATMUL_PORT +: 7]),
        .m_data_valid(m_data_valid[MATMUL_PORT]),
        .m_data_ready(m_data_ready[MATMUL_PORT]),
        .m_data(m_data[DATA_BITS*MATMUL_PORT +: DATA_BITS]),
        .m_strobe(m_strobe[STROBES*MATMUL_PORT +: STROBES]),
        .m_done_valid(m_done_valid[MATMUL_PORT]),
        .m_done_error
    );

    wire unused = &{1'b0, clocks_on};
endmodule

`default_nettype wire
