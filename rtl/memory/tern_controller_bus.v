// SPDX-License-Identifier: Apache-2.0
// The SoC's register port for the memory controller (tern_native_bus) to Wishbone. LiteDRAM's bridge answers every
// access, some cycles after it began. rst_n is the reset of memory: a reset of the SoC alone may leave an access of the
// controller, which ends here without an answer.
`default_nettype none

module tern_controller_bus (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        access,
    output wire        ready,
    input  wire        write,
    input  wire [11:0] address,
    input  wire [31:0] write_data,
    output wire [31:0] read_data,
    output reg         wb_cyc,
    output wire        wb_stb,
    output reg         wb_we,
    output reg  [29:0] wb_adr,
    output wire [3:0]  wb_sel,
    output reg  [31:0] wb_dat_w,
    input  wire [31:0] wb_dat_r,
    input  wire        wb_ack
);
    reg        answered;
    reg [31:0] answer;

    assign wb_stb = wb_cyc;
    assign wb_sel = 4'hf;
    assign ready = answered;
    assign read_data = answer;

    always @(posedge clk)
        if (!rst_n) begin
            wb_cyc <= 1'b0;
            answered <= 1'b0;
        end else begin
            wb_cyc <= wb_cyc ? ~wb_ack : access & ~answered;
            answered <= wb_cyc & wb_ack & access;
        end

    always @(posedge clk) begin
        if (!wb_cyc) begin
            wb_we <= write;
            wb_adr <= {20'd0, address[11:2]};
            wb_dat_w <= write_data;
        end
        answer <= wb_dat_r;
    end

    wire unused = &{1'b0, address[1:0]};
endmodule

`default_nettype wire
