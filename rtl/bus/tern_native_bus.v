// SPDX-License-Identifier: Apache-2.0
// Register bus of the SoC. Core and host take turns with single 32-bit accesses. The address map is here. An access
// takes these cycles:
//   LOOK     The memories read at `memory_address`, which is decoded. The core announces its address a cycle ahead
//            (picorv32's look-ahead), so this cycle costs the core nothing.
//   ACCESS   A memory reads or writes; a unit's access goes into registers. What the core writes, or reads from a
//            memory, ends here: it does not wait.
//   UNIT     `unit_access` and its payload are valid until the unit is ready, in most cases one cycle. The core goes on
//            meanwhile after a write. The next access waits for the end of that one.
//   READY    What the core reads from a unit, and every answer to the host, comes from a register.
// Unmapped addresses read 0 and ignore writes. host_error reports them to the host.
//
// The register port of a unit: `access` selects it. With `write`, write_data is written to the whole word at `address`.
// Without, read_data is the word, combinational. The access ends in the cycle in which `ready` is high.
`default_nettype none

`include "tern_spec.vh"

module tern_native_bus #(
    parameter BOOT_LOG2 = 16,
    parameter SCRATCH_LOG2 = 16,
    parameter UNITS = 3,
    parameter [32*UNITS-1:0] UNIT_BASES = 0  // 4 KiB each, unit 0 lowest
) (
    input  wire                clk,
    input  wire                rst_n,
    input  wire                core_look,      // core_valid rises in the next cycle
    input  wire [31:0]         core_look_address,
    input  wire                core_valid,
    input  wire                core_sleeps,    // its accesses wait
    output wire                core_ready,
    output wire [31:0]         core_read,      // with core_ready
    input  wire [31:0]         core_address,
    input  wire [31:0]         core_write,
    input  wire [3:0]          core_strobe,    // 0 reads
    input  wire                host_valid,
    output wire                host_ready,
    output reg                 host_error,
    input  wire [31:0]         host_address,
    input  wire [31:0]         host_write,
    input  wire [3:0]          host_strobe,
    output reg  [31:0]         host_read,      // with host_ready, combinational
    output wire [31:0]         memory_address, // a cycle ahead for reads
    output wire                boot_enable,
    output wire [3:0]          boot_strobe,
    input  wire [31:0]         boot_read,
    output wire                scratch_enable,
    output wire [3:0]          scratch_strobe,
    input  wire [31:0]         scratch_read,
    output wire [31:0]         memory_write,
    output reg  [UNITS-1:0]    unit_access,
    input  wire [UNITS-1:0]    unit_ready,
    input  wire [32*UNITS-1:0] unit_read,
    output reg  [11:0]         address,        // of a word, with unit_access
    output reg                 write,
    output reg  [31:0]         write_data
);
    localparam [31:0] BOOT_BASE = `TERN_BOOT_BASE;
    localparam [31:0] SCRATCH_BASE = `TERN_SCRATCH_BASE;
    localparam [1:0] LOOK = 2'd0, ACCESS = 2'd1, UNIT = 2'd2, READY = 2'd3;

    reg [1:0] state;
    reg       host_owns;
    reg       unit_busy;        // unit_access is not 0
    reg       core_access;      // ACCESS and READY of the core: core_ready is on long paths in picorv32
    reg       core_answer;

    // The core looks two cycles after a store at the earliest. By then the store to SLEEP is in its register.
    wire start = state == LOOK && (host_owns ? host_valid : (core_valid | core_look) & ~core_sleeps);
    wire access = state == ACCESS;
    wire ready = state == READY;

    // Behind `start` the core's own registers hold the payload.
    wire [31:0] whole_address = host_owns ? host_address : core_address;
    wire [3:0]  strobe = host_owns ? host_strobe : core_strobe;

    wire        writes = &strobe;

    assign memory_write = host_owns ? host_write : core_write;

    // Where the access goes. memory_address is that of the access to come.
    reg             in_boot;
    reg             in_scratch;
    reg             in_memory;  // one of the two
    reg [UNITS-1:0] in_unit;
    integer         unit;
    wire            to_boot = memory_address[31:BOOT_LOG2] == BOOT_BASE[31:BOOT_LOG2];
    wire            to_scratch = memory_address[31:SCRATCH_LOG2] == SCRATCH_BASE[31:SCRATCH_LOG2];

    always @(posedge clk)
        if (!access) begin
            in_boot <= to_boot;
            in_scratch <= to_scratch;
            in_memory <= to_boot | to_scratch;
            for (unit = 0; unit < UNITS; unit = unit + 1)
                in_unit[unit] <= memory_address[31:12] == UNIT_BASES[32*unit + 12 +: 20];
        end

    wire unit_waits = |(unit_access & ~unit_ready);
    wire to_unit = |in_unit;
    wire done = access & ~unit_busy;
    wire quick = core_access & ~unit_busy & (in_memory | writes);

    // Both memories read at whatever address may become an access; they write when it is one.
    assign memory_address = access | core_valid | host_owns ? whole_address : core_look_address;
    assign boot_strobe = strobe & {4{access & in_boot}};
    assign scratch_strobe = strobe & {4{access & in_scratch}};
    assign boot_enable = ~access | (|boot_strobe);
    assign scratch_enable = ~access | (|scratch_strobe);
    assign core_ready = quick | core_answer;
    assign host_ready = ready & host_owns;

    always @(posedge clk)
        if (!rst_n) begin
            state <= LOOK;
            host_owns <= 1'b0;
            core_access <= 1'b0;
            core_answer <= 1'b0;
        end else begin
            core_access <= ~host_owns & (state == LOOK ? start : access & ~done);
            core_answer <= ~host_owns & (access ? done & ~quick & ~to_unit : state == UNIT & ~unit_waits);
            case (state)
                LOOK: if (start) state <= ACCESS;
                ACCESS: if (done) state <= quick ? LOOK : to_unit ? UNIT : READY;
                UNIT: if (!unit_waits) state <= READY;
                default: state <= LOOK;
            endcase
            // The host comes after any access of the core, and the core after any of the host.
            if (quick | ready)
                host_owns <= host_valid & ~host_owns;
            else if (state == LOOK && !start)
                host_owns <= host_valid;
        end

    always @(posedge clk)
        if (!rst_n) begin
            unit_access <= {UNITS{1'b0}};
            unit_busy <= 1'b0;
        end else if (done) begin
            unit_access <= in_unit;
            unit_busy <= to_unit;
        end else if (!unit_waits) begin
            unit_access <= {UNITS{1'b0}};
            unit_busy <= 1'b0;
        end

    always @(posedge clk)
        if (done) begin
            address <= {whole_address[11:2], 2'b00};
            write <= writes;
            write_data <= memory_write;
        end

    wire [31:0] memory_read = (boot_read & {32{in_boot}}) | (scratch_read & {32{in_scratch}});
    reg  [32*UNITS+31:0] answers;       // of the units, and of the memories: one is not 0
    integer              i;

    // The memories' outputs come late: they pass two levels of AND and OR.
    assign core_read = (memory_read & {32{access}}) | (host_read & {32{ready}});

    always @(posedge clk) begin
        if (access)
            host_error <= ~(in_memory | to_unit);
        for (i = 0; i < UNITS; i = i + 1)
            answers[32*i +: 32] <= unit_read[32*i +: 32] & {32{unit_access[i]}};
        answers[32*UNITS +: 32] <= memory_read & {32{access}};
    end

    always @* begin
        host_read = 32'd0;
        for (i = 0; i <= UNITS; i = i + 1)
            host_read = host_read | answers[32*i +: 32];
    end

    wire unused = &{1'b0, BOOT_BASE, SCRATCH_BASE, UNIT_BASES, whole_address[1:0]};
endmodule

`default_nettype wire
