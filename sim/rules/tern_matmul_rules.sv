// SPDX-License-Identifier: Apache-2.0
// The rules of the matmul unit's memory port.
bind tern_matmul tern_memory_rules #(.DATA_BITS(128 * LANES)) memory_rules (
    .clk, .rst_n,
    .read_valid(m_read_valid),
    .read_ready(m_read_ready),
    .read_address(m_read_address),
    .read_beats(m_read_beats),
    .answer_valid(m_answer_valid),
    .answer_last(m_answer_last),
    .write_valid(m_write_valid),
    .write_ready(m_write_ready),
    .write_address(m_write_address),
    .write_beats(m_write_beats),
    .data_valid(m_data_valid),
    .data_ready(m_data_ready),
    .data(m_data),
    .strobe(m_strobe),
    .done_valid(m_done_valid)
);
