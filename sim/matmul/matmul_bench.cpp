// SPDX-License-Identifier: Apache-2.0
#include "matmul_bench.hpp"

#include <algorithm>

extern "C" {
#include "cmodel/device/matmul.h"
}

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
           tern_crc_bytes(shape.rows, shape.depth_stored) + steps_bytes +
           shape.vectors * (tern_activation_bytes(shape.columns) + 4 * shape.rows + 8 * line_bytes) +
           6 * 9 * line_bytes + 4096;
}

// The rest of the header, and what pads the shifts, stay random: the unit must not look at them.
void Bench::fill_activation(const Run &run, uint32_t vector, unsigned kind, int32_t base_exponent) {
    const uint32_t header[4] = {static_cast<uint32_t>(base_exponent), run.groups, run.shape.columns,
                                TERN_ACTIVATION_MAGIC};
    std::memcpy(at(run.image(vector)), header, sizeof header);
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
        std::memcpy(at(run.mantissas(vector)) + 2 * i, &mantissa, 2);
    }
    for (uint32_t group = 0; group < run.groups; group++) {
        at(run.shifts(vector))[group] = static_cast<uint8_t>(kind < 2 ? 15 : random.below(16));
    }
}

// Exponents are up to 32 above the smallest one. With the smallest of float32, some steps are subnormal.
void Bench::fill_steps(const Run &run, unsigned kind, uint32_t smallest_field) {
    const unsigned smallest = random.below(TERN_STEPS);
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        uint32_t shift = i == smallest ? 0 : kind == 0 ? TERN_STEP_RATIO_LOG2 : random.below(TERN_STEP_RATIO_LOG2 + 1);
        uint32_t field = smallest_field + shift;
        if (field == 1 && random.percent(50)) {
            field = 0;
        }
        uint32_t bits = field << 23 | (kind == 0 ? 0x7fffffu : random.bits32() & 0x7fffffu);
        if (kind == 3 || random.percent(5)) {
            bits = 0;
        }
        std::memcpy(at(run.steps) + 4 * i, &bits, 4);
    }
}

void Bench::fill_checksums(const Run &run) {
    for (uint64_t strip = 0; strip < run.strips(); strip++) {
        const uint8_t *segment = at(run.weights) + strip * run.strip_bytes();
        for (unsigned i = 0; i <= run.shape.depth_stored; i++) {
            const uint64_t bytes = i ? tern_plane_bytes(run.columns()) : tern_codes_bytes(run.columns());
            const uint32_t crc = tern_crc32c(segment, bytes);
            std::memcpy(at(run.crc) + 4 * (strip * (run.shape.depth_stored + 1) + i), &crc, 4);
            segment += bytes;
        }
    }
}

// Weights are random bytes. Every byte decodes, so they cover more than a packer writes. Exponents of results are
// around the two ends of the float32 range as well as in its middle.
Run Bench::random_run(const Shape &shape) {
    Run run{};
    run.shape = shape;
    run.groups = static_cast<uint32_t>(tern_groups(shape.columns));
    run.weights = place(tern_matrix_bytes(shape.rows, shape.columns, shape.depth_stored));
    run.crc = place(tern_crc_bytes(shape.rows, shape.depth_stored));
    run.steps = place(steps_bytes);
    run.output_stride = tern_align_up(4 * shape.rows, line_bytes) + line_bytes * random.below(4);
    run.activation_stride = tern_activation_bytes(shape.columns) + line_bytes * random.below(4);
    run.output = place(run.outputs_bytes());
    run.activation = place(run.images_bytes());
    const unsigned kind = random.below(8);
    const int32_t field = random.percent(20) ? 1 : random.between(1, 254 - TERN_STEP_RATIO_LOG2);
    for (uint32_t vector = 0; vector < shape.vectors; vector++) {
        const int32_t exponent = random.percent(30) ? random.between(-330, 205) : random.between(-60, -20);
        fill_activation(run, vector, vector ? random.below(8) : kind,
                        std::clamp(exponent + 150 - field, TERN_LEAST_BASE_EXPONENT, TERN_LARGEST_BASE_EXPONENT));
    }
    fill_steps(run, kind, static_cast<uint32_t>(field));
    fill_checksums(run);
    snapshot();
    return run;
}

std::vector<RegisterValue> Bench::registers_of(const Run &run) {
    std::vector<RegisterValue> values = {
        {TERN_MATMUL_REG_ROWS, run.shape.rows},
        {TERN_MATMUL_REG_COLUMNS, run.shape.columns},
        {TERN_MATMUL_REG_DEPTH, depth_word(run.shape.depth_stored, run.shape.depth_used)}};
    auto pair = [&values](uint32_t low, uint64_t value) {
        values.push_back({low, static_cast<uint32_t>(value)});
        values.push_back({low + 4, static_cast<uint32_t>(value >> 32)});
    };
    pair(TERN_MATMUL_REG_WEIGHTS_LO, run.weights);
    pair(TERN_MATMUL_REG_CRC_LO, run.crc);
    pair(TERN_MATMUL_REG_STEPS_LO, run.steps);
    pair(TERN_MATMUL_REG_ACTIVATION_LO, run.activation);
    pair(TERN_MATMUL_REG_OUTPUT_LO, run.output);
    if (unit_vectors > 1) {
        values.push_back({TERN_MATMUL_REG_VECTORS, run.shape.vectors});
        pair(TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, run.activation_stride);
        pair(TERN_MATMUL_REG_OUTPUT_STRIDE_LO, run.output_stride);
    }
    return values;
}

void Bench::program(const Run &run) {
    for (const RegisterValue &value : registers_of(run)) {
        write_register(value.offset, value.value);
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
    return {TERN_FIELD_GET(MATMUL_STATUS_CODE, status), read_register(TERN_MATMUL_REG_ERROR_DETAIL)};
}

Outcome Bench::model_on(const Run &run, uint32_t control, uint64_t error_base, uint64_t error_bytes) {
    std::vector<uint8_t> after = memory_bytes;
    struct tern_bus_memory bus = {memory_base, after.size(), after.data(), error_base, error_bytes, 0};
    const struct tern_window window = {memory_base, after.size()};
    struct tern_matmul_unit unit;
    tern_matmul_unit_reset(&unit, &bus);
    for (const RegisterValue &value : registers_of(run)) {
        tern_matmul_unit_write(&unit, value.offset, value.value, window);
    }
    tern_matmul_unit_write(&unit, TERN_MATMUL_REG_CONTROL, control, window);
    tern_matmul_unit_step(&unit);
    for (uint32_t vector = 0; vector < run.shape.vectors; vector++) {
        const uint64_t output = run.output_of(vector) - memory_base;
        std::copy_n(after.begin() + output, run.output_bytes(), expected.begin() + output);
    }
    return {TERN_FIELD_GET(MATMUL_STATUS_CODE, tern_matmul_unit_read(&unit, TERN_MATMUL_REG_STATUS)),
            tern_matmul_unit_read(&unit, TERN_MATMUL_REG_ERROR_DETAIL)};
}

void Bench::expect_unwritten(const Run &run, uint32_t vector, uint64_t row) {
    const uint64_t from = run.output_of(vector) - memory_base + 4 * row;
    const uint64_t end = run.output_of(vector) - memory_base + run.output_bytes();
    if (from < end) {
        std::copy(before.begin() + from, before.begin() + end, expected.begin() + from);
    }
}

// The vector that has a byte of memory in its output; the number of vectors when none has.
static uint32_t owner_of(const Run &run, uint64_t address) {
    uint32_t vector = 0;
    while (vector < run.shape.vectors &&
           (address < run.output_of(vector) || address >= run.output_of(vector) + run.output_bytes())) {
        vector++;
    }
    return vector;
}

bool Bench::memory_is_right(const Run &run, Vectors partial, std::string *why) {
    if (memory_bytes == expected) {
        return true;
    }
    for (uint64_t i = 0; i < memory_bytes.size(); i++) {
        if (memory_bytes[i] == expected[i]) {
            continue;
        }
        const uint32_t vector = owner_of(run, memory_base + i);
        const bool in_output = vector < run.shape.vectors;
        if (in_output && partial >> vector & 1 && memory_bytes[i] == before[i]) {
            continue;
        }
        char text[160];
        if (in_output) {
            const uint64_t output = run.output_of(vector) - memory_base, row = (i - output) / 4;
            uint32_t got, want;
            std::memcpy(&got, &memory_bytes[output + 4 * row], 4);
            std::memcpy(&want, &expected[output + 4 * row], 4);
            std::snprintf(text, sizeof text, "vector %u row %llu is 0x%08x, expected 0x%08x", vector,
                          (unsigned long long)row, got, want);
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
