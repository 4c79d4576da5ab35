// SPDX-License-Identifier: Apache-2.0
#include "attention_bench.hpp"

#include <cstdio>
#include <cstring>

#include "sim/lib/register_port.hpp"
#include "sim/rules/rules.hpp"

namespace tern_bench {

namespace {

constexpr unsigned hang_cycles = 400000;
constexpr uint32_t unwritten = 0xcccccccc; // every word of the results before a run

struct Register {
    const char *name;
    uint32_t offset;
    bool captured;
};

const std::vector<Register> &captured_registers() {
#define TERN_BENCH_BLOCK(block) block,
#define TERN_BENCH_ROW(block, name, offset, access, bits, captured, vectors)                                           \
    {#name, offset, captured && block == ATTENTION},
    enum { TERN_BLOCK_LIST(TERN_BENCH_BLOCK) };
    static const Register all[] = {TERN_REGISTER_LIST(TERN_BENCH_ROW)};
    static std::vector<Register> chosen;
    for (const Register &row : all) {
        if (row.captured && chosen.size() < sizeof all / sizeof *all) {
            chosen.push_back(row);
        }
    }
    return chosen;
}

} // namespace

// Keys are read up to the last position.
uint64_t Run::beats() const {
    const uint64_t records = tern_cache_records(shape.positions);
    uint64_t head_bytes = tern_cache_head_bytes(shape.kind, shape.head_size, shape.positions);
    if (shape.kind == TERN_CACHE_KEYS) {
        head_bytes -=
            (16 * records - shape.positions) * TERN_CACHE_GROUP_BYTES * tern_cache_head_groups(shape.head_size);
    }
    const uint64_t image_beats = tern_activation_bytes(shape.length()) / bus_bytes;
    return shape.kv_heads * (shape.vectors * image_beats + (head_bytes + bus_bytes - 1) / bus_bytes);
}

Bench::Bench(uint64_t seed)
    : random(seed), memory(TERN_AXI_PORTS(top, m_axi_)), data_(memory_bytes), model_data_(memory_bytes) {
    model_memory_.base = memory_base;
    model_memory_.bytes = memory_bytes;
    model_memory_.data = model_data_.data();
    memory.map(memory_base, data_.data(), data_.size());
    set_window(memory_base, memory_bytes);
    reset();
}

Bench::~Bench() {
    top.final();
}

void Bench::reset() {
    tern_attention_unit_reset(&model, &model_memory_);
    top.rst_n = 0;
    memory.reset();
    tick();
    tick();
    top.rst_n = 1;
    tick();
    busy_cycles = last_taken_ = 0;
}

void Bench::check(bool good, const std::string &what) {
    if (good || failures++ >= 5) {
        return;
    }
    const Shape none = {TERN_CACHE_KEYS, 0, 0, 0, 0}, &shape = current ? current->shape : none;
    std::printf("FAIL attention, %d lanes: %s (%s, %u heads of %u, %u vectors, %u positions, write order %d)\n",
                TERN_BENCH_LANES, what.c_str(), shape.kind == TERN_CACHE_KEYS ? "keys" : "values", shape.kv_heads,
                shape.head_size, shape.vectors, shape.positions, static_cast<int>(memory.config().write_order));
}

void Bench::tick() {
    memory.tick(top, [this] {
        busy_cycles += !top.idle;
        watch.look(top);
    });
    check(!memory.violations(), memory.first_violation());
    check(!broken_rules(), first_broken_rule());
}

// The model has no time.
void Bench::write(uint32_t offset, uint32_t value) {
    write_register(top, offset, value, [this] { tick(); });
    tern_attention_unit_write(&model, offset, value, window);
}

uint32_t Bench::read(uint32_t offset) {
    return read_register(top, offset);
}

uint64_t Bench::pair(uint32_t offset) {
    return read_register_pair(top, offset);
}

void Bench::poke(uint64_t address, uint8_t byte) {
    data_[address - memory_base] = model_data_[address - memory_base] = byte;
}

void Bench::set_memory(const AxiMemoryConfig &config) {
    memory.configure(config);
    model_memory_.error_base = config.error_base;
    model_memory_.error_bytes = config.error_bytes;
}

void Bench::set_window(uint64_t base, uint64_t bytes) {
    window = {base, bytes};
    top.window_base = base;
    top.window_bytes = bytes;
}

Run Bench::make_run(const Shape &shape, dot_draw draw) {
    const auto gap = [this] { return 64u * (random.percent(50) ? 0 : random.below(20)); };
    const uint64_t head_bytes = tern_cache_head_bytes(shape.kind, shape.head_size, shape.positions);
    Run run = {};
    run.shape = shape;
    run.images = memory_base + gap();
    run.image_stride = tern_activation_bytes(shape.length()) + gap();
    run.cache = run.images + shape.images() * run.image_stride + gap();
    run.head_stride = head_bytes + gap();
    run.output = run.cache + shape.kv_heads * run.head_stride + gap();
    run.output_stride = tern_align_up(4 * shape.results(), 64) + gap();
    run.end = run.output + shape.images() * run.output_stride + 4096;
    check(run.end <= memory_base + memory_bytes, "the bench's memory is too small");
    struct test_random draws = test_random_seed(random.bits64());
    uint8_t *bytes = model_data_.data();
    std::memset(bytes, unwritten & 0xff, run.end - memory_base);
    for (uint32_t i = 0; i < shape.images(); i++) {
        dot_draw_image(&draws, draw, shape.length(), bytes + (run.images - memory_base) + i * run.image_stride);
    }
    for (uint32_t i = 0; i < shape.kv_heads; i++) {
        dot_draw_records(&draws, draw, shape.kind, shape.head_size, shape.positions,
                         bytes + (run.cache - memory_base) + i * run.head_stride);
    }
    std::memcpy(data_.data(), bytes, run.end - memory_base);
    return run;
}

void Bench::program(const Run &run) {
    const auto write_pair = [this](uint32_t offset, uint64_t value) {
        write(offset, static_cast<uint32_t>(value));
        write(offset + 4, static_cast<uint32_t>(value >> 32));
    };
    write_pair(TERN_ATTENTION_REG_IMAGES_LO, run.images);
    write_pair(TERN_ATTENTION_REG_CACHE_LO, run.cache);
    write_pair(TERN_ATTENTION_REG_OUTPUT_LO, run.output);
    write_pair(TERN_ATTENTION_REG_IMAGE_STRIDE_LO, run.image_stride);
    write_pair(TERN_ATTENTION_REG_HEAD_STRIDE_LO, run.head_stride);
    write_pair(TERN_ATTENTION_REG_OUTPUT_STRIDE_LO, run.output_stride);
    write(TERN_ATTENTION_REG_KIND, run.shape.kind);
    write(TERN_ATTENTION_REG_KV_HEADS, run.shape.kv_heads);
    write(TERN_ATTENTION_REG_VECTORS, run.shape.vectors);
    write(TERN_ATTENTION_REG_HEAD_SIZE, run.shape.head_size);
    write(TERN_ATTENTION_REG_POSITIONS, run.shape.positions);
}

void Bench::start() {
    watch.begin();
    write(TERN_ATTENTION_REG_CONTROL, TERN_FIELD_PUT(ATTENTION_CONTROL_START, 1));
}

void Bench::write_all() {
    const std::vector<Register> &registers = captured_registers();
    const size_t first = random.below(static_cast<uint32_t>(registers.size()));
    set_window(random.bits64(), random.bits64());
    for (size_t i = 0; i < registers.size(); i++) {
        write(registers[(first + i) % registers.size()].offset, random.percent(50) ? random.bits32() : 0);
    }
}

// Words of a run that ended early have their old or their new value.
void Bench::compare_partial(const Run &run) {
    static struct tern_attention_unit whole;
    std::vector<uint8_t> results(model_data_);
    struct tern_bus_memory healthy = model_memory_;
    healthy.data = results.data();
    healthy.error_bytes = 0;
    tern_attention_unit_reset(&whole, &healthy);
    whole.registers = model.registers;
    whole.run = model.run;
    tern_registers_set(&whole.registers, TERN_ATTENTION_REG_STATUS, TERN_FIELD_PUT(ATTENTION_STATUS_BUSY, 1));
    tern_attention_unit_step(&whole);
    for (uint64_t i = 0; i < run.end - memory_base; i += 4) {
        const bool is_old = !std::memcmp(&data_[i], &model_data_[i], 4) || !std::memcmp(&data_[i], &unwritten, 4);
        check(is_old || !std::memcmp(&data_[i], &results[i], 4), "a run that ended early wrote else");
    }
    std::memcpy(model_data_.data(), data_.data(), run.end - memory_base);
}

void Bench::compare_counters(const Run &run, bool good) {
    const uint64_t taken = pair(TERN_ATTENTION_REG_TAKEN_LO) - last_taken_;
    check(pair(TERN_ATTENTION_REG_CYCLES_LO) == busy_cycles, "CYCLES is wrong");
    check(!good || taken == run.beats(), "TAKEN is wrong");
    check(pair(TERN_ATTENTION_REG_OFFERED_LO) == pair(TERN_ATTENTION_REG_TAKEN_LO) +
                                                     pair(TERN_ATTENTION_REG_STARVED_LO) +
                                                     pair(TERN_ATTENTION_REG_STALLED_LO),
          "OFFERED is not the sum of its parts");
    last_taken_ += taken;
}

// was_aborted: results of a run that had failed before are forgotten.
void Bench::compare(const Run &run, unsigned status, bool was_aborted) {
    const unsigned code = TERN_FIELD_GET(ATTENTION_STATUS_CODE, status);
    const uint32_t error = read(TERN_ATTENTION_REG_ERROR),
                   model_error = tern_attention_unit_read(&model, TERN_ATTENTION_REG_ERROR);
    char text[200];
    std::snprintf(text, sizeof text, "status %08x at %08x, model's %08x at %08x", status, error,
                  tern_attention_unit_read(&model, TERN_ATTENTION_REG_STATUS), model_error);
    // An abort after a failure also forgets results that would have failed.
    const bool forgotten = was_aborted && TERN_FIELD_GET(ATTENTION_ERROR_WHAT, model_error) == TERN_DOT_AT_OUTPUT &&
                           code != TERN_STATUS_OK;
    const bool is_equal = status == tern_attention_unit_read(&model, TERN_ATTENTION_REG_STATUS) && error == model_error;
    check(is_equal || forgotten, text);
    const bool output_erred =
        code == TERN_STATUS_BUS_ERROR && TERN_FIELD_GET(ATTENTION_ERROR_WHAT, error) == TERN_DOT_AT_OUTPUT;
    if (output_erred || (was_aborted && code != TERN_STATUS_OK)) {
        compare_partial(run);
    } else if (std::memcmp(data_.data(), model_data_.data(), run.end - memory_base) != 0) {
        uint64_t i = 0;
        while (!std::memcmp(&data_[i], &model_data_[i], 4)) {
            i += 4;
        }
        uint32_t got, expected;
        std::memcpy(&got, &data_[i], 4);
        std::memcpy(&expected, &model_data_[i], 4);
        const uint64_t place = memory_base + i - run.output;
        std::snprintf(text, sizeof text, "status %08x at %08x: result %llu of image %llu is %08x, expected %08x",
                      status, error, static_cast<unsigned long long>(place % run.output_stride / 4),
                      static_cast<unsigned long long>(place / run.output_stride), got, expected);
        check(false, text);
    }
}

void Bench::finish(const Run &run, unsigned abort_after) {
    unsigned cycles = 0;
    current = &run;
    while (TERN_FIELD_GET(ATTENTION_STATUS_BUSY, read(TERN_ATTENTION_REG_STATUS)) && failures == 0) {
        check(!top.idle, "idle during a run");
        if (cycles == abort_after) {
            top.access = top.write = 1;
            top.address = TERN_ATTENTION_REG_CONTROL;
            top.write_data = TERN_FIELD_PUT(ATTENTION_CONTROL_ABORT, 1);
        }
        tick();
        top.access = top.write = 0;
        check(++cycles < hang_cycles, "hangs");
    }
    check(top.idle, "not idle after a run");
    const uint32_t status = read(TERN_ATTENTION_REG_STATUS);
    const unsigned code = TERN_FIELD_GET(ATTENTION_STATUS_CODE, status);
    check(code != TERN_STATUS_TIMEOUT || cycles > abort_after, "ended by an abort that was not asked for");
    if (code == TERN_STATUS_TIMEOUT) {
        tern_attention_unit_write(&model, TERN_ATTENTION_REG_CONTROL, TERN_FIELD_PUT(ATTENTION_CONTROL_ABORT, 1),
                                  window);
    }
    tern_attention_unit_step(&model);
    runs++;
    endings[code]++;
    compare(run, status, cycles > abort_after);
    compare_counters(run, code == TERN_STATUS_OK);
    current = nullptr;
}

} // namespace tern_bench
