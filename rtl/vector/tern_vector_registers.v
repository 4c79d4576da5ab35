// SPDX-License-Identifier: Apache-2.0
// Registers of the vector unit (VECTOR of spec/tern.toml): configuration, and counters since reset. The outputs follow
// configuration and window until a command begins.
// Model: tern_vector_unit_write() of cmodel/device/vector.c.
`default_nettype none

`include "tern_spec.vh"

module tern_vector_registers (
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
    output reg         start,         // pulses, a cycle after the write; what was taken is there
    output wire        abort,
    output reg  [63:0] run_window_base,
    output reg  [64:0] run_window_end,
    output reg  [31:0] run_operation,
    output reg  [31:0] run_rows,
    output reg  [31:0] run_parts,
    output reg  [31:0] run_length,
    output reg  [63:0] run_left,
    output reg  [63:0] run_left_stride,
    output reg  [63:0] run_right,
    output reg  [63:0] run_output,
    output reg  [63:0] run_output_stride,
    output reg  [63:0] run_side,
    output reg  [31:0] run_scalar_0,
    output reg  [31:0] run_scalar_1,
    input  wire        busy,
    input  wire [7:0]  status,
    input  wire [31:0] error_element,
    input  wire        issued,
    input  wire        starved,
    input  wire        stalled
);
    wire write_word = access && write;
    wire control = write_word && address == `TERN_VECTOR_REG_CONTROL;

    assign ready = 1'b1;
    assign abort = control && write_data[`TERN_VECTOR_CONTROL_ABORT];

    always @(posedge clk)
        start <= rst_n && control && !abort && !busy && write_data[`TERN_VECTOR_CONTROL_START];

    localparam [11:0] FIRST_12 = `TERN_VECTOR_REG_OPERATION;
    localparam [11:0] LAST_12 = `TERN_VECTOR_REG_SCALAR_1;
    localparam [4:0] FIRST = FIRST_12[6:2];
    localparam [4:0] LAST = LAST_12[6:2];

    // What was written is read back from a memory: a choice among registers would cost more.
    wire [4:0]  index = address[6:2];
    wire        configures = write_word && address[11:7] == 5'd0 && index >= FIRST && index <= LAST;
    reg  [31:0] words [0:31];
    reg  [31:0] written;        // a cycle later: the next access is farther away
    reg         configured;
    reg  [4:0]  configured_index;

    always @(posedge clk)
        if (configures)
            words[index] <= write_data;

    always @(posedge clk)
        if (!rst_n)
            written <= 32'd0;
        else
            written <= written | {31'd0, configured} << configured_index;

    always @(posedge clk) begin
        configured <= rst_n && configures;
        configured_index <= index;
    end

    reg [31:0] operation;
    reg [31:0] rows;
    reg [31:0] parts;
    reg [31:0] length;
    reg [63:0] left;
    reg [63:0] left_stride;
    reg [63:0] right;
    reg [63:0] result;
    reg [63:0] output_stride;
    reg [63:0] side;
    reg [31:0] scalar_0;
    reg [31:0] scalar_1;

    always @(posedge clk)
        if (!rst_n) begin
            operation <= 32'd0;
            rows <= 32'd0;
            parts <= 32'd0;
            length <= 32'd0;
            left <= 64'd0;
            left_stride <= 64'd0;
            right <= 64'd0;
            result <= 64'd0;
            output_stride <= 64'd0;
            side <= 64'd0;
            scalar_0 <= 32'd0;
            scalar_1 <= 32'd0;
        end else if (write_word) begin
            case (address)
                `TERN_VECTOR_REG_OPERATION: operation <= write_data;
                `TERN_VECTOR_REG_ROWS: rows <= write_data;
                `TERN_VECTOR_REG_PARTS: parts <= write_data;
                `TERN_VECTOR_REG_LENGTH: length <= write_data;
                `TERN_VECTOR_REG_LEFT_LO: left[31:0] <= write_data;
                `TERN_VECTOR_REG_LEFT_HI: left[63:32] <= write_data;
                `TERN_VECTOR_REG_LEFT_STRIDE_LO: left_stride[31:0] <= write_data;
                `TERN_VECTOR_REG_LEFT_STRIDE_HI: left_stride[63:32] <= write_data;
                `TERN_VECTOR_REG_RIGHT_LO: right[31:0] <= write_data;
                `TERN_VECTOR_REG_RIGHT_HI: right[63:32] <= write_data;
                `TERN_VECTOR_REG_OUTPUT_LO: result[31:0] <= write_data;
                `TERN_VECTOR_REG_OUTPUT_HI: result[63:32] <= write_data;
                `TERN_VECTOR_REG_OUTPUT_STRIDE_LO: output_stride[31:0] <= write_data;
                `TERN_VECTOR_REG_OUTPUT_STRIDE_HI: output_stride[63:32] <= write_data;
                `TERN_VECTOR_REG_SIDE_LO: side[31:0] <= write_data;
                `TERN_VECTOR_REG_SIDE_HI: side[63:32] <= write_data;
                `TERN_VECTOR_REG_SCALAR_0: scalar_0 <= write_data;
                `TERN_VECTOR_REG_SCALAR_1: scalar_1 <= write_data;
                default: ;
            endcase
        end

    always @(posedge clk)
        if (!busy) begin
            run_window_base <= window_base;
            run_window_end <= {1'b0, window_base} + {1'b0, window_bytes};
            run_operation <= operation;
            run_rows <= rows;
            run_parts <= parts;
            run_length <= length;
            run_left <= left;
            run_left_stride <= left_stride;
            run_right <= right;
            run_output <= result;
            run_output_stride <= output_stride;
            run_side <= side;
            run_scalar_0 <= scalar_0;
            run_scalar_1 <= scalar_1;
        end

    reg [63:0] cycles;
    reg [63:0] issued_cycles;
    reg [63:0] starved_cycles;
    reg [63:0] stalled_cycles;
    reg        issued_1;
    reg        starved_1;
    reg        stalled_1;

    always @(posedge clk)
        if (!rst_n) begin
            cycles <= 64'd0;
            issued_cycles <= 64'd0;
            starved_cycles <= 64'd0;
            stalled_cycles <= 64'd0;
        end else if (busy) begin
            cycles <= cycles + 64'd1;
            issued_cycles <= issued_cycles + {63'd0, issued_1};
            starved_cycles <= starved_cycles + {63'd0, starved_1};
            stalled_cycles <= stalled_cycles + {63'd0, stalled_1};
        end

    // A cycle later. A command is busy for some cycles after its last instruction.
    always @(posedge clk)
        {issued_1, starved_1, stalled_1} <= {issued, starved, stalled};

    always @* begin
        read_data = 32'd0;
        case (address)
            `TERN_VECTOR_REG_ID: read_data = `TERN_VECTOR_ID;
            `TERN_VECTOR_REG_STATUS: begin
                read_data[`TERN_VECTOR_STATUS_BUSY] = busy;
                read_data[`TERN_VECTOR_STATUS_CODE] = status;
            end
            `TERN_VECTOR_REG_ERROR_ELEMENT: read_data = error_element;
            `TERN_VECTOR_REG_CYCLES_LO: read_data = cycles[31:0];
            `TERN_VECTOR_REG_CYCLES_HI: read_data = cycles[63:32];
            `TERN_VECTOR_REG_ISSUED_LO: read_data = issued_cycles[31:0];
            `TERN_VECTOR_REG_ISSUED_HI: read_data = issued_cycles[63:32];
            `TERN_VECTOR_REG_STARVED_LO: read_data = starved_cycles[31:0];
            `TERN_VECTOR_REG_STARVED_HI: read_data = starved_cycles[63:32];
            `TERN_VECTOR_REG_STALLED_LO: read_data = stalled_cycles[31:0];
            `TERN_VECTOR_REG_STALLED_HI: read_data = stalled_cycles[63:32];
            default: read_data = written[index] && address[11:7] == 5'd0 ? words[index] : 32'd0;
        endcase
    end
endmodule

`default_nettype wire
