// SPDX-License-Identifier: Apache-2.0
// Registers of the DMA engine (spec/tern.toml, block DMA). At start the outputs capture the configuration and the
// window. A write during a copy takes effect in the next copy.
// Model: tern_dma_unit_write() of cmodel/device/dma.c.
`default_nettype none

`include "tern_spec.vh"

module tern_dma_registers (
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
    output wire        start, // pulses; what was taken is there the cycle after
    output wire        abort,
    output reg         copy_to_device,
    output reg  [63:0] copy_address,
    output reg  [31:0] copy_local,
    output reg  [31:0] copy_bytes,
    output reg  [63:0] copy_window_base,
    output reg  [64:0] copy_window_end,
    input  wire        busy,
    input  wire [7:0]  status,
    input  wire        beat_moved
);
    reg [63:0] device_address;
    reg [31:0] local_offset;
    reg [31:0] length;
    reg [63:0] cycles;
    reg [63:0] beats;

    wire control = access && write && address == `TERN_DMA_REG_CONTROL;
    wire to_scratch = write_data[`TERN_DMA_CONTROL_TO_SCRATCH];
    wire to_device = write_data[`TERN_DMA_CONTROL_TO_DEVICE];

    assign ready = 1'b1;
    assign abort = control && write_data[`TERN_DMA_CONTROL_ABORT];
    assign start = control && !abort && !busy && (to_scratch || to_device);

    always @(posedge clk)
        if (!rst_n) begin
            device_address <= 64'd0;
            local_offset <= 32'd0;
            length <= 32'd0;
        end else if (access && write) begin
            case (address)
                `TERN_DMA_REG_ADDRESS_LO: device_address[31:0] <= write_data;
                `TERN_DMA_REG_ADDRESS_HI: device_address[63:32] <= write_data;
                `TERN_DMA_REG_LOCAL: local_offset <= write_data;
                `TERN_DMA_REG_LENGTH: length <= write_data;
                default: ;
            endcase
        end

    reg moved; // beat_moved, a cycle later

    always @(posedge clk)
        moved <= beat_moved;

    always @(posedge clk)
        if (start) begin
            copy_to_device <= to_device;
            copy_address <= device_address;
            copy_local <= local_offset;
            copy_bytes <= length;
            copy_window_base <= window_base;
            copy_window_end <= {1'b0, window_base} + {1'b0, window_bytes};
        end

    always @(posedge clk)
        if (!rst_n) begin
            cycles <= 64'd0;
            beats <= 64'd0;
        end else begin
            cycles <= cycles + {63'd0, busy};
            beats <= beats + {63'd0, moved};
        end

    always @* begin
        read_data = 32'd0;
        case (address)
            `TERN_DMA_REG_ADDRESS_LO: read_data = device_address[31:0];
            `TERN_DMA_REG_ADDRESS_HI: read_data = device_address[63:32];
            `TERN_DMA_REG_LOCAL: read_data = local_offset;
            `TERN_DMA_REG_LENGTH: read_data = length;
            `TERN_DMA_REG_STATUS: begin
                read_data[`TERN_DMA_STATUS_BUSY] = busy;
                read_data[`TERN_DMA_STATUS_CODE] = status;
            end
            `TERN_DMA_REG_CYCLES_LO: read_data = cycles[31:0];
            `TERN_DMA_REG_CYCLES_HI: read_data = cycles[63:32];
            `TERN_DMA_REG_BEATS_LO: read_data = beats[31:0];
            `TERN_DMA_REG_BEATS_HI: read_data = beats[63:32];
            default: ;
        endcase
    end
endmodule

`default_nettype wire
