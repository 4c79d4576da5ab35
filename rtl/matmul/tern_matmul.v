// SPDX-License-Identifier: Apache-2.0
// The trit matmul unit: y = W x with packed weights streamed from memory and activations held on chip.
// Exact integer bins, one exact sum, one rounding a row: the same bits as cmodel/matmul/matmul.h, whatever the memory does.
// 128 x LANES bits of weights a clock.
//
//   memory -> read port -+-> activation buffer ---+
//                        +-> expected checksums   |
//                        +-> queue -> sequencer -> lanes (bins) -> finish -> writer -> memory
//
// The window must begin and end at a multiple of the bus width.
`default_nettype none

module tern_matmul #(
    parameter LANES = 1,
    parameter MAX_GROUPS = 2048,
    parameter QUEUE_LOG2 = 9          // beats of the weight queue; at least latency + 64 to stream without gaps
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire [63:0]          window_base,
    input  wire [63:0]          window_bytes,
    input  wire [11:0]          s_axil_awaddr,
    input  wire                 s_axil_awvalid,
    output wire                 s_axil_awready,
    input  wire [31:0]          s_axil_wdata,
    input  wire [3:0]           s_axil_wstrb,
    input  wire                 s_axil_wvalid,
    output wire                 s_axil_wready,
    output wire [1:0]           s_axil_bresp,
    output wire                 s_axil_bvalid,
    input  wire                 s_axil_bready,
    input  wire [11:0]          s_axil_araddr,
    input  wire                 s_axil_arvalid,
    output wire                 s_axil_arready,
    output wire [31:0]          s_axil_rdata,
    output wire [1:0]           s_axil_rresp,
    output wire                 s_axil_rvalid,
    input  wire                 s_axil_rready,
    output wire [3:0]           m_axi_arid,
    output wire [63:0]          m_axi_araddr,
    output wire [7:0]           m_axi_arlen,
    output wire [2:0]           m_axi_arsize,
    output wire [1:0]           m_axi_arburst,
    output wire                 m_axi_arvalid,
    input  wire                 m_axi_arready,
    input  wire [3:0]           m_axi_rid,
    input  wire [128*LANES-1:0] m_axi_rdata,
    input  wire [1:0]           m_axi_rresp,
    input  wire                 m_axi_rlast,
    input  wire                 m_axi_rvalid,
    output wire                 m_axi_rready,
    output wire [3:0]           m_axi_awid,
    output wire [63:0]          m_axi_awaddr,
    output wire [7:0]           m_axi_awlen,
    output wire [2:0]           m_axi_awsize,
    output wire [1:0]           m_axi_awburst,
    output wire                 m_axi_awvalid,
    input  wire                 m_axi_awready,
    output wire [128*LANES-1:0] m_axi_wdata,
    output wire [16*LANES-1:0]  m_axi_wstrb,
    output wire                 m_axi_wlast,
    output wire                 m_axi_wvalid,
    input  wire                 m_axi_wready,
    input  wire [3:0]           m_axi_bid,
    input  wire [1:0]           m_axi_bresp,
    input  wire                 m_axi_bvalid,
    output wire                 m_axi_bready
);
    localparam DATA_BITS = 128 * LANES;
    localparam BEAT_BYTES_LOG2 = $clog2(DATA_BITS / 8);
    localparam ROWS = MAX_GROUPS / LANES;
    localparam ROW_BITS = $clog2(ROWS);
    localparam CRC_BEATS = 16;
    localparam [1:0] TO_ACTIVATIONS = 2'd0, TO_CRC = 2'd1, TO_QUEUE = 2'd2;

    generate
        if (LANES != 1 && LANES != 2 && LANES != 4)
            tern_rule_lanes_is_1_2_or_4 rule ();
        if (MAX_GROUPS < 64 * LANES || MAX_GROUPS > 2048 || (MAX_GROUPS & (MAX_GROUPS - 1)) != 0)
            tern_rule_max_groups_is_a_power_of_two_from_64_a_lane_to_2048 rule ();
        if (QUEUE_LOG2 < 7 || QUEUE_LOG2 > 9)
            tern_rule_queue_log2_is_7_to_9 rule ();
    endgenerate

    // Registers and control.
    wire        start, cancel, busy, bad_steps, slot_taken, slot_starved, slot_stalled;
    wire [7:0]  status;
    wire [17:0] error_strip;
    wire [63:0] weights, crc, activation, result;
    wire [31:0] rows, groups, exponent;
    wire [7:0]  depth;
    wire [4:0]  read_code;
    wire [23:0] step_mantissa;
    wire [5:0]  step_shift;

    tern_matmul_registers registers (
        .clk(clk), .rst_n(rst_n),
        .s_axil_awaddr(s_axil_awaddr), .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb), .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready), .s_axil_bresp(s_axil_bresp), .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready), .s_axil_araddr(s_axil_araddr), .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready),
        .start(start), .cancel(cancel), .busy(busy), .status(status), .error_strip(error_strip),
        .weights(weights), .crc(crc), .activation(activation), .result(result), .rows(rows), .groups(groups),
        .depth(depth), .exponent(exponent), .bad_steps(bad_steps), .step_index(read_code),
        .step_mantissa(step_mantissa), .step_shift(step_shift), .slot_taken(slot_taken),
        .slot_starved(slot_starved), .slot_stalled(slot_stalled));

    wire [17:0] strips;
    wire [11:0] code_beats, plane_beats;
    wire [12:0] mantissa_beats;
    wire [19:0] prefix_beats, crc_beats, activation_beats;
    wire [31:0] skip_bytes;
    wire [2:0]  depth_stored, depth_used;
    wire        launch, launch_weights, stop, discard, flush;
    wire        activation_active, activation_beat;
    wire        take;
    wire        check_failed, result_valid, reads_idle, finish_idle, writer_idle, writer_failed;
    wire [7:0]  check_status, writer_status;
    wire [17:0] check_strip, writer_strip;
    wire [1:0]  beat_fault;

    tern_matmul_control #(.LANES(LANES), .MAX_GROUPS(MAX_GROUPS)) control (
        .clk(clk), .rst_n(rst_n), .start(start), .cancel(cancel), .busy(busy), .status(status),
        .error_strip(error_strip), .rows(rows), .groups(groups), .depth(depth),
        .misaligned(|{weights[5:0], crc[5:0], activation[5:0], result[5:0]}), .bad_steps(bad_steps),
        .strips(strips), .code_beats(code_beats), .plane_beats(plane_beats), .prefix_beats(prefix_beats),
        .skip_bytes(skip_bytes), .crc_beats(crc_beats), .mantissa_beats(mantissa_beats),
        .activation_beats(activation_beats), .depth_stored(depth_stored), .depth_used(depth_used),
        .launch(launch), .launch_weights(launch_weights), .stop(stop), .discard(discard), .flush(flush),
        .activation_asked(~activation_active), .activation_beat(activation_beat), .activation_fault(beat_fault),
        .check_failed(check_failed), .check_status(check_status), .check_strip(check_strip),
        .result_valid(result_valid), .reads_idle(reads_idle), .finish_idle(finish_idle),
        .writer_idle(writer_idle), .writer_failed(writer_failed), .writer_status(writer_status),
        .writer_strip(writer_strip));

    // Three streams of bursts share one read port; checksums go first, they are few.
    wire        activation_valid, crc_valid, queue_valid;
    wire [63:0] activation_address, crc_address, queue_address;
    wire [6:0]  activation_burst, crc_burst, queue_burst;
    wire        request_ready, crc_release, crc_active, queue_active;
    wire        crc_ready = request_ready;
    wire        activation_ready = request_ready & ~crc_valid;
    wire        queue_ready = request_ready & ~crc_valid & ~activation_valid;

    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_BYTES_LOG2), .CREDITS(512)) activation_bursts (
        .clk(clk), .rst_n(rst_n), .start(launch), .stop(stop), .base(activation), .segment_beats(activation_beats),
        .segments(18'd1), .skip_bytes(32'd0), .release_beat(activation_beat), .m_valid(activation_valid),
        .m_ready(activation_ready), .m_address(activation_address), .m_beats(activation_burst),
        .active(activation_active));
    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_BYTES_LOG2), .MAX_BURST(4), .CREDITS(CRC_BEATS)) crc_bursts (
        .clk(clk), .rst_n(rst_n), .start(launch), .stop(stop), .base(crc), .segment_beats(crc_beats),
        .segments(18'd1), .skip_bytes(32'd0), .release_beat(crc_release), .m_valid(crc_valid),
        .m_ready(crc_ready), .m_address(crc_address), .m_beats(crc_burst),
        .active(crc_active));
    tern_burst_generator #(.BEAT_BYTES_LOG2(BEAT_BYTES_LOG2), .CREDITS(1 << QUEUE_LOG2)) weight_bursts (
        .clk(clk), .rst_n(rst_n), .start(launch_weights), .stop(stop), .base(weights), .segment_beats(prefix_beats),
        .segments(strips), .skip_bytes(skip_bytes), .release_beat(take), .m_valid(queue_valid),
        .m_ready(queue_ready), .m_address(queue_address), .m_beats(queue_burst),
        .active(queue_active));

    wire                 beat_valid;
    wire [DATA_BITS-1:0] beat_data;
    wire [1:0]           beat_destination;

    tern_read_port #(.DATA_BITS(DATA_BITS)) read_port (
        .clk(clk), .rst_n(rst_n), .stop(stop), .window_base(window_base), .window_bytes(window_bytes),
        .s_valid(activation_valid | crc_valid | queue_valid), .s_ready(request_ready),
        .s_address(crc_valid ? crc_address : activation_valid ? activation_address : queue_address),
        .s_beats(crc_valid ? crc_burst : activation_valid ? activation_burst : queue_burst),
        .s_destination(crc_valid ? TO_CRC : activation_valid ? TO_ACTIVATIONS : TO_QUEUE),
        .idle(reads_idle), .m_valid(beat_valid), .m_data(beat_data), .m_error(beat_fault[0]),
        .m_refused(beat_fault[1]), .m_destination(beat_destination),
        .m_axi_arid(m_axi_arid), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen),
        .m_axi_arsize(m_axi_arsize), .m_axi_arburst(m_axi_arburst), .m_axi_arvalid(m_axi_arvalid),
        .m_axi_arready(m_axi_arready), .m_axi_rid(m_axi_rid), .m_axi_rdata(m_axi_rdata),
        .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast), .m_axi_rvalid(m_axi_rvalid),
        .m_axi_rready(m_axi_rready));

    // Activations count up through mantissas, then shifts.
    reg [12:0] activation_index;
    reg        in_shifts;

    assign activation_beat = beat_valid && beat_destination == TO_ACTIVATIONS;

    always @(posedge clk)
        if (launch) begin
            activation_index <= 13'd0;
            in_shifts <= 1'b0;
        end else if (activation_beat) begin
            activation_index <= activation_index + 13'd1;
            if (activation_index == mantissa_beats - 13'd1 && !in_shifts) begin
                activation_index <= 13'd0;
                in_shifts <= 1'b1;
            end
        end

    // The weight stream: queue, sequencer, check.
    wire                 item_valid, is_plane, segment_first, segment_last, strip_last, bank, word_valid;
    wire                 release_bank, strip_good;
    wire [DATA_BITS-1:0] item;
    wire [1:0]           item_fault, word_fault, power;
    wire [11:0]          beat_index;
    wire [2:0]           advance_words;
    wire [31:0]          word;

    tern_fifo #(.WIDTH(DATA_BITS + 2), .DEPTH_LOG2(QUEUE_LOG2)) queue (
        .clk(clk), .rst_n(rst_n), .clear(stop), .s_valid(beat_valid && beat_destination == TO_QUEUE),
        .s_data({beat_fault, beat_data}), .m_valid(item_valid), .m_data({item_fault, item}), .m_ready(take));

    tern_crc_words #(.BEAT_WORDS(4 * LANES), .BEATS(CRC_BEATS)) crc_words (
        .clk(clk), .rst_n(rst_n), .clear(stop), .s_valid(beat_valid && beat_destination == TO_CRC),
        .s_data(beat_data), .s_fault(beat_fault), .release_beat(crc_release), .m_valid(word_valid), .m_word(word),
        .m_fault(word_fault), .advance(take & segment_last), .advance_words(advance_words));

    tern_strip_sequencer sequencer (
        .clk(clk), .rst_n(rst_n), .start(launch), .stop(stop), .requested(queue_valid & queue_ready),
        .strips(strips), .code_beats(code_beats), .plane_beats(plane_beats), .depth_stored(depth_stored),
        .depth_used(depth_used), .s_valid(item_valid), .word_valid(word_valid), .bank_released(release_bank),
        .take(take), .is_plane(is_plane), .beat(beat_index), .segment_first(segment_first),
        .segment_last(segment_last), .strip_last(strip_last), .advance_words(advance_words), .power(power),
        .bank(bank), .slot_taken(slot_taken), .slot_starved(slot_starved), .slot_stalled(slot_stalled));

    tern_strip_check #(.BITS(DATA_BITS)) check (
        .clk(clk), .rst_n(rst_n), .start(launch), .s_take(take), .s_data(item), .s_fault(item_fault),
        .s_segment_first(segment_first), .s_segment_last(segment_last), .s_strip_last(strip_last), .s_word(word),
        .s_word_fault(word_fault), .failed(check_failed), .status(check_status), .strip(check_strip),
        .strip_good(strip_good));

    // Stage 1 of the lanes: the beat's register beside the RAMs' outputs.
    wire                 take_plane = take & is_plane;
    wire [ROW_BITS-1:0]  row = beat_index[ROW_BITS-1:0];
    wire [384*LANES-1:0] codes;
    reg                  lane_valid;
    reg [DATA_BITS-1:0]  lane_beat;
    reg [3:0]            lane_slot;
    reg [1:0]            lane_power;
    reg                  lane_bank;

    always @(posedge clk) begin
        lane_valid <= take_plane;
        if (take_plane) begin
            lane_beat <= item;
            lane_slot <= row[3:0];
            lane_power <= power;
            lane_bank <= bank;
        end
    end

    tern_code_buffer #(.LANES(LANES), .ROWS(ROWS / 16), .ROW_BITS(ROW_BITS - 4)) code_buffer (
        .clk(clk), .s_valid(take & ~is_plane), .s_first(segment_first), .s_data(item),
        .read(take_plane && row[3:0] == 4'd0), .read_row(row[ROW_BITS-1:4]), .m_codes(codes));

    wire                 read_bank;
    wire [265*LANES-1:0] read_bins;

    genvar lane;
    genvar slot;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : lane_of
            wire [255:0] mantissas;
            wire [63:0]  shifts;
            wire [383:0] lane_codes;

            tern_activation_buffer #(.LANES(LANES), .LANE(lane), .ROWS(ROWS), .ROW_BITS(ROW_BITS)) activations (
                .clk(clk), .s_mantissas_valid(activation_beat & ~in_shifts),
                .s_shifts_valid(activation_beat & in_shifts), .s_index(activation_index[ROW_BITS:0]),
                .s_data(beat_data), .read(take_plane), .read_row(row), .m_mantissas(mantissas), .m_shifts(shifts));

            for (slot = 0; slot < 16; slot = slot + 1) begin : code_of
                assign lane_codes[24 * slot +: 24] = codes[24 * (slot * LANES + lane) +: 24];
            end

            tern_lane matmul_lane (
                .clk(clk), .rst_n(rst_n), .clear(launch), .s_valid(lane_valid), .s_beat(lane_beat[128 * lane +: 128]),
                .s_mantissas(mantissas), .s_shifts(shifts), .s_codes(lane_codes), .s_slot(lane_slot),
                .s_power(lane_power), .s_bank(lane_bank), .read_bank(read_bank), .read_code(read_code),
                .read_bins(read_bins[265 * lane +: 265]), .release_bank(release_bank));
        end
    endgenerate

    // A strip is judged at stage 3 and in its bank after stage 11.
    reg [7:0]  good_delay;
    wire [31:0]  result_word;
    wire        writer_room;

    always @(posedge clk)
        good_delay <= !rst_n || launch ? 8'd0 : {good_delay[6:0], strip_good};

    tern_finish #(.LANES(LANES)) finish (
        .clk(clk), .rst_n(rst_n), .start(launch), .discard(discard), .rows(rows[18:0]), .exponent(exponent),
        .s_strip_done(good_delay[7]), .read_bank(read_bank), .read_code(read_code), .read_bins(read_bins),
        .release_bank(release_bank), .step_mantissa(step_mantissa), .step_shift(step_shift), .m_room(writer_room),
        .m_valid(result_valid), .m_result(result_word), .idle(finish_idle));

    tern_output_writer #(.LANES(LANES)) writer (
        .clk(clk), .rst_n(rst_n), .start(launch), .flush(flush), .discard(discard), .base(result),
        .window_base(window_base), .window_bytes(window_bytes), .s_valid(result_valid), .s_word(result_word),
        .m_room(writer_room), .idle(writer_idle), .failed(writer_failed), .status(writer_status),
        .strip(writer_strip), .m_axi_awid(m_axi_awid), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen),
        .m_axi_awsize(m_axi_awsize), .m_axi_awburst(m_axi_awburst), .m_axi_awvalid(m_axi_awvalid),
        .m_axi_awready(m_axi_awready), .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb),
        .m_axi_wlast(m_axi_wlast), .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready),
        .m_axi_bid(m_axi_bid), .m_axi_bresp(m_axi_bresp), .m_axi_bvalid(m_axi_bvalid),
        .m_axi_bready(m_axi_bready));
    wire unused = &{1'b0, beat_index, crc_active, queue_active};
endmodule

`default_nettype wire
