// SPDX-License-Identifier: Apache-2.0
// The device: soft core with boot and scratch memory, DMA engine, trit matmul unit, one port to device memory.
// Core and host see one address map (spec/tern.toml). The core sees device memory only through the DMA engine, there is
// no cache, so coherence is order: the DMA engine is done when memory has answered for its last write.
//
//   core --------+-> native bus -+-> boot memory
//   host bridge -+               +-> scratch memory <-- DMA engine --+-> arbiter -> device memory
//                                +-> system, DMA registers           |
//                                +-> unit bridge -> matmul unit -----+
`default_nettype none

`include "tern_spec.vh"

module tern_soc #(
    parameter MAX_GROUPS = 2048,
    parameter [31:0] CLOCK_HZ = 32'd100000000
) (
    input  wire         clk,
    input  wire         rst_n,
    input  wire [31:0]  s_axil_awaddr,
    input  wire         s_axil_awvalid,
    output wire         s_axil_awready,
    input  wire [31:0]  s_axil_wdata,
    input  wire [3:0]   s_axil_wstrb,
    input  wire         s_axil_wvalid,
    output wire         s_axil_wready,
    output wire [1:0]   s_axil_bresp,
    output wire         s_axil_bvalid,
    input  wire         s_axil_bready,
    input  wire [31:0]  s_axil_araddr,
    input  wire         s_axil_arvalid,
    output wire         s_axil_arready,
    output wire [31:0]  s_axil_rdata,
    output wire [1:0]   s_axil_rresp,
    output wire         s_axil_rvalid,
    input  wire         s_axil_rready,
    output wire [3:0]   m_axi_arid,
    output wire [63:0]  m_axi_araddr,
    output wire [7:0]   m_axi_arlen,
    output wire [2:0]   m_axi_arsize,
    output wire [1:0]   m_axi_arburst,
    output wire         m_axi_arvalid,
    input  wire         m_axi_arready,
    input  wire [3:0]   m_axi_rid,
    input  wire [127:0] m_axi_rdata,
    input  wire [1:0]   m_axi_rresp,
    input  wire         m_axi_rlast,
    input  wire         m_axi_rvalid,
    output wire         m_axi_rready,
    output wire [3:0]   m_axi_awid,
    output wire [63:0]  m_axi_awaddr,
    output wire [7:0]   m_axi_awlen,
    output wire [2:0]   m_axi_awsize,
    output wire [1:0]   m_axi_awburst,
    output wire         m_axi_awvalid,
    input  wire         m_axi_awready,
    output wire [127:0] m_axi_wdata,
    output wire [15:0]  m_axi_wstrb,
    output wire         m_axi_wlast,
    output wire         m_axi_wvalid,
    input  wire         m_axi_wready,
    input  wire [3:0]   m_axi_bid,
    input  wire [1:0]   m_axi_bresp,
    input  wire         m_axi_bvalid,
    output wire         m_axi_bready,
    output wire         idle            // nothing to do until the host writes a register
);
    localparam BOOT_LOG2 = $clog2(`TERN_BOOT_BYTES);
    localparam SCRATCH_LOG2 = $clog2(`TERN_SCRATCH_BYTES);

    // Native bus: core and host take turns.
    wire        core_run;
    wire        core_trap;
    wire        core_look;
    wire [31:0] core_look_address;
    wire        core_valid;
    wire        core_ready;
    wire        core_instr;
    wire [31:0] core_address;
    wire [31:0] core_write;
    wire [3:0]  core_strobe;
    wire        host_valid;
    wire        host_ready;
    wire        host_error;
    wire [31:0] host_address;
    wire [31:0] host_write;
    wire [3:0]  host_strobe;
    wire [31:0] bus_read;
    wire [31:0] bus_address;
    wire [31:0] bus_write;
    wire [3:0]  bus_strobe;
    wire [31:0] memory_address;
    wire        boot_enable;
    wire [31:0] boot_unused;
    wire [3:0]  boot_strobe;
    wire [31:0] boot_read;
    wire        scratch_core_enable;
    wire [3:0]  scratch_core_strobe;
    wire [31:0] scratch_core_read;
    wire        system_access;
    wire [31:0] system_read;
    wire        dma_access;
    wire [31:0] dma_read;
    wire        unit_valid;
    wire        unit_ready;
    wire [31:0] unit_read;

    tern_core #(.PROGADDR_RESET(`TERN_BOOT_BASE), .STACKADDR(`TERN_BOOT_BYTES)) core (
        .clk(clk), .rst_n(rst_n & core_run), .mem_look(core_look), .mem_look_address(core_look_address),
        .mem_valid(core_valid), .mem_instr(core_instr), .mem_ready(core_ready), .mem_addr(core_address),
        .mem_wdata(core_write), .mem_wstrb(core_strobe), .mem_rdata(bus_read), .trap(core_trap));

    tern_host_bridge host_bridge (
        .clk(clk), .rst_n(rst_n),
        .s_axil_awaddr(s_axil_awaddr), .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready), .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready), .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready),
        .m_valid(host_valid), .m_ready(host_ready), .m_error(host_error), .m_address(host_address),
        .m_write(host_write), .m_strobe(host_strobe), .m_read(bus_read));

    tern_native_bus #(.BOOT_LOG2(BOOT_LOG2), .SCRATCH_LOG2(SCRATCH_LOG2)) bus (
        .clk(clk), .rst_n(rst_n), .core_look(core_look), .core_look_address(core_look_address),
        .core_valid(core_valid), .core_ready(core_ready), .core_address(core_address), .core_write(core_write),
        .core_strobe(core_strobe), .host_valid(host_valid), .host_ready(host_ready), .host_error(host_error),
        .host_address(host_address), .host_write(host_write), .host_strobe(host_strobe), .read_data(bus_read),
        .address(bus_address), .write_data(bus_write), .strobe(bus_strobe), .memory_address(memory_address),
        .boot_enable(boot_enable), .boot_strobe(boot_strobe), .boot_read(boot_read),
        .scratch_enable(scratch_core_enable), .scratch_strobe(scratch_core_strobe), .scratch_read(scratch_core_read),
        .system_access(system_access), .system_read(system_read), .dma_access(dma_access), .dma_read(dma_read),
        .unit_valid(unit_valid), .unit_ready(unit_ready), .unit_read(unit_read));

    tern_byte_memory #(.WORDS_LOG2(BOOT_LOG2 - 2)) boot_memory (
        .clk(clk), .a_enable(boot_enable), .a_address(memory_address[BOOT_LOG2-1:2]), .a_strobe(boot_strobe),
        .a_write(bus_write), .a_read(boot_read),
        .b_enable(1'b0), .b_address({(BOOT_LOG2 - 2){1'b0}}), .b_strobe(4'd0), .b_write(32'd0),
        .b_read(boot_unused));

    wire [63:0] window_base;
    wire [63:0] window_bytes;

    tern_system_registers #(.LANES(1), .MAX_GROUPS(MAX_GROUPS), .CLOCK_HZ(CLOCK_HZ)) system_registers (
        .clk(clk), .rst_n(rst_n), .enable(system_access), .address(bus_address[11:0]), .strobe(bus_strobe),
        .write_data(bus_write), .read_data(system_read), .core_trap(core_trap), .core_run(core_run),
        .window_base(window_base), .window_bytes(window_bytes), .idle(idle));

    wire                    scratch_enable;
    wire [SCRATCH_LOG2-5:0] scratch_beat;
    wire [15:0]             scratch_strobe;
    wire [127:0]            scratch_write;
    wire [127:0]            scratch_read;

    tern_scratch_memory #(.BYTES_LOG2(SCRATCH_LOG2)) scratch_memory (
        .clk(clk), .core_enable(scratch_core_enable), .core_word(memory_address[SCRATCH_LOG2-1:2]),
        .core_strobe(scratch_core_strobe), .core_write(bus_write), .core_read(scratch_core_read),
        .dma_enable(scratch_enable), .dma_beat(scratch_beat), .dma_strobe(scratch_strobe), .dma_write(scratch_write),
        .dma_read(scratch_read));

    // Masters of device memory: 0 the matmul unit, 1 the DMA engine, side by side as the arbiter wants them.
    wire [7:0]   arid;
    wire [127:0] araddr;
    wire [15:0]  arlen;
    wire [5:0]   arsize;
    wire [3:0]   arburst;
    wire [1:0]   arvalid;
    wire [1:0]   arready;
    wire [3:0]   rid;
    wire [127:0] rdata;
    wire [1:0]   rresp;
    wire         rlast;
    wire [1:0]   rvalid;
    wire [1:0]   rready;
    wire [7:0]   awid;
    wire [127:0] awaddr;
    wire [15:0]  awlen;
    wire [5:0]   awsize;
    wire [3:0]   awburst;
    wire [1:0]   awvalid;
    wire [1:0]   awready;
    wire [255:0] wdata;
    wire [31:0]  wstrb;
    wire [1:0]   wlast;
    wire [1:0]   wvalid;
    wire [1:0]   wready;
    wire [3:0]   bid;
    wire [1:0]   bresp;
    wire [1:0]   bvalid;
    wire [1:0]   bready;

    tern_dma #(.SCRATCH_LOG2(SCRATCH_LOG2)) dma (
        .clk(clk), .rst_n(rst_n), .window_base(window_base), .window_bytes(window_bytes),
        .enable(dma_access), .address(bus_address[11:0]), .strobe(bus_strobe), .write_data(bus_write),
        .read_data(dma_read), .scratch_enable(scratch_enable), .scratch_beat(scratch_beat),
        .scratch_strobe(scratch_strobe), .scratch_write(scratch_write), .scratch_read(scratch_read),
        .m_axi_arid(arid[7:4]), .m_axi_araddr(araddr[127:64]), .m_axi_arlen(arlen[15:8]), .m_axi_arsize(arsize[5:3]),
        .m_axi_arburst(arburst[3:2]), .m_axi_arvalid(arvalid[1]), .m_axi_arready(arready[1]), .m_axi_rid(rid),
        .m_axi_rdata(rdata), .m_axi_rresp(rresp), .m_axi_rlast(rlast), .m_axi_rvalid(rvalid[1]),
        .m_axi_rready(rready[1]),
        .m_axi_awid(awid[7:4]), .m_axi_awaddr(awaddr[127:64]), .m_axi_awlen(awlen[15:8]), .m_axi_awsize(awsize[5:3]),
        .m_axi_awburst(awburst[3:2]), .m_axi_awvalid(awvalid[1]), .m_axi_awready(awready[1]),
        .m_axi_wdata(wdata[255:128]), .m_axi_wstrb(wstrb[31:16]), .m_axi_wlast(wlast[1]), .m_axi_wvalid(wvalid[1]),
        .m_axi_wready(wready[1]), .m_axi_bid(bid), .m_axi_bresp(bresp), .m_axi_bvalid(bvalid[1]),
        .m_axi_bready(bready[1]));

    wire [11:0] unit_awaddr;
    wire        unit_awvalid;
    wire        unit_awready;
    wire [31:0] unit_wdata;
    wire [3:0]  unit_wstrb;
    wire        unit_wvalid;
    wire        unit_wready;
    wire [1:0]  unit_bresp;
    wire        unit_bvalid;
    wire        unit_bready;
    wire [11:0] unit_araddr;
    wire        unit_arvalid;
    wire        unit_arready;
    wire [31:0] unit_rdata;
    wire [1:0]  unit_rresp;
    wire        unit_rvalid;
    wire        unit_rready;

    tern_unit_bridge unit_bridge (
        .clk(clk), .rst_n(rst_n), .s_valid(unit_valid), .s_ready(unit_ready),
        .s_address(bus_address[11:0]), .s_write(bus_write), .s_strobe(bus_strobe), .s_read(unit_read),
        .m_axil_awaddr(unit_awaddr), .m_axil_awvalid(unit_awvalid), .m_axil_awready(unit_awready),
        .m_axil_wdata(unit_wdata), .m_axil_wstrb(unit_wstrb), .m_axil_wvalid(unit_wvalid),
        .m_axil_wready(unit_wready), .m_axil_bresp(unit_bresp), .m_axil_bvalid(unit_bvalid),
        .m_axil_bready(unit_bready), .m_axil_araddr(unit_araddr), .m_axil_arvalid(unit_arvalid),
        .m_axil_arready(unit_arready), .m_axil_rdata(unit_rdata), .m_axil_rresp(unit_rresp),
        .m_axil_rvalid(unit_rvalid), .m_axil_rready(unit_rready));

    tern_matmul #(.LANES(1), .MAX_GROUPS(MAX_GROUPS)) matmul (
        .clk(clk), .rst_n(rst_n), .window_base(window_base), .window_bytes(window_bytes),
        .s_axil_awaddr(unit_awaddr), .s_axil_awvalid(unit_awvalid), .s_axil_awready(unit_awready),
        .s_axil_wdata(unit_wdata), .s_axil_wstrb(unit_wstrb), .s_axil_wvalid(unit_wvalid),
        .s_axil_wready(unit_wready), .s_axil_bresp(unit_bresp), .s_axil_bvalid(unit_bvalid),
        .s_axil_bready(unit_bready), .s_axil_araddr(unit_araddr), .s_axil_arvalid(unit_arvalid),
        .s_axil_arready(unit_arready), .s_axil_rdata(unit_rdata), .s_axil_rresp(unit_rresp),
        .s_axil_rvalid(unit_rvalid), .s_axil_rready(unit_rready),
        .m_axi_arid(arid[3:0]), .m_axi_araddr(araddr[63:0]), .m_axi_arlen(arlen[7:0]), .m_axi_arsize(arsize[2:0]),
        .m_axi_arburst(arburst[1:0]), .m_axi_arvalid(arvalid[0]), .m_axi_arready(arready[0]), .m_axi_rid(rid),
        .m_axi_rdata(rdata), .m_axi_rresp(rresp), .m_axi_rlast(rlast), .m_axi_rvalid(rvalid[0]),
        .m_axi_rready(rready[0]),
        .m_axi_awid(awid[3:0]), .m_axi_awaddr(awaddr[63:0]), .m_axi_awlen(awlen[7:0]), .m_axi_awsize(awsize[2:0]),
        .m_axi_awburst(awburst[1:0]), .m_axi_awvalid(awvalid[0]), .m_axi_awready(awready[0]),
        .m_axi_wdata(wdata[127:0]), .m_axi_wstrb(wstrb[15:0]), .m_axi_wlast(wlast[0]), .m_axi_wvalid(wvalid[0]),
        .m_axi_wready(wready[0]), .m_axi_bid(bid), .m_axi_bresp(bresp), .m_axi_bvalid(bvalid[0]),
        .m_axi_bready(bready[0]));

    tern_axi_arbiter #(.DATA_BITS(128)) arbiter (
        .clk(clk), .rst_n(rst_n),
        .s_axi_arid(arid), .s_axi_araddr(araddr), .s_axi_arlen(arlen), .s_axi_arsize(arsize), .s_axi_arburst(arburst),
        .s_axi_arvalid(arvalid), .s_axi_arready(arready), .s_axi_rid(rid), .s_axi_rdata(rdata), .s_axi_rresp(rresp),
        .s_axi_rlast(rlast), .s_axi_rvalid(rvalid), .s_axi_rready(rready), .s_axi_awid(awid), .s_axi_awaddr(awaddr),
        .s_axi_awlen(awlen), .s_axi_awsize(awsize), .s_axi_awburst(awburst), .s_axi_awvalid(awvalid),
        .s_axi_awready(awready), .s_axi_wdata(wdata), .s_axi_wstrb(wstrb), .s_axi_wlast(wlast),
        .s_axi_wvalid(wvalid), .s_axi_wready(wready), .s_axi_bid(bid), .s_axi_bresp(bresp), .s_axi_bvalid(bvalid),
        .s_axi_bready(bready),
        .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize),
        .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready),
        .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready),
        .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize),
        .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready),
        .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid),
        .m_axi_wready(m_axi_wready), .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid),
        .m_axi_bready(m_axi_bready));

    wire unused = &{1'b0, core_instr, bus_address, memory_address, boot_unused};
endmodule

`default_nettype wire
