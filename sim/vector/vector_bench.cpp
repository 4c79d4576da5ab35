// SPDX-License-Identifier: Apache-2.0
// rtl.vector compares the vector unit and the AXI4 edge with the C model's unit, one register write at a time. It runs
// every operation on rows of any length and alignment, with special values among random ones; also refused runs, memory
// errors and aborts. During half of the runs every register and the window are written. These values are for the next
// run.
//   vector_bench [RUNS [SEED [OPERATION]]]
//   vector_bench counters [COMMANDS [SEED]]
//   vector_bench rate        prints the cycles of operations of 0.5B's shape, memory 60 cycles away
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "Vtern_vector_unit.h"
extern "C" {
#include "cmodel/attention/cache.h"
#include "cmodel/device/vector.h"
}
#include "sim/float/float_operands.hpp"
#include "sim/lib/axi_memory.hpp"
#include "sim/lib/register_port.hpp"
#include "sim/rules/rules.hpp"
#include "sim/vector/counter_tests.hpp"

using namespace tern_bench;

namespace {

constexpr unsigned kBeatBytes = 16 * TERN_BENCH_LANES;
constexpr uint64_t kBase = 0x3'0000'0000;
constexpr uint64_t kBytes = 512 * 1024;
constexpr unsigned kHangCycles = 400000;

struct Register {
    uint32_t offset;
    bool captured;
};

// Registers of other units are as if they were not captured.
constexpr Register kRegisters[] = {
#define ROW(block, name, offset, access, bits, captured, vectors)                                                      \
    {offset, captured && TERN_BLOCK_##block == TERN_BLOCK_VECTOR},
    TERN_REGISTER_LIST(ROW)};

constexpr uint32_t kOperations[] = {TERN_OPCODE_ADD,     TERN_OPCODE_SWIGLU, TERN_OPCODE_RMSNORM,
                                    TERN_OPCODE_ROPE,    TERN_OPCODE_COPY,   TERN_OPCODE_QUANTIZE,
                                    TERN_OPCODE_SOFTMAX, TERN_OPCODE_SCALE,  TERN_OPCODE_STORE};

// A run as the registers say it.
struct Run {
    uint32_t operation, rows, parts, length;
    uint64_t left, left_stride, right, output, output_stride, side;
    uint32_t scalar_0, scalar_1;
};

class Bench {
  public:
    explicit Bench(uint64_t seed);
    ~Bench() {
        top_.final();
    }
    void run(uint32_t operation);
    void rate(const char *name, uint32_t operation, uint32_t rows, uint32_t length);
    unsigned failures() const {
        return failures_;
    }
    uint64_t cycles() const {
        return busy_cycles_;
    }

  private:
    void check(bool good, const std::string &what);
    void tick();
    void write(uint32_t offset, uint32_t value);
    void write_pair(uint32_t offset, uint64_t value);
    uint32_t read(uint32_t offset);
    void draw_memory();
    void draw_values();
    void empty_row(const Run &run);
    uint32_t draw_value(unsigned kind);
    Run draw_run(uint32_t operation);
    void write_run(const Run &run);
    void write_all();
    void end(bool aborts);
    void compare(bool ended_early, bool leaves_window);
    bool is_result(uint64_t address);
    uint64_t place(uint64_t bytes, unsigned align);
    uint64_t pair(uint32_t offset) {
        const uint64_t low = read(offset);
        return low | static_cast<uint64_t>(read(offset + 4)) << 32;
    }

    Random random_;
    Vtern_vector_unit top_;
    AxiMemory<kBeatBytes> memory_;
    std::vector<uint8_t> data_, model_data_, before_;
    struct tern_bus_memory model_memory_ = {};
    struct tern_vector_unit model_ = {};
    struct tern_window window_ = {};
    Run drawn_ = {};
    unsigned failures_ = 0, runs_ = 0;
    uint64_t busy_cycles_ = 0;
};

Bench::Bench(uint64_t seed) : random_(seed), memory_(TERN_AXI_PORTS(top_, m_axi_)), data_(kBytes) {
    for (uint8_t &byte : data_) {
        byte = static_cast<uint8_t>(random_.bits32());
    }
    model_data_ = data_;
    model_memory_.base = kBase;
    model_memory_.bytes = kBytes;
    model_memory_.data = model_data_.data();
    memory_.map(kBase, data_.data(), data_.size());
    tern_vector_unit_reset(&model_, &model_memory_);
    top_.rst_n = 0;
    tick();
    tick();
    top_.rst_n = 1;
    tick();
}

void Bench::check(bool good, const std::string &what) {
    if (!good && failures_++ < 5) {
        std::printf("FAIL vector, %d lanes, %d ways, run %u, operation %u, rows %u, parts %u, length %u: %s\n",
                    TERN_BENCH_LANES, TERN_BENCH_WAYS, runs_, model_.run.operation, model_.run.rows, model_.run.parts,
                    model_.run.length, what.c_str());
    }
}

void Bench::tick() {
    memory_.tick(top_, [this] { busy_cycles_ += !top_.idle; });
    check(!memory_.violations(), memory_.first_violation());
    check(!broken_rules(), first_broken_rule());
}

// Writes a register of hardware and model at once. The model has no time.
void Bench::write(uint32_t offset, uint32_t value) {
    write_register(top_, offset, value, [this] { tick(); });
    tern_vector_unit_write(&model_, offset, value, window_);
}

void Bench::write_pair(uint32_t offset, uint64_t value) {
    write(offset, static_cast<uint32_t>(value));
    write(offset + 4, static_cast<uint32_t>(value >> 32));
}

uint32_t Bench::read(uint32_t offset) {
    return read_register(top_, offset);
}

void Bench::draw_memory() {
    AxiMemoryConfig config;
    draw_orders(random_, config);
    config.seed = random_.bits64();
    config.latency_cycles = random_.percent(50) ? 0 : random_.below(90);
    config.latency_jitter_cycles = random_.percent(50) ? 0 : random_.below(40);
    config.stall_percent = random_.percent(50) ? 0 : random_.below(70);
    if (random_.percent(8)) {
        // The range has whole beats, because the model compares the bytes of the run and hardware its beats.
        config.error_base = kBase + random_.below(kBytes / 64) * 64;
        config.error_bytes = 64 * (1 + random_.below(60));
        config.error_response = static_cast<uint8_t>(2 + random_.below(2));
    }
    memory_.configure(config);
    model_memory_.error_base = config.error_base;
    model_memory_.error_bytes = config.error_bytes;
    window_.base = kBase + (random_.percent(80) ? 0 : 64 * random_.below(400));
    window_.bytes = kBytes - (window_.base - kBase) - (random_.percent(80) ? 0 : 64 * random_.below(400));
    top_.window_base = window_.base;
    top_.window_bytes = window_.bytes;
}

uint32_t Bench::draw_value(unsigned kind) {
    switch (kind) {
    case 0: return random_float(random_, 110, 134); // near 1
    case 1: return random_float(random_, 0, 254);   // any finite
    case 2: return random_float(random_, 0, 20);    // subnormals and the next
    case 3: return random_special(random_);
    case 4: return random_.percent(50) ? 0x80000000u : 0u;
    default: return random_float(random_, 120, 141); // up to the cache's limit and the exponential's
    }
}

// Operands of the next run: one kind of values, and some of other kinds.
void Bench::draw_values() {
    const unsigned main_kind = random_.percent(40) ? 5 : random_.below(6),
                   percent = random_.percent(50) ? 0 : random_.below(40);
    for (size_t i = 0; i < kBytes; i += 4) {
        const uint32_t value = draw_value(random_.percent(percent) ? random_.below(main_kind == 5 ? 3 : 6) : main_kind);
        std::memcpy(&data_[i], &value, 4);
    }
    model_data_ = data_;
}

// A first row without an element above -infinity, which SOFTMAX refuses. The next run must not see it.
void Bench::empty_row(const Run &run) {
    const uint32_t value = 0xff800000u;
    for (uint64_t at = run.left - kBase, end = at + 4 * uint64_t{run.length}; at < end && at + 4 <= kBytes; at += 4) {
        std::memcpy(&data_[at], &value, 4);
        std::memcpy(&model_data_[at], &value, 4);
    }
}

// A place for an operand of so many bytes in the window.
uint64_t Bench::place(uint64_t bytes, unsigned align) {
    const uint64_t room = window_.bytes > bytes ? window_.bytes - bytes : 1;
    uint64_t address = window_.base + random_.below(static_cast<uint32_t>(room));
    if (random_.percent(2)) {
        address = window_.base + window_.bytes - bytes; // the window's end
    }
    if (random_.percent(1)) {
        address += window_.bytes / 2; // perhaps outside
    }
    return address - address % align;
}

Run Bench::draw_run(uint32_t operation) {
    Run run = {};
    const bool is_image = operation == TERN_OPCODE_QUANTIZE || operation == TERN_OPCODE_SOFTMAX;
    const bool is_store = operation == TERN_OPCODE_STORE;
    run.operation = operation;
    run.rows = random_.percent(60) ? 1 : 1 + random_.below(20);
    run.parts = operation == TERN_OPCODE_ROPE   ? 2
                : operation == TERN_OPCODE_COPY ? 1 + random_.below(40)
                : is_store                      ? 1 + (random_.percent(30) ? 0 : random_.below(100))
                                                : 1;
    const uint32_t longest = random_.percent(60) ? 70 : run.rows * run.parts > 1 ? 300 : 3000;
    run.length = 1 + random_.below(operation == TERN_OPCODE_ROPE                      ? 128
                                   : is_store && run.parts > 1 && random_.percent(70) ? 16
                                   : is_store                                         ? 256
                                                                                      : longest);
    const unsigned left_align = random_.percent(50) ? 64 : 4;
    const uint64_t row_bytes = 4 * uint64_t{run.length};
    run.left_stride = row_bytes + (random_.percent(50) ? 0 : 4 * random_.below(40));
    const uint64_t count = uint64_t{run.rows} * run.parts;
    run.left = place(run.left_stride * count, left_align);
    run.right = place(row_bytes * 2, random_.percent(50) ? 64 : 4);
    if (is_image) {
        const uint64_t image = tern_activation_bytes(run.length);
        run.output_stride = image + 64 * random_.below(3);
        run.output = place(run.output_stride * run.rows, 64);
        run.side = place(4 * uint64_t{run.rows}, 4);
    } else if (is_store) {
        const uint64_t groups = tern_cache_head_groups(run.length) * uint64_t{run.parts};
        run.output_stride = 64 * ((groups * 33 + 127) / 64) + 64 * random_.below(3);
        run.output = place(run.output_stride * run.rows, random_.percent(50) ? 64 : 32);
        run.side = place(run.output_stride * run.rows, 1);
    } else {
        run.output_stride = row_bytes + (random_.percent(50) ? 0 : 4 * random_.below(40));
        run.output = place(run.output_stride * count, random_.percent(50) ? 64 : 4);
    }
    run.scalar_0 =
        operation == TERN_OPCODE_SOFTMAX ? random_float(random_, 110, 128) & 0x7fffffffu : draw_value(random_.below(4));
    run.scalar_1 = draw_value(random_.below(2));
    if (random_.percent(2)) {
        (&run.operation)[random_.below(4)] ^= 1u << random_.below(32);
    }
    if (is_store && random_.percent(2)) {
        run.length = TERN_MAX_HEAD_SIZE + random_.below(3);
    }
    if (run.operation == TERN_OPCODE_SOFTMAX && operation != TERN_OPCODE_SOFTMAX) {
        run.scalar_0 = 0x3e000000u; // the firmware refuses scales that are not above 0
    }
    if (random_.percent(2)) {
        (&run.left)[random_.below(6)] ^= 1u << random_.below(8);
    }
    return run;
}

void Bench::write_run(const Run &run) {
    write(TERN_VECTOR_REG_OPERATION, run.operation);
    write(TERN_VECTOR_REG_ROWS, run.rows);
    write(TERN_VECTOR_REG_PARTS, run.parts);
    write(TERN_VECTOR_REG_LENGTH, run.length);
    write_pair(TERN_VECTOR_REG_LEFT_LO, run.left);
    write_pair(TERN_VECTOR_REG_LEFT_STRIDE_LO, run.left_stride);
    write_pair(TERN_VECTOR_REG_RIGHT_LO, run.right);
    write_pair(TERN_VECTOR_REG_OUTPUT_LO, run.output);
    write_pair(TERN_VECTOR_REG_OUTPUT_STRIDE_LO, run.output_stride);
    write_pair(TERN_VECTOR_REG_SIDE_LO, run.side);
    write(TERN_VECTOR_REG_SCALAR_0, run.scalar_0);
    write(TERN_VECTOR_REG_SCALAR_1, run.scalar_1);
}

// The registers that a run takes at its start, and the window.
void Bench::write_all() {
    window_.base = random_.bits64();
    window_.bytes = random_.bits64();
    top_.window_base = window_.base;
    top_.window_bytes = window_.bytes;
    for (const Register &r : kRegisters) {
        if (r.captured) {
            write(r.offset, random_.percent(50) ? random_.bits32() : 0);
        }
    }
}

// Whether the run may write this byte.
bool Bench::is_result(uint64_t address) {
    const Run &run = drawn_;
    const uint64_t count = uint64_t{run.rows} * run.parts;
    return (address >= run.output && address - run.output < run.output_stride * count + 4 * run.length) ||
           (address >= run.side && address - run.side < run.output_stride * run.rows + 4 * run.rows);
}

// A run that ended early has written some of its results. Each byte is an old one, or the model's, which is run again
// without the memory's error. Of a run that leaves the window the model writes less.
void Bench::compare(bool ended_early, bool leaves_window) {
    if (!ended_early) {
        for (size_t i = 0; i < kBytes && failures_ == 0; i += 4) {
            if (std::memcmp(&data_[i], &model_data_[i], 4)) {
                uint32_t have, want;
                std::memcpy(&have, &data_[i], 4);
                std::memcpy(&want, &model_data_[i], 4);
                char text[160];
                std::snprintf(text, sizeof text, "word at %llx is %08x, model's %08x (left %llx output %llx side %llx)",
                              static_cast<unsigned long long>(kBase + i), have, want,
                              static_cast<unsigned long long>(model_.run.left),
                              static_cast<unsigned long long>(model_.run.output),
                              static_cast<unsigned long long>(model_.run.side));
                check(false, text);
            }
        }
        return;
    }
    std::vector<uint8_t> seen = data_;
    model_data_ = before_;
    model_memory_.data = model_data_.data();
    model_memory_.error_bytes = 0;
    tern_registers_set(&model_.registers, TERN_VECTOR_REG_STATUS, TERN_FIELD_PUT(VECTOR_STATUS_BUSY, 1));
    tern_vector_unit_step(&model_);
    for (size_t i = 0; i < kBytes && failures_ == 0; i++) {
        const bool known = seen[i] == before_[i] || seen[i] == model_data_[i];
        check(known || (leaves_window && is_result(kBase + i)),
              "a run that ended early wrote else at offset " + std::to_string(i));
    }
    model_data_ = data_;
    model_memory_.data = model_data_.data();
}

// Waits for the end of the run and compares everything with the model.
void Bench::end(bool aborts) {
    unsigned cycles = 0;
    const unsigned abort_at = aborts ? random_.below(random_.percent(50) ? 100 : 2000) : kHangCycles;
    while (TERN_FIELD_GET(VECTOR_STATUS_BUSY, read(TERN_VECTOR_REG_STATUS)) && failures_ == 0) {
        check(!top_.idle, "idle during a run");
        if (cycles == abort_at) {
            top_.access = top_.write = 1;
            top_.address = TERN_VECTOR_REG_CONTROL;
            top_.write_data = TERN_FIELD_PUT(VECTOR_CONTROL_ABORT, 1);
        }
        tick();
        top_.access = top_.write = 0;
        check(++cycles < kHangCycles, "hangs");
    }
    check(top_.idle, "not idle after a run");
    const uint32_t status = read(TERN_VECTOR_REG_STATUS), element = read(TERN_VECTOR_REG_ERROR_ELEMENT);
    const unsigned code = TERN_FIELD_GET(VECTOR_STATUS_CODE, status);
    const bool aborted = code == TERN_STATUS_TIMEOUT;
    check(!aborted || cycles > abort_at, "ended by an abort that was not asked for");
    tern_vector_unit_step(&model_);
    const uint32_t model_status = tern_vector_unit_read(&model_, TERN_VECTOR_REG_STATUS);
    const unsigned model_code = TERN_FIELD_GET(VECTOR_STATUS_CODE, model_status);
    // With several faults in a run, hardware that reads ahead may see another one first.
    const auto is_of_memory = [](unsigned c) { return c == TERN_STATUS_BUS_ERROR || c == TERN_STATUS_BAD_ADDRESS; };
    const bool faulty = is_of_memory(model_code) || (is_of_memory(code) && model_code != TERN_STATUS_OK);
    const bool alike = status == model_status || aborted || (faulty && code != TERN_STATUS_OK);
    check(alike, "status " + std::to_string(status) + ", model's " + std::to_string(model_status));
    check(code != TERN_STATUS_NON_FINITE || model_code != code ||
              element == tern_vector_unit_read(&model_, TERN_VECTOR_REG_ERROR_ELEMENT),
          "element " + std::to_string(element) + ", model's " +
              std::to_string(tern_vector_unit_read(&model_, TERN_VECTOR_REG_ERROR_ELEMENT)));
    check(pair(TERN_VECTOR_REG_CYCLES_LO) == busy_cycles_, "CYCLES is wrong");
    compare(aborted || code == TERN_STATUS_BUS_ERROR || faulty,
            code == TERN_STATUS_BAD_ADDRESS || model_code == TERN_STATUS_BAD_ADDRESS);
}

// The operands of a run may not overlap its results.
bool apart(const Run &run) {
    auto hits = [](uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes) {
        return a < b + b_bytes && b < a + a_bytes;
    };
    const uint64_t count = uint64_t{run.rows} * run.parts;
    const uint64_t left_bytes = run.left_stride * count + 4 * run.length;
    const uint64_t right_bytes = 8 * run.length + 4 * run.rows;
    const bool is_words = run.operation != TERN_OPCODE_QUANTIZE && run.operation != TERN_OPCODE_SOFTMAX &&
                          run.operation != TERN_OPCODE_STORE;
    const uint64_t output_bytes = run.output_stride * (is_words ? count : run.rows) + 4 * run.length + 64;
    const uint64_t side_bytes = is_words ? 0 : run.output_stride * run.rows + 64;
    return !hits(run.left, left_bytes, run.output, output_bytes) &&
           !hits(run.right, right_bytes, run.output, output_bytes) &&
           (is_words || (!hits(run.left, left_bytes, run.side, side_bytes) &&
                         !hits(run.output, output_bytes, run.side, side_bytes)));
}

void Bench::run(uint32_t operation) {
    runs_++;
    if (runs_ % 8 == 1) {
        draw_values();
    }
    draw_memory();
    Run run = draw_run(operation);
    for (unsigned tries = 0; tries < 100 && !apart(run); tries++) {
        run = draw_run(operation);
    }
    if (!apart(run)) {
        return;
    }
    drawn_ = run;
    if (operation == TERN_OPCODE_SOFTMAX && random_.percent(8)) {
        empty_row(run);
    }
    write_run(run);
    before_ = data_;
    write(TERN_VECTOR_REG_CONTROL, TERN_FIELD_PUT(VECTOR_CONTROL_START, 1));
    if (random_.percent(10)) {
        write(TERN_VECTOR_REG_CONTROL, TERN_FIELD_PUT(VECTOR_CONTROL_START, 1)); // no effect during a run
    }
    if (random_.percent(50)) {
        write_all();
    }
    end(random_.percent(6));
}

// One command alone: its cycles, and those that its counters name.
void Bench::rate(const char *name, uint32_t operation, uint32_t rows, uint32_t length) {
    AxiMemoryConfig config;
    config.latency_cycles = 60;
    memory_.configure(config);
    for (size_t i = 0; i < kBytes; i += 4) {
        const uint32_t value = draw_value(0);
        std::memcpy(&data_[i], &value, 4);
    }
    model_data_ = data_;
    window_.base = top_.window_base = kBase;
    window_.bytes = top_.window_bytes = kBytes;
    const uint64_t stride = (4 * uint64_t{length} + 63) / 64 * 64;
    drawn_ = {operation,
              rows,
              1,
              length,
              kBase,
              stride,
              kBase + kBytes / 2,
              kBase + kBytes / 4 * 3,
              stride,
              kBase + kBytes - 256,
              0x3e000000u,
              0x3a924925u};
    write_run(drawn_);
    before_ = data_;
    const uint64_t before[] = {pair(TERN_VECTOR_REG_CYCLES_LO), pair(TERN_VECTOR_REG_ISSUED_LO),
                               pair(TERN_VECTOR_REG_STARVED_LO), pair(TERN_VECTOR_REG_STALLED_LO)};
    write(TERN_VECTOR_REG_CONTROL, TERN_FIELD_PUT(VECTOR_CONTROL_START, 1));
    end(false);
    std::printf("%-9s %2u x %-5u %8llu cycles: %llu issued, %llu starved, %llu stalled\n", name, rows, length,
                static_cast<unsigned long long>(pair(TERN_VECTOR_REG_CYCLES_LO) - before[0]),
                static_cast<unsigned long long>(pair(TERN_VECTOR_REG_ISSUED_LO) - before[1]),
                static_cast<unsigned long long>(pair(TERN_VECTOR_REG_STARVED_LO) - before[2]),
                static_cast<unsigned long long>(pair(TERN_VECTOR_REG_STALLED_LO) - before[3]));
}

} // namespace

static int print_rates() {
    Bench bench(1);
    bench.rate("SOFTMAX", TERN_OPCODE_SOFTMAX, 14, 257);
    bench.rate("SOFTMAX", TERN_OPCODE_SOFTMAX, 14, 2049);
    bench.rate("SWIGLU", TERN_OPCODE_SWIGLU, 1, 4864);
    bench.rate("RMSNORM", TERN_OPCODE_RMSNORM, 1, 896);
    bench.rate("RMSNORM", TERN_OPCODE_RMSNORM, 16, 128);
    bench.rate("QUANTIZE", TERN_OPCODE_QUANTIZE, 1, 896);
    bench.rate("QUANTIZE", TERN_OPCODE_QUANTIZE, 14, 64);
    bench.rate("QUANTIZE", TERN_OPCODE_QUANTIZE, 1, 4864);
    bench.rate("SCALE", TERN_OPCODE_SCALE, 14, 64);
    bench.rate("ADD", TERN_OPCODE_ADD, 1, 896);
    bench.rate("STORE", TERN_OPCODE_STORE, 2, 64);
    return bench.failures() != 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && std::strcmp(argv[1], "counters") == 0) {
        const unsigned commands = argc > 2 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 0)) : 1000;
        return run_counter_tests(commands, argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 1) != 0;
    }
    if (argc > 1 && std::strcmp(argv[1], "rate") == 0) {
        return print_rates();
    }
    const unsigned runs = argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 0)) : 1000;
    const unsigned only = argc > 3 ? static_cast<unsigned>(std::strtoul(argv[3], nullptr, 0)) : 0;
    Bench bench(argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1);
    const unsigned count = sizeof kOperations / sizeof *kOperations;
    for (unsigned i = 0; i < runs && bench.failures() == 0; i++) {
        bench.run(only ? only : kOperations[i % count]);
    }
    std::printf("vector, %d lanes, %d ways: %u runs, %llu cycles, %u failures\n", TERN_BENCH_LANES, TERN_BENCH_WAYS,
                runs, static_cast<unsigned long long>(bench.cycles()), bench.failures());
    return bench.failures() != 0;
}
