// SPDX-License-Identifier: Apache-2.0
// Runs the requests of the link, one after the other, and makes their answers. A write is done when its number is the
// next one, a read always. Registers are accessed on a port like the native bus, memory on a memory port
// (tern_memory_arbiter). Everything that was read is held before the answer begins, so its status is known.
// Model: tern_link_board_take() of cmodel/link/board.c.
`default_nettype none

module tern_link_execute #(
    parameter [63:0] MEMORY_BASE = 64'd0,
    parameter [63:0] MEMORY_BYTES = 64'd0
) (
    input  wire         clk,
    input  wire         rst_n,
    // requests: words of header and payload
    input  wire         s_valid,
    output wire         s_ready,
    input  wire [31:0]  s_data,
    // answers: words of header and payload
    output wire         m_valid,
    input  wire         m_ready,
    output reg  [31:0]  m_data,
    output wire         m_last,
    output wire         register_valid,
    input  wire         register_ready,
    input  wire         register_error,
    output wire [31:0]  register_address,
    output wire [31:0]  register_write,
    output wire [3:0]   register_strobe, // 0 reads
    input  wire [31:0]  register_read,
    output wire         read_valid,
    input  wire         read_ready,
    output wire [63:0]  read_address,
    output wire [6:0]   read_beats,
    input  wire         answer_valid,
    input  wire [127:0] answer_data,
    input  wire         answer_last,
    input  wire         answer_error,
    output wire         write_valid,
    input  wire         write_ready,
    output wire [63:0]  write_address,
    output wire [6:0]   write_beats,
    output wire         data_valid,
    input  wire         data_ready,
    output wire [127:0] data,
    output wire [15:0]  strobe,
    input  wire         done_valid,
    input  wire         done_error
);
`include "tern_spec.vh"

    localparam [7:0] ANSWER_KIND = `TERN_LINK_ANSWER;
    localparam [7:0] KIND_HELLO = `TERN_LINK_HELLO, KIND_OPEN = `TERN_LINK_OPEN;
    localparam [7:0] KIND_REGISTER_READ = `TERN_LINK_REGISTER_READ, KIND_REGISTER_WRITE = `TERN_LINK_REGISTER_WRITE;
    localparam [7:0] KIND_MEMORY_READ = `TERN_LINK_MEMORY_READ, KIND_MEMORY_WRITE = `TERN_LINK_MEMORY_WRITE;
    localparam [15:0] MAGIC = `TERN_LINK_MAGIC;
    localparam [7:0] VERSION = `TERN_LINK_VERSION;
    localparam [7:0] ENDED = `TERN_LINK_ENDED;
    localparam [31:0] RECEIVE_BYTES = `TERN_LINK_RECEIVE_BYTES;
    localparam [15:0] MAX_PAYLOAD = `TERN_LINK_MAX_PAYLOAD;
    localparam [8:0] HEADER_WORDS = `TERN_LINK_HEADER_WORDS;
    localparam [8:0] HELLO_WORDS = `TERN_LINK_HELLO_WORDS;

    localparam [3:0] HEADER = 4'd0, CHECK = 4'd1, DECIDE = 4'd2, SKIP = 4'd3, REGISTER = 4'd4, READ = 4'd5,
                     READ_DATA = 4'd6, WRITE = 4'd7, WRITE_DATA = 4'd8, WRITE_DONE = 4'd9, COUNT = 4'd10,
                     ANSWER = 4'd11;

    // The request.
    reg  [3:0]  state;
    reg  [8:0]  index;         // of the word of header or payload
    reg  [7:0]  kind;
    reg  [31:0] number;
    reg  [31:0] sequence_number;
    reg  [8:0]  payload_words;
    reg  [15:0] length;
    reg  [63:0] address;
    reg  [7:0]  status;
    reg  [8:0]  answer_words;
    reg  [31:0] register_word; // that was read

    wire        take = s_valid && s_ready;
    wire        is_known = kind >= KIND_HELLO && kind <= KIND_MEMORY_WRITE;
    wire        last_word = index + 9'd1 == payload_words;

    // What it is, and its range, registered in CHECK.
    wire [11:0] place = {2'd0, address[9:0]} + length[11:0];
    wire [11:0] bytes = {8'd0, address[3:0]} + length[11:0] + 12'd15;
    reg  [6:0]  beats;
    reg  [3:0]  last_byte;     // of the last beat
    reg         is_range;
    reg         is_memory;
    reg         is_write;

    always @(posedge clk)
        if (state == CHECK) begin
            is_memory <= kind == KIND_MEMORY_READ || kind == KIND_MEMORY_WRITE;
            is_write <= kind == KIND_REGISTER_WRITE || kind == KIND_MEMORY_WRITE;
            beats <= bytes[10:4];
            last_byte <= bytes[3:0];
            case (kind)
                KIND_MEMORY_READ: is_range <= length != 16'd0 && length <= MAX_PAYLOAD && place <= MAX_PAYLOAD[11:0];
                KIND_MEMORY_WRITE: is_range <= length != 16'd0 && length <= MAX_PAYLOAD && place <= MAX_PAYLOAD[11:0]
                                               && payload_words == {bytes[10:4], 2'd0};
                KIND_REGISTER_READ: is_range <= length == 16'd4;
                default: is_range <= payload_words != 9'd0 && length == {5'd0, payload_words, 2'd0};
            endcase
        end

    wire [31:0] offer;
    wire        is_current;
    wire        is_opener;
    wire [31:0] expected;
    wire [7:0]  failed_status;

    tern_link_session sessions (
        .clk, .rst_n,
        .hello(state == CHECK && kind == KIND_HELLO),
        .open(state == CHECK && kind == KIND_OPEN),
        .write_done(state == COUNT),
        .write_status(status),
        .number,
        .host(sequence_number),
        .offer, .is_current, .is_opener, .expected, .failed_status
    );

    wire is_due = failed_status == `TERN_STATUS_OK && sequence_number == expected;

    // What DECIDE does with it.
    wire goes_on = is_current && is_range && (is_write ? is_due : is_memory || kind == KIND_REGISTER_READ);
    wire [7:0] refusal = kind == KIND_HELLO ? `TERN_STATUS_OK
                       : !is_current ? ENDED
                       : kind == KIND_OPEN ? (is_opener ? `TERN_STATUS_OK : ENDED)
                       : is_write && !is_due ? failed_status
                       : is_range ? `TERN_STATUS_OK : `TERN_STATUS_BAD_LENGTH;
    reg  is_counted; // a due write of a wrong range counts too: it failed

    wire [3:0] after_payload = !is_known ? HEADER : is_counted ? COUNT : ANSWER;

    always @(posedge clk)
        if (!rst_n) begin
            state <= HEADER;
            index <= 9'd0;
        end else
            case (state)
                HEADER: if (take) begin
                    index <= index + 9'd1;
                    if (index == HEADER_WORDS - 9'd1)
                        state <= CHECK;
                end
                CHECK: state <= DECIDE;
                DECIDE: begin
                    index <= 9'd0;
                    state <= !goes_on ? SKIP : !is_memory ? REGISTER : is_write ? WRITE : READ;
                end
                SKIP: if (index == payload_words) begin
                    index <= 9'd0;
                    state <= after_payload;
                end else if (take)
                    index <= index + 9'd1;
                REGISTER: if (register_valid && register_ready) begin
                    index <= index + 9'd1;
                    if (!is_write || last_word) begin
                        index <= 9'd0;
                        state <= is_write ? COUNT : payload_words == 9'd0 ? ANSWER : SKIP;
                    end
                end
                READ, READ_DATA: begin // memory may answer in the cycle of the address
                    if (read_ready)
                        state <= READ_DATA;
                    if (answer_valid) begin
                        index <= index + 9'd1;
                        if (answer_last) begin
                            index <= 9'd0;
                            state <= payload_words == 9'd0 ? ANSWER : SKIP;
                        end
                    end
                end
                WRITE: if (write_ready) state <= WRITE_DATA;
                WRITE_DATA, WRITE_DONE: begin // memory may answer in the cycle of the last beat
                    if (take)
                        index <= index + 9'd1;
                    if (done_valid)
                        state <= COUNT;
                    else if (data_valid && data_ready && index == payload_words)
                        state <= WRITE_DONE;
                end
                COUNT: begin
                    index <= 9'd0;
                    state <= ANSWER;
                end
                ANSWER: if (m_valid && m_ready) begin
                    index <= index + 9'd1;
                    if (m_last) begin
                        index <= 9'd0;
                        state <= HEADER;
                    end
                end
                default: state <= HEADER;
            endcase

    always @(posedge clk)
        if (state == HEADER && take)
            case (index)
                9'd0: kind <= s_data[31:24];
                9'd1: number <= s_data;
                9'd2: sequence_number <= s_data;
                9'd3: {length, payload_words} <= {s_data[31:16], s_data[10:2]};
                9'd4: address[31:0] <= s_data;
                default: address[63:32] <= s_data;
            endcase
        else if (state == REGISTER && register_ready)
            address[31:0] <= address[31:0] + 32'd4;

    always @(posedge clk)
        case (state)
            DECIDE: begin
                status <= refusal;
                is_counted <= is_current && is_write && is_due;
                answer_words <= kind == KIND_HELLO ? HELLO_WORDS : 9'd0;
            end
            REGISTER: if (register_valid && register_ready) begin
                register_word <= register_read;
                if (register_error)
                    status <= `TERN_STATUS_BUS_ERROR;
                else if (!is_write)
                    answer_words <= 9'd1;
            end
            READ, READ_DATA: if (answer_valid) begin
                if (answer_error)
                    status <= `TERN_STATUS_BUS_ERROR;
                if (answer_last)
                    answer_words <= answer_error || status != `TERN_STATUS_OK ? 9'd0 : {beats, 2'd0};
            end
            WRITE_DATA, WRITE_DONE: if (done_valid && done_error)
                status <= `TERN_STATUS_BUS_ERROR;
            default: ;
        endcase

    // Registers.
    assign register_valid = state == REGISTER && (!is_write || s_valid);
    assign register_address = address[31:0];
    assign register_write = s_data;
    assign register_strobe = {4{is_write}};

    // Words that are collected to a beat, and beats that were read.
    reg  [127:0] beat;
    reg          beat_whole;
    reg          beat_first;
    (* no_rw_check *)
    reg  [127:0] read_buffer [0:63];
    reg  [127:0] fetched;
    wire [8:0]   payload_index = index - HEADER_WORDS;
    wire         beat_last = index == payload_words;

    assign s_ready = state == HEADER || (state == SKIP && index != payload_words)
                     || (state == REGISTER && is_write && register_ready)
                     || (state == WRITE_DATA && !beat_whole && index != payload_words);
    assign read_valid = state == READ;
    assign read_address = {address[63:4], 4'd0};
    assign read_beats = beats;
    assign write_valid = state == WRITE;
    assign write_address = {address[63:4], 4'd0};
    assign write_beats = beats;
    assign data_valid = beat_whole;
    assign data = beat;
    assign strobe = (beat_first ? 16'hffff << address[3:0] : 16'hffff)
                    & (beat_last ? 16'hffff >> (4'd15 - last_byte) : 16'hffff);

    always @(posedge clk)
        if (!rst_n)
            beat_whole <= 1'b0;
        else
            beat_whole <= (state == WRITE_DATA && take && index[1:0] == 2'd3) || (beat_whole && !data_ready);

    always @(posedge clk) begin
        if (state == WRITE_DATA && take)
            beat <= {s_data, beat[127:32]};
        if (state == WRITE)
            beat_first <= 1'b1;
        else if (data_valid && data_ready)
            beat_first <= 1'b0;
        if (answer_valid)
            read_buffer[index[5:0]] <= answer_data;
        fetched <= read_buffer[payload_index[7:2]];
    end

    // The answer.
    reg [31:0] hello_word;
    reg [31:0] memory_word;

    always @(*)
        case (payload_index[2:0])
            3'd0: hello_word = RECEIVE_BYTES;
            3'd1: hello_word = MEMORY_BASE[31:0];
            3'd2: hello_word = MEMORY_BASE[63:32];
            3'd3: hello_word = MEMORY_BYTES[31:0];
            default: hello_word = MEMORY_BYTES[63:32];
        endcase

    always @(*)
        case (payload_index[1:0])
            2'd0: memory_word = fetched[31:0];
            2'd1: memory_word = fetched[63:32];
            2'd2: memory_word = fetched[95:64];
            default: memory_word = fetched[127:96];
        endcase

    // A word is there two cycles after its index: block RAM answers late in its cycle. The next one is needed in four.
    reg [1:0] age;

    always @(posedge clk)
        if (!rst_n || state != ANSWER || (m_valid && m_ready))
            age <= 2'd0;
        else if (!m_valid)
            age <= age + 2'd1;

    always @(posedge clk)
        case (index)
            9'd0: m_data <= {kind | ANSWER_KIND, VERSION, MAGIC};
            9'd1: m_data <= kind == KIND_HELLO ? offer : number;
            9'd2: m_data <= sequence_number;
            9'd3: m_data <= {length, 5'd0, answer_words, 2'd0};
            9'd4: m_data <= expected;
            9'd5: m_data <= {{24{1'b0}}, status};
            default: m_data <= kind == KIND_HELLO ? hello_word : is_memory ? memory_word : register_word;
        endcase

    assign m_valid = age == 2'd2;
    assign m_last = index + 9'd1 == HEADER_WORDS + answer_words;

    wire unused = &{1'b0, bytes[11], length[15:12], payload_index[8]};
endmodule

`default_nettype wire
