// SPDX-License-Identifier: Apache-2.0
// The core with its two memories on the native bus, as in tern_soc, without the units. One unit of 1024 words of
// memory, at the address of the system registers, takes whole words only.
`default_nettype none

`include "tern_spec.vh"

module tern_iss_bench (
    input  wire clk,
    input  wire rst_n,
    output wire trap
);
    localparam BOOT_LOG2 = $clog2(`TERN_BOOT_BYTES);
    localparam SCRATCH_LOG2 = $clog2(`TERN_SCRATCH_BYTES);

    wire        core_look;
    wire        core_look_write;
    wire [31:0] core_look_address;
    wire        core_valid;
    wire        core_ready;
    wire        core_fetches;
    wire [31:0] core_address;
    wire [31:0] core_write;
    wire [3:0]  core_strobe;
    wire        host_ready;
    wire        host_error;
    wire [31:0] bus_read;
    wire [31:0] memory_address;
    wire [31:0] look_read;
    wire [31:0] memory_write;
    wire [3:0]  boot_strobe;
    wire [31:0] boot_read;
    wire [3:0]  scratch_strobe;
    wire [31:0] scratch_read;
    wire [127:0] dma_read;
    wire        unit_access;
    wire [11:0] address;
    wire        write;
    wire [31:0] write_data;
    reg  [31:0] unit [0:1023];
    wire        unused = &{1'b0, host_ready, host_error, dma_read, address[1:0], core_look_address[31:BOOT_LOG2],
                           core_look_address[1:0], memory_address[31:BOOT_LOG2], memory_address[1:0]};

    always @(posedge clk)
        if (unit_access & write)
            unit[address[11:2]] <= write_data;

    tern_core #(
        .PROGADDR_RESET(`TERN_BOOT_BASE),
        .STACKADDR(`TERN_BOOT_BYTES)
    ) core (
        .clk, .rst_n,
        .clocks_on(1'b1),
        .mem_look(core_look),
        .mem_look_write(core_look_write),
        .mem_look_address(core_look_address),
        .mem_valid(core_valid),
        .mem_instr(core_fetches),
        .mem_ready(core_ready),
        .mem_addr(core_address),
        .mem_wdata(core_write),
        .mem_wstrb(core_strobe),
        .mem_rdata(bus_read),
        .trap
    );

    tern_native_bus #(
        .BOOT_LOG2(BOOT_LOG2),
        .SCRATCH_LOG2(SCRATCH_LOG2),
        .UNITS(1),
        .UNIT_BASES(`TERN_SYSTEM_BASE)
    ) bus (
        .clk, .rst_n, .core_look, .core_look_write, .core_look_address, .core_valid, .core_fetches,
        .core_sleeps(1'b0),
        .core_ready, .core_address, .core_write, .core_strobe,
        .host_valid(1'b0),
        .host_ready, .host_error,
        .host_address(32'd0),
        .host_write(32'd0),
        .host_strobe(4'd0),
        .read(bus_read),
        .memory_address, .look_read, .boot_strobe, .boot_read, .scratch_strobe, .scratch_read, .memory_write,
        .unit_access,
        .unit_ready(1'b1),
        .unit_read(unit[address[11:2]]),
        .address, .write, .write_data
    );

    tern_byte_memory #(.WORDS_LOG2(BOOT_LOG2 - 2), .WORDS(`TERN_BOOT_BYTES / 4)) boot_memory (
        .clk,
        .a_enable(1'b1),
        .a_address(core_look_address[BOOT_LOG2-1:2]),
        .a_strobe(4'd0),
        .a_write(32'd0),
        .a_read(look_read),
        .b_enable(1'b1),
        .b_address(memory_address[BOOT_LOG2-1:2]),
        .b_strobe(boot_strobe),
        .b_write(memory_write),
        .b_read(boot_read)
    );

    tern_scratch_memory #(.LANES(1), .BYTES_LOG2(SCRATCH_LOG2)) scratch_memory (
        .clk,
        .core_word(memory_address[SCRATCH_LOG2-1:2]),
        .core_strobe(scratch_strobe),
        .core_write(memory_write),
        .core_read(scratch_read),
        .dma_enable(1'b0),
        .dma_chunk({(SCRATCH_LOG2 - 4){1'b0}}),
        .dma_strobe(16'd0),
        .dma_write(128'd0),
        .dma_read
    );
endmodule

`default_nettype wire
