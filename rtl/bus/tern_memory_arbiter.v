// SPDX-License-Identifier: Apache-2.0
// Arbiter of a memory port for any number of masters. Reads and writes take turns apart, round robin.
//
// The memory port, here and in every unit:
//   read     A burst of `beats` (1..64) from `address`. It begins at a multiple of the bus width, stays within 4 KiB,
//            and is offered until ready.
//   answer   The beats of a read in order, `last` with the last one. `error` says that memory refused the beat. There
//            is no ready: the master has room for what it asked for.
//   write    A burst as for reads. One burst at a time is taken.
//   data     The beats of the write with strobes, from the cycle after it was taken. Each is offered until ready.
//   done     Memory has answered the burst; `error` when it refused.
// The answers of one master come in the order of its bursts. `owner` routes them back.
`default_nettype none

module tern_memory_arbiter #(
    parameter MASTERS = 2,
    parameter OWNER_BITS = 1,
    parameter DATA_BITS = 128
) (
    input  wire                           clk,
    input  wire                           rst_n,
    // the masters side by side, number 0 lowest
    input  wire [MASTERS-1:0]             s_read_valid,
    output wire [MASTERS-1:0]             s_read_ready,
    input  wire [MASTERS*64-1:0]          s_read_address,
    input  wire [MASTERS*7-1:0]           s_read_beats,
    output wire [MASTERS-1:0]             s_answer_valid,
    output wire [DATA_BITS-1:0]           s_answer_data,
    output wire                           s_answer_last,
    output wire                           s_answer_error,
    input  wire [MASTERS-1:0]             s_write_valid,
    output wire [MASTERS-1:0]             s_write_ready,
    input  wire [MASTERS*64-1:0]          s_write_address,
    input  wire [MASTERS*7-1:0]           s_write_beats,
    input  wire [MASTERS-1:0]             s_data_valid,
    output wire [MASTERS-1:0]             s_data_ready,
    input  wire [MASTERS*DATA_BITS-1:0]   s_data,
    input  wire [MASTERS*DATA_BITS/8-1:0] s_strobe,
    output wire [MASTERS-1:0]             s_done_valid,
    output wire                           s_done_error,
    output wire                           m_read_valid,
    input  wire                           m_read_ready,
    output wire [63:0]                    m_read_address,
    output wire [6:0]                     m_read_beats,
    output wire [OWNER_BITS-1:0]          m_read_owner,
    input  wire                           m_answer_valid,
    input  wire [DATA_BITS-1:0]           m_answer_data,
    input  wire                           m_answer_last,
    input  wire                           m_answer_error,
    input  wire [OWNER_BITS-1:0]          m_answer_owner,
    output wire                           m_write_valid,
    input  wire                           m_write_ready,
    output wire [63:0]                    m_write_address,
    output wire [6:0]                     m_write_beats,
    output wire [OWNER_BITS-1:0]          m_write_owner,
    output wire                           m_data_valid,
    input  wire                           m_data_ready,
    output wire [DATA_BITS-1:0]           m_data,
    output wire [DATA_BITS/8-1:0]         m_strobe,
    input  wire                           m_done_valid,
    input  wire                           m_done_error,
    input  wire [OWNER_BITS-1:0]          m_done_owner
);
    localparam STROBES = DATA_BITS / 8;
    localparam [MASTERS-1:0] FIRST = 1;

    // Reads.
    tern_round_robin #(.COUNT(MASTERS), .OWNER_BITS(OWNER_BITS)) reader (
        .clk, .rst_n,
        .wants(s_read_valid),
        .hold(m_read_valid && !m_read_ready),
        .owner(m_read_owner)
    );

    assign m_read_valid = s_read_valid[m_read_owner];
    assign m_read_address = s_read_address[64*m_read_owner +: 64];
    assign m_read_beats = s_read_beats[7*m_read_owner +: 7];
    assign s_read_ready = (FIRST << m_read_owner) & {MASTERS{m_read_ready}};
    assign s_answer_valid = (FIRST << m_answer_owner) & {MASTERS{m_answer_valid}};
    assign s_answer_data = m_answer_data;
    assign s_answer_last = m_answer_last;
    assign s_answer_error = m_answer_error;

    // Writes: the data are those of the burst taken last.
    reg [OWNER_BITS-1:0] sender;
    reg [MASTERS-1:0]    sends;    // a bit for each master, for the short way of valid and ready

    tern_round_robin #(.COUNT(MASTERS), .OWNER_BITS(OWNER_BITS)) writer (
        .clk, .rst_n,
        .wants(s_write_valid),
        .hold(m_write_valid && !m_write_ready),
        .owner(m_write_owner)
    );

    assign m_write_valid = s_write_valid[m_write_owner];
    assign m_write_address = s_write_address[64*m_write_owner +: 64];
    assign m_write_beats = s_write_beats[7*m_write_owner +: 7];
    assign s_write_ready = (FIRST << m_write_owner) & {MASTERS{m_write_ready}};
    assign m_data_valid = |(s_data_valid & sends);
    assign m_data = s_data[DATA_BITS*sender +: DATA_BITS];
    assign m_strobe = s_strobe[STROBES*sender +: STROBES];
    assign s_data_ready = sends & {MASTERS{m_data_ready}};
    assign s_done_valid = (FIRST << m_done_owner) & {MASTERS{m_done_valid}};
    assign s_done_error = m_done_error;

    always @(posedge clk)
        if (!rst_n) begin
            sender <= {OWNER_BITS{1'b0}};
            sends <= FIRST;
        end else if (m_write_valid && m_write_ready) begin
            sender <= m_write_owner;
            sends <= FIRST << m_write_owner;
        end
endmodule

`default_nettype wire
