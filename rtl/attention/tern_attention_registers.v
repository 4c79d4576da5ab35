// SPDX-License-Identifier: Apache-2.0
// Registers of the unit (spec/tern.toml, block ATTENTION): configuration, counters since reset. At start the outputs
// capture the configuration and the window. A write during a run thus takes effect in the next run. Counts that are out
// of range are captured as a flag and their low bits.
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
    output wire        start,             // pulses; what was taken is there the cycle after
    output wire        abort,
    output reg  [63:0] run_window_base,
    output reg  [64:0] run_window_end,
    output reg  [63:0] run_images,
    output reg  [63:0] run_cache,
    output reg  [63:0] run_output,
    output reg  [63:0] run_image_stride,
    output reg  [63:0] run_head_stride,
    output reg  [63:0] run_output_stride,
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

    assign ready = 1'b1;
    assign abort = control && write_data[`TERN_ATTENTION_CONTROL_ABORT];
    assign start = control && !abort && !busy && write_data[`TERN_ATTENTION_CONTROL_START];

    // Configuration.
    reg [63:0] images;
    reg [63:0] cache;
    reg [63:0] result;
    reg [63:0] image_stride;
    reg [63:0] head_stride;
    reg [63:0] output_stride;
    reg [31:0] kind;
    reg [31:0] kv_heads;
    reg [31:0] vectors;
    reg [31:0] head_size;
    reg [31:0] positions;

    always @(posedge clk)
        if (!rst_n) begin
            images <= 64'd0;
            cache <= 64'd0;
            result <= 64'd0;
            image_stride <= 64'd0;
            head_stride <= 64'd0;
            output_stride <= 64'd0;
            kind <= 32'd0;
            kv_heads <= 32'd0;
            vectors <= 32'd0;
            head_size <= 32'd0;
            positions <= 32'd0;
        end else if (write_word) begin
            case (address)
                `TERN_ATTENTION_REG_IMAGES_LO: images[31:0] <= write_data;
                `TERN_ATTENTION_REG_IMAGES_HI: images[63:32] <= write_data;
                `TERN_ATTENTION_REG_CACHE_LO: cache[31:0] <= write_data;
                `TERN_ATTENTION_REG_CACHE_HI: cache[63:32] <= write_data;
                `TERN_ATTENTION_REG_OUTPUT_LO: result[31:0] <= write_data;
                `TERN_ATTENTION_REG_OUTPUT_HI: result[63:32] <= write_data;
                `TERN_ATTENTION_REG_IMAGE_STRIDE_LO: image_stride[31:0] <= write_data;
                `TERN_ATTENTION_REG_IMAGE_STRIDE_HI: image_stride[63:32] <= write_data;
                `TERN_ATTENTION_REG_HEAD_STRIDE_LO: head_stride[31:0] <= write_data;
                `TERN_ATTENTION_REG_HEAD_STRIDE_HI: head_stride[63:32] <= write_data;
                `TERN_ATTENTION_REG_OUTPUT_STRIDE_LO: output_stride[31:0] <= write_data;
                `TERN_ATTENTION_REG_OUTPUT_STRIDE_HI: output_stride[63:32] <= write_data;
                `TERN_ATTENTION_REG_KIND: kind <= write_data;
                `TERN_ATTENTION_REG_KV_HEADS: kv_heads <= write_data;
                `TERN_ATTENTION_REG_VECTORS: vectors <= write_data;
                `TERN_ATTENTION_REG_HEAD_SIZE: head_size <= write_data;
                `TERN_ATTENTION_REG_POSITIONS: positions <= write_data;
                default: ;
            endcase
        end

    function out_of_range(input [31:0] count, input [31:0] largest);
        out_of_range = count == 32'd0 || count > largest;
    endfunction

    always @(posedge clk)
        if (start) begin
            run_window_base <= window_base;
            run_window_end <= {1'b0, window_base} + {1'b0, window_bytes};
            run_images <= images;
            run_cache <= cache;
            run_output <= result;
            run_image_stride <= image_stride;
            run_head_stride <= head_stride;
            run_output_stride <= output_stride;
            run_values <= kind[0];
            run_kv_heads <= kv_heads[8:0];
            run_vectors <= vectors[3:0];
            run_head_size <= head_size[8:0];
            run_positions <= positions[15:0];
            run_bad_length <= kind[31:1] != 31'd0 || out_of_range(kv_heads, `TERN_MAX_HEADS)
                            || out_of_range(vectors, `TERN_DOT_VECTORS) || out_of_range(head_size, `TERN_MAX_HEAD_SIZE)
                            || out_of_range(positions, `TERN_MAX_POSITIONS);
            run_misaligned <= |{images[5:0], cache[5:0], result[5:0], image_stride[5:0], head_stride[5:0],
                                output_stride[5:0]};
        end

    // Counters.
    reg [63:0] cycles;
    reg [63:0] offered;
    reg [63:0] taken;
    reg [63:0] starved;
    reg [63:0] stalled;

    always @(posedge clk)
        if (!rst_n) begin
            cycles <= 64'd0;
            offered <= 64'd0;
            taken <= 64'd0;
            starved <= 64'd0;
            stalled <= 64'd0;
        end else if (busy) begin
            cycles <= cycles + 64'd1;
            offered <= offered + {63'd0, slot_taken | slot_starved | slot_stalled};
            taken <= taken + {63'd0, slot_taken};
            starved <= starved + {63'd0, slot_starved};
            stalled <= stalled + {63'd0, slot_stalled};
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
            `TERN_ATTENTION_REG_IMAGES_LO: read_data = images[31:0];
            `TERN_ATTENTION_REG_IMAGES_HI: read_data = images[63:32];
            `TERN_ATTENTION_REG_CACHE_LO: read_data = cache[31:0];
            `TERN_ATTENTION_REG_CACHE_HI: read_data = cache[63:32];
            `TERN_ATTENTION_REG_OUTPUT_LO: read_data = result[31:0];
            `TERN_ATTENTION_REG_OUTPUT_HI: read_data = result[63:32];
            `TERN_ATTENTION_REG_IMAGE_STRIDE_LO: read_data = image_stride[31:0];
            `TERN_ATTENTION_REG_IMAGE_STRIDE_HI: read_data = image_stride[63:32];
            `TERN_ATTENTION_REG_HEAD_STRIDE_LO: read_data = head_stride[31:0];
            `TERN_ATTENTION_REG_HEAD_STRIDE_HI: read_data = head_stride[63:32];
            `TERN_ATTENTION_REG_OUTPUT_STRIDE_LO: read_data = output_stride[31:0];
            `TERN_ATTENTION_REG_OUTPUT_STRIDE_HI: read_data = output_stride[63:32];
            `TERN_ATTENTION_REG_KIND: read_data = kind;
            `TERN_ATTENTION_REG_KV_HEADS: read_data = kv_heads;
            `TERN_ATTENTION_REG_VECTORS: read_data = vectors;
            `TERN_ATTENTION_REG_HEAD_SIZE: read_data = head_size;
            `TERN_ATTENTION_REG_POSITIONS: read_data = positions;
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
            default: ;
        endcase
    end
endmodule

`default_nettype wire
