// SPDX-License-Identifier: Apache-2.0
#include "matmul_bench.hpp"

#include <algorithm>

namespace tern_bench {

Bench::Bench(uint64_t seed) : random(seed), top(new Vtern_matmul_axi), memory(TERN_AXI_PORTS(*top, m_axi_)) {
    top->rst_n = top->m_axi_rst_n = 0;
    top->clk = 0;
    top->s_axil_awvalid = top->s_axil_wvalid = top->s_axil_bready = 0;
    top->s_axil_arvalid = top->s_axil_rready = 0;
    ticks(4);
    top->rst_n = top->m_axi_rst_n = 1;
    ticks(2);
}

void Bench::tick() {
    memory.tick(*top, [this] { watch.look(*top); });
}

void Bench::write_register(uint32_t offset, uint32_t value, uint8_t strobe) {
    const uint32_t address_delay = random.below(4), data_delay = random.below(4), response_delay = random.below(4);
    bool address_done = false, data_done = false;
    for (uint32_t cycle = 0, answered = 0; !answered || !address_done || !data_done; cycle++) {
        top->s_axil_awvalid = !address_done && cycle >= address_delay;
        top->s_axil_awaddr = offset;
        top->s_axil_wvalid = !data_done && cycle >= data_delay;
        top->s_axil_wdata = value;
        top->s_axil_wstrb = strobe;
        top->s_axil_bready = cycle >= response_delay;
        top->clk = 0;
        top->eval();
        address_done |= top->s_axil_awvalid && top->s_axil_awready;
        data_done |= top->s_axil_wvalid && top->s_axil_wready;
        answered |= top->s_axil_bvalid && top->s_axil_bready;
        tick();
    }
    top->s_axil_awvalid = top->s_axil_wvalid = top->s_axil_bready = 0;
}

uint32_t Bench::read_register(uint32_t offset) {
    const uint32_t address_delay = random.below(4), response_delay = random.below(6);
    bool address_done = false;
    uint32_t value = 0;
    for (uint32_t cycle = 0, answered = 0; !answered; cycle++) {
        top->s_axil_arvalid = !address_done && cycle >= address_delay;
        top->s_axil_araddr = offset;
        top->s_axil_rready = cycle >= response_delay;
        top->clk = 0;
        top->eval();
        address_done |= top->s_axil_arvalid && top->s_axil_arready;
        if (top->s_axil_rvalid && top->s_axil_rready) {
            value = top->s_axil_rdata;
            answered = 1;
        }
        tick();
    }
    top->s_axil_arvalid = top->s_axil_rready = 0;
    return value;
}

Counters Bench::counters() {
    auto pair = [this](uint32_t low) {
        uint64_t value = read_register(low);
        return value | uint64_t{read_register(low + 4)} << 32;
    };
    return {pair(TERN_MATMUL_REG_CYCLES_LO), pair(TERN_MATMUL_REG_OFFERED_LO), pair(TERN_MATMUL_REG_TAKEN_LO),
            pair(TERN_MATMUL_REG_STARVED_LO), pair(TERN_MATMUL_REG_STALLED_LO)};
}

void Bench::new_memory(uint64_t bytes) {
    memory_bytes.resize(tern_align_up(bytes, 4096));
    uint64_t word = random.bits64();
    for (uint64_t i = 0; i + 8 <= memory_bytes.size(); i += 8) {
        word = word * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
        const uint64_t mixed = word ^ word >> 29;
        std::memcpy(&memory_bytes[i], &mixed, 8);
    }
    memory.unmap();
    memory.map(memory_base, memory_bytes.data(), memory_bytes.size());
    set_window(memory_base, memory_bytes.size());
    next_free_ = 0;
    snapshot();
}

void Bench::set_window(uint64_t base, uint64_t bytes) {
    top->window_base = base;
    top->window_bytes = bytes;
    config.window_base = base;
    config.window_bytes = bytes;
    memory.configure(config);
}

uint64_t Bench::place(uint64_t bytes) {
    next_free_ += line_bytes * random.below(9);
    const uint64_t address = memory_base + next_free_;
    next_free_ += tern_align_up(bytes, line_bytes);
    return address;
}

uint64_t Bench::bytes_needed(const Shape &shape) {
    return tern_matrix_bytes(shape.rows, shape.columns, shape.depth_stored) +
           tern_crc_bytes(shape.rows, shape.depth_stored) + tern_activation_bytes(shape.columns) + 4 * shape.rows +
           5 * 9 * line_bytes + 4096;
}

// Weights are random bytes. Every byte decodes, so they cover more than a packer writes.
Run Bench::random_run(const Shape &shape) {
    Run run{};
    run.shape = shape;
    run.groups = static_cast<uint32_t>(tern_groups(shape.columns));
    run.weights = place(tern_matrix_bytes(shape.rows, shape.columns, shape.depth_stored));
    run.crc = place(tern_crc_bytes(shape.rows, shape.depth_stored));
    run.output = place(4 * shape.rows);
    run.activation = place(tern_activation_bytes(shape.columns));
    const unsigned kind = random.below(8);
    for (uint64_t i = 0; i < run.columns(); i++) {
        int16_t mantissa = static_cast<int16_t>(random.bits32());
        if (kind == 0) {
            mantissa = random.percent(50) ? INT16_MIN : INT16_MAX;
        }
        if (kind == 1) {
            mantissa = INT16_MIN;
        }
        if (kind == 2 && random.percent(95)) {
            mantissa = 0;
        }
        std::memcpy(at(run.mantissas()) + 2 * i, &mantissa, 2);
    }
    for (uint32_t group = 0; group < run.groups; group++) {
        at(run.mantissas())[2 * run.columns() + group] = static_cast<uint8_t>(kind < 2 ? 15 : random.below(16));
    }
    for (uint64_t strip = 0; strip < run.strips(); strip++) {
        const uint8_t *segment = at(run.weights) + strip * run.strip_bytes();
        for (unsigned i = 0; i <= shape.depth_stored; i++) {
            const uint64_t bytes = i ? tern_plane_bytes(run.columns()) : tern_codes_bytes(run.columns());
            const uint32_t crc = tern_crc32c(segment, bytes);
            std::memcpy(at(run.crc) + 4 * (strip * (shape.depth_stored + 1) + i), &crc, 4);
            segment += bytes;
        }
    }
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        run.steps.mantissa[i] = kind == 3 ? 0 : kind == 0 ? 0xffffff : random.bits32() & 0xffffff;
        run.steps.shift[i] = static_cast<uint8_t>(kind == 0 ? 32 : random.below(33));
    }
    // Exponents are around the two ends of the float32 range as well as in its middle.
    run.exponent = random.between(-60, -20);
    if (random.percent(30)) {
        run.exponent = random.between(-250, 140);
    }
    if (random.percent(2)) {
        run.exponent = static_cast<int32_t>(random.bits32());
    }
    snapshot();
    return run;
}

void Bench::program(const Run &run) {
    auto pair = [this](uint32_t low, uint64_t value) {
        write_register(low, static_cast<uint32_t>(value));
        write_register(low + 4, static_cast<uint32_t>(value >> 32));
    };
    pair(TERN_MATMUL_REG_WEIGHTS_LO, run.weights);
    pair(TERN_MATMUL_REG_CRC_LO, run.crc);
    pair(TERN_MATMUL_REG_ACTIVATION_LO, run.mantissas());
    pair(TERN_MATMUL_REG_OUTPUT_LO, run.output);
    write_register(TERN_MATMUL_REG_ROWS, run.shape.rows);
    write_register(TERN_MATMUL_REG_GROUPS, run.groups);
    write_register(TERN_MATMUL_REG_DEPTH, depth_word(run.shape.depth_stored, run.shape.depth_used));
    write_register(TERN_MATMUL_REG_EXPONENT_0, static_cast<uint32_t>(run.exponent));
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        write_register(TERN_MATMUL_REG_STEP_0 + 4 * i, step_word(run.steps.mantissa[i], run.steps.shift[i]));
    }
}

bool Bench::wait_idle(uint64_t limit_cycles) {
    const uint64_t end = memory.cycle() + limit_cycles;
    while (is_busy()) {
        if (memory.cycle() > end) {
            return false;
        }
        ticks(20);
    }
    return true;
}

Outcome Bench::outcome() {
    const uint32_t status = read_register(TERN_MATMUL_REG_STATUS);
    return {TERN_FIELD_GET(MATMUL_STATUS_CODE, status), read_register(TERN_MATMUL_REG_ERROR_STRIP)};
}

Outcome Bench::model(const Run &run) {
    struct tern_matmul_job job {};
    std::vector<float> out(run.shape.rows);
    std::memcpy(out.data(), at(run.output), 4 * out.size());
    job.rows = run.shape.rows;
    job.groups = run.groups;
    job.depth_stored = run.shape.depth_stored;
    job.depth_used = run.shape.depth_used;
    job.weights = at(run.weights);
    job.crc = reinterpret_cast<const uint32_t *>(at(run.crc));
    job.steps = run.steps;
    job.vectors = 1;
    job.vector[0].mantissas = reinterpret_cast<const int16_t *>(at(run.mantissas()));
    job.vector[0].shifts = at(run.mantissas()) + 2 * run.columns();
    job.vector[0].exponent = run.exponent;
    job.vector[0].output = out.data();
    Outcome outcome;
    outcome.status = tern_matmul_run(&job, nullptr, &outcome.strip);
    std::memcpy(&expected[run.output - memory_base], out.data(), 4 * out.size());
    return outcome;
}

bool Bench::memory_is_right(const Run &run, bool partial, std::string *why) {
    if (memory_bytes == expected) {
        return true;
    }
    const uint64_t output_begin = run.output - memory_base, output_end = output_begin + 4 * run.shape.rows;
    for (uint64_t i = 0; i < memory_bytes.size(); i++) {
        if (memory_bytes[i] == expected[i]) {
            continue;
        }
        const bool in_output = i >= output_begin && i < output_end;
        if (partial && in_output && memory_bytes[i] == before[i]) {
            continue;
        }
        char text[160];
        if (in_output) {
            const uint64_t row = (i - output_begin) / 4;
            uint32_t got, want;
            std::memcpy(&got, &memory_bytes[output_begin + 4 * row], 4);
            std::memcpy(&want, &expected[output_begin + 4 * row], 4);
            std::snprintf(text, sizeof text, "row %llu is 0x%08x, expected 0x%08x", (unsigned long long)row, got, want);
        } else {
            std::snprintf(text, sizeof text, "stray write: byte 0x%llx is 0x%02x, was 0x%02x",
                          (unsigned long long)(memory_base + i), memory_bytes[i], expected[i]);
        }
        *why = text;
        return false;
    }
    return true;
}

} // namespace tern_bench
