// SPDX-License-Identifier: Apache-2.0
// Registers of the unit (spec/tern.toml, block MATMUL): configuration and counters since reset. The outputs follow the
// configuration and the window, and stand still while the unit is busy. A write during a run thus takes effect in the
// next run. An idle unit has a clock in the cycles of an access: that of the start brings the outputs up to date.
// Model: tern_matmul_unit_write() of cmodel/device/matmul.c.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul_registers #(
    parameter VECTORS = 1
) (
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
    output reg         start,          // pulses, the cycle after the access; the configuration is there
    output reg         abort,
    output reg         run_check_only, // of the activations
    output reg  [63:0] run_window_base,
    output reg  [64:0] run_window_end,
    output reg  [63:0] run_weights,
    output reg  [63:0] run_crc,
    output reg  [63:0] run_steps,
    output reg  [63:0] run_activation,
    output reg  [63:0] run_output,
    output wire [31:0] run_vectors,
    output wire [63:0] run_activation_stride,
    output wire [63:0] run_output_stride,
    output wire        run_bad_stride,
    output reg  [31:0] run_rows,
    output reg  [31:0] run_columns,
    output reg  [11:0] run_groups,     // as stored; defined for columns within the limit
    output reg  [3:0]  run_depth_stored,
    output reg  [3:0]  run_depth_used,
    input  wire        busy,           // with `start` and after it
    input  wire [7:0]  status,
    input  wire [17:0] error_detail,
    input  wire        slot_taken,
    input  wire        slot_starved,
    input  wire        slot_stalled
);
    // A cycle late, for the many registers that hold during a run. The next write is farther away.
    reg  held;

    always @(posedge clk)
        held <= rst_n && busy;

    wire write_word = access && write;
    wire control = write_word && address == `TERN_MATMUL_REG_CONTROL;
    wire aborts = write_data[`TERN_MATMUL_CONTROL_ABORT];
    wire starts = write_data[`TERN_MATMUL_CONTROL_START];

    assign ready = 1'b1;

    always @(posedge clk) begin
        start <= rst_n && control && !aborts && !busy && (starts || write_data[`TERN_MATMUL_CONTROL_CHECK]);
        abort <= rst_n && control && aborts;
        if (control && !busy)
            run_check_only <= !starts;
    end

    // Configuration.
    reg [63:0] weights;
    reg [63:0] crc;
    reg [63:0] steps;
    reg [63:0] activation;
    reg [63:0] result;
    reg [31:0] rows;
    reg [31:0] columns;
    reg [3:0]  depth_stored;
    reg [3:0]  depth_used;

    // 64 columns are four groups.
    wire [16:0] rounded_up = {1'b0, columns[15:0]} + 17'd63;

    always @(posedge clk)
        if (!rst_n) begin
            weights <= 64'd0;
            crc <= 64'd0;
            steps <= 64'd0;
            activation <= 64'd0;
            result <= 64'd0;
            rows <= 32'd0;
            columns <= 32'd0;
            depth_stored <= 4'd0;
            depth_used <= 4'd0;
        end else if (write_word) begin
            case (address)
                `TERN_MATMUL_REG_WEIGHTS_LO: weights[31:0] <= write_data;
                `TERN_MATMUL_REG_WEIGHTS_HI: weights[63:32] <= write_data;
                `TERN_MATMUL_REG_CRC_LO: crc[31:0] <= write_data;
                `TERN_MATMUL_REG_CRC_HI: crc[63:32] <= write_data;
                `TERN_MATMUL_REG_STEPS_LO: steps[31:0] <= write_data;
                `TERN_MATMUL_REG_STEPS_HI: steps[63:32] <= write_data;
                `TERN_MATMUL_REG_ACTIVATION_LO: activation[31:0] <= write_data;
                `TERN_MATMUL_REG_ACTIVATION_HI: activation[63:32] <= write_data;
                `TERN_MATMUL_REG_OUTPUT_LO: result[31:0] <= write_data;
                `TERN_MATMUL_REG_OUTPUT_HI: result[63:32] <= write_data;
                `TERN_MATMUL_REG_ROWS: rows <= write_data;
                `TERN_MATMUL_REG_COLUMNS: columns <= write_data;
                `TERN_MATMUL_REG_DEPTH: begin
                    depth_stored <= write_data[`TERN_MATMUL_DEPTH_STORED];
                    depth_used <= write_data[`TERN_MATMUL_DEPTH_USED];
                end
                default: ;
            endcase
        end

    always @(posedge clk)
        if (!held) begin
            run_window_base <= window_base;
            run_window_end <= {1'b0, window_base} + {1'b0, window_bytes};
            run_weights <= weights;
            run_crc <= crc;
            run_steps <= steps;
            run_activation <= activation;
            run_output <= result;
            run_rows <= rows;
            run_columns <= columns;
            run_groups <= {rounded_up[15:6], 2'b00};
            run_depth_stored <= depth_stored;
            run_depth_used <= depth_used;
        end

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
        end else if (held) begin
            cycles <= cycles + 64'd1;
            offered <= offered + {63'd0, was_taken | was_starved | was_stalled};
            taken <= taken + {63'd0, was_taken};
            starved <= starved + {63'd0, was_starved};
            stalled <= stalled + {63'd0, was_stalled};
        end

    // Several vectors: their number, and the distances of images and outputs ("vectors true" in the spec).
    wire [31:0] vectors_data;

    generate
        if (VECTORS == 1) begin : one
            assign vectors_data = address == `TERN_MATMUL_REG_VECTORS ? 32'd1 : 32'd0;
            assign run_vectors = 32'd1;
            assign run_activation_stride = 64'd0;
            assign run_output_stride = 64'd0;
            assign run_bad_stride = 1'b0;
        end else begin : several
            reg [31:0] vectors;
            reg [63:0] activation_stride;
            reg [63:0] output_stride;
            reg [31:0] word;
            reg [31:0] taken_vectors;
            reg [63:0] taken_activation_stride;
            reg [63:0] taken_output_stride;

            always @(posedge clk)
                if (!rst_n) begin
                    vectors <= 32'd1;
                    activation_stride <= 64'd0;
                    output_stride <= 64'd0;
                end else if (write_word)
                    case (address)
                        `TERN_MATMUL_REG_VECTORS: vectors <= write_data;
                        `TERN_MATMUL_REG_ACTIVATION_STRIDE_LO: activation_stride[31:0] <= write_data;
                        `TERN_MATMUL_REG_ACTIVATION_STRIDE_HI: activation_stride[63:32] <= write_data;
                        `TERN_MATMUL_REG_OUTPUT_STRIDE_LO: output_stride[31:0] <= write_data;
                        `TERN_MATMUL_REG_OUTPUT_STRIDE_HI: output_stride[63:32] <= write_data;
                        default: ;
                    endcase

            always @(posedge clk)
                if (!held)
                    {taken_vectors, taken_activation_stride, taken_output_stride}
                        <= {vectors, activation_stride, output_stride};

            always @*
                case (address)
                    `TERN_MATMUL_REG_VECTORS: word = vectors;
                    `TERN_MATMUL_REG_ACTIVATION_STRIDE_LO: word = activation_stride[31:0];
                    `TERN_MATMUL_REG_ACTIVATION_STRIDE_HI: word = activation_stride[63:32];
                    `TERN_MATMUL_REG_OUTPUT_STRIDE_LO: word = output_stride[31:0];
                    `TERN_MATMUL_REG_OUTPUT_STRIDE_HI: word = output_stride[63:32];
                    default: word = 32'd0;
                endcase

            assign vectors_data = word;
            assign run_vectors = taken_vectors;
            assign run_activation_stride = taken_activation_stride;
            assign run_output_stride = taken_output_stride;
            // Misaligned, or too large.
            wire [63:0] strides = taken_activation_stride | taken_output_stride;
            wire        unused = &{1'b0, strides};

            assign run_bad_stride = taken_vectors > 32'd1
                              && (strides[5:0] != 6'd0 || strides[63:`TERN_STRIDE_LIMIT_LOG2] != 0);
        end
    endgenerate

    always @* begin
        read_data = vectors_data;
        case (address)
            `TERN_MATMUL_REG_ID: read_data = `TERN_MATMUL_ID;
            `TERN_MATMUL_REG_STATUS: begin
                read_data[`TERN_MATMUL_STATUS_BUSY] = busy;
                read_data[`TERN_MATMUL_STATUS_CODE] = status;
            end
            `TERN_MATMUL_REG_ERROR_DETAIL: read_data = {14'd0, error_detail};
            `TERN_MATMUL_REG_WEIGHTS_LO: read_data = weights[31:0];
            `TERN_MATMUL_REG_WEIGHTS_HI: read_data = weights[63:32];
            `TERN_MATMUL_REG_CRC_LO: read_data = crc[31:0];
            `TERN_MATMUL_REG_CRC_HI: read_data = crc[63:32];
            `TERN_MATMUL_REG_STEPS_LO: read_data = steps[31:0];
            `TERN_MATMUL_REG_STEPS_HI: read_data = steps[63:32];
            `TERN_MATMUL_REG_ACTIVATION_LO: read_data = activation[31:0];
            `TERN_MATMUL_REG_ACTIVATION_HI: read_data = activation[63:32];
            `TERN_MATMUL_REG_OUTPUT_LO: read_data = result[31:0];
            `TERN_MATMUL_REG_OUTPUT_HI: read_data = result[63:32];
            `TERN_MATMUL_REG_ROWS: read_data = rows;
            `TERN_MATMUL_REG_COLUMNS: read_data = columns;
            `TERN_MATMUL_REG_DEPTH: begin
                read_data[`TERN_MATMUL_DEPTH_STORED] = depth_stored;
                read_data[`TERN_MATMUL_DEPTH_USED] = depth_used;
            end
            `TERN_MATMUL_REG_CYCLES_LO: read_data = cycles[31:0];
            `TERN_MATMUL_REG_CYCLES_HI: read_data = cycles[63:32];
            `TERN_MATMUL_REG_OFFERED_LO: read_data = offered[31:0];
            `TERN_MATMUL_REG_OFFERED_HI: read_data = offered[63:32];
            `TERN_MATMUL_REG_TAKEN_LO: read_data = taken[31:0];
            `TERN_MATMUL_REG_TAKEN_HI: read_data = taken[63:32];
            `TERN_MATMUL_REG_STARVED_LO: read_data = starved[31:0];
            `TERN_MATMUL_REG_STARVED_HI: read_data = starved[63:32];
            `TERN_MATMUL_REG_STALLED_LO: read_data = stalled[31:0];
            `TERN_MATMUL_REG_STALLED_HI: read_data = stalled[63:32];
            default: ;
        endcase
    end

    wire unused = &{1'b0, rounded_up[16], rounded_up[5:0]};
endmodule

`default_nettype wire
