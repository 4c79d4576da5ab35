// SPDX-License-Identifier: Apache-2.0
// Registers of the unit (spec/tern.toml, block ATTENTION): configuration, counters since reset. The configuration is a
// small memory. At start its words are copied to the outputs, one a cycle; the window is kept. A write during a run thus
// takes effect in the next run. Configuration registers are not ready while they are copied. Counts out of range are
// found on the way.
// Model: tern_attention_unit_write() of cmodel/device/attention.c.
`default_nettype none

`include "tern_spec.vh"

module tern_attention_registers (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        access,
    input  wire        write,
    input  wire [11:0] address,
    input  wire [31:0] write_data,
    output reg  [31:0] read_data,
    output wire        ready,
    input  wire [63:0] window_base,
    input  wire [63:0] window_bytes,
    output reg         start,             // pulses, a cycle after the write
    output wire        abort,
    output wire        copying,           // the next outputs are not there yet
    output reg  [63:0] run_window_base,
    output reg  [64:0] run_window_end,
    output reg  [63:6] run_images,
    output reg  [63:6] run_cache,
    output reg  [63:6] run_output,
    output reg  [63:6] run_image_stride,
    output reg  [63:6] run_head_stride,
    output reg  [63:6] run_output_stride,
    output reg         run_values,        // KIND
    output reg  [8:0]  run_kv_heads,
    output reg  [3:0]  run_vectors,
    output reg  [8:0]  run_head_size,
    output reg  [15:0] run_positions,
    output reg         run_bad_length,    // a count is out of range
    output reg         run_misaligned,    // an address or a stride
    input  wire        busy,
    input  wire [7:0]  status,
    input  wire [7:0]  error_what,
    input  wire [7:0]  error_head,
    input  wire [15:0] error_index,
    input  wire        slot_taken,
    input  wire        slot_starved,
    input  wire        slot_stalled
);
    wire write_word = access && write;
    wire control = write_word && address == `TERN_ATTENTION_REG_CONTROL;

    // Configuration, from its first register on. A word is 0 until it is written.
    localparam [11:0] FIRST = `TERN_ATTENTION_REG_IMAGES_LO;
    localparam [11:0] LAST = `TERN_ATTENTION_REG_POSITIONS;

    reg  [31:0] words [0:31];
    reg  [31:0] written;           // a cycle later: the next access is farther away
    reg         configured;
    reg  [4:0]  configured_index;
    reg         reads;             // words are read, one a cycle
    reg  [4:0]  copied;
    reg         takes;             // and taken a cycle later
    reg  [4:0]  taken_index;
    reg  [31:0] copy;
    wire        is_word = address >= FIRST && address <= LAST && address[1:0] == 2'd0;
    wire [4:0]  index = reads ? copied : address[6:2];
    wire [31:0] word = words[index] & {32{written[index]}};
    wire        write_here = write_word && is_word && ready;

    assign copying = reads || takes;
    assign ready = !(is_word && reads);
    wire begins = control && !abort && !busy && write_data[`TERN_ATTENTION_CONTROL_START];

    assign abort = control && write_data[`TERN_ATTENTION_CONTROL_ABORT];

    always @(posedge clk) begin
        start <= rst_n && begins;
        if (write_here)
            words[address[6:2]] <= write_data;
        configured <= rst_n && write_here;
        configured_index <= address[6:2];
        copied <= reads ? copied + 5'd1 : FIRST[6:2];
        taken_index <= copied;
        copy <= word;
    end

    always @(posedge clk)
        if (!rst_n) begin
            written <= 32'd0;
            reads <= 1'b0;
            takes <= 1'b0;
        end else begin
            written <= written | {31'd0, configured} << configured_index;
            reads <= begins || (reads && copied != LAST[6:2]);
            takes <= reads;
        end

    // A count is 1 to a power of two when the count less 1 has no bit of that power or above.
    wire [31:0] less = copy - 32'd1;

    always @(posedge clk)
        if (!busy) begin
            run_window_base <= window_base;
            run_window_end <= {1'b0, window_base} + {1'b0, window_bytes};
            run_bad_length <= 1'b0;
            run_misaligned <= 1'b0;
        end else if (takes)
            case ({5'd0, taken_index, 2'd0})
                `TERN_ATTENTION_REG_IMAGES_LO, `TERN_ATTENTION_REG_CACHE_LO, `TERN_ATTENTION_REG_OUTPUT_LO,
                `TERN_ATTENTION_REG_IMAGE_STRIDE_LO, `TERN_ATTENTION_REG_HEAD_STRIDE_LO,
                `TERN_ATTENTION_REG_OUTPUT_STRIDE_LO: run_misaligned <= run_misaligned | (|copy[5:0]);
                `TERN_ATTENTION_REG_KIND: run_bad_length <= run_bad_length | (|copy[31:1]);
                `TERN_ATTENTION_REG_KV_HEADS: run_bad_length <= run_bad_length | (|(less & -`TERN_MAX_HEADS));
                `TERN_ATTENTION_REG_VECTORS: run_bad_length <= run_bad_length | (|(less & -`TERN_DOT_VECTORS));
                `TERN_ATTENTION_REG_HEAD_SIZE: run_bad_length <= run_bad_length | (|(less & -`TERN_MAX_HEAD_SIZE));
                `TERN_ATTENTION_REG_POSITIONS: run_bad_length <= run_bad_length | (|(less & -`TERN_MAX_POSITIONS));
                default: ;
            endcase

    // Words are taken during a run alone.
    always @(posedge clk)
        if (takes)
            case ({5'd0, taken_index, 2'd0})
                `TERN_ATTENTION_REG_IMAGES_LO: run_images[31:6] <= copy[31:6];
                `TERN_ATTENTION_REG_IMAGES_HI: run_images[63:32] <= copy;
                `TERN_ATTENTION_REG_CACHE_LO: run_cache[31:6] <= copy[31:6];
                `TERN_ATTENTION_REG_CACHE_HI: run_cache[63:32] <= copy;
                `TERN_ATTENTION_REG_OUTPUT_LO: run_output[31:6] <= copy[31:6];
                `TERN_ATTENTION_REG_OUTPUT_HI: run_output[63:32] <= copy;
                `TERN_ATTENTION_REG_IMAGE_STRIDE_LO: run_image_stride[31:6] <= copy[31:6];
                `TERN_ATTENTION_REG_IMAGE_STRIDE_HI: run_image_stride[63:32] <= copy;
                `TERN_ATTENTION_REG_HEAD_STRIDE_LO: run_head_stride[31:6] <= copy[31:6];
                `TERN_ATTENTION_REG_HEAD_STRIDE_HI: run_head_stride[63:32] <= copy;
                `TERN_ATTENTION_REG_OUTPUT_STRIDE_LO: run_output_stride[31:6] <= copy[31:6];
                `TERN_ATTENTION_REG_OUTPUT_STRIDE_HI: run_output_stride[63:32] <= copy;
                `TERN_ATTENTION_REG_KIND: run_values <= copy[0];
                `TERN_ATTENTION_REG_KV_HEADS: run_kv_heads <= copy[8:0];
                `TERN_ATTENTION_REG_VECTORS: run_vectors <= copy[3:0];
                `TERN_ATTENTION_REG_HEAD_SIZE: run_head_size <= copy[8:0];
                default: run_positions <= copy[15:0];
            endcase

    // Counters.
    reg [63:0] cycles;
    reg [63:0] offered;
    reg [63:0] taken;
    reg [63:0] starved;
    reg [63:0] stalled;
    reg        was_taken;
    reg        was_starved;
    reg        was_stalled;

    // A cycle later. A run is busy for some cycles after its last slot.
    always @(posedge clk)
        {was_taken, was_starved, was_stalled} <= {slot_taken, slot_starved, slot_stalled};

    always @(posedge clk)
        if (!rst_n) begin
            cycles <= 64'd0;
            offered <= 64'd0;
            taken <= 64'd0;
            starved <= 64'd0;
            stalled <= 64'd0;
        end else if (busy) begin
            cycles <= cycles + 64'd1;
            offered <= offered + {63'd0, was_taken | was_starved | was_stalled};
            taken <= taken + {63'd0, was_taken};
            starved <= starved + {63'd0, was_starved};
            stalled <= stalled + {63'd0, was_stalled};
        end

    always @* begin
        read_data = 32'd0;
        case (address)
            `TERN_ATTENTION_REG_ID: read_data = `TERN_ATTENTION_ID;
            `TERN_ATTENTION_REG_STATUS: begin
                read_data[`TERN_ATTENTION_STATUS_BUSY] = busy;
                read_data[`TERN_ATTENTION_STATUS_CODE] = status;
            end
            `TERN_ATTENTION_REG_ERROR: begin
                read_data[`TERN_ATTENTION_ERROR_WHAT] = error_what;
                read_data[`TERN_ATTENTION_ERROR_HEAD] = error_head;
                read_data[`TERN_ATTENTION_ERROR_INDEX] = error_index;
            end
            `TERN_ATTENTION_REG_CYCLES_LO: read_data = cycles[31:0];
            `TERN_ATTENTION_REG_CYCLES_HI: read_data = cycles[63:32];
            `TERN_ATTENTION_REG_OFFERED_LO: read_data = offered[31:0];
            `TERN_ATTENTION_REG_OFFERED_HI: read_data = offered[63:32];
            `TERN_ATTENTION_REG_TAKEN_LO: read_data = taken[31:0];
            `TERN_ATTENTION_REG_TAKEN_HI: read_data = taken[63:32];
            `TERN_ATTENTION_REG_STARVED_LO: read_data = starved[31:0];
            `TERN_ATTENTION_REG_STARVED_HI: read_data = starved[63:32];
            `TERN_ATTENTION_REG_STALLED_LO: read_data = stalled[31:0];
            `TERN_ATTENTION_REG_STALLED_HI: read_data = stalled[63:32];
            default: read_data = word & {32{is_word}};
        endcase
    end
endmodule

`default_nettype wire
