// SPDX-License-Identifier: Apache-2.0
// Core and host on one bus of 32-bit single accesses, turn about, one at a time; and the map of who answers.
// An access takes three cycles. Look: the memories fetch at `memory_address`; the core says a cycle ahead where it will go
// (picorv32's look-ahead), so this one is free. Access: `access` and the payload are up for one cycle, the answers of
// memories and registers are there at its end. Ready: the answer comes from a register, so block RAM has a cycle of its
// own. Thus the core waits one cycle. The unit behind a bridge answers when it likes. Nobody's addresses read 0 and
// ignore writes; the host is told by host_error.
`default_nettype none

`include "tern_spec.vh"

module tern_native_bus #(
    parameter BOOT_LOG2 = 16,
    parameter SCRATCH_LOG2 = 16
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        core_look,           // core_valid rises in the next cycle
    input  wire [31:0] core_look_address,
    input  wire        core_valid,
    output wire        core_ready,
    input  wire [31:0] core_address,
    input  wire [31:0] core_write,
    input  wire [3:0]  core_strobe,         // 0 reads
    input  wire        host_valid,
    output wire        host_ready,
    output reg         host_error,
    input  wire [31:0] host_address,
    input  wire [31:0] host_write,
    input  wire [3:0]  host_strobe,
    output reg  [31:0] read_data,           // with core_ready and host_ready
    output wire [31:0] address,             // with `access`
    output wire [31:0] write_data,
    output wire [3:0]  strobe,
    output wire [31:0] memory_address,      // a cycle ahead for reads
    output wire        boot_enable,
    output wire [3:0]  boot_strobe,
    input  wire [31:0] boot_read,
    output wire        scratch_enable,
    output wire [3:0]  scratch_strobe,
    input  wire [31:0] scratch_read,
    output wire        system_access,
    input  wire [31:0] system_read,
    output wire        dma_access,
    input  wire [31:0] dma_read,
    output wire        unit_valid,          // until unit_ready
    input  wire        unit_ready,
    input  wire [31:0] unit_read
);
    localparam [31:0] BOOT_BASE = `TERN_BOOT_BASE;
    localparam [31:0] SCRATCH_BASE = `TERN_SCRATCH_BASE;
    localparam [31:0] SYSTEM_BASE = `TERN_SYSTEM_BASE;
    localparam [31:0] DMA_BASE = `TERN_DMA_BASE;
    localparam [31:0] UNIT_BASE = `TERN_MATMUL_BASE;
    localparam [1:0] LOOK = 2'd0, ACCESS = 2'd1, READY = 2'd2;

    reg [1:0] state;
    reg       host_owns;

    wire start = state == LOOK && (host_owns ? host_valid : core_valid | core_look);
    wire access = state == ACCESS;
    wire ready = state == READY;

    // Behind `start` the core's own registers hold the payload.
    assign address = host_owns ? host_address : core_address;
    assign write_data = host_owns ? host_write : core_write;
    assign strobe = host_owns ? host_strobe : core_strobe;

    wire in_boot = address[31:BOOT_LOG2] == BOOT_BASE[31:BOOT_LOG2];
    wire in_scratch = address[31:SCRATCH_LOG2] == SCRATCH_BASE[31:SCRATCH_LOG2];
    wire in_system = address[31:12] == SYSTEM_BASE[31:12];
    wire in_dma = address[31:12] == DMA_BASE[31:12];
    wire in_unit = address[31:12] == UNIT_BASE[31:12];

    // Both memories read at whatever address may become an access; they write when it is one.
    assign memory_address = access | core_valid | host_owns ? address : core_look_address;
    assign boot_strobe = strobe & {4{access & in_boot}};
    assign scratch_strobe = strobe & {4{access & in_scratch}};
    assign boot_enable = ~access | (|boot_strobe);
    assign scratch_enable = ~access | (|scratch_strobe);
    assign system_access = access & in_system;
    assign dma_access = access & in_dma;
    assign unit_valid = access & in_unit;
    assign core_ready = ready & ~host_owns;
    assign host_ready = ready & host_owns;

    always @(posedge clk)
        if (!rst_n) begin
            state <= LOOK;
            host_owns <= 1'b0;
        end else begin
            case (state)
                LOOK: if (start) state <= ACCESS;
                ACCESS: if (!in_unit || unit_ready) state <= READY;
                default: state <= LOOK;
            endcase
            // The host comes after any access of the core, and the core after any of the host.
            if (ready)
                host_owns <= host_valid & ~host_owns;
            else if (state == LOOK && !start)
                host_owns <= host_valid;
        end

    always @(posedge clk)
        if (access) begin
            host_error <= ~(in_boot | in_scratch | in_system | in_dma | in_unit);
            read_data <= (boot_read & {32{in_boot}}) | (scratch_read & {32{in_scratch}})
                       | (system_read & {32{in_system}}) | (dma_read & {32{in_dma}}) | (unit_read & {32{in_unit}});
        end

    wire unused = &{1'b0, BOOT_BASE, SCRATCH_BASE, SYSTEM_BASE, DMA_BASE, UNIT_BASE};
endmodule

`default_nettype wire
