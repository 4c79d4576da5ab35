// SPDX-License-Identifier: Apache-2.0
// Registers of the unit (spec/tern.toml, block MATMUL): configuration, step table, counters since reset. At start the
// outputs capture the configuration and the window. A second step table captures the steps, one a cycle. A write during
// a run thus takes effect in the next run. Step registers are not ready during those 27 cycles. finish reads its first
// step later than that, because a strip takes longer to stream.
// Model: tern_matmul_unit_write() of cmodel/device/matmul.c.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul_registers (
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
    output wire        start,         // pulses; what was taken is there the cycle after
    output wire        abort,
    output reg  [63:0] run_window_base,
    output reg  [64:0] run_window_end,
    output reg  [63:0] run_weights,
    output reg  [63:0] run_crc,
    output reg  [63:0] run_activation,
    output reg  [63:0] run_output,
    output reg  [31:0] run_rows,
    output reg  [31:0] run_groups,
    output reg  [3:0]  run_depth_stored,
    output reg  [3:0]  run_depth_used,
    output reg  [31:0] run_exponent,
    output reg         run_bad_steps, // a step's shift is over STEP_RATIO_LOG2
    input  wire [4:0]  step_index,
    output wire [23:0] step_mantissa, // combinational
    output wire [5:0]  step_shift,
    input  wire        busy,
    input  wire [7:0]  status,
    input  wire [17:0] error_strip,
    input  wire        slot_taken,
    input  wire        slot_starved,
    input  wire        slot_stalled
);
    localparam [11:0] FIRST_STEP = `TERN_MATMUL_REG_STEP_0;
    localparam [31:0] STEPS = `TERN_STEPS;
    localparam [4:0]  LAST_STEP = STEPS[4:0] - 5'd1;
    localparam [31:0] LARGEST_SHIFT = `TERN_STEP_RATIO_LOG2;

    wire write_word = access && write;
    wire control = write_word && address == `TERN_MATMUL_REG_CONTROL;

    assign abort = control && write_data[`TERN_MATMUL_CONTROL_ABORT];
    assign start = control && !abort && !busy && write_data[`TERN_MATMUL_CONTROL_START];

    // Configuration.
    reg [63:0] weights;
    reg [63:0] crc;
    reg [63:0] activation;
    reg [63:0] result;
    reg [31:0] rows;
    reg [31:0] groups;
    reg [3:0]  depth_stored;
    reg [3:0]  depth_used;
    reg [31:0] exponent;

    always @(posedge clk)
        if (!rst_n) begin
            weights <= 64'd0;
            crc <= 64'd0;
            activation <= 64'd0;
            result <= 64'd0;
            rows <= 32'd0;
            groups <= 32'd0;
            depth_stored <= 4'd0;
            depth_used <= 4'd0;
            exponent <= 32'd0;
        end else if (write_word) begin
            case (address)
                `TERN_MATMUL_REG_WEIGHTS_LO: weights[31:0] <= write_data;
                `TERN_MATMUL_REG_WEIGHTS_HI: weights[63:32] <= write_data;
                `TERN_MATMUL_REG_CRC_LO: crc[31:0] <= write_data;
                `TERN_MATMUL_REG_CRC_HI: crc[63:32] <= write_data;
                `TERN_MATMUL_REG_ACTIVATION_LO: activation[31:0] <= write_data;
                `TERN_MATMUL_REG_ACTIVATION_HI: activation[63:32] <= write_data;
                `TERN_MATMUL_REG_OUTPUT_LO: result[31:0] <= write_data;
                `TERN_MATMUL_REG_OUTPUT_HI: result[63:32] <= write_data;
                `TERN_MATMUL_REG_ROWS: rows <= write_data;
                `TERN_MATMUL_REG_GROUPS: groups <= write_data;
                `TERN_MATMUL_REG_DEPTH: begin
                    depth_stored <= write_data[`TERN_MATMUL_DEPTH_STORED];
                    depth_used <= write_data[`TERN_MATMUL_DEPTH_USED];
                end
                `TERN_MATMUL_REG_EXPONENT_0: exponent <= write_data;
                default: ;
            endcase
        end

    always @(posedge clk)
        if (start) begin
            run_window_base <= window_base;
            run_window_end <= {1'b0, window_base} + {1'b0, window_bytes};
            run_weights <= weights;
            run_crc <= crc;
            run_activation <= activation;
            run_output <= result;
            run_rows <= rows;
            run_groups <= groups;
            run_depth_stored <= depth_stored;
            run_depth_used <= depth_used;
            run_exponent <= exponent;
            run_bad_steps <= |shift_too_large;
        end

    // Step tables: the registers' and the run's.
    reg [29:0] steps [0:31];
    reg [29:0] run_steps [0:31];
    reg [31:0] shift_too_large;
    reg        copying;
    reg [4:0]  copied;

    wire [4:0]  step_of_address = address[6:2] - FIRST_STEP[6:2];
    wire        is_step = address[11:7] == FIRST_STEP[11:7] && step_of_address <= LAST_STEP;
    wire [29:0] new_step = {write_data[`TERN_MATMUL_STEP_SHIFT], write_data[`TERN_MATMUL_STEP_MANTISSA]};
    wire [29:0] old_step = steps[copying ? copied : step_of_address];

    assign ready = !(is_step && copying);
    assign {step_shift, step_mantissa} = run_steps[step_index];

    always @(posedge clk) begin
        if (write_word && is_step && ready)
            steps[step_of_address] <= new_step;
        if (copying)
            run_steps[copied] <= old_step;
        copied <= copying ? copied + 5'd1 : 5'd0;
    end

    always @(posedge clk)
        if (!rst_n) begin
            shift_too_large <= 32'd0;
            copying <= 1'b0;
        end else begin
            if (write_word && is_step && ready)
                shift_too_large[step_of_address] <= write_data[`TERN_MATMUL_STEP_SHIFT] > LARGEST_SHIFT[5:0];
            copying <= start || (copying && copied != LAST_STEP);
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

    reg [31:0] step_word;

    always @* begin
        step_word = 32'd0;
        {step_word[`TERN_MATMUL_STEP_SHIFT], step_word[`TERN_MATMUL_STEP_MANTISSA]} = old_step;
        read_data = 32'd0;
        case (address)
            `TERN_MATMUL_REG_ID: read_data = `TERN_MATMUL_ID;
            `TERN_MATMUL_REG_STATUS: begin
                read_data[`TERN_MATMUL_STATUS_BUSY] = busy;
                read_data[`TERN_MATMUL_STATUS_CODE] = status;
            end
            `TERN_MATMUL_REG_ERROR_STRIP: read_data = {14'd0, error_strip};
            `TERN_MATMUL_REG_WEIGHTS_LO: read_data = weights[31:0];
            `TERN_MATMUL_REG_WEIGHTS_HI: read_data = weights[63:32];
            `TERN_MATMUL_REG_CRC_LO: read_data = crc[31:0];
            `TERN_MATMUL_REG_CRC_HI: read_data = crc[63:32];
            `TERN_MATMUL_REG_ACTIVATION_LO: read_data = activation[31:0];
            `TERN_MATMUL_REG_ACTIVATION_HI: read_data = activation[63:32];
            `TERN_MATMUL_REG_OUTPUT_LO: read_data = result[31:0];
            `TERN_MATMUL_REG_OUTPUT_HI: read_data = result[63:32];
            `TERN_MATMUL_REG_ROWS: read_data = rows;
            `TERN_MATMUL_REG_GROUPS: read_data = groups;
            `TERN_MATMUL_REG_DEPTH: begin
                read_data[`TERN_MATMUL_DEPTH_STORED] = depth_stored;
                read_data[`TERN_MATMUL_DEPTH_USED] = depth_used;
            end
            `TERN_MATMUL_REG_EXPONENT_0: read_data = exponent;
            `TERN_MATMUL_REG_VECTORS: read_data = 32'd1;
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
            default: read_data = step_word & {32{is_step}};
        endcase
    end
endmodule

`default_nettype wire
