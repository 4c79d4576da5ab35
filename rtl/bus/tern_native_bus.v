// SPDX-License-Identifier: Apache-2.0
// Register bus of the SoC. Core and host take turns with single 32-bit accesses. The address map is here. An access
// takes these cycles:
//   LOOK     The address is decoded, and boot memory reads. The core announces its address a cycle ahead (picorv32's
//            look-ahead), so this cycle costs the core nothing.
//   ACCESS   A memory writes, scratch memory reads, the word of boot memory goes into a register; a unit's access goes
//            into registers. What the core writes, and the word that was read ahead, ends here: it does not wait.
//   UNIT     The word of scratch memory goes into a register. Or `unit_access` and its payload are valid until the unit
//            is ready, in most cases one cycle. The core goes on meanwhile after a write. The next access waits for the
//            end of that one.
//   READY    All other answers.
// Every answer comes from registers: the memories' outputs are late. The second port of boot memory reads the word
// behind the instruction that the core fetched last. So only loads, jumps and taken branches wait for READY.
// Unmapped addresses read 0 and ignore writes. host_error reports them to the host.
//
// The register port of a unit: `access` selects it. With `write`, write_data is written to the whole word at `address`.
// Without, read_data is the word, combinational. The access ends in the cycle in which `ready` is high.
`default_nettype none

`include "tern_spec.vh"

module tern_native_bus #(
    parameter BOOT_LOG2 = 16,                // address bits of boot memory, which may end earlier
    parameter SCRATCH_LOG2 = 15,
    parameter UNITS = 3,
    parameter [32*UNITS-1:0] UNIT_BASES = 0  // 4 KiB each, unit 0 lowest
) (
    input  wire                clk,
    input  wire                rst_n,
    input  wire                core_look,      // core_valid rises in the next cycle
    input  wire                core_look_write,
    input  wire [31:0]         core_look_address,
    input  wire                core_valid,
    input  wire                core_fetches,   // an instruction
    input  wire                core_sleeps,    // its accesses wait
    output reg                 core_ready,
    input  wire [31:0]         core_address,
    input  wire [31:0]         core_write,
    input  wire [3:0]          core_strobe,    // 0 reads
    input  wire                host_valid,
    output wire                host_ready,
    output reg                 host_error,
    input  wire [31:0]         host_address,
    input  wire [31:0]         host_write,
    input  wire [3:0]          host_strobe,
    output reg  [31:0]         read,           // with core_ready or host_ready
    output wire [31:0]         memory_address, // of scratch memory, and of the second port of boot memory
    input  wire [31:0]         look_read,      // first port of boot memory, which reads at core_look_address
    output wire [3:0]          boot_strobe,
    input  wire [31:0]         boot_read,      // second port
    output wire [3:0]          scratch_strobe,
    input  wire [31:0]         scratch_read,   // two cycles after the address
    output wire [31:0]         memory_write,
    output reg  [UNITS-1:0]    unit_access,
    input  wire [UNITS-1:0]    unit_ready,
    input  wire [32*UNITS-1:0] unit_read,
    output reg  [11:0]         address,        // of a word, with unit_access
    output reg                 write,
    output reg  [31:0]         write_data
);
    localparam [31:0] BOOT_BASE = `TERN_BOOT_BASE;
    localparam [31:0] BOOT_BYTES = `TERN_BOOT_BYTES;
    localparam [31:0] SCRATCH_BASE = `TERN_SCRATCH_BASE;
    localparam [1:0] LOOK = 2'd0, ACCESS = 2'd1, UNIT = 2'd2, READY = 2'd3;

    reg [1:0] state;
    reg       host_owns;
    reg       unit_busy;        // unit_access is not 0

    // The core looks two cycles after a store at the earliest. By then the store to SLEEP is in its register.
    wire wanted = host_owns ? host_valid : (core_valid | core_look) & ~core_sleeps;
    wire start = state == LOOK && wanted && !unit_busy;
    wire access = state == ACCESS;
    wire ready = state == READY;
    wire unit_waits = |(unit_access & ~unit_ready);

    // Behind `start` the core's own registers hold the payload.
    wire [31:0] whole_address = host_owns ? host_address : core_address;
    wire [3:0]  strobe = host_owns ? host_strobe : core_strobe;

    assign memory_write = host_owns ? host_write : core_write;

    // The look-ahead address comes late. It goes to one port of boot memory, and to the few gates that decode it.
    wire        named = core_valid | host_owns; // the address is in a register
    wire [31:0] next_address = named ? whole_address : core_look_address;

    // Second port of boot memory: all writes, and the word behind the last fetch when nobody has an address.
    reg  [BOOT_LOG2-1:2] ahead;
    reg                  ahead_valid; // read in the last cycle
    wire [31:0]          ahead_whole = {BOOT_BASE[31:BOOT_LOG2], ahead, 2'b00};

    assign memory_address = named ? whole_address : ahead_whole;

    always @(posedge clk) begin
        ahead_valid <= ~named;
        if (core_valid && core_fetches)
            ahead <= core_address[BOOT_LOG2-1:2] + 1'b1;
    end

    // Where the access goes.
    reg             in_boot;
    reg             in_ahead;   // answered by the second port of boot memory
    reg             in_scratch;
    reg [UNITS-1:0] in_unit;
    integer         unit;
    wire            to_ahead = core_look_address[31:2] == ahead_whole[31:2] && ahead_valid;

    always @(posedge clk)
        if (state == LOOK) begin
            in_boot <= next_address[31:BOOT_LOG2] == BOOT_BASE[31:BOOT_LOG2]
                    && {1'b0, next_address[BOOT_LOG2-1:12]} < BOOT_BYTES[BOOT_LOG2:12];
            in_ahead <= named | to_ahead;
            in_scratch <= next_address[31:SCRATCH_LOG2] == SCRATCH_BASE[31:SCRATCH_LOG2];
        end

    always @*
        for (unit = 0; unit < UNITS; unit = unit + 1)
            in_unit[unit] = whole_address[31:12] == UNIT_BASES[32*unit + 12 +: 20];

    wire to_unit = |in_unit;
    wire ends = access & core_ready | ready;

    assign boot_strobe = strobe & {4{access & in_boot}};
    assign scratch_strobe = strobe & {4{access & in_scratch}};
    assign host_ready = ready & host_owns;

    always @(posedge clk)
        if (!rst_n) begin
            state <= LOOK;
            host_owns <= 1'b0;
            core_ready <= 1'b0;
        end else begin
            case (state)
                LOOK: if (start) state <= ACCESS;
                ACCESS: state <= core_ready ? LOOK : to_unit | in_scratch ? UNIT : READY;
                UNIT: if (!unit_waits) state <= READY;
                default: state <= LOOK;
            endcase
            case (state)
                LOOK: core_ready <= start & ~named & (core_look_write | to_ahead);
                ACCESS: core_ready <= ~host_owns & ~core_ready & ~(to_unit | in_scratch);
                UNIT: core_ready <= ~host_owns & ~unit_waits;
                default: core_ready <= 1'b0;
            endcase
            // The host comes after any access of the core, and the core after any of the host.
            if (ends)
                host_owns <= host_valid & ~host_owns;
            else if (state == LOOK && !start)
                host_owns <= host_valid;
        end

    always @(posedge clk)
        if (!rst_n) begin
            unit_access <= {UNITS{1'b0}};
            unit_busy <= 1'b0;
        end else if (access) begin
            unit_access <= in_unit;
            unit_busy <= to_unit;
        end else if (!unit_waits) begin
            unit_access <= {UNITS{1'b0}};
            unit_busy <= 1'b0;
        end

    always @(posedge clk)
        if (access) begin
            address <= {whole_address[11:2], 2'b00};
            write <= &strobe;
            write_data <= memory_write;
        end

    // Answers of the memories and the units. All but one are 0.
    reg [31:0]         look_word;
    reg [31:0]         boot_word;
    reg [32*UNITS-1:0] unit_words;
    integer            i;

    always @(posedge clk) begin
        if (access)
            host_error <= ~(in_boot | in_scratch | to_unit);
        look_word <= look_read;
        boot_word <= boot_read;
        for (i = 0; i < UNITS; i = i + 1)
            unit_words[32*i +: 32] <= unit_read[32*i +: 32] & {32{unit_access[i]}};
    end

    always @* begin
        read = (in_ahead ? boot_word : look_word) & {32{in_boot}} | scratch_read & {32{in_scratch}};
        for (i = 0; i < UNITS; i = i + 1)
            read = read | unit_words[32*i +: 32];
    end

    wire unused = &{1'b0, BOOT_BASE, BOOT_BYTES, SCRATCH_BASE, UNIT_BASES, next_address, whole_address[1:0], core_look_address[1:0],
                     ahead_whole[1:0]};
endmodule

`default_nettype wire
