// SPDX-License-Identifier: Apache-2.0
// The processor of the controller: picorv32 as RV32IM, with float32 in integer registers (tern_core_coprocessor).
// picorv32 comes from the PyPI package pythondata-cpu-picorv32 and is found at build time. There are no interrupts.
// ecall, ebreak, an unknown instruction and a misaligned access raise `trap`. The core then stops until reset. rdcycle
// and rdinstret count 64 bits. mem_valid and its payload stay until mem_ready, which may come in the same cycle or
// later. mem_wstrb 0 is a read.
//
//   cycles an instruction   memory answers in the same cycle   a cycle later   in the SoC (tern_native_bus)
//   ALU                     3                                  4               3
//   load                    5                                  7               6
//   store                   5                                  7               5
//   multiply                6                                  6               6
//   float                   10                                 10              10
//
// Prefetching hides the fetch of all instructions but loads and stores. In the SoC, a taken branch takes 6, a load from
// scratch memory 7.
`default_nettype none

module tern_core #(
    parameter [31:0] PROGADDR_RESET = 32'h00000000,
    parameter [31:0] STACKADDR = 32'hffffffff,
    parameter CLOCK_GATES = 0
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        clocks_on, // for tests (tern_clock_gate)
    output wire        mem_look, // mem_valid rises in the next cycle, with this address
    output wire        mem_look_write,
    output wire [31:0] mem_look_address,
    output wire        mem_valid,
    output wire        mem_instr,
    input  wire        mem_ready,
    output wire [31:0] mem_addr,
    output wire [31:0] mem_wdata,
    output wire [3:0]  mem_wstrb,
    input  wire [31:0] mem_rdata,
    output wire        trap
);
    wire        pcpi_valid;
    wire [31:0] pcpi_insn;
    wire [31:0] pcpi_rs1;
    wire [31:0] pcpi_rs2;
    wire        pcpi_wr;
    wire [31:0] pcpi_rd;
    wire        pcpi_wait;
    wire        pcpi_ready;

    // Outputs of picorv32 without a use here
    wire        mem_la_read;
    wire [31:0] mem_la_wdata;
    wire [3:0]  mem_la_wstrb;
    wire [31:0] eoi;
    wire        trace_valid;
    wire [35:0] trace_data;
    wire        unused = &{1'b0, mem_la_wdata, mem_la_wstrb, eoi, trace_valid,
                           trace_data};

    // After a trap picorv32 asks for ever and never raises mem_valid.
    assign mem_look = (mem_la_read | mem_look_write) & ~trap;

    picorv32 #(
        .ENABLE_COUNTERS(1),
        .ENABLE_COUNTERS64(1),
        .BARREL_SHIFTER(1),
        .TWO_CYCLE_COMPARE(0),
        .TWO_CYCLE_ALU(0),
        .COMPRESSED_ISA(0),
        .CATCH_MISALIGN(1),
        .CATCH_ILLINSN(1),
        .ENABLE_PCPI(1),
        .ENABLE_MUL(0),
        .ENABLE_FAST_MUL(0),
        .ENABLE_DIV(1),
        .ENABLE_IRQ(0),
        .ENABLE_TRACE(0),
        .PROGADDR_RESET(PROGADDR_RESET),
        .STACKADDR(STACKADDR)
    ) picorv32 (
        .clk,
        .resetn(rst_n),
        .trap, .mem_valid, .mem_instr, .mem_ready, .mem_addr, .mem_wdata, .mem_wstrb, .mem_rdata, .mem_la_read,
        .mem_la_write(mem_look_write),
        .mem_la_addr(mem_look_address),
        .mem_la_wdata, .mem_la_wstrb, .pcpi_valid, .pcpi_insn, .pcpi_rs1, .pcpi_rs2, .pcpi_wr, .pcpi_rd,
        .pcpi_wait, .pcpi_ready,
        .irq(32'b0),
        .eoi, .trace_valid, .trace_data
    );

    tern_core_coprocessor #(.CLOCK_GATES(CLOCK_GATES)) coprocessor (
        .clk, .rst_n, .clocks_on, .pcpi_valid, .pcpi_insn, .pcpi_rs1, .pcpi_rs2, .pcpi_wr, .pcpi_rd, .pcpi_wait, .pcpi_ready
    );
endmodule

`default_nettype wire
