// SPDX-License-Identifier: Apache-2.0
// The rules of the memory port's two sides, each alone. sim/bus has no units around them.
bind tern_memory_reader tern_memory_rules #(.DATA_BITS(DATA_BITS)) memory_rules (
    .clk, .rst_n,
    .read_valid(m_read_valid),
    .read_ready(m_read_ready),
    .read_address(m_read_address),
    .read_beats(m_read_beats),
    .answer_valid(m_answer_valid),
    .answer_last(m_answer_last),
    .write_valid(1'b0),
    .write_ready(1'b0),
    .write_address(64'd0),
    .write_beats(7'd0),
    .data_valid(1'b0),
    .data_ready(1'b0),
    .data({DATA_BITS{1'b0}}),
    .strobe({(DATA_BITS / 8){1'b0}}),
    .done_valid(1'b0)
);

bind tern_memory_writer tern_memory_rules #(.DATA_BITS(DATA_BITS)) memory_rules (
    .clk, .rst_n,
    .read_valid(1'b0),
    .read_ready(1'b0),
    .read_address(64'd0),
    .read_beats(7'd0),
    .answer_valid(1'b0),
    .answer_last(1'b0),
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
