// SPDX-License-Identifier: Apache-2.0
// System registers (spec/tern.toml, block SYSTEM): identity, mailbox, window, timer. Core and host share them. The spec
// says which side writes which register.
// Model: tern_system_unit_read() of cmodel/device/system.c.
`default_nettype none

`include "tern_spec.vh"

module tern_system_registers #(
    parameter LANES = 1,
    parameter VECTORS = 1,
    parameter WAYS = 8,
    parameter MAX_GROUPS = `TERN_MAX_COLUMNS / `TERN_GROUP_COLUMNS,
    parameter HAS_ATTENTION = 1,
    parameter HAS_CONTROLLER = 0,
    parameter [31:0] BOARD = `TERN_SYSTEM_BOARD_NONE,
    parameter [31:0] SOURCES = 0,
    parameter [31:0] CLOCK_HZ = `TERN_CLOCK_HZ
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        access,
    input  wire        write,
    input  wire [11:0] address,
    input  wire [31:0] write_data,
    output wire [31:0] read_data,
    output wire        ready,
    input  wire        core_trap,
    input  wire        memory_waits, // the memory edge ends what was asked before the last reset
    input  wire [3:0]  unit_idle,    // in the order of the bits of SLEEP
    output reg         core_run,
    output reg  [63:0] window_base,
    output reg  [63:0] window_bytes,
    output wire        core_idle,    // held, trapped, or waiting for the doorbell
    output reg         core_sleeps   // the bus keeps the core waiting
);
    localparam [31:0] LANES_32 = LANES;
    localparam [31:0] WAYS_32 = WAYS;
    localparam [31:0] MAX_GROUPS_32 = MAX_GROUPS;
    localparam [31:0] MAX_DEPTH_32 = `TERN_MAX_DEPTH;
    localparam [31:0] VECTORS_32 = VECTORS;

    reg [63:0] ring_base;
    reg [31:0] ring_entries;
    reg [31:0] doorbell;
    reg [31:0] completed;
    reg [31:0] wait_limit;
    reg [31:0] firmware_version;
    reg [63:0] profile_base;
    reg        software_vector;
    reg        software_attention;
    reg [31:0] firmware_state;
    reg [7:0]  memory_state;
    reg [7:0]  memory_lane;
    reg [31:0] memory_report;
    reg [63:0] time_cycles;

    // A read takes two cycles: its word goes into a register. The word is chosen by the bits that tell registers apart.
    localparam [11:0] LAST = `TERN_SYSTEM_REG_MEMORY_REPORT;
    reg         answered;
    reg         is_register;
    reg  [31:0] word;
    reg  [31:0] read_word;

    generate
        if (LAST >= 12'd128) begin : wrong_registers
            tern_rule_registers_of_the_system_end_below_128 rule ();
        end
    endgenerate

    assign ready = write || answered;
    assign read_data = read_word & {32{is_register}};

    always @(posedge clk) begin
        answered <= rst_n && access && !write && !answered;
        is_register <= address < 12'd128;
        read_word <= word;
    end

    assign core_idle = !core_run || core_trap ||
                       (firmware_state == `TERN_SYSTEM_FIRMWARE_STATE_IDLE && doorbell == completed);

    always @(posedge clk)
        if (!rst_n) begin
            core_run <= 1'b0;
            window_base <= 64'd0;
            window_bytes <= 64'd0;
            ring_base <= 64'd0;
            ring_entries <= 32'd0;
            doorbell <= 32'd0;
            completed <= 32'd0;
            wait_limit <= 32'd0;
            firmware_version <= 32'd0;
            profile_base <= 64'd0;
            software_vector <= 1'b0;
            software_attention <= 1'b0;
            firmware_state <= 32'd0;
            memory_state <= 8'd0;
            memory_lane <= 8'd0;
            memory_report <= 32'd0;
        end else if (access && write) begin
            case (address)
                `TERN_SYSTEM_REG_CONTROL: core_run <= write_data[`TERN_SYSTEM_CONTROL_RUN];
                `TERN_SYSTEM_REG_WINDOW_BASE_LO: window_base[31:0] <= write_data;
                `TERN_SYSTEM_REG_WINDOW_BASE_HI: window_base[63:32] <= write_data;
                `TERN_SYSTEM_REG_WINDOW_BYTES_LO: window_bytes[31:0] <= write_data;
                `TERN_SYSTEM_REG_WINDOW_BYTES_HI: window_bytes[63:32] <= write_data;
                `TERN_SYSTEM_REG_RING_BASE_LO: ring_base[31:0] <= write_data;
                `TERN_SYSTEM_REG_RING_BASE_HI: ring_base[63:32] <= write_data;
                `TERN_SYSTEM_REG_RING_ENTRIES: ring_entries <= write_data;
                `TERN_SYSTEM_REG_DOORBELL: doorbell <= write_data;
                `TERN_SYSTEM_REG_COMPLETED: completed <= write_data;
                `TERN_SYSTEM_REG_WAIT_LIMIT: wait_limit <= write_data;
                `TERN_SYSTEM_REG_FIRMWARE_VERSION: firmware_version <= write_data;
                `TERN_SYSTEM_REG_PROFILE_BASE_LO: profile_base[31:0] <= write_data;
                `TERN_SYSTEM_REG_PROFILE_BASE_HI: profile_base[63:32] <= write_data;
                `TERN_SYSTEM_REG_SOFTWARE: begin
                    software_vector <= write_data[`TERN_SYSTEM_SOFTWARE_VECTOR];
                    software_attention <= write_data[`TERN_SYSTEM_SOFTWARE_ATTENTION];
                end
                `TERN_SYSTEM_REG_FIRMWARE_STATE: firmware_state <= write_data;
                `TERN_SYSTEM_REG_MEMORY_STATE: begin
                    memory_state <= write_data[`TERN_SYSTEM_MEMORY_STATE_STATE];
                    memory_lane <= write_data[`TERN_SYSTEM_MEMORY_STATE_LANE];
                end
                `TERN_SYSTEM_REG_MEMORY_REPORT: memory_report <= write_data;
                default: ;
            endcase
        end

    // Events are levels, so that none is lost between a look of the core and its sleep.
    reg  [3:0]  sleep_units;
    reg         sleep_doorbell;
    reg  [15:0] sleep_left;
    reg         rung; // since the end of the last sleep
    wire        sleep = access && write && address == `TERN_SYSTEM_REG_SLEEP;
    wire        wakes = |(sleep_units & unit_idle) || sleep_doorbell && rung || sleep_left == 16'd0 || !core_run;

    always @(posedge clk)
        if (!rst_n) begin
            core_sleeps <= 1'b0;
            rung <= 1'b0;
        end else begin
            if (sleep)
                core_sleeps <= 1'b1;
            else if (wakes)
                core_sleeps <= 1'b0;
            if (access && write && address == `TERN_SYSTEM_REG_DOORBELL)
                rung <= 1'b1;
            else if (core_sleeps && wakes)
                rung <= 1'b0;
        end

    always @(posedge clk)
        if (sleep) begin
            sleep_units <= {write_data[`TERN_SYSTEM_SLEEP_DMA], write_data[`TERN_SYSTEM_SLEEP_ATTENTION],
                            write_data[`TERN_SYSTEM_SLEEP_VECTOR], write_data[`TERN_SYSTEM_SLEEP_MATMUL]};
            sleep_doorbell <= write_data[`TERN_SYSTEM_SLEEP_DOORBELL];
            sleep_left <= write_data[`TERN_SYSTEM_SLEEP_CYCLES];
        end else if (core_sleeps)
            sleep_left <= sleep_left - 16'd1;

    always @(posedge clk)
        time_cycles <= rst_n ? time_cycles + 64'd1 : 64'd0;

    always @* begin
        word = 32'd0;
        case ({5'd0, address[6:0]})
            `TERN_SYSTEM_REG_ID: word = `TERN_SYSTEM_ID;
            `TERN_SYSTEM_REG_INTERFACE: word = `TERN_INTERFACE_VERSION;
            `TERN_SYSTEM_REG_SPEC_HASH: word = `TERN_SPEC_HASH;
            `TERN_SYSTEM_REG_HARDWARE: begin
                word[`TERN_SYSTEM_HARDWARE_LANES] = LANES_32[7:0];
                word[`TERN_SYSTEM_HARDWARE_DEPTH] = MAX_DEPTH_32[7:0];
                word[`TERN_SYSTEM_HARDWARE_VECTORS] = VECTORS_32[7:0];
                word[`TERN_SYSTEM_HARDWARE_WAYS] = WAYS_32[4:0];
                word[`TERN_SYSTEM_HARDWARE_ATTENTION] = HAS_ATTENTION != 0;
                word[`TERN_SYSTEM_HARDWARE_CONTROLLER] = HAS_CONTROLLER != 0;
            end
            `TERN_SYSTEM_REG_MAX_GROUPS: word = MAX_GROUPS_32;
            `TERN_SYSTEM_REG_CLOCK_HZ: word = CLOCK_HZ;
            `TERN_SYSTEM_REG_CONTROL: word[`TERN_SYSTEM_CONTROL_RUN] = core_run;
            `TERN_SYSTEM_REG_STATUS: begin
                word[`TERN_SYSTEM_STATUS_RUNS] = core_run;
                word[`TERN_SYSTEM_STATUS_TRAPPED] = core_trap;
                word[`TERN_SYSTEM_STATUS_MEMORY_WAITS] = memory_waits;
            end
            `TERN_SYSTEM_REG_TIME_LO: word = time_cycles[31:0];
            `TERN_SYSTEM_REG_TIME_HI: word = time_cycles[63:32];
            `TERN_SYSTEM_REG_WINDOW_BASE_LO: word = window_base[31:0];
            `TERN_SYSTEM_REG_WINDOW_BASE_HI: word = window_base[63:32];
            `TERN_SYSTEM_REG_WINDOW_BYTES_LO: word = window_bytes[31:0];
            `TERN_SYSTEM_REG_WINDOW_BYTES_HI: word = window_bytes[63:32];
            `TERN_SYSTEM_REG_RING_BASE_LO: word = ring_base[31:0];
            `TERN_SYSTEM_REG_RING_BASE_HI: word = ring_base[63:32];
            `TERN_SYSTEM_REG_RING_ENTRIES: word = ring_entries;
            `TERN_SYSTEM_REG_DOORBELL: word = doorbell;
            `TERN_SYSTEM_REG_COMPLETED: word = completed;
            `TERN_SYSTEM_REG_WAIT_LIMIT: word = wait_limit;
            `TERN_SYSTEM_REG_FIRMWARE_VERSION: word = firmware_version;
            `TERN_SYSTEM_REG_PROFILE_BASE_LO: word = profile_base[31:0];
            `TERN_SYSTEM_REG_PROFILE_BASE_HI: word = profile_base[63:32];
            `TERN_SYSTEM_REG_SOFTWARE: begin
                word[`TERN_SYSTEM_SOFTWARE_VECTOR] = software_vector;
                word[`TERN_SYSTEM_SOFTWARE_ATTENTION] = software_attention;
            end
            `TERN_SYSTEM_REG_FIRMWARE_STATE: word = firmware_state;
            `TERN_SYSTEM_REG_BOARD: word = BOARD;
            `TERN_SYSTEM_REG_SOURCES: word = SOURCES;
            `TERN_SYSTEM_REG_MEMORY_STATE: begin
                word[`TERN_SYSTEM_MEMORY_STATE_STATE] = memory_state;
                word[`TERN_SYSTEM_MEMORY_STATE_LANE] = memory_lane;
            end
            `TERN_SYSTEM_REG_MEMORY_REPORT: word = memory_report;
            default: ;
        endcase
    end

    wire unused = &{1'b0, LANES_32[31:8], VECTORS_32[31:8], MAX_DEPTH_32[31:8], WAYS_32[31:5], LAST};
endmodule

`default_nettype wire
