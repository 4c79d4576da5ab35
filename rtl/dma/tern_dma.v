// SPDX-License-Identifier: Apache-2.0
// DMA engine between device memory and scratch memory (spec/tern.toml, block DMA): the only way the core sees device
// memory. Any word-aligned address and length; device address and scratch offset agree modulo 16, so no data is
// shifted, only masked. Every copy is checked against the window before its first beat. One beat a clock.
// Done means: the last beat is in scratch memory, or memory has answered for the last write.
`default_nettype none

`include "tern_spec.vh"

module tern_dma #(
    parameter SCRATCH_LOG2 = 16
) (
    input  wire                    clk,
    input  wire                    rst_n,
    input  wire [63:0]             window_base,
    input  wire [63:0]             window_bytes,
    input  wire                    enable,         // registers: data in the same cycle
    input  wire [11:0]             address,
    input  wire [3:0]              strobe,
    input  wire [31:0]             write_data,
    output reg  [31:0]             read_data,
    output wire                    scratch_enable,
    output wire [SCRATCH_LOG2-5:0] scratch_beat,
    output wire [15:0]             scratch_strobe,
    output wire [127:0]            scratch_write,
    input  wire [127:0]            scratch_read,
    output wire [3:0]              m_axi_arid,
    output wire [63:0]             m_axi_araddr,
    output wire [7:0]              m_axi_arlen,
    output wire [2:0]              m_axi_arsize,
    output wire [1:0]              m_axi_arburst,
    output wire                    m_axi_arvalid,
    input  wire                    m_axi_arready,
    input  wire [3:0]              m_axi_rid,
    input  wire [127:0]            m_axi_rdata,
    input  wire [1:0]              m_axi_rresp,
    input  wire                    m_axi_rlast,
    input  wire                    m_axi_rvalid,
    output wire                    m_axi_rready,
    output wire [3:0]              m_axi_awid,
    output wire [63:0]             m_axi_awaddr,
    output wire [7:0]              m_axi_awlen,
    output wire [2:0]              m_axi_awsize,
    output wire [1:0]              m_axi_awburst,
    output wire                    m_axi_awvalid,
    input  wire                    m_axi_awready,
    output wire [127:0]            m_axi_wdata,
    output wire [15:0]             m_axi_wstrb,
    output wire                    m_axi_wlast,
    output wire                    m_axi_wvalid,
    input  wire                    m_axi_wready,
    input  wire [3:0]              m_axi_bid,
    input  wire [1:0]              m_axi_bresp,
    input  wire                    m_axi_bvalid,
    output wire                    m_axi_bready
);
    localparam BEAT_BITS = SCRATCH_LOG2 - 4;
    localparam [2:0] IDLE = 3'd0, BOUND = 3'd1, CHECK = 3'd2, READ = 3'd3, WRITE = 3'd4;
    localparam [32:0] SCRATCH_BYTES = 33'd1 << SCRATCH_LOG2;

    reg [31:0] words [0:3];           // ADDRESS_LO, ADDRESS_HI, LOCAL, LENGTH
    reg [2:0]  state;
    reg        to_device;
    reg        aborted;
    reg        bus_error;
    reg [7:0]  status;
    reg [63:0] cycles;
    reg [63:0] beats_moved;

    wire [63:0] device_address = {words[1], words[0]};
    wire [31:0] local_offset = words[2];
    wire [31:0] bytes = words[3];
    wire        busy = state != IDLE;
    wire        write = enable & (&strobe);
    wire [9:0]  index = address[11:2];
    wire        control = write && {index, 2'b00} == `TERN_DMA_REG_CONTROL;
    wire        abort_now = control & write_data[2];

    // Checks, over two cycles.
    reg [64:0] copy_end;
    reg [64:0] window_end;
    reg [32:0] local_end;
    wire       bad_length = bytes == 32'd0 || bytes[1:0] != 2'd0 || local_end > SCRATCH_BYTES;
    wire       bad_address = device_address[1:0] != 2'd0 || device_address[3:0] != local_offset[3:0] ||
                             device_address < window_base || copy_end > window_end;

    // The copy in beats and words.
    wire [SCRATCH_LOG2:0] span = {{(SCRATCH_LOG2 - 3){1'b0}}, local_offset[3:0]} + bytes[SCRATCH_LOG2:0] + 15;
    wire [BEAT_BITS:0]    beats = span[SCRATCH_LOG2:4];
    wire [3:0]            first_words = 4'hf << local_offset[3:2];
    wire [1:0]            last_word = local_offset[3:2] + bytes[3:2] - 2'd1;
    wire [3:0]            last_words = 4'hf >> (2'd3 - last_word);

    wire start_read = state == CHECK && !bad_length && !bad_address && !aborted && !to_device;
    wire start_write = state == CHECK && !bad_length && !bad_address && !aborted && to_device;

    wire        request_valid;
    wire        request_ready;
    wire [63:0] request_address;
    wire [6:0]  request_beats;
    wire        requests_active;
    wire        reads_idle;
    wire        arrived;
    wire [127:0] arrived_data;
    wire        arrived_error;
    wire        arrived_refused;
    wire [1:0]  arrived_destination;
    wire        stop = aborted & state == READ;

    tern_burst_generator #(.BEAT_BYTES_LOG2(4), .MAX_BURST(64), .CREDITS(256)) requests (
        .clk(clk), .rst_n(rst_n), .start(start_read), .stop(stop),
        .base({device_address[63:4], 4'd0}), .segment_beats({{(19 - BEAT_BITS){1'b0}}, beats}), .segments(18'd1),
        .skip_bytes(32'd0), .release_beat(arrived),
        .m_valid(request_valid), .m_ready(request_ready), .m_address(request_address), .m_beats(request_beats),
        .active(requests_active));

    // The copy as a whole is inside the window, so are its bursts: windows are multiples of 16 bytes.
    tern_read_port #(.DATA_BITS(128), .OUTSTANDING_LOG2(4)) reads (
        .clk(clk), .rst_n(rst_n), .stop(stop), .window_base(64'd0), .window_bytes(64'hffff_ffff_ffff_ffff),
        .s_valid(request_valid), .s_ready(request_ready), .s_address(request_address), .s_beats(request_beats),
        .s_destination(2'd0), .idle(reads_idle),
        .m_valid(arrived), .m_data(arrived_data), .m_error(arrived_error), .m_refused(arrived_refused),
        .m_destination(arrived_destination),
        .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen), .m_axi_arsize(m_axi_arsize),
        .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready),
        .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast),
        .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready));

    // Arriving beats into scratch memory.
    reg [BEAT_BITS-1:0] read_beat;
    reg [BEAT_BITS:0]   read_left;
    reg                 read_first;
    wire [3:0] read_words = (read_first ? first_words : 4'hf) & (read_left == 1 ? last_words : 4'hf)
                          & {4{~arrived_error & ~arrived_refused}};

    always @(posedge clk)
        if (start_read) begin
            read_beat <= local_offset[SCRATCH_LOG2-1:4];
            read_left <= beats;
            read_first <= 1'b1;
        end else if (arrived) begin
            read_beat <= read_beat + 1'b1;
            read_left <= read_left - 1'b1;
            read_first <= 1'b0;
        end

    wire                 writer_busy;
    wire                 write_failed;
    wire                 beat_sent;
    wire                 fetch;
    wire [BEAT_BITS-1:0] fetch_beat;

    tern_dma_writer #(.BEAT_BITS(BEAT_BITS)) writes (
        .clk(clk), .rst_n(rst_n), .start(start_write), .stop(aborted), .first_beat(device_address[63:4]),
        .local_beat(local_offset[SCRATCH_LOG2-1:4]), .beats(beats), .first_words(first_words),
        .last_words(last_words), .busy(writer_busy), .failed(write_failed), .beat_sent(beat_sent),
        .m_fetch(fetch), .m_fetch_beat(fetch_beat), .m_fetch_data(scratch_read),
        .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize),
        .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready),
        .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid),
        .m_axi_wready(m_axi_wready), .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid),
        .m_axi_bready(m_axi_bready));

    assign scratch_enable = arrived | fetch;
    assign scratch_beat = arrived ? read_beat : fetch_beat;
    assign scratch_strobe = {{4{read_words[3]}}, {4{read_words[2]}}, {4{read_words[1]}}, {4{read_words[0]}}}
                          & {16{arrived}};
    assign scratch_write = arrived_data;

    always @(posedge clk)
        if (!rst_n) begin
            state <= IDLE;
            status <= `TERN_STATUS_OK;
            aborted <= 1'b0;
        end else begin
            aborted <= busy & (aborted | abort_now);
            case (state)
                IDLE: if (control && !write_data[2] && |write_data[1:0]) state <= BOUND;
                BOUND: state <= CHECK;
                CHECK: if (start_read || start_write) begin
                    state <= to_device ? WRITE : READ;
                end else begin
                    state <= IDLE;
                    status <= bad_length ? `TERN_STATUS_BAD_LENGTH
                            : bad_address ? `TERN_STATUS_BAD_ADDRESS : `TERN_STATUS_TIMEOUT;
                end
                READ: if ((read_left == 0 || aborted && !requests_active) && reads_idle) begin
                    state <= IDLE;
                    status <= aborted ? `TERN_STATUS_TIMEOUT : bus_error ? `TERN_STATUS_BUS_ERROR : `TERN_STATUS_OK;
                end
                default: if (!writer_busy) begin
                    state <= IDLE;
                    status <= aborted ? `TERN_STATUS_TIMEOUT
                            : write_failed ? `TERN_STATUS_BUS_ERROR : `TERN_STATUS_OK;
                end
            endcase
        end

    always @(posedge clk) begin
        copy_end <= {1'b0, device_address} + {33'd0, bytes};
        window_end <= {1'b0, window_base} + {1'b0, window_bytes};
        local_end <= {1'b0, local_offset} + {1'b0, bytes};
        if (write && !busy && index < 10'd4)
            words[index[1:0]] <= write_data;
        if (control && !busy)
            to_device <= write_data[1];
        bus_error <= state == READ && (bus_error | (arrived & arrived_error));
    end

    always @(posedge clk)
        if (!rst_n) begin
            cycles <= 64'd0;
            beats_moved <= 64'd0;
        end else begin
            cycles <= cycles + {63'd0, busy};
            beats_moved <= beats_moved + {63'd0, arrived | beat_sent};
        end

    always @*
        case ({index, 2'b00})
            `TERN_DMA_REG_STATUS: read_data = {16'd0, status, 7'd0, busy};
            `TERN_DMA_REG_CYCLES_LO: read_data = cycles[31:0];
            `TERN_DMA_REG_CYCLES_HI: read_data = cycles[63:32];
            `TERN_DMA_REG_BEATS_LO: read_data = beats_moved[31:0];
            `TERN_DMA_REG_BEATS_HI: read_data = beats_moved[63:32];
            default: read_data = index < 10'd4 ? words[index[1:0]] : 32'd0;
        endcase

    wire unused = &{1'b0, address[1:0], arrived_destination, span[3:0]};
endmodule

`default_nettype wire
