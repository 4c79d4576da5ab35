// SPDX-License-Identifier: Apache-2.0
// Results of the ways on their way out: a buffer of 16 entries of WAYS words, sent on as beats of the bus. A result is
// an entry. When `narrow`, the low halves of two results are one; the last result of a job may be alone in its entry.
// The sender reserves the room of a result before it computes it.
`default_nettype none

module tern_vector_pieces #(
    parameter LANES = 1,
    parameter WAYS = 8
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 clear,
    input  wire                 start,
    input  wire                 narrow,
    input  wire [14:0]          groups,     // of a job
    output reg                  room,       // a cycle late, so the last entry stays free
    input  wire                 reserve,
    input  wire                 s_valid,
    input  wire [32*WAYS-1:0]   s_piece,
    output wire                 idle,
    output wire                 m_valid,
    input  wire                 m_ready,
    output wire [128*LANES-1:0] m_beat
);
    localparam BEATS = WAYS / (4 * LANES);         // of an entry
    localparam TURNS = 16 / WAYS;                  // results of a group
    localparam TURNS_LOG2 = $clog2(TURNS);
    localparam [31:0] BEATS_32 = BEATS;

    reg  [16*WAYS-1:0] lows [0:15];   // of the entries
    reg  [16*WAYS-1:0] highs [0:15];
    reg  [3:0]         put_place;
    reg  [3:0]         take_place;
    reg  [4:0]         held;          // here
    reg                reserved;      // `reserve`, a cycle later
    reg  [4:0]         promised;      // here or to come
    reg                half;          // the first result of a pair is here
    reg  [16*WAYS-1:0] low_halves;
    reg  [16:0]        turns_left;    // of the job's results
    reg                last;          // turns_left is 1
    reg  [2:0]         beat;          // of the entry
    integer            way;

    always @*
        for (way = 0; way < WAYS; way = way + 1)
            low_halves[16*way +: 16] = s_piece[32*way +: 16];

    wire [16:0] turns = {2'd0, groups} << TURNS_LOG2;
    wire        collect = s_valid && narrow && !half && !last;
    wire        put = s_valid && !collect;
    wire        take = m_valid && m_ready && beat == BEATS_32[2:0] - 3'd1;
    wire [32*WAYS-1:0] entry = {highs[take_place], lows[take_place]};

    assign idle = promised == 5'd0 && !reserved && !half;
    assign m_valid = held != 5'd0;
    assign m_beat = entry[128*LANES*beat +: 128*LANES];

    always @(posedge clk) begin
        if (s_valid && !half)
            lows[put_place] <= narrow ? low_halves : s_piece[16*WAYS-1:0];
        if (s_valid && (!narrow || half))
            highs[put_place] <= narrow ? low_halves : s_piece[32*WAYS-1:16*WAYS];
    end

    always @(posedge clk)
        if (!rst_n || clear) begin
            put_place <= 4'd0;
            take_place <= 4'd0;
            held <= 5'd0;
            promised <= 5'd0;
            reserved <= 1'b0;
            room <= 1'b0;
            half <= 1'b0;
            beat <= 3'd0;
        end else begin
            put_place <= put_place + {3'd0, put};
            take_place <= take_place + {3'd0, take};
            held <= held + {4'd0, put} - {4'd0, take};
            room <= promised < 5'd14 || (promised == 5'd14 && !reserved);
            reserved <= reserve;
            promised <= promised + {4'd0, reserved} - {4'd0, take} - {4'd0, collect};
            if (s_valid)
                half <= collect;
            if (m_valid && m_ready)
                beat <= take ? 3'd0 : beat + 3'd1;
        end

    always @(posedge clk)
        if (start || (s_valid && last)) begin
            turns_left <= turns;
            last <= turns == 17'd1;
        end else if (s_valid) begin
            turns_left <= turns_left - 17'd1;
            last <= turns_left == 17'd2;
        end

    wire unused = &{1'b0, BEATS_32[31:3]};
endmodule

`default_nettype wire
