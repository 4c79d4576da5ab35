// SPDX-License-Identifier: Apache-2.0
// The rules of the memory port (rtl/bus/tern_memory_arbiter.v): requests of the unit and answers to it. They are bound
// to each unit that has one.
`include "tern_rule.svh"

module tern_memory_rules #(
    parameter DATA_BITS = 128
) (
    input wire                   clk,
    input wire                   rst_n,
    input wire                   read_valid,
    input wire                   read_ready,
    input wire [63:0]            read_address,
    input wire [6:0]             read_beats,
    input wire                   answer_valid,
    input wire                   answer_last,
    input wire                   write_valid,
    input wire                   write_ready,
    input wire [63:0]            write_address,
    input wire [6:0]             write_beats,
    input wire                   data_valid,
    input wire                   data_ready,
    input wire [DATA_BITS-1:0]   data,
    input wire [DATA_BITS/8-1:0] strobe,
    input wire                   done_valid
);
    localparam [31:0] BYTES = DATA_BITS / 8;

    tern_stream_rules #(.WIDTH(71)) read (.clk, .rst_n, .valid(read_valid), .ready(read_ready),
                                          .payload({read_address, read_beats}));
    tern_stream_rules #(.WIDTH(71)) write (.clk, .rst_n, .valid(write_valid), .ready(write_ready),
                                           .payload({write_address, write_beats}));
    tern_stream_rules #(.WIDTH(DATA_BITS + BYTES)) beats (.clk, .rst_n, .valid(data_valid), .ready(data_ready),
                                                          .payload({data, strobe}));

    function is_burst(input [11:0] first_byte, input [6:0] count);
        is_burst = count != 0 && count <= 7'd64 && first_byte % BYTES[11:0] == 0
                 && {20'd0, first_byte} + {25'd0, count} * BYTES <= 32'd4096;
    endfunction

    reg [6:0] read_lengths [0:255];
    reg [7:0] asked;
    reg [7:0] answered;
    reg [6:0] answer_beat;
    reg [6:0] beats_owed;
    reg [7:0] dones_owed;

    // The checks follow the order of events within a cycle.
    /* verilator lint_off BLKSEQ */
    always @(posedge clk)
        if (!rst_n) begin
            asked = 0;
            answered = 0;
            answer_beat = 0;
            beats_owed = 0;
            dones_owed = 0;
        end else if (read_valid || answer_valid || write_valid || data_valid || done_valid) begin
            if (read_valid) begin
                `TERN_RULE(is_burst(read_address[11:0], read_beats), "a read is no burst of 1 to 64 beats within 4 KiB")
                if (read_ready) begin
                    read_lengths[asked] = read_beats;
                    asked = asked + 1;
                end
            end
            if (answer_valid) begin
                `TERN_RULE(asked != answered, "an answer that was not asked for")
                `TERN_RULE(answer_last == (answer_beat + 7'd1 == read_lengths[answered]), "`last` is not with the last beat")
                answer_beat = answer_last ? 0 : answer_beat + 1;
                answered = answered + {7'd0, answer_last};
            end
            if (data_valid) begin
                `TERN_RULE(beats_owed != 0, "data without a burst that was taken")
                beats_owed = beats_owed - {6'd0, data_ready};
            end
            if (write_valid) begin
                `TERN_RULE(is_burst(write_address[11:0], write_beats), "a write is no burst of 1 to 64 beats within 4 KiB")
                `TERN_RULE(!write_ready || beats_owed == 0, "a write was taken before the data of the last one")
                if (write_ready) begin
                    beats_owed = write_beats;
                    dones_owed = dones_owed + 1;
                end
            end
            if (done_valid) begin
                `TERN_RULE(dones_owed != 0, "an answer to no write")
                dones_owed = dones_owed - 1;
            end
        end
endmodule

bind tern_memory_arbiter tern_stream_rules #(.WIDTH(OWNER_BITS + 71)) read_rules (
    .clk, .rst_n,
    .valid(m_read_valid),
    .ready(m_read_ready),
    .payload({m_read_owner, m_read_address, m_read_beats})
);

bind tern_memory_arbiter tern_stream_rules #(.WIDTH(OWNER_BITS + 71)) write_rules (
    .clk, .rst_n,
    .valid(m_write_valid),
    .ready(m_write_ready),
    .payload({m_write_owner, m_write_address, m_write_beats})
);
