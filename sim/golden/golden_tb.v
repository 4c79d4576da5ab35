// SPDX-License-Identifier: Apache-2.0
// Runs golden vectors that testvectors/unit/to_readmemh.py has written as hexadecimal text. It is Verilog-2005 and needs
// no file of the tree but the unit. The module tern_unit_bench is the unit with a register port and an AXI4 port. A unit
// of another make is put into a module of that name and those ports (sim/lib/tern_unit_bench.v).
//   +cases=FOLDER     FOLDER/cases.txt lists the cases
//   +case=NAME        only this one
//   +latency=CYCLES   from an address to its first beat (10 if absent)
//   +stalls=PERCENT   of the cycles in which memory is not ready (0 if absent)
//   +bus              every handshake of the AXI4 port is written to FOLDER/CASE/bus.txt
// It prints a line for each case, and at the end `golden: N cases, M failures`.
`timescale 1ns / 1ps
`default_nettype none

module golden_tb #(
    parameter VECTORS = 1 // of the matmul unit
);
    localparam MEMORY_BYTES = 65536; // most that a case has
    localparam LIMIT = 400000;       // cycles of a run
    localparam ACCESS_LIMIT = 10000; // cycles of an access to a register
    localparam CONTROL = 12'h004, STATUS = 12'h008, DETAIL = 12'h00c;

    // What the files hold.
    reg [31:0] run [0:127];
    reg [7:0]  memory [0:MEMORY_BYTES-1];
    reg [7:0]  wanted [0:MEMORY_BYTES-1];

    wire [63:0] base = {run[2], run[1]};
    wire [63:0] bytes = {run[4], run[3]};
    wire [63:0] window_base = {run[6], run[5]};
    wire [63:0] window_bytes = {run[8], run[7]};
    wire [31:0] wanted_status = run[9];
    wire        has_detail = run[10][0];
    wire [31:0] wanted_detail = run[11];
    wire [31:0] writes = run[12];
    localparam FIRST_WRITE = 13;

    // The unit.
    reg          clk = 0, rst_n = 0;
    reg          access = 0, write = 0;
    reg  [11:0]  address = 0;
    reg  [31:0]  write_data = 0;
    wire [31:0]  read_data;
    wire         ready, idle;
    wire [3:0]   arid, awid;
    wire [63:0]  araddr, awaddr;
    wire [7:0]   arlen, awlen;
    wire         arvalid, rready, awvalid, wvalid, wlast, bready;
    wire [127:0] wdata;
    wire [15:0]  wstrb;
    reg          arready = 0, awready = 0, wready = 0, rvalid = 0, rlast = 0, bvalid = 0;
    reg  [3:0]   rid = 0, bid = 0;
    reg  [127:0] rdata = 0;
    reg  [1:0]   rresp = 0, bresp = 0;

    tern_unit_bench #(.VECTORS(VECTORS)) dut (
        .clk(clk), .rst_n(rst_n), .window_base(window_base), .window_bytes(window_bytes), .idle(idle), .access(access),
        .write(write), .address(address), .write_data(write_data), .read_data(read_data), .ready(ready),
        .m_axi_arid(arid), .m_axi_araddr(araddr), .m_axi_arlen(arlen), .m_axi_arsize(), .m_axi_arburst(),
        .m_axi_arvalid(arvalid), .m_axi_arready(arready), .m_axi_rid(rid), .m_axi_rdata(rdata), .m_axi_rresp(rresp),
        .m_axi_rlast(rlast), .m_axi_rvalid(rvalid), .m_axi_rready(rready), .m_axi_awid(awid), .m_axi_awaddr(awaddr),
        .m_axi_awlen(awlen), .m_axi_awsize(), .m_axi_awburst(), .m_axi_awvalid(awvalid), .m_axi_awready(awready),
        .m_axi_wdata(wdata), .m_axi_wstrb(wstrb), .m_axi_wlast(wlast), .m_axi_wvalid(wvalid), .m_axi_wready(wready),
        .m_axi_bid(bid), .m_axi_bresp(bresp), .m_axi_bvalid(bvalid), .m_axi_bready(bready)
    );

    always #5 clk = ~clk;

    // Memory takes one read burst and one write burst at a time. An access outside [base, base + bytes) is a DECERR.
    integer    latency, stalls, seed = 1, lane, lane_of_log;
    reg        reading = 0, writing = 0;
    reg [63:0] read_at = 0, write_at = 0;
    reg [8:0]  read_left = 0;
    reg [31:0] read_wait = 0;

    function holds(input [63:0] at);
        holds = at >= base && at - base < bytes;
    endfunction

    function [127:0] beat(input [63:0] at);
        integer i;
        for (i = 0; i < 16; i = i + 1)
            beat[8 * i +: 8] = holds(at) ? memory[at - base + i] : 8'hdb;
    endfunction

    function stall(input integer unused);
        stall = $unsigned($random(seed)) % 100 < stalls;
    endfunction

    always @(posedge clk) begin
        arready <= !reading && !(arvalid && arready) && !stall(0);
        if (arvalid && arready) begin
            reading <= 1;
            rid <= arid;
            read_at <= araddr;
            read_left <= arlen + 9'd1;
            read_wait <= latency;
        end
        if (rvalid && rready)
            rvalid <= 0;
        if (reading && read_wait != 0)
            read_wait <= read_wait - 1;
        else if (reading && (!rvalid || rready) && !stall(0)) begin
            rvalid <= 1;
            rlast <= read_left == 1;
            rdata <= beat(read_at);
            rresp <= holds(read_at) ? 2'd0 : 2'd3;
            read_at <= read_at + 16;
            read_left <= read_left - 9'd1;
            reading <= read_left != 1;
        end
        if (!rst_n) begin // a run that failed may have left bursts
            reading <= 0;
            rvalid <= 0;
        end
    end

    always @(posedge clk) begin
        awready <= !writing && !bvalid && !(awvalid && awready) && !stall(0);
        wready <= !stall(0);
        if (awvalid && awready) begin
            writing <= 1;
            bid <= awid;
            bresp <= 0;
            write_at <= awaddr;
        end
        if (!writing || (wvalid && wready && wlast))
            wready <= 0;
        if (writing && wvalid && wready) begin
            for (lane = 0; lane < 16; lane = lane + 1)
                if (wstrb[lane] && holds(write_at))
                    memory[write_at - base + lane] <= wdata[8 * lane +: 8];
            if (!holds(write_at))
                bresp <= 3;
            write_at <= write_at + 16;
            writing <= !wlast;
            bvalid <= wlast;
        end
        if (bvalid && bready)
            bvalid <= 0;
        if (!rst_n) begin
            writing <= 0;
            bvalid <= 0;
        end
    end

    // Rules of the AXI4 port that every unit keeps (README.md of the vectors, "The bus"). The first breach ends the case.
    localparam WORDS = 8 * 40;
    reg             broken = 0;
    reg [WORDS-1:0] rule = 0;
    reg [63:0]      rule_at = 0;
    reg [8:0]       write_left = 0;

    task breach(input [WORDS-1:0] what, input [63:0] at);
        if (!broken) begin
            broken = 1;
            rule = what;
            rule_at = at;
        end
    endtask

    task check_burst(input [63:0] at, input [8:0] beats);
        if (at[3:0] !== 4'd0)
            breach("a burst begins at no multiple of 16", at);
        else if (!(beats <= 9'd64))
            breach("a burst has more than 64 beats", at);
        else if (at[11:0] + 16 * beats > 4096)
            breach("a burst crosses 4 KiB", at);
        else if (!(at >= window_base && at - window_base + 16 * beats <= window_bytes))
            breach("a burst leaves the window", at);
    endtask

    always @(posedge clk) begin
        if (arvalid && arready)
            check_burst(araddr, arlen + 9'd1);
        if (awvalid && awready) begin
            check_burst(awaddr, awlen + 9'd1);
            write_left = awlen + 9'd1;
        end
        if (writing && wvalid && wready) begin
            if (wlast !== (write_left == 9'd1))
                breach("WLAST is not with the last beat", write_at);
            write_left = write_left - 9'd1;
        end
    end

    // What is written of the bus. Lanes without a strobe have no meaning and are zeros there.
    integer     bus = 0;
    reg [127:0] strobed;

    always @* for (lane_of_log = 0; lane_of_log < 16; lane_of_log = lane_of_log + 1)
        strobed[8 * lane_of_log +: 8] = wdata[8 * lane_of_log +: 8] & {8{wstrb[lane_of_log]}};

    always @(posedge clk)
        if (bus != 0) begin
            if (arvalid && arready) $fdisplay(bus, "AR %h %h %0d", arid, araddr, arlen + 9'd1);
            if (rvalid && rready) $fdisplay(bus, "R %h %h %0d %b", rid, rdata, rresp, rlast);
            if (awvalid && awready) $fdisplay(bus, "AW %h %h %0d", awid, awaddr, awlen + 9'd1);
            if (wvalid && wready) $fdisplay(bus, "W %h %h %b", strobed, wstrb, wlast);
            if (bvalid && bready) $fdisplay(bus, "B %h %0d", bid, bresp);
        end

    // Accesses to registers.
    reg [31:0] value;
    integer    waited;

    task wait_ready; // also takes the data of a read
        begin
            waited = 0;
            #1 while (ready !== 1'b1 && waited < ACCESS_LIMIT) begin
                waited = waited + 1;
                @(negedge clk) #1;
            end
            if (ready !== 1'b1)
                breach("a register access has no answer", address);
            value = read_data;
            @(negedge clk);
        end
    endtask

    task write_register(input [11:0] at, input [31:0] data);
        begin
            @(negedge clk);
            access = 1;
            write = 1;
            address = at;
            write_data = data;
            wait_ready;
            access = 0;
            write = 0;
        end
    endtask

    task read_register(input [11:0] at);
        begin
            @(negedge clk);
            access = 1;
            write = 0;
            address = at;
            wait_ready;
            access = 0;
        end
    endtask

    // One case.
    reg [8*1024-1:0] folder, path; // the most that Verilator prints
    reg [8*256-1:0]  name, only;
    integer         cases = 0, failures = 0, failed, list, cycles, i;

    task fail; // once a case; the caller has printed the rest of the line
        failed = 1;
    endtask

    // What a file does not give is unknown, not that of the case before.
    task forget;
        begin
            for (i = 0; i < 128; i = i + 1) run[i] = 32'bx;
            for (i = 0; i < MEMORY_BYTES; i = i + 1) begin
                memory[i] = 8'bx;
                wanted[i] = 8'bx;
            end
        end
    endtask

    task read_files;
        begin
            forget;
            $sformat(path, "%0s/%0s/run.hex", folder, name);
            $readmemh(path, run, 0, 127);
            if (^{bytes, writes} === 1'bx) begin
                $display("FAIL %0s: %0s cannot be read", name, path);
                fail;
            end else if (bytes > MEMORY_BYTES) begin
                $display("FAIL %0s: %0d bytes of memory, the bench has %0d", name, bytes, MEMORY_BYTES);
                fail;
            end else begin
                $sformat(path, "%0s/%0s/before.hex", folder, name);
                $readmemh(path, memory, 0, bytes - 1);
                $sformat(path, "%0s/%0s/after.hex", folder, name);
                $readmemh(path, wanted, 0, bytes - 1);
                for (i = 0; i < bytes && !failed; i = i + 1)
                    if (^{memory[i], wanted[i]} === 1'bx) begin
                        $display("FAIL %0s: before.hex or after.hex has not all bytes of memory", name);
                        fail;
                    end
            end
        end
    endtask

    task reset;
        begin
            rst_n = 0;
            broken = 0;
            repeat (4) @(negedge clk);
            rst_n = 1;
            repeat (2) @(negedge clk);
        end
    endtask

    task wait_for_end;
        begin
            cycles = 0;
            read_register(STATUS);
            while (value[0] !== 1'b0 && cycles < LIMIT && !broken) begin
                repeat (20) @(negedge clk);
                cycles = cycles + 20;
                read_register(STATUS);
            end
        end
    endtask

    task check_registers;
        begin
            if (broken) begin
                $display("FAIL %0s: %0s, at 0x%h", name, rule, rule_at);
                fail;
            end else if (value[0] !== 1'b0) begin
                $display("FAIL %0s: still busy after %0d cycles", name, cycles);
                fail;
            end else if (value !== {16'd0, wanted_status[7:0], 8'd0}) begin
                $display("FAIL %0s: STATUS is 0x%h: code %0d, expected %0d", name, value, value[15:8], wanted_status);
                fail;
            end
            if (!failed) read_register(DETAIL);
            if (!failed && has_detail && value !== wanted_detail) begin
                $display("FAIL %0s: the detail is 0x%h, expected 0x%h", name, value, wanted_detail);
                fail;
            end
        end
    endtask

    task check_memory;
        for (i = 0; i < bytes && !failed; i = i + 1)
            if (memory[i] !== wanted[i]) begin
                $display("FAIL %0s: byte 0x%h is 0x%h, expected 0x%h", name, base + i, memory[i], wanted[i]);
                fail;
            end
    endtask

    task run_case;
        begin
            failed = 0;
            read_files;
            if (!failed) begin
                $sformat(path, "%0s/%0s/bus.txt", folder, name);
                if ($test$plusargs("bus")) bus = $fopen(path, "w");
                reset;
                read_register(12'h000);
                if (!broken && value !== run[0]) begin
                    $display("FAIL %0s: the register ID is 0x%h, expected 0x%h: a case of another unit", name, value, run[0]);
                    fail;
                end
                if (!failed) begin
                    for (i = 0; i < writes && !broken; i = i + 1)
                        write_register(run[FIRST_WRITE + 2 * i], run[FIRST_WRITE + 2 * i + 1]);
                    if (!broken) write_register(CONTROL, 32'd1);
                    if (!broken) wait_for_end;
                    check_registers;
                    check_memory;
                end
                if (bus != 0) $fclose(bus);
                bus = 0;
            end
            cases = cases + 1;
            failures = failures + failed;
            if (!failed) $display("PASS %0s", name);
        end
    endtask

    initial begin
        if (!$value$plusargs("latency=%d", latency)) latency = 10;
        if (!$value$plusargs("stalls=%d", stalls)) stalls = 0;
        if (!$value$plusargs("case=%s", only)) only = 0;
        if (!$value$plusargs("cases=%s", folder)) folder = ".";
        $sformat(path, "%0s/cases.txt", folder);
        list = $fopen(path, "r");
        if (list == 0) begin
            $display("FAIL golden: %0s cannot be read: name its folder by +cases=FOLDER", path);
            $finish;
        end else begin
            while ($fscanf(list, "%s", name) == 1)
                if (only == 0 || only == name) run_case;
            if (cases == 0) $display("FAIL golden: no case");
            $display("golden: %0d cases, %0d failures", cases, failures);
            $finish;
        end
    end
endmodule

`default_nettype wire
