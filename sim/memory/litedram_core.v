// SPDX-License-Identifier: Apache-2.0
// Stand-in for the generated controller, for benches without LiteDRAM: the same ports and registers, random waits. It
// keeps the controller's promises and no others. It takes a command of one port a cycle. Commands are carried out in
// that order. Data of a write are taken some cycles after its command, whether they are there or not. Data of reads
// cannot wait either.
`default_nettype none

module litedram_core #(
    parameter WIDTH = `TERN_STAND_IN_WIDTH,       // the generated one has no parameters
    parameter ADDRESS_BITS = `TERN_STAND_IN_ADDRESS_BITS
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    user_port_soc_cmd_valid,
    output wire                    user_port_soc_cmd_ready,
    input  wire                    user_port_soc_cmd_we,
    input  wire [ADDRESS_BITS-1:0] user_port_soc_cmd_addr,
    input  wire                    user_port_soc_wdata_valid,
    output wire                    user_port_soc_wdata_ready,
    input  wire [WIDTH/8-1:0]      user_port_soc_wdata_we,
    input  wire [WIDTH-1:0]        user_port_soc_wdata_data,
    output wire                    user_port_soc_rdata_valid,
    input  wire                    user_port_soc_rdata_ready,
    output wire [WIDTH-1:0]        user_port_soc_rdata_data,
    input  wire                    user_port_next_cmd_valid,
    output wire                    user_port_next_cmd_ready,
    input  wire                    user_port_next_cmd_we,
    input  wire [ADDRESS_BITS-1:0] user_port_next_cmd_addr,
    input  wire                    user_port_next_wdata_valid,
    output wire                    user_port_next_wdata_ready,
    input  wire [WIDTH/8-1:0]      user_port_next_wdata_we,
    input  wire [WIDTH-1:0]        user_port_next_wdata_data,
    output wire                    user_port_next_rdata_valid,
    input  wire                    user_port_next_rdata_ready,
    output wire [WIDTH-1:0]        user_port_next_rdata_data,
    input  wire                    user_port_link_cmd_valid,
    output wire                    user_port_link_cmd_ready,
    input  wire                    user_port_link_cmd_we,
    input  wire [ADDRESS_BITS-1:0] user_port_link_cmd_addr,
    input  wire                    user_port_link_wdata_valid,
    output wire                    user_port_link_wdata_ready,
    input  wire [WIDTH/8-1:0]      user_port_link_wdata_we,
    input  wire [WIDTH-1:0]        user_port_link_wdata_data,
    output wire                    user_port_link_rdata_valid,
    input  wire                    user_port_link_rdata_ready,
    output wire [WIDTH-1:0]        user_port_link_rdata_data,
    input  wire                    wb_ctrl_cyc,
    input  wire                    wb_ctrl_stb,
    input  wire                    wb_ctrl_we,
    input  wire [29:0]             wb_ctrl_adr,
    input  wire [3:0]              wb_ctrl_sel,
    input  wire [31:0]             wb_ctrl_dat_w,
    output wire [31:0]             wb_ctrl_dat_r,
    output reg                     wb_ctrl_ack,
    output wire                    wb_ctrl_err,
    output wire                    init_done,
    output wire                    init_error,
    output wire                    user_clk,
    output wire                    user_rst
);
    localparam QUEUE_LOG2 = 5;
    localparam WRITE_LATENCY = 4;
    localparam READ_LATENCY = 14;

    // The registers: init_done alone.
    reg done;

    assign wb_ctrl_dat_r = {31'd0, done};
    assign wb_ctrl_err = 1'b0;
    assign init_done = done;
    assign init_error = 1'b0;
    assign user_clk = clk;
    assign user_rst = rst;

    always @(posedge clk)
        if (rst) begin
            done <= 1'b0;
            wb_ctrl_ack <= 1'b0;
        end else begin
            wb_ctrl_ack <= wb_ctrl_cyc & wb_ctrl_stb & ~wb_ctrl_ack & random[3];
            if (wb_ctrl_ack && wb_ctrl_we && wb_ctrl_adr == 30'd0 && wb_ctrl_sel[0])
                done <= wb_ctrl_dat_w[0];
        end

    // Random bits; spells of 256 cycles in which commands are taken seldom.
    reg [31:0] random;
    reg [31:0] cycles;
    wire       slow = cycles[8];

    always @(posedge clk)
        if (rst) begin
            random <= 32'h1badcafe;
            cycles <= 0;
        end else begin
            random <= {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};
            cycles <= cycles + 1;
        end

    // The port that may give a command.
    wire [2:0]                asks = {user_port_link_cmd_valid, user_port_next_cmd_valid, user_port_soc_cmd_valid};
    reg [1:0]                 turn;
    reg [QUEUE_LOG2:0]        given;
    reg [QUEUE_LOG2:0]        carried;
    wire                      room = given - carried != {1'b1, {QUEUE_LOG2{1'b0}}};
    wire                      open = done & room & (slow ? random[7:5] == 0 : random[7:6] != 0);
    wire [2:0]                ready = {3{open}} & (3'd1 << turn);
    wire                      take = |(asks & ready);
    reg [ADDRESS_BITS+3-1:0]  commands [0:(1 << QUEUE_LOG2) - 1]; // port, write, address
    reg [ADDRESS_BITS-1:0]    address;
    reg                       write;

    assign {user_port_link_cmd_ready, user_port_next_cmd_ready, user_port_soc_cmd_ready} = ready;

    always @*
        case (turn)
            2'd0: {write, address} = {user_port_soc_cmd_we, user_port_soc_cmd_addr};
            2'd1: {write, address} = {user_port_next_cmd_we, user_port_next_cmd_addr};
            default: {write, address} = {user_port_link_cmd_we, user_port_link_cmd_addr};
        endcase

    always @(posedge clk)
        if (rst) begin
            turn <= 2'd0;
            given <= 0;
        end else begin
            if (random[11:9] == 0 || !asks[turn])
                turn <= turn == 2'd2 ? 2'd0 : turn + 2'd1;
            if (take) begin
                commands[given[QUEUE_LOG2-1:0]] <= {turn, write, address};
                given <= given + 1'b1;
            end
        end

    // Carried out in order, then delayed: a write until its data are taken, a read until its data are given.
    wire [ADDRESS_BITS+3-1:0] first = commands[carried[QUEUE_LOG2-1:0]];
    wire                      carry = given != carried && (!slow || random[14]) && quiet == 0;
    wire                      turns = first[ADDRESS_BITS] != last_write;
    reg                       last_write;
    reg [4:0]                 quiet;         // the bus turns around, or a refresh
    reg [ADDRESS_BITS+3:0]    stage [0:READ_LATENCY];
    integer                   i;

    always @(posedge clk)
        if (rst) begin
            carried <= 0;
            last_write <= 1'b0;
            quiet <= 5'd0;
            for (i = 0; i <= READ_LATENCY; i = i + 1)
                stage[i] <= 0;
        end else begin
            if (quiet != 0)
                quiet <= quiet - 5'd1;
            else if (given != carried && turns) begin
                quiet <= 5'd20; // more than READ_LATENCY: what is under way ends
                last_write <= first[ADDRESS_BITS];
            end else if (cycles[9:0] == 0)
                quiet <= 5'd31;
            if (carry && !turns)
                carried <= carried + 1'b1;
            stage[0] <= {carry && !turns, first};
            for (i = 1; i <= READ_LATENCY; i = i + 1)
                stage[i] <= stage[i-1];
        end

    reg [WIDTH-1:0]           words [0:(1 << ADDRESS_BITS) - 1];
    wire [ADDRESS_BITS+3:0]   storing = stage[WRITE_LATENCY];
    wire [ADDRESS_BITS+3:0]   reading = stage[READ_LATENCY];
    wire                      stores = storing[ADDRESS_BITS+3] & storing[ADDRESS_BITS];
    wire                      reads = reading[ADDRESS_BITS+3] & ~reading[ADDRESS_BITS];
    wire [1:0]                store_port = storing[ADDRESS_BITS+1 +: 2];
    wire [1:0]                read_port = reading[ADDRESS_BITS+1 +: 2];
    wire [WIDTH-1:0]          word = words[reading[ADDRESS_BITS-1:0]];
    reg [WIDTH-1:0]           data;
    reg [WIDTH/8-1:0]         strobe;
    reg                       there;

    assign {user_port_link_wdata_ready, user_port_next_wdata_ready, user_port_soc_wdata_ready} = {3{stores}} & (3'd1 << store_port);
    assign {user_port_link_rdata_valid, user_port_next_rdata_valid, user_port_soc_rdata_valid} = {3{reads}} & (3'd1 << read_port);
    assign {user_port_link_rdata_data, user_port_next_rdata_data, user_port_soc_rdata_data} = {3{reads ? word : ~word}};

    always @* begin
        case (store_port)
            2'd0: {there, strobe, data} = {user_port_soc_wdata_valid, user_port_soc_wdata_we, user_port_soc_wdata_data};
            2'd1: {there, strobe, data} = {user_port_next_wdata_valid, user_port_next_wdata_we, user_port_next_wdata_data};
            default: {there, strobe, data} = {user_port_link_wdata_valid, user_port_link_wdata_we, user_port_link_wdata_data};
        endcase
    end

    always @(posedge clk)
        if (stores)
            for (i = 0; i < WIDTH / 8; i = i + 1)
                if (strobe[i])
                    words[storing[ADDRESS_BITS-1:0]][8*i +: 8] <= data[8*i +: 8];

    wire unused = &{1'b0, wb_ctrl_sel, wb_ctrl_dat_w, user_port_soc_rdata_ready, user_port_next_rdata_ready, user_port_link_rdata_ready, there,
                    cycles, random};
endmodule

`default_nettype wire
