// SPDX-License-Identifier: Apache-2.0
// Writes of one native port of LiteDRAM, a burst at a time. The controller takes the data of a command some cycles after
// it, ready or not. So a command is given only when its word is here. Words leave in the order of the commands. The
// burst is done with its last command: a later command for its row, at any port, comes after it. A `bad` burst gives no
// command; its data are dropped.
`default_nettype none

module tern_memory_store #(
    parameter WIDTH = 128,
    parameter ADDRESS_BITS = 24
) (
    input  wire                    clk,
    input  wire                    rst_n,
    input  wire                    burst_valid,
    output wire                    burst_ready,
    input  wire                    burst_bad,
    input  wire [ADDRESS_BITS-1:0] burst_address, // of its first native word
    input  wire [6:0]              burst_beats,   // 1 to 64
    input  wire [3:0]              burst_id,
    input  wire                    data_valid,
    output wire                    data_ready,
    input  wire [127:0]            data,
    input  wire [15:0]             strobe,
    output wire                    cmd_valid,
    input  wire                    cmd_ready,
    output reg  [ADDRESS_BITS-1:0] cmd_addr,
    output wire                    cmd_last,      // of the burst
    input  wire                    wdata_ready,
    output wire [WIDTH-1:0]        wdata_data,
    output wire [WIDTH/8-1:0]      wdata_we,
    output reg                     done_valid,
    input  wire                    done_ready,
    output reg                     done_bad,
    output reg  [3:0]              done_id
);
    localparam RATIO = 128 / WIDTH;
    localparam RATIO_LOG2 = $clog2(RATIO);
    localparam QUEUE_LOG2 = 4; // beats
    localparam LEFT_BITS = 7 + RATIO_LOG2;

    reg                  busy;
    reg                  bad;
    reg [6:0]            beats_left;    // to come
    reg [LEFT_BITS-1:0]  left;          // words without a command
    reg [LEFT_BITS-1:0]  there;         // of them, those that are here
    reg [3:0]            id;
    wire                 take = cmd_valid & cmd_ready;
    wire                 room;
    wire                 accept = data_valid & data_ready;
    wire                 finished = busy & beats_left == 0 & (bad | left == 0) & (~done_valid | done_ready);
    wire [LEFT_BITS-1:0] arrived = {{(LEFT_BITS - 1){1'b0}}, accept & ~bad} << RATIO_LOG2;

    assign burst_ready = ~busy;
    assign data_ready = busy & beats_left != 0 & (room | bad);
    assign cmd_valid = busy & there != 0;
    assign cmd_last = left == 1;

    always @(posedge clk)
        if (!rst_n) begin
            busy <= 1'b0;
            done_valid <= 1'b0;
            there <= 0;
        end else begin
            busy <= busy ? ~finished : burst_valid;
            done_valid <= finished | (done_valid & ~done_ready);
            there <= there + arrived - {{(LEFT_BITS - 1){1'b0}}, take};
        end

    always @(posedge clk)
        if (!busy) begin
            bad <= burst_bad;
            id <= burst_id;
            cmd_addr <= burst_address;
            beats_left <= burst_beats;
            left <= {{RATIO_LOG2{1'b0}}, burst_beats} << RATIO_LOG2;
        end else begin
            if (accept)
                beats_left <= beats_left - 1'b1;
            if (take) begin
                cmd_addr <= cmd_addr + 1'b1;
                left <= left - 1'b1;
            end
        end

    always @(posedge clk)
        if (finished) begin
            done_bad <= bad;
            done_id <= id;
        end

    // Words of a beat, the lowest first.
    wire         beat_taken;
    wire         word_valid; // always so when the controller takes one
    wire [127:0] beat;
    wire [15:0]  beat_strobe;

    tern_memory_queue #(.WIDTH(144), .DEPTH_LOG2(QUEUE_LOG2)) beats (
        .clk, .rst_n,
        .s_valid(accept & ~bad),
        .s_ready(room),
        .s_data({data, strobe}),
        .m_valid(word_valid),
        .m_ready(beat_taken),
        .m_data({beat, beat_strobe})
    );

    generate
        if (RATIO == 1) begin : direct
            assign beat_taken = wdata_ready;
            assign wdata_data = beat;
            assign wdata_we = beat_strobe;
        end else begin : parts
            reg [RATIO_LOG2-1:0] part;

            assign beat_taken = wdata_ready & (&part);
            assign wdata_data = beat[part*WIDTH +: WIDTH];
            assign wdata_we = beat_strobe[part*(WIDTH/8) +: WIDTH/8];

            always @(posedge clk)
                if (!rst_n)
                    part <= 0;
                else if (wdata_ready)
                    part <= part + 1'b1;
        end
    endgenerate

    wire unused = &{1'b0, word_valid};
endmodule

`default_nettype wire
