// SPDX-License-Identifier: Apache-2.0
// Control of one command of the vector unit. It checks the command, starts the streams, and runs the sections of the
// program for each row. The store may still write a row while the first pass of the next one runs. A record (STORE) has
// its first pass over all rows before its second. A fault or an abort stops the streams; bursts that memory has taken
// still get their data.
// Model: tern_vector_unit_step() of cmodel/device/vector.c.
`default_nettype none

`include "tern_spec.vh"

module tern_vector_control (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        start,
    input  wire        cancel,
    output wire        busy,
    output reg  [7:0]  status,
    output reg  [31:0] error_element,
    input  wire        known,            // the operation
    input  wire [4:0]  has,              // its sections
    input  wire [39:0] entries,
    input  wire [7:0]  open_mask,
    input  wire        bad_length,
    input  wire        bad_address,
    input  wire        all_twice,        // pass1 of all rows, then pass2 of all rows
    input  wire        is_rope,          // each part is read by an instruction of its own
    input  wire        narrow,           // the store takes rows
    input  wire [18:0] rows,
    input  wire [18:0] parts,
    input  wire [14:0] groups,           // of a part
    output reg         launch,           // pulse: streams and store start
    output reg         stop,             // level: the command failed; a register, as it goes everywhere
    output reg         clear,            // pulse: nothing is in flight, what is held is void
    output wire        row_start,        // pulse
    output reg  [7:0]  row,              // low bits of its number
    output wire        second_pass,
    output wire        row_end,          // pulse
    input  wire        row_pending,      // the store still writes the row before
    output wire        section_start,
    output wire [7:0]  section_entry,
    output wire        section_tiled,
    output reg  [32:0] row_groups,
    input  wire        section_busy,
    input  wire        bad,
    input  wire [31:0] bad_element,
    input  wire        read_fault,
    input  wire        read_refused,
    input  wire        store_failed,
    input  wire [7:0]  store_status,
    input  wire        reads_idle,
    input  wire        store_idle,
    input  wire        store_quiet
);
    // {busy, under way, number}
    localparam [4:0] IDLE = 5'b00000, CHECK = 5'b10000, SIZE = 5'b10001, LAUNCH = 5'b10010, STOP = 5'b10011,
                     CLEAR = 5'b10100, ROW = 5'b11000, SECTION = 5'b11001, RUN = 5'b11010, ROW_END = 5'b11011,
                     FINISH = 5'b11100;
    // Longer than any result stays in the ways.
    localparam [4:0] PIPELINE = 5'd20;
    localparam [2:0] OPEN = 3'd0, PASS1 = 3'd1, PASS2 = 3'd3, CLOSE = 3'd4;

    reg  [4:0]  state;
    reg  [2:0]  section;
    reg         second_round;     // of all_twice
    reg         begun;            // the section
    reg         cancelled;
    reg  [4:0]  quiet;            // cycles of STOP
    reg         sizing;           // SIZE, and the cycle after it
    reg  [18:0] rows_left;
    reg  [18:0] factor;
    reg  [32:0] addend;

    wire        open_now = (row & open_mask) == 8'd0;
    wire        round_ok = !all_twice || (second_round ? section != PASS1 : section == PASS1);
    wire        runs = has[section] && (section != OPEN || open_now) && round_ok;
    wire        waits = row_pending && second_pass;
    wire        under_way = state[3];
    wire        faulty = read_fault || read_refused || store_failed || cancelled;

    assign busy = state[4];
    assign row_start = state == ROW;
    assign row_end = state == ROW_END && narrow && !(all_twice && !second_round);
    assign second_pass = section > PASS1;
    assign section_start = state == RUN && !begun;
    assign section_entry = entries[8*section +: 8];
    assign section_tiled = section == PASS1 || section == PASS2;

    always @(posedge clk)
        if (!rst_n) begin
            state <= IDLE;
            status <= `TERN_STATUS_OK;
            error_element <= 32'd0;
            cancelled <= 1'b0;
            launch <= 1'b0;
            stop <= 1'b0;
            clear <= 1'b0;
        end else begin
            launch <= state == SIZE && !cancelled && (factor == 19'd0 || is_rope);
            stop <= state == STOP || state == CLEAR;
            clear <= state == CLEAR;
            cancelled <= busy && (cancelled || cancel);
            begun <= state == RUN;
            case (state)
                IDLE: if (start) begin
                    state <= CHECK;
                    status <= `TERN_STATUS_OK;
                    error_element <= 32'd0;
                end
                CHECK: begin
                    state <= !known || bad_length || bad_address ? IDLE : SIZE;
                    status <= !known ? `TERN_STATUS_BAD_OPCODE : bad_length ? `TERN_STATUS_BAD_LENGTH
                            : bad_address ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_OK;
                end
                SIZE: if (cancelled) begin
                    state <= IDLE;
                    status <= `TERN_STATUS_TIMEOUT;
                end else if (factor == 19'd0 || is_rope) begin
                    state <= LAUNCH;
                end
                LAUNCH: state <= ROW;
                ROW: state <= SECTION;
                SECTION: if (runs && !waits)
                    state <= RUN;
                else if (section == CLOSE && !waits)
                    state <= ROW_END;
                RUN: if (begun && !section_busy)
                    state <= section == CLOSE ? ROW_END : SECTION;
                ROW_END: state <= rows_left != 19'd1 || (all_twice && !second_round) ? ROW : FINISH;
                FINISH: if (store_idle && reads_idle && !row_pending)
                    state <= IDLE;
                STOP: if (store_quiet && reads_idle && quiet == PIPELINE)
                    state <= CLEAR;
                default: state <= IDLE;
            endcase
            if (under_way) begin
                if (faulty) begin
                    state <= STOP;
                    status <= store_failed ? store_status : read_fault ? `TERN_STATUS_BUS_ERROR
                            : read_refused ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_TIMEOUT;
                end else if (bad && state == SECTION && !row_pending) begin
                    state <= STOP;
                    status <= `TERN_STATUS_NON_FINITE;
                    error_element <= bad_element;
                end
            end
        end

    always @(posedge clk) begin
        sizing <= state == CHECK || state == SIZE;
        if (sizing && !is_rope) begin
            factor <= factor >> 1;
            addend <= addend << 1;
            if (factor[0])
                row_groups <= row_groups + addend;
        end
        quiet <= state != STOP ? 5'd0 : quiet == PIPELINE ? quiet : quiet + 5'd1;
        case (state)
            CHECK: begin
                // groups of a row: parts times groups by shifts and adds
                factor <= parts;
                addend <= {18'd0, groups};
                row_groups <= is_rope ? {18'd0, groups} : 33'd0;
                second_round <= 1'b0;
                rows_left <= rows;
                row <= 8'd0;
            end
            ROW: section <= OPEN;
            SECTION: if (!runs && section != CLOSE && !waits)
                section <= section + 3'd1;
            RUN: if (begun && !section_busy && section != CLOSE)
                section <= section + 3'd1;
            ROW_END: begin
                row <= row + 8'd1;
                rows_left <= rows_left - 19'd1;
                if (rows_left == 19'd1) begin
                    rows_left <= rows;
                    row <= 8'd0;
                    second_round <= 1'b1;
                end
            end
            default: ;
        endcase
    end
endmodule

`default_nettype wire
