// SPDX-License-Identifier: Apache-2.0
// An output writer for each vector, on one write port. A vector whose image is lost, or whose writer failed, writes
// nothing more, while the others go on. The run fails here only when no vector is left.
`default_nettype none

`include "tern_spec.vh"

module tern_output_writers #(
    parameter LANES = 1,
    parameter VECTORS = 1
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 start,
    input  wire                 flush,
    input  wire                 discard,         // of all vectors
    input  wire [63:0]          base,            // of the first vector; settled two cycles before start
    input  wire [63:0]          stride,          // from one output to the next
    input  wire [VECTORS-1:0]   active,          // vectors of the run
    input  wire [VECTORS-1:0]   lost,            // vectors without an image: a bus error
    input  wire [63:0]          window_base,
    input  wire [64:0]          window_end,
    input  wire                 s_valid,
    input  wire [31:0]          s_word,
    input  wire [1:0]           s_vector,
    output wire                 m_room,          // for 16 words of each vector
    output wire                 idle,
    output wire                 failed,          // no vector is left
    output wire                 vector_failed,   // some vectors failed, one of several or of all; the first of them:
    output wire                 vector_failed_0, // it is vector 0
    output wire [7:0]           status,
    output wire [17:0]          strip,
    output wire                 m_write_valid,
    input  wire                 m_write_ready,
    output wire [63:0]          m_write_address,
    output wire [6:0]           m_write_beats,
    output wire                 m_data_valid,
    input  wire                 m_data_ready,
    output wire [128*LANES-1:0] m_data,
    output wire [16*LANES-1:0]  m_strobe,
    input  wire                 m_done_valid,
    input  wire                 m_done_error
);
    generate
        if (VECTORS == 1) begin : one
            tern_output_writer #(.LANES(LANES)) writer (
                .clk, .rst_n, .start, .flush, .discard, .base, .window_base, .window_end, .s_valid, .s_word, .m_room,
                .idle, .failed, .status, .strip, .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats,
                .m_data_valid, .m_data_ready, .m_data, .m_strobe, .m_done_valid, .m_done_error
            );
            assign vector_failed = 1'b0;
            assign vector_failed_0 = 1'b0;

            wire unused = &{1'b0, stride, active, lost, s_vector};
        end else begin : several
            localparam DATA_BITS = 128 * LANES;

            wire [VECTORS-1:0]           writer_room;
            wire [VECTORS-1:0]           writer_idle;
            wire [VECTORS-1:0]           writer_failed;
            wire [VECTORS-1:0]           gone = active & (lost | writer_failed);
            wire [8*VECTORS-1:0]         writer_status;
            wire [18*VECTORS-1:0]        writer_strip;
            wire [VECTORS-1:0]           s_write_valid;
            wire [VECTORS-1:0]           s_write_ready;
            wire [64*VECTORS-1:0]        s_write_address;
            wire [7*VECTORS-1:0]         s_write_beats;
            wire [VECTORS-1:0]           s_data_valid;
            wire [VECTORS-1:0]           s_data_ready;
            wire [DATA_BITS*VECTORS-1:0] s_data;
            wire [16*LANES*VECTORS-1:0]  s_strobe;
            wire [VECTORS-1:0]           s_done_valid;
            wire                         s_done_error;
            wire [64*VECTORS-1:0]        bases;
            reg  [7:0]                   first_status;
            reg  [17:0]                  first_strip;
            integer choice;

            // The first one that failed is looked at last.
            always @* begin
                first_status = `TERN_STATUS_OK;
                first_strip = 18'd0;
                for (choice = VECTORS - 1; choice >= 0; choice = choice - 1)
                    if (gone[choice]) begin
                        first_status = lost[choice] ? `TERN_STATUS_BUS_ERROR : writer_status[8 * choice +: 8];
                        first_strip = lost[choice] ? 18'd0 : writer_strip[18 * choice +: 18];
                    end
            end

            assign m_room = &writer_room;
            assign idle = &writer_idle;
            assign failed = gone == active;
            assign vector_failed = gone != {VECTORS{1'b0}};
            assign vector_failed_0 = gone[0];
            assign status = first_status;
            assign strip = first_strip;

            genvar vector;
            for (vector = 0; vector < VECTORS; vector = vector + 1) begin : writer_of
                localparam [31:0] VECTOR = vector;
                localparam FROM = vector == 3 ? 2 : 0;

                if (vector == 0) begin : first
                    assign bases[63:0] = base;
                end else begin : later
                    reg [63:0] own_base;

                    always @(posedge clk)
                        own_base <= bases[64 * FROM +: 64] + (vector == 2 ? {stride[62:0], 1'b0} : stride);

                    assign bases[64 * vector +: 64] = own_base;
                end

                tern_output_writer #(.LANES(LANES)) writer (
                    .clk, .rst_n, .start, .flush,
                    .discard(discard | gone[vector]),
                    .base(bases[64 * vector +: 64]),
                    .window_base, .window_end,
                    .s_valid(s_valid && s_vector == VECTOR[1:0]),
                    .s_word,
                    .m_room(writer_room[vector]),
                    .idle(writer_idle[vector]),
                    .failed(writer_failed[vector]),
                    .status(writer_status[8 * vector +: 8]),
                    .strip(writer_strip[18 * vector +: 18]),
                    .m_write_valid(s_write_valid[vector]),
                    .m_write_ready(s_write_ready[vector]),
                    .m_write_address(s_write_address[64 * vector +: 64]),
                    .m_write_beats(s_write_beats[7 * vector +: 7]),
                    .m_data_valid(s_data_valid[vector]),
                    .m_data_ready(s_data_ready[vector]),
                    .m_data(s_data[DATA_BITS * vector +: DATA_BITS]),
                    .m_strobe(s_strobe[16 * LANES * vector +: 16 * LANES]),
                    .m_done_valid(s_done_valid[vector]),
                    .m_done_error(s_done_error)
                );

                wire unused = &{1'b0, VECTOR[31:2]};
            end

            // Memory answers in the order of the bursts; a queue keeps whose they are.
            localparam OWNER_BITS = $clog2(VECTORS);
            localparam FLIGHT_BITS = OWNER_BITS + 3;

            reg  [OWNER_BITS-1:0]  owners [0:(1 << FLIGHT_BITS)-1];
            reg  [FLIGHT_BITS-1:0] taken;
            reg  [FLIGHT_BITS-1:0] answered;
            wire [OWNER_BITS-1:0]  write_owner;
            wire                   no_read_valid;
            wire [63:0]            no_read_address;
            wire [6:0]             no_read_beats;
            wire [OWNER_BITS-1:0]  no_read_owner;
            wire [VECTORS-1:0]     no_read_ready;
            wire [VECTORS-1:0]     no_answer_valid;
            wire [DATA_BITS-1:0]   no_answer_data;
            wire                   no_answer_last;
            wire                   no_answer_error;

            always @(posedge clk)
                if (m_write_valid && m_write_ready)
                    owners[taken] <= write_owner;

            always @(posedge clk)
                if (!rst_n) begin
                    taken <= 0;
                    answered <= 0;
                end else begin
                    taken <= taken + {{(FLIGHT_BITS - 1){1'b0}}, m_write_valid & m_write_ready};
                    answered <= answered + {{(FLIGHT_BITS - 1){1'b0}}, m_done_valid};
                end

            tern_memory_arbiter #(.MASTERS(VECTORS), .OWNER_BITS(OWNER_BITS), .DATA_BITS(DATA_BITS)) arbiter (
                .clk, .rst_n,
                .s_read_valid({VECTORS{1'b0}}),
                .s_read_ready(no_read_ready),
                .s_read_address({VECTORS{64'd0}}),
                .s_read_beats({VECTORS{7'd0}}),
                .s_answer_valid(no_answer_valid),
                .s_answer_data(no_answer_data),
                .s_answer_last(no_answer_last),
                .s_answer_error(no_answer_error),
                .s_write_valid, .s_write_ready, .s_write_address, .s_write_beats, .s_data_valid, .s_data_ready,
                .s_data, .s_strobe, .s_done_valid, .s_done_error,
                .m_read_valid(no_read_valid),
                .m_read_ready(1'b0),
                .m_read_address(no_read_address),
                .m_read_beats(no_read_beats),
                .m_read_owner(no_read_owner),
                .m_answer_valid(1'b0),
                .m_answer_data({DATA_BITS{1'b0}}),
                .m_answer_last(1'b0),
                .m_answer_error(1'b0),
                .m_answer_owner({OWNER_BITS{1'b0}}),
                .m_write_valid, .m_write_ready, .m_write_address, .m_write_beats,
                .m_write_owner(write_owner),
                .m_data_valid, .m_data_ready, .m_data, .m_strobe, .m_done_valid, .m_done_error,
                .m_done_owner(owners[answered])
            );

            wire unused = &{1'b0, no_read_valid, no_read_address, no_read_beats, no_read_owner, no_read_ready,
                            no_answer_valid, no_answer_data, no_answer_last, no_answer_error};
        end
    endgenerate
endmodule

`default_nettype wire
