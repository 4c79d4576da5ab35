// SPDX-License-Identifier: Apache-2.0
// The device: soft core with boot and scratch memory, DMA engine, trit matmul, vector and attention unit, and one port to device memory. Core
// and host see the same address map (spec/tern.toml). The core reaches device memory only through the DMA engine. There
// is no cache. The DMA engine is done only when memory has answered its last write, which keeps memory coherent.
//
//   core --------+-> native bus -+-> boot memory
//   host bridge -+               +-> scratch memory <-- DMA engine --+-> arbiter -> AXI master -> device memory
//                                +-> system registers                |
//                                +-> matmul unit --------------------+
//                                +-> vector unit --------------------+
//                                +-> attention unit -----------------+
//                                +-> registers of the memory controller, outside
//
// A unit has a register port (a row of UNIT_BASES), a memory port (a number of MASTERS) and an output `idle`.
`default_nettype none

`include "tern_spec.vh"

module tern_soc #(
    parameter LANES = 1,            // of the matmul unit, and 16 bytes of the bus each: 1, 2 or 4
    parameter VECTORS = 1,          // of the matmul unit, which share one stream of the weights: 1, 2 or 4
    parameter WAYS = LANES == 4 ? 16 : 8, // of the vector unit: 4, 8 or 16, and at least 4 * LANES; 0: no such unit
    parameter HAS_ATTENTION = 1,    // 0: no attention unit. The core computes what a missing unit does not.
    parameter HAS_CONTROLLER = 0,   // 1: the port c_ leads to a memory controller
    parameter [31:0] BOARD = `TERN_SYSTEM_BOARD_NONE,
    parameter [31:0] SOURCES = 0,   // hash of a bitstream's sources
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS,
    parameter [31:0] CLOCK_HZ = `TERN_CLOCK_HZ,
    parameter CLOCK_GATES = 0        // 1: the clock of an idle unit stands still (tern_clock_gate)
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 m_axi_rst_n, // of memory and its port; rst_n may fall alone
    input  wire [31:0]          s_axil_awaddr,
    input  wire                 s_axil_awvalid,
    output wire                 s_axil_awready,
    input  wire [31:0]          s_axil_wdata,
    input  wire [3:0]           s_axil_wstrb,
    input  wire                 s_axil_wvalid,
    output wire                 s_axil_wready,
    output wire [1:0]           s_axil_bresp,
    output wire                 s_axil_bvalid,
    input  wire                 s_axil_bready,
    input  wire [31:0]          s_axil_araddr,
    input  wire                 s_axil_arvalid,
    output wire                 s_axil_arready,
    output wire [31:0]          s_axil_rdata,
    output wire [1:0]           s_axil_rresp,
    output wire                 s_axil_rvalid,
    input  wire                 s_axil_rready,
    output wire [3:0]           m_axi_arid,
    output wire [63:0]          m_axi_araddr,
    output wire [7:0]           m_axi_arlen,
    output wire [2:0]           m_axi_arsize,
    output wire [1:0]           m_axi_arburst,
    output wire                 m_axi_arvalid,
    input  wire                 m_axi_arready,
    input  wire [3:0]           m_axi_rid,
    input  wire [128*LANES-1:0] m_axi_rdata,
    input  wire [1:0]           m_axi_rresp,
    input  wire                 m_axi_rlast,
    input  wire                 m_axi_rvalid,
    output wire                 m_axi_rready,
    output wire [3:0]           m_axi_awid,
    output wire [63:0]          m_axi_awaddr,
    output wire [7:0]           m_axi_awlen,
    output wire [2:0]           m_axi_awsize,
    output wire [1:0]           m_axi_awburst,
    output wire                 m_axi_awvalid,
    input  wire                 m_axi_awready,
    output wire [128*LANES-1:0] m_axi_wdata,
    output wire [16*LANES-1:0]  m_axi_wstrb,
    output wire                 m_axi_wlast,
    output wire                 m_axi_wvalid,
    input  wire                 m_axi_wready,
    input  wire [3:0]           m_axi_bid,
    input  wire [1:0]           m_axi_bresp,
    input  wire                 m_axi_bvalid,
    output wire                 m_axi_bready,
    output wire                 c_access,    // registers of the memory controller (tern_native_bus)
    input  wire                 c_ready,
    output wire                 c_write,
    output wire [11:0]          c_address,
    output wire [31:0]          c_write_data,
    input  wire [31:0]          c_read_data,
    input  wire                 clocks_on,   // for tests: no unit's clock stands still
    output wire                 idle,        // nothing to do until the host writes a register
    output wire                 runs,        // STATUS, for lights
    output wire                 trapped
);
    localparam DATA_BITS = 128 * LANES;
    localparam STROBES = 16 * LANES;
    localparam BOOT_LOG2 = $clog2(`TERN_BOOT_BYTES);
    localparam SCRATCH_LOG2 = $clog2(`TERN_SCRATCH_BYTES);

    // Units on the native bus.
    localparam UNITS = 5, PORTS = HAS_CONTROLLER != 0 ? 6 : UNITS; // the controller's is not a unit
    localparam SYSTEM = 0, DMA = 1, MATMUL = 2, VECTOR = 3, ATTENTION = 4, CONTROLLER = 5;
    localparam [32*6-1:0] UNIT_BASES = {`TERN_CONTROLLER_BASE, `TERN_ATTENTION_BASE, `TERN_VECTOR_BASE,
                                        `TERN_MATMUL_BASE, `TERN_DMA_BASE, `TERN_SYSTEM_BASE};

    // Masters of device memory.
    localparam MASTERS = 4; // in the order of tern_units

    // Native bus: core and host take turns.
    wire                  core_run;
    wire                  core_trap;
    wire                  core_sleeps;
    wire                  core_clk;
    reg                   core_rst_n;
    wire                  core_look;
    wire                  core_look_write;
    wire [31:0]           core_look_address;
    wire                  core_valid;
    wire                  core_ready;
    wire                  core_fetches;
    wire [31:0]           core_address;
    wire [31:0]           core_write;
    wire [3:0]            core_strobe;
    wire                  host_valid;
    wire                  host_ready;
    wire                  host_error;
    wire [31:0]           host_address;
    wire [31:0]           host_write;
    wire [3:0]            host_strobe;
    wire [31:0]           bus_read;
    wire [31:0]           memory_address;
    wire [31:0]           look_read;
    wire [31:0]           memory_write;
    wire [3:0]            boot_strobe;
    wire [31:0]           boot_read;
    wire [3:0]            scratch_core_strobe;
    wire [31:0]           scratch_core_read;
    // Register port of every unit, and what it has in common with the others before the register of its own. That of
    // the system registers has none: a store to SLEEP is there before the core's next access.
    wire [PORTS-1:0]      unit_access;
    wire [PORTS-1:0]      unit_ready;
    wire [PORTS-1:0]      unit_write;
    wire [12*PORTS-1:0]   unit_address;
    wire [32*PORTS-1:0]   unit_write_data;
    wire [32*PORTS-1:0]   unit_read;
    wire [PORTS-1:0]      port_access;
    wire [PORTS-1:0]      port_ready;
    wire [11:0]           address;
    wire                  write;
    wire [31:0]           write_data;

    // Resets of the units, and of the rest. All fall and rise two cycles after rst_n. Only the host bridge has rst_n itself:
    // it takes an access in these cycles, which then waits for the bus.
    localparam REST = PORTS;
    wire           reset;
    wire [PORTS:0] resets;
    wire [PORTS:0] part_rst_n = ~resets;
    wire           rest_rst_n = part_rst_n[REST];

    tern_reset_register reset_register (
        .clk,
        .s_reset(~rst_n),
        .m_reset(reset)
    );

    genvar part;
    generate
        for (part = 0; part <= PORTS; part = part + 1) begin : reset_of
            tern_reset_register part_register (
                .clk,
                .s_reset(reset),
                .m_reset(resets[part])
            );
        end
    endgenerate

    always @(posedge clk)
        core_rst_n <= rest_rst_n & core_run;

    // A core that sleeps stands still from the access on that waits. The instruction behind the store to SLEEP has been
    // fetched and may still run for a few cycles. rdcycle of a core that stands still does not count; TIME does.
    tern_clock_gate #(.GATE(CLOCK_GATES)) core_clock (
        .clk,
        .rst_n(core_rst_n),
        .clocks_on,
        .run(!core_sleeps || !core_valid),
        .access(1'b0),
        .gated_clk(core_clk)
    );

    tern_core #(
        .PROGADDR_RESET(`TERN_BOOT_BASE),
        .STACKADDR(`TERN_BOOT_BYTES),
        .CLOCK_GATES(CLOCK_GATES)
    ) core (
        .clk(core_clk),
        .rst_n(core_rst_n),
        .clocks_on,
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
        .trap(core_trap)
    );

    tern_host_bridge host_bridge (
        .clk, .rst_n, .s_axil_awaddr, .s_axil_awvalid, .s_axil_awready, .s_axil_wdata, .s_axil_wstrb,
        .s_axil_wvalid, .s_axil_wready, .s_axil_bresp, .s_axil_bvalid, .s_axil_bready, .s_axil_araddr,
        .s_axil_arvalid, .s_axil_arready, .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
        .m_valid(host_valid),
        .m_ready(host_ready),
        .m_error(host_error),
        .m_address(host_address),
        .m_write(host_write),
        .m_strobe(host_strobe),
        .m_read(bus_read)
    );

    tern_native_bus #(
        .BOOT_LOG2(BOOT_LOG2),
        .SCRATCH_LOG2(SCRATCH_LOG2),
        .UNITS(PORTS),
        .UNIT_BASES(UNIT_BASES[32*PORTS-1:0])
    ) bus (
        .clk,
        .rst_n(rest_rst_n),
        .core_look, .core_look_write, .core_look_address, .core_valid, .core_fetches,
        .core_sleeps(core_sleeps | ~core_rst_n), // what a core asks that is held now would lose its address
        .core_ready, .core_address, .core_write, .core_strobe, .host_valid, .host_ready, .host_error, .host_address,
        .host_write, .host_strobe,
        .read(bus_read),
        .memory_address, .look_read, .boot_strobe, .boot_read,
        .scratch_strobe(scratch_core_strobe),
        .scratch_read(scratch_core_read),
        .memory_write,
        .unit_access(port_access),
        .unit_ready(port_ready),
        .unit_read, .address, .write, .write_data
    );

    genvar unit;
    assign unit_access[SYSTEM] = port_access[SYSTEM];
    assign port_ready[SYSTEM] = unit_ready[SYSTEM];
    assign unit_write[SYSTEM] = write;
    assign unit_address[12*SYSTEM +: 12] = address;
    assign unit_write_data[32*SYSTEM +: 32] = write_data;

    generate
        for (unit = SYSTEM + 1; unit < PORTS; unit = unit + 1) begin : port_of
            tern_register_port register_port (
                .clk,
                .rst_n(part_rst_n[unit]),
                .s_access(port_access[unit]),
                .s_ready(port_ready[unit]),
                .s_write(write),
                .s_address(address),
                .s_write_data(write_data),
                .m_access(unit_access[unit]),
                .m_ready(unit_ready[unit]),
                .m_write(unit_write[unit]),
                .m_address(unit_address[12*unit +: 12]),
                .m_write_data(unit_write_data[32*unit +: 32])
            );
        end
    endgenerate

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

    wire                    scratch_enable;
    wire [SCRATCH_LOG2-5:0] scratch_chunk;
    wire [16*LANES-1:0]     scratch_strobe;
    wire [128*LANES-1:0]    scratch_write;
    wire [128*LANES-1:0]    scratch_read;

    tern_scratch_memory #(.LANES(LANES), .BYTES_LOG2(SCRATCH_LOG2)) scratch_memory (
        .clk,
        .core_word(memory_address[SCRATCH_LOG2-1:2]),
        .core_strobe(scratch_core_strobe),
        .core_write(memory_write),
        .core_read(scratch_core_read),
        .dma_enable(scratch_enable),
        .dma_chunk(scratch_chunk),
        .dma_strobe(scratch_strobe),
        .dma_write(scratch_write),
        .dma_read(scratch_read)
    );

    wire [63:0] window_base;
    wire [63:0] window_bytes;
    wire        memory_waits;
    // Every unit has a clock of its own; that of the system registers, which count time, never stands still.
    wire [UNITS-1:0] unit_idle;
    wire [UNITS-1:0] unit_clk;

    assign unit_clk[SYSTEM] = clk;
    assign idle = &unit_idle && !memory_waits;
    assign runs = core_run;
    assign trapped = core_trap;

    generate
        for (unit = SYSTEM + 1; unit < UNITS; unit = unit + 1) begin : clock_of
            tern_clock_gate #(.GATE(CLOCK_GATES)) clock_gate (
                .clk,
                .rst_n(part_rst_n[unit]),
                .clocks_on,
                .run(!unit_idle[unit]),
                .access(unit_access[unit]),
                .gated_clk(unit_clk[unit])
            );
        end
    endgenerate

    tern_system_registers #(
        .LANES(LANES),
        .VECTORS(VECTORS),
        .WAYS(WAYS),
        .MAX_GROUPS(MAX_GROUPS),
        .HAS_ATTENTION(HAS_ATTENTION),
        .HAS_CONTROLLER(HAS_CONTROLLER),
        .BOARD(BOARD),
        .SOURCES(SOURCES),
        .CLOCK_HZ(CLOCK_HZ)
    ) system_registers (
        .clk(unit_clk[SYSTEM]),
        .rst_n(part_rst_n[SYSTEM]),
        .access(unit_access[SYSTEM]),
        .write(unit_write[SYSTEM]),
        .address(unit_address[12*SYSTEM +: 12]),
        .write_data(unit_write_data[32*SYSTEM +: 32]),
        .read_data(unit_read[32*SYSTEM +: 32]),
        .ready(unit_ready[SYSTEM]),
        .core_trap, .memory_waits,
        .unit_idle({unit_idle[DMA], unit_idle[ATTENTION], unit_idle[VECTOR], unit_idle[MATMUL]}),
        .core_run, .window_base, .window_bytes,
        .core_idle(unit_idle[SYSTEM]),
        .core_sleeps
    );

    generate
        if (HAS_CONTROLLER != 0) begin : with_controller
            assign c_access = unit_access[CONTROLLER];
            assign c_write = unit_write[CONTROLLER];
            assign c_address = unit_address[12*CONTROLLER +: 12];
            assign c_write_data = unit_write_data[32*CONTROLLER +: 32];
            assign unit_ready[CONTROLLER] = c_ready;
            assign unit_read[32*CONTROLLER +: 32] = c_read_data;
        end else begin : without_controller
            assign c_access = 1'b0;
            assign c_write = 1'b0;
            assign c_address = 12'd0;
            assign c_write_data = 32'd0;
            wire unused_controller = &{1'b0, c_ready, c_read_data};
        end
    endgenerate

    // Memory ports of the units, side by side.
    wire [MASTERS-1:0]            s_read_valid;
    wire [MASTERS-1:0]            s_read_ready;
    wire [64*MASTERS-1:0]         s_read_address;
    wire [7*MASTERS-1:0]          s_read_beats;
    wire [MASTERS-1:0]            s_answer_valid;
    wire [DATA_BITS-1:0]          s_answer_data;
    wire                          s_answer_last;
    wire                          s_answer_error;
    wire [MASTERS-1:0]            s_write_valid;
    wire [MASTERS-1:0]            s_write_ready;
    wire [64*MASTERS-1:0]         s_write_address;
    wire [7*MASTERS-1:0]          s_write_beats;
    wire [MASTERS-1:0]            s_data_valid;
    wire [MASTERS-1:0]            s_data_ready;
    wire [DATA_BITS*MASTERS-1:0]  s_data;
    wire [STROBES*MASTERS-1:0]    s_strobe;
    wire [MASTERS-1:0]            s_done_valid;
    wire                          s_done_error;

    tern_units #(
        .LANES(LANES),
        .VECTORS(VECTORS),
        .WAYS(WAYS),
        .HAS_ATTENTION(HAS_ATTENTION),
        .MAX_GROUPS(MAX_GROUPS),
        .CLOCK_GATES(CLOCK_GATES)
    ) units (
        .clk(unit_clk[UNITS-1:DMA]),
        .rst_n(part_rst_n[UNITS-1:DMA]),
        .clocks_on, .window_base, .window_bytes,
        .idle(unit_idle[UNITS-1:DMA]),
        .access(unit_access[UNITS-1:DMA]),
        .write(unit_write[UNITS-1:DMA]),
        .address(unit_address[12*UNITS-1:12*DMA]),
        .write_data(unit_write_data[32*UNITS-1:32*DMA]),
        .read_data(unit_read[32*UNITS-1:32*DMA]),
        .ready(unit_ready[UNITS-1:DMA]),
        .scratch_enable, .scratch_chunk, .scratch_strobe, .scratch_write, .scratch_read,
        .m_read_valid(s_read_valid),
        .m_read_ready(s_read_ready),
        .m_read_address(s_read_address),
        .m_read_beats(s_read_beats),
        .m_answer_valid(s_answer_valid),
        .m_answer_data(s_answer_data),
        .m_answer_last(s_answer_last),
        .m_answer_error(s_answer_error),
        .m_write_valid(s_write_valid),
        .m_write_ready(s_write_ready),
        .m_write_address(s_write_address),
        .m_write_beats(s_write_beats),
        .m_data_valid(s_data_valid),
        .m_data_ready(s_data_ready),
        .m_data(s_data),
        .m_strobe(s_strobe),
        .m_done_valid(s_done_valid),
        .m_done_error(s_done_error)
    );

    tern_axi_master #(.MASTERS(MASTERS), .DATA_BITS(DATA_BITS)) axi_master (
        .clk,
        .rst_n(rest_rst_n),
        .m_axi_rst_n,
        .waiting(memory_waits),
        .s_read_valid, .s_read_ready, .s_read_address, .s_read_beats, .s_answer_valid, .s_answer_data,
        .s_answer_last, .s_answer_error, .s_write_valid, .s_write_ready, .s_write_address, .s_write_beats,
        .s_data_valid, .s_data_ready, .s_data, .s_strobe, .s_done_valid, .s_done_error, .m_axi_arid,
        .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst, .m_axi_arvalid, .m_axi_arready, .m_axi_rid,
        .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready, .m_axi_awid, .m_axi_awaddr,
        .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awvalid, .m_axi_awready, .m_axi_wdata, .m_axi_wstrb,
        .m_axi_wlast, .m_axi_wvalid, .m_axi_wready, .m_axi_bid, .m_axi_bresp, .m_axi_bvalid, .m_axi_bready
    );

    wire unused = &{1'b0, memory_address};
endmodule

`default_nettype wire
