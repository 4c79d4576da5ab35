// SPDX-License-Identifier: Apache-2.0
// The unit's registers (spec/tern.toml, block MATMUL) behind AXI4-Lite: configuration, step table, counters.
// Configuration is ignored while the unit is busy; counters run since reset.
`default_nettype none

`include "tern_spec.vh"

module tern_matmul_registers (
    input  wire        clk,
    input  wire        rst_n,
    input  wire [11:0] s_axil_awaddr,
    input  wire        s_axil_awvalid,
    output wire        s_axil_awready,
    input  wire [31:0] s_axil_wdata,
    input  wire [3:0]  s_axil_wstrb,
    input  wire        s_axil_wvalid,
    output wire        s_axil_wready,
    output wire [1:0]  s_axil_bresp,
    output wire        s_axil_bvalid,
    input  wire        s_axil_bready,
    input  wire [11:0] s_axil_araddr,
    input  wire        s_axil_arvalid,
    output wire        s_axil_arready,
    output wire [31:0] s_axil_rdata,
    output wire [1:0]  s_axil_rresp,
    output wire        s_axil_rvalid,
    input  wire        s_axil_rready,
    output wire        start,           // pulses
    output wire        cancel,
    input  wire        busy,
    input  wire [7:0]  status,
    input  wire [17:0] error_strip,
    output wire [63:0] weights,
    output wire [63:0] crc,
    output wire [63:0] activation,
    output wire [63:0] result,
    output wire [31:0] rows,
    output wire [31:0] groups,
    output wire [7:0]  depth,            // 3:0 stored, 7:4 in use
    output wire [31:0] exponent,
    output reg         bad_steps,       // a step's shift is over 32
    input  wire [4:0]  step_index,
    output wire [23:0] step_mantissa,   // combinational
    output wire [5:0]  step_shift,
    input  wire        slot_taken,
    input  wire        slot_starved,
    input  wire        slot_stalled
);
    wire        write;
    wire [11:0] write_address;
    wire [31:0] write_data;
    wire        read;
    wire [11:0] read_address;
    reg  [31:0] read_data;

    tern_axi_lite_port #(.ADDRESS_BITS(12)) port (
        .clk(clk), .rst_n(rst_n),
        .s_axil_awaddr(s_axil_awaddr), .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready), .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready), .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready),
        .write(write), .write_address(write_address), .write_data(write_data),
        .read(read), .read_address(read_address), .read_data(read_data));

    wire control = write && write_address == `TERN_MATMUL_REG_CONTROL;

    assign start = control & write_data[0] & ~busy;
    assign cancel = control & write_data[1];

    // Words 0x10..0x3c; the step table is words 0x80..0xe8.
    localparam FIRST = `TERN_MATMUL_REG_WEIGHTS_LO / 4;

    reg [31:0] words [0:11];
    reg [29:0] steps [0:31];
    reg [31:0] shift_too_large;

    wire       write_word = write && !busy && write_address[11:6] == 6'd0 && write_address[5:4] != 2'd0;
    wire [3:0] write_index = write_address[5:2] - FIRST[3:0];
    wire       write_step = write && !busy && write_address[11:7] == 5'd1 && write_address[6:2] < 5'd27;
    wire       too_large = write_data[29:24] > 6'd32;

    assign {weights, crc, activation, result} = {words[1], words[0], words[3], words[2],
                                                 words[5], words[4], words[7], words[6]};
    assign {rows, groups, depth, exponent} = {words[8], words[9], words[10][7:0], words[11]};

    integer i;

    always @(posedge clk)
        if (!rst_n) begin
            for (i = 0; i < 12; i = i + 1)
                words[i] <= 32'd0;
            shift_too_large <= 32'd0;
            bad_steps <= 1'b0;
        end else begin
            if (write_word)
                words[write_index] <= write_data;
            if (write_step)
                shift_too_large[write_address[6:2]] <= too_large;
            bad_steps <= |shift_too_large;
        end

    always @(posedge clk)
        if (write_step)
            steps[write_address[6:2]] <= write_data[29:0];

    assign {step_shift, step_mantissa} = steps[step_index];

    reg [63:0] cycles;
    reg [63:0] offered;
    reg [63:0] taken;
    reg [63:0] starved;
    reg [63:0] stalled;

    always @(posedge clk)
        if (!rst_n) begin
            cycles <= 64'd0;
            offered <= 64'd0;
            taken <= 64'd0;
            starved <= 64'd0;
            stalled <= 64'd0;
        end else if (busy) begin
            cycles <= cycles + 64'd1;
            offered <= offered + {63'd0, slot_taken | slot_starved | slot_stalled};
            taken <= taken + {63'd0, slot_taken};
            starved <= starved + {63'd0, slot_starved};
            stalled <= stalled + {63'd0, slot_stalled};
        end

    reg [11:0] address;

    always @(posedge clk)
        if (read)
            address <= read_address;

    wire [3:0]  read_index = address[5:2] - FIRST[3:0];
    wire [31:0] read_step = {2'd0, steps[address[6:2]]};
    wire [31:0] read_word = words[read_index];

    always @* begin
        read_data = 32'd0;
        if (address[11:7] == 5'd1) begin
            read_data = read_step;
        end else if (address[11:6] == 6'd0 && address[5:4] != 2'd0) begin
            read_data = read_word;
        end else begin
            case ({address[11:2], 2'b00})
                `TERN_MATMUL_REG_ID: read_data = `TERN_MATMUL_ID;
                `TERN_MATMUL_REG_STATUS: read_data = {16'd0, status, 7'd0, busy};
                `TERN_MATMUL_REG_ERROR_STRIP: read_data = {14'd0, error_strip};
                `TERN_MATMUL_REG_VECTORS: read_data = 32'd1;
                `TERN_MATMUL_REG_CYCLES_LO: read_data = cycles[31:0];
                `TERN_MATMUL_REG_CYCLES_HI: read_data = cycles[63:32];
                `TERN_MATMUL_REG_OFFERED_LO: read_data = offered[31:0];
                `TERN_MATMUL_REG_OFFERED_HI: read_data = offered[63:32];
                `TERN_MATMUL_REG_TAKEN_LO: read_data = taken[31:0];
                `TERN_MATMUL_REG_TAKEN_HI: read_data = taken[63:32];
                `TERN_MATMUL_REG_STARVED_LO: read_data = starved[31:0];
                `TERN_MATMUL_REG_STARVED_HI: read_data = starved[63:32];
                `TERN_MATMUL_REG_STALLED_LO: read_data = stalled[31:0];
                `TERN_MATMUL_REG_STALLED_HI: read_data = stalled[63:32];
                default: read_data = 32'd0;
            endcase
        end
    end

    wire unused = &{1'b0, address[1:0]};
endmodule

`default_nettype wire
