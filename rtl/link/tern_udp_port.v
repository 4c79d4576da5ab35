// SPDX-License-Identifier: Apache-2.0
// Between the UDP port of LiteEth's core (tools/make_ethernet) and the bytes of tern_link with STREAM 0. It moves a byte a
// cycle each way. A datagram of the host is given on when it is whole. It is dropped when the core
// found it wrong, when its bytes are no whole words, or when there is no room. An answer is sent when it is whole, since
// its length goes first. It goes to the sender of the last datagram that was not dropped.
//
// rst_n resets the port together with the core. link_rst_n is the link's reset: an answer that the link has begun is
// forgotten. What the core has begun to send is sent to its end, or the core would wait for it for ever.
`default_nettype none

module tern_udp_port (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        link_rst_n,
    input  wire        s_udp_valid, // datagrams from the core
    output wire        s_udp_ready,
    input  wire        s_udp_last,
    input  wire [3:0]  s_udp_last_be,
    input  wire [31:0] s_udp_data,
    input  wire        s_udp_error,
    input  wire [31:0] s_udp_ip_address,
    input  wire [15:0] s_udp_src_port,
    output wire        m_valid,     // their bytes to the link
    output wire [7:0]  m_data,
    output wire        m_last,
    input  wire        s_valid,     // bytes of answers from the link
    output wire        s_ready,
    input  wire [7:0]  s_data,
    input  wire        s_last,
    output reg         m_udp_valid, // datagrams to the core
    input  wire        m_udp_ready,
    output reg         m_udp_last,
    output wire [3:0]  m_udp_last_be,
    output reg  [31:0] m_udp_data,
    output reg  [31:0] m_udp_ip_address,
    output reg  [15:0] m_udp_dst_port,
    output reg  [15:0] m_udp_length
);
    wire        accepted;
    reg  [31:0] sender_ip_address;
    reg  [15:0] sender_port;

    assign s_udp_ready = 1'b1;

    tern_udp_receive receive (
        .clk, .rst_n, .accepted, .m_valid, .m_data, .m_last,
        .s_valid(s_udp_valid),
        .s_last(s_udp_last),
        .s_bad(s_udp_error || s_udp_last_be != 4'b1000),
        .s_data(s_udp_data)
    );

    always @(posedge clk)
        if (accepted) begin
            sender_ip_address <= s_udp_ip_address;
            sender_port <= s_udp_src_port;
        end

    // Answers, one being filled and one being sent. Only whole words come.
    localparam WORDS_LOG2 = 9; // of an answer: TERN_LINK_MAX_FRAME_BYTES / 4 are 263

    (* no_rw_check *)
    reg [31:0]           words [0:(2 << WORDS_LOG2) - 1];
    reg                  fill;          // the half that is filled
    reg [WORDS_LOG2-1:0] fill_index;
    reg [1:0]            byte_index;
    reg [23:0]           bytes;
    reg [1:0]            full;
    reg [WORDS_LOG2-1:0] last_index [0:1];
    reg                  send;          // the half that is sent
    reg                  sending;
    reg [WORDS_LOG2-1:0] send_index;

    wire                 take = s_valid && s_ready;
    wire                 filled = take && s_last;
    wire                 begins = full[send] && !sending && (!m_udp_valid || m_udp_ready);
    wire                 fetch = sending && (!m_udp_valid || m_udp_ready);
    wire                 is_last = send_index == last_index[send];
    wire                 sent = fetch && is_last;

    assign s_ready = !full[fill];
    assign m_udp_last_be = {m_udp_last, 3'b000};

    always @(posedge clk)
        if (!rst_n || !link_rst_n) begin
            fill_index <= 0;
            byte_index <= 2'd0;
        end else if (take) begin
            byte_index <= byte_index + 2'd1;
            if (byte_index == 2'd3)
                fill_index <= s_last ? 0 : fill_index + 1'b1;
        end

    always @(posedge clk)
        if (take) begin
            bytes <= {s_data, bytes[23:8]};
            last_index[fill] <= fill_index;
            if (byte_index == 2'd3)
                words[{fill, fill_index}] <= {s_data, bytes};
        end

    always @(posedge clk)
        if (!rst_n) begin
            fill <= 1'b0;
            send <= 1'b0;
            full <= 2'b00;
            sending <= 1'b0;
            m_udp_valid <= 1'b0;
        end else begin
            if (filled && link_rst_n) begin
                fill <= !fill;
                full[fill] <= 1'b1;
            end
            if (sent) begin
                send <= !send;
                full[send] <= 1'b0;
            end
            sending <= begins || (sending && !sent);
            m_udp_valid <= fetch || (m_udp_valid && !m_udp_ready);
        end

    always @(posedge clk) begin
        send_index <= begins ? 0 : send_index + {{WORDS_LOG2 - 1{1'b0}}, fetch};
        if (fetch) begin
            m_udp_data <= words[{send, send_index}];
            m_udp_last <= is_last;
        end
        if (begins) begin
            m_udp_ip_address <= sender_ip_address;
            m_udp_dst_port <= sender_port;
            m_udp_length <= {{14 - WORDS_LOG2{1'b0}}, last_index[send], 2'b00} + 16'd4;
        end
    end
endmodule

`default_nettype wire
