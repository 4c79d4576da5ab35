// SPDX-License-Identifier: Apache-2.0
// Register between tern_native_bus and the register port of a unit. An access reaches the unit a cycle later, from
// registers beside it. So the wires from the bus to all units decode nothing. A write is over for the bus when it is
// here. The word that is read goes to the bus directly, into its register.
`default_nettype none

module tern_register_port (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        s_access,
    output wire        s_ready,
    input  wire        s_write,
    input  wire [11:0] s_address,
    input  wire [31:0] s_write_data,
    output reg         m_access,
    input  wire        m_ready,
    output reg         m_write,
    output reg  [11:0] m_address,
    output reg  [31:0] m_write_data
);
    assign s_ready = s_write ? !m_access : m_access && !m_write && m_ready;

    always @(posedge clk) begin
        m_access <= rst_n && (m_access ? !m_ready : s_access);
        if (!m_access) begin
            m_write <= s_write;
            m_address <= s_address;
            m_write_data <= s_write_data;
        end
    end
endmodule

`default_nettype wire
