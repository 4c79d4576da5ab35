// SPDX-License-Identifier: Apache-2.0
// The rules of the link's ports: memory, registers, and words of an answer.
bind tern_link_execute tern_memory_rules #(.DATA_BITS(128)) memory_rules (
    .clk, .rst_n, .read_valid, .read_ready, .read_address, .read_beats, .answer_valid, .answer_last, .write_valid,
    .write_ready, .write_address, .write_beats, .data_valid, .data_ready, .data, .strobe, .done_valid
);

bind tern_link_execute tern_stream_rules #(.WIDTH(33)) answer_rules (
    .clk, .rst_n,
    .valid(m_valid),
    .ready(m_ready),
    .payload({m_data, m_last})
);

bind tern_axi_lite_master tern_axi_lite_rules axi_lite_rules (
    .clk, .rst_n,
    .awaddr(m_axil_awaddr),
    .awvalid(m_axil_awvalid),
    .awready(m_axil_awready),
    .wdata(m_axil_wdata),
    .wstrb(m_axil_wstrb),
    .wvalid(m_axil_wvalid),
    .wready(m_axil_wready),
    .bresp(m_axil_bresp),
    .bvalid(m_axil_bvalid),
    .bready(m_axil_bready),
    .araddr(m_axil_araddr),
    .arvalid(m_axil_arvalid),
    .arready(m_axil_arready),
    .rdata(m_axil_rdata),
    .rresp(m_axil_rresp),
    .rvalid(m_axil_rvalid),
    .rready(m_axil_rready)
);
