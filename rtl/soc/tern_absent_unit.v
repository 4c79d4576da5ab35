// SPDX-License-Identifier: Apache-2.0
// In place of a unit that the hardware is built without: its registers read 0, and it asks nothing of memory.
`default_nettype none

module tern_absent_unit #(
    parameter DATA_BITS = 128
) (
    output wire                   idle,
    input  wire                   access,
    input  wire                   write,
    input  wire [11:0]            address,
    input  wire [31:0]            write_data,
    output wire [31:0]            read_data,
    output wire                   ready,
    output wire                   m_read_valid,
    output wire [63:0]            m_read_address,
    output wire [6:0]             m_read_beats,
    output wire                   m_write_valid,
    output wire [63:0]            m_write_address,
    output wire [6:0]             m_write_beats,
    output wire                   m_data_valid,
    output wire [DATA_BITS-1:0]   m_data,
    output wire [DATA_BITS/8-1:0] m_strobe
);
    assign idle = 1'b1;
    assign read_data = 32'd0;
    assign ready = 1'b1;
    assign m_read_valid = 1'b0;
    assign m_read_address = 64'd0;
    assign m_read_beats = 7'd0;
    assign m_write_valid = 1'b0;
    assign m_write_address = 64'd0;
    assign m_write_beats = 7'd0;
    assign m_data_valid = 1'b0;
    assign m_data = {DATA_BITS{1'b0}};
    assign m_strobe = {DATA_BITS/8{1'b0}};

    wire unused = &{1'b0, access, write, address, write_data};
endmodule

`default_nettype wire
