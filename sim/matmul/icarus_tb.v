// SPDX-License-Identifier: Apache-2.0
// The unit under Icarus Verilog: 7 rows of 64 columns at depth 2. The results are computed by hand. A second run has
// one bit flipped in the second strip, a third a bad step, a fourth a bad header as well. The Verilated bench tests
// more cases. This one tests the semantics of a second tool.
`timescale 1ns / 1ps
`default_nettype none

`include "tern_spec.vh"

module icarus_tb;
    reg          clk = 0;
    reg          rst_n = 0;
    reg  [11:0]  awaddr = 0, araddr = 0;
    reg          awvalid = 0, wvalid = 0, arvalid = 0;
    reg  [31:0]  wdata = 0;
    wire         awready, wready, arready, bvalid, rvalid;
    wire [31:0]  rdata;
    wire [63:0]  m_araddr, m_awaddr;
    wire [7:0]   m_arlen, m_awlen;
    wire         m_arvalid, m_awvalid, m_wvalid, m_wlast, m_rready, m_bready;
    wire [127:0] m_wdata;
    wire [15:0]  m_wstrb;
    reg  [127:0] m_rdata = 0;
    reg          m_rvalid = 0, m_rlast = 0, m_bvalid = 0;
    integer      failures = 0;

    tern_matmul_axi #(.MAX_GROUPS(64)) dut (
        .clk, .rst_n, .m_axi_rst_n(rst_n), .idle(), .window_base(64'h1000), .window_bytes(64'h1000),
        .s_axil_awaddr(awaddr), .s_axil_awvalid(awvalid), .s_axil_awready(awready), .s_axil_wdata(wdata),
        .s_axil_wstrb(4'hf), .s_axil_wvalid(wvalid), .s_axil_wready(wready), .s_axil_bresp(),
        .s_axil_bvalid(bvalid), .s_axil_bready(1'b1), .s_axil_araddr(araddr), .s_axil_arvalid(arvalid),
        .s_axil_arready(arready), .s_axil_rdata(rdata), .s_axil_rresp(), .s_axil_rvalid(rvalid),
        .s_axil_rready(1'b1),
        .m_axi_arid(), .m_axi_araddr(m_araddr), .m_axi_arlen(m_arlen), .m_axi_arsize(), .m_axi_arburst(),
        .m_axi_arvalid(m_arvalid), .m_axi_arready(!reading), .m_axi_rid(4'd0), .m_axi_rdata(m_rdata),
        .m_axi_rresp(2'd0), .m_axi_rlast(m_rlast), .m_axi_rvalid(m_rvalid), .m_axi_rready(m_rready),
        .m_axi_awid(), .m_axi_awaddr(m_awaddr), .m_axi_awlen(m_awlen), .m_axi_awsize(), .m_axi_awburst(),
        .m_axi_awvalid(m_awvalid), .m_axi_awready(!writing), .m_axi_wdata(m_wdata), .m_axi_wstrb(m_wstrb),
        .m_axi_wlast(m_wlast), .m_axi_wvalid(m_wvalid), .m_axi_wready(writing), .m_axi_bid(4'd0),
        .m_axi_bresp(2'd0), .m_axi_bvalid(m_bvalid), .m_axi_bready(m_bready));

    always #5 clk = ~clk;

    // Memory has bytes 0x1000..0x1fff and takes one burst at a time.
    reg [7:0]   bytes [0:4095];
    reg         reading = 0, writing = 0;
    reg [11:0]  read_at = 0, write_at = 0;
    reg [8:0]   read_left = 0;
    integer     i;

    always @(posedge clk) begin
        if (m_arvalid && !reading) begin
            reading <= 1;
            read_at <= m_araddr[11:0];
            read_left <= m_arlen + 1;
        end else if (reading && (!m_rvalid || m_rready)) begin
            m_rvalid <= read_left != 0;
            m_rlast <= read_left == 1;
            for (i = 0; i < 16; i = i + 1)
                m_rdata[8 * i +: 8] <= bytes[read_at + i];
            read_at <= read_at + 16;
            read_left <= read_left - (read_left != 0);
            if (read_left == 0)
                reading <= 0;
        end
        if (m_awvalid && !writing) begin
            writing <= 1;
            write_at <= m_awaddr[11:0];
        end else if (writing && m_wvalid) begin
            for (i = 0; i < 16; i = i + 1)
                if (m_wstrb[i])
                    bytes[write_at + i] <= m_wdata[8 * i +: 8];
            write_at <= write_at + 16;
            writing <= !m_wlast;
        end
        m_bvalid <= (writing && m_wvalid && m_wlast) || (m_bvalid && !m_bready);
    end

    task write_register(input [11:0] offset, input [31:0] value);
        begin
            @(negedge clk);
            awaddr = offset;
            wdata = value;
            awvalid = 1;
            wvalid = 1;
            @(negedge clk);
            awvalid = 0;
            wvalid = 0;
            while (!bvalid) @(negedge clk);
            @(negedge clk);
        end
    endtask

    reg [31:0] value;

    task read_register(input [11:0] offset);
        begin
            @(negedge clk);
            araddr = offset;
            arvalid = 1;
            @(negedge clk);
            arvalid = 0;
            while (!rvalid) @(negedge clk);
            value = rdata;
            @(negedge clk);
        end
    endtask

    function [31:0] crc_of(input [11:0] from, input integer count);
        integer at, bit_index;
        begin
            crc_of = 32'hffffffff;
            for (at = 0; at < count; at = at + 1) begin
                crc_of = crc_of ^ bytes[from + at];
                for (bit_index = 0; bit_index < 8; bit_index = bit_index + 1)
                    crc_of = (crc_of >> 1) ^ (crc_of[0] ? 32'h82f63b78 : 32'd0);
            end
            crc_of = ~crc_of;
        end
    endfunction

    task expect_word(input [11:0] at, input [31:0] wanted);
        if ({bytes[at + 3], bytes[at + 2], bytes[at + 1], bytes[at]} !== wanted) begin
            failures = failures + 1;
            $display("FAIL icarus: word 0x%h is 0x%h, expected 0x%h", at, {bytes[at + 3], bytes[at + 2], bytes[at + 1],
                     bytes[at]}, wanted);
        end
    endtask

    task store_word(input [11:0] at, input [31:0] word);
        {bytes[at + 3], bytes[at + 2], bytes[at + 1], bytes[at]} = word;
    endtask

    // Words of registers with fields.
    reg [31:0] start_word = 0, depth_word = 0, wanted_word;
    initial begin
        start_word[`TERN_MATMUL_CONTROL_START] = 1;
        depth_word[`TERN_MATMUL_DEPTH_STORED] = 2;
        depth_word[`TERN_MATMUL_DEPTH_USED] = 2;
    end

    task run(input [15:0] wanted_status, input [31:0] wanted_detail);
        begin
            write_register(`TERN_MATMUL_REG_CONTROL, start_word);
            wanted_word = 0;
            wanted_word[`TERN_MATMUL_STATUS_CODE] = wanted_status[7:0];
            read_register(`TERN_MATMUL_REG_STATUS);
            while (value[`TERN_MATMUL_STATUS_BUSY]) read_register(`TERN_MATMUL_REG_STATUS);
            if (value !== wanted_word) begin
                failures = failures + 1;
                $display("FAIL icarus: status 0x%h, expected 0x%h", value, wanted_word);
            end
            read_register(`TERN_MATMUL_REG_ERROR_DETAIL);
            if (value !== wanted_detail) begin
                failures = failures + 1;
                $display("FAIL icarus: detail %0d, expected %0d", value, wanted_detail);
            end
        end
    endtask

    integer    k, strip, segment;
    reg [31:0] crc;

    // Memory:
    //   0x000   strips: 64 bytes of codes (all zero), plane 1 (all +1: 0xb5), plane 0 (row 0 +1: 0x01)
    //   0x400   checksums
    //   0x800   activation image: base exponent 0, mantissas 1..64, shifts 0
    //   0xa00   steps: 1.0, then the float before 2.0
    //   0xc00   results
    initial begin
        for (k = 0; k < 4096; k = k + 1) bytes[k] = 8'h00;
        for (strip = 0; strip < 2; strip = strip + 1)
            for (k = 0; k < 64; k = k + 1) begin
                bytes[192 * strip + 64 + k] = 8'hb5;
                bytes[192 * strip + 128 + k] = 8'h01;
            end
        for (segment = 0; segment < 6; segment = segment + 1) begin
            crc = crc_of(64 * segment, 64);
            for (k = 0; k < 4; k = k + 1) bytes[12'h400 + 4 * segment + k] = crc[8 * k +: 8];
        end
        store_word(12'h804, 4);
        store_word(12'h808, 64);
        store_word(12'h80c, `TERN_ACTIVATION_MAGIC);
        for (k = 0; k < 64; k = k + 1) bytes[12'h840 + 2 * k] = k + 1;
        for (k = 0; k < `TERN_STEPS; k = k + 1) store_word(12'ha00 + 4 * k, k == 0 ? 32'h3f800000 : 32'h3fffffff);
        for (k = 0; k < 64; k = k + 1) bytes[12'hc00 + k] = 8'hee;
        repeat (4) @(negedge clk);
        rst_n = 1;
        write_register(`TERN_MATMUL_REG_WEIGHTS_LO, 32'h1000);
        write_register(`TERN_MATMUL_REG_CRC_LO, 32'h1400);
        write_register(`TERN_MATMUL_REG_STEPS_LO, 32'h1a00);
        write_register(`TERN_MATMUL_REG_ACTIVATION_LO, 32'h1800);
        write_register(`TERN_MATMUL_REG_OUTPUT_LO, 32'h1c00);
        write_register(`TERN_MATMUL_REG_ROWS, 7);
        write_register(`TERN_MATMUL_REG_COLUMNS, 64);
        write_register(`TERN_MATMUL_REG_DEPTH, depth_word);
        run(`TERN_STATUS_OK, 0);
        // 1 + ... + 64 = 2080. Row 0 has 4 times that, the others 3 times.
        for (k = 0; k < 7; k = k + 1) expect_word(12'hc00 + 4 * k, k % 5 == 0 ? 32'h46020000 : 32'h45c30000);
        expect_word(12'hc1c, 32'heeeeeeee);
        for (k = 0; k < 64; k = k + 1) bytes[12'hc00 + k] = 8'hee;
        bytes[12'd300] = 8'hb4;
        run(`TERN_STATUS_CHECKSUM, 1);
        expect_word(12'hc00, 32'h46020000);
        expect_word(12'hc10, 32'h45c30000);
        expect_word(12'hc14, 32'heeeeeeee);
        // The second step is negative.
        store_word(12'ha04, 32'hbf800000);
        run(`TERN_STATUS_BAD_STEPS, 1);
        store_word(12'h808, 63);
        run(`TERN_STATUS_BAD_ACTIVATION, 2);
        $display("icarus: %0d failures", failures);
        $finish;
    end

    initial begin
        #2000000 $display("FAIL icarus: still busy");
        $finish;
    end
endmodule

`default_nettype wire
