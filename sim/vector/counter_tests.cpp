// SPDX-License-Identifier: Apache-2.0
// The counters of the vector unit, against its program and its bus:
//   CYCLES    the cycles in which the unit is not idle
//   ISSUED    what the program's text and the shape give
//   STARVED   memory holds back all read beats from a random one on, until the unit does nothing more. When it holds
//             them D cycles longer, STARVED is D more. All other cycles stay the same.
//   STALLED   likewise for what is written: D more when the results fill the unit. It is 0 when they all fit.
// The cycles that no counter names are those of the program: in a tiny run they do not depend on the reads.
#include "sim/vector/counter_tests.hpp"
#include "sim/lib/register_port.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "Vtern_vector_unit.h"
extern "C" {
#include "cmodel/attention/cache.h"
#include "cmodel/layout.h"
}
#include "sim/float/float_operands.hpp"
#include "sim/lib/axi_memory.hpp"
#include "sim/rules/rules.hpp"
#include "sim/vector/program_issues.hpp"

namespace tern_bench {

namespace {

constexpr unsigned beat_bytes = 16 * TERN_BENCH_LANES;
constexpr uint64_t memory_base = 0x3'0000'0000;
constexpr uint64_t operand_bytes = 512 * 1024;      // left, right, output and side have so much each
constexpr int64_t tiny_beats = 2 * 64 / beat_bytes; // of the results of a tiny run
constexpr uint64_t never = ~uint64_t{0};
constexpr unsigned hang_cycles = 2000000;

// Results that the unit holds while memory takes none: `buffered_results` before a beat leaves, and no more than
// `buffered_beats` with those in the memory.
constexpr uint64_t buffered_results = 16;
constexpr uint64_t buffered_beats = 400;
constexpr uint32_t operations[] = {TERN_OPCODE_ADD,     TERN_OPCODE_SWIGLU, TERN_OPCODE_RMSNORM,
                                   TERN_OPCODE_ROPE,    TERN_OPCODE_COPY,   TERN_OPCODE_QUANTIZE,
                                   TERN_OPCODE_SOFTMAX, TERN_OPCODE_SCALE,  TERN_OPCODE_STORE};
constexpr unsigned operation_count = sizeof operations / sizeof *operations;

struct Command {
    VectorShape shape;
    uint64_t left, right, output, side; // offsets of their places
    uint64_t stride, output_stride;

    bool is_image() const {
        return shape.operation == TERN_OPCODE_QUANTIZE || shape.operation == TERN_OPCODE_SOFTMAX;
    }
    bool is_narrow() const {
        return is_image() || shape.operation == TERN_OPCODE_STORE;
    }
    uint64_t groups() const { // of a row
        return part_groups(shape) * shape.parts;
    }
    // Whether the unit has room for the results of all rows, so that no instruction waits for it.
    bool fits() const {
        return groups() * 16 / TERN_BENCH_WAYS * shape.rows <= buffered_results;
    }
    // Whether the unit still holds nearly all results at its last instruction.
    bool is_tiny() const {
        return shape.rows == 1 && shape.parts <= 2 && shape.length <= TERN_GROUP_COLUMNS;
    }
    // Longer than any pause on the bus while the unit works. In such a pause it runs a tile of the longest program,
    // sums what it has read ahead, or computes rows whose results it holds.
    uint64_t quiet_cycles() const {
        const uint64_t tile = 60 * (TERN_BENCH_WAYS == 16 ? 22 : 256 / TERN_BENCH_WAYS + 2);
        return tile + 1000 * TERN_BENCH_LANES + 800 * shape.rows;
    }
    // Beats of results that no row_end separates.
    uint64_t result_beats() const {
        return is_image()    ? tern_groups(shape.length) * 32 / beat_bytes
               : is_narrow() ? groups() * 32 / beat_bytes
                             : groups() * 64 / beat_bytes * shape.rows;
    }
};

struct Counters {
    uint64_t cycles, issued, starved, stalled;

    uint64_t others() const {
        return cycles - issued - starved - stalled;
    }
};

// What the memory holds back, and from which beat on. It goes on `extra` cycles after the unit has stopped.
struct Hold {
    bool reads, writes;
    uint64_t after_beats, extra;
};

constexpr Hold no_hold = {false, false, never, 0};

struct Trial {
    Counters counted;
    uint64_t busy_cycles, read_beats, write_beats;
};

class CounterBench {
  public:
    explicit CounterBench(uint64_t seed);
    ~CounterBench() {
        top_.final();
    }
    void test(uint32_t operation);
    // Prints what was seen. Returns the number of failures; a kind of run that never occurred is one.
    unsigned end(unsigned commands);

  private:
    void check(bool good, const std::string &what);
    void expect(const char *counter, uint64_t got, uint64_t expected);
    void tick();
    void write(uint32_t offset, uint32_t value);
    void write_pair(uint32_t offset, uint64_t value);
    uint32_t read(uint32_t offset);
    uint64_t pair(uint32_t offset);
    Counters counters();
    VectorShape draw_shape(uint32_t operation, bool is_long);
    Command draw_command(uint32_t operation);
    AxiMemoryConfig draw_memory(bool stalls);
    void write_command(const Command &command);
    Trial run(const AxiMemoryConfig &config, const Hold &hold);
    void wait(const AxiMemoryConfig &config, const Hold &hold);
    Trial run_checked(const AxiMemoryConfig &config, const Hold &hold);
    Counters test_hold(const AxiMemoryConfig &config, Hold hold);

    Random random_;
    Vtern_vector_unit top_;
    AxiMemory<beat_bytes> memory_;
    ProgramIssues issues_;
    std::vector<uint8_t> data_;
    Command command_ = {};
    std::string memory_name_;
    unsigned failures_ = 0, filled_ = 0, tiny_ = 0;
    uint64_t busy_cycles_ = 0, last_beat_ = 0;
};

CounterBench::CounterBench(uint64_t seed)
    : random_(seed), memory_(TERN_AXI_PORTS(top_, m_axi_)), issues_(TERN_VECTOR_PROGRAM, TERN_BENCH_WAYS),
      data_(4 * operand_bytes) {
    for (size_t i = 0; i < data_.size(); i += 4) {
        const uint32_t value = random_float(random_, 110, 130);
        std::memcpy(&data_[i], &value, 4);
    }
    memory_.map(memory_base, data_.data(), data_.size());
    top_.window_base = memory_base;
    top_.window_bytes = data_.size();
    top_.rst_n = 0;
    tick();
    tick();
    top_.rst_n = 1;
    tick();
}

void CounterBench::check(bool good, const std::string &what) {
    if (!good && failures_++ < 5) {
        const VectorShape &shape = command_.shape;
        std::printf("FAIL vector counters, %d lanes, %d ways, operation %u, rows %u, parts %u, length %u, %s: %s\n",
                    TERN_BENCH_LANES, TERN_BENCH_WAYS, shape.operation, shape.rows, shape.parts, shape.length,
                    memory_name_.c_str(), what.c_str());
    }
}

void CounterBench::expect(const char *counter, uint64_t got, uint64_t expected) {
    check(got == expected, std::string(counter) + " is " + std::to_string(static_cast<int64_t>(got)) + ", expected " +
                               std::to_string(expected));
}

void CounterBench::tick() {
    memory_.tick(top_, [this] {
        busy_cycles_ += !top_.idle;
        if ((top_.m_axi_rvalid && top_.m_axi_rready) || (top_.m_axi_wvalid && top_.m_axi_wready)) {
            last_beat_ = memory_.cycle();
        }
    });
    check(!memory_.violations(), memory_.first_violation());
    check(!broken_rules(), first_broken_rule());
}

void CounterBench::write(uint32_t offset, uint32_t value) {
    write_register(top_, offset, value, [this] { tick(); });
}

void CounterBench::write_pair(uint32_t offset, uint64_t value) {
    write(offset, static_cast<uint32_t>(value));
    write(offset + 4, static_cast<uint32_t>(value >> 32));
}

uint32_t CounterBench::read(uint32_t offset) {
    return read_register(top_, offset);
}

uint64_t CounterBench::pair(uint32_t offset) {
    return read_register_pair(top_, offset);
}

Counters CounterBench::counters() {
    return {pair(TERN_VECTOR_REG_CYCLES_LO), pair(TERN_VECTOR_REG_ISSUED_LO), pair(TERN_VECTOR_REG_STARVED_LO),
            pair(TERN_VECTOR_REG_STALLED_LO)};
}

// A long one has more results than the unit can hold.
VectorShape CounterBench::draw_shape(uint32_t operation, bool is_long) {
    const bool is_narrow = Command{{operation, 1, 1, 1}, 0, 0, 0, 0, 0, 0}.is_narrow();
    if (operation == TERN_OPCODE_ROPE) {
        return {operation, is_long ? 20 + random_.below(30) : 1 + random_.below(4), 2, 1 + random_.below(128)};
    }
    if (is_long && operation == TERN_OPCODE_STORE) {
        return {operation, 1, 250 * beat_bytes / 200, 200 + random_.below(57)};
    }
    if (is_long) {
        return {operation, 1, 1, 500 * beat_bytes / (is_narrow ? 2 : 4) + random_.below(300)};
    }
    const uint32_t rows = random_.percent(50) ? 1 : 1 + random_.below(20);
    const bool has_parts = operation == TERN_OPCODE_COPY || operation == TERN_OPCODE_STORE;
    const uint32_t parts = has_parts && random_.percent(50) ? 1 + random_.below(10) : 1;
    return {operation, rows, parts, 1 + random_.below(random_.percent(50) ? 40 : 250)};
}

Command CounterBench::draw_command(uint32_t operation) {
    Command command = {};
    command.shape = draw_shape(operation, random_.percent(30));
    const VectorShape &shape = command.shape;
    command.left = 4 * random_.below(64);
    command.right = 4 * random_.below(64);
    command.output = 64 * random_.below(16);
    command.side = 4 * random_.below(64);
    command.stride = 4 * (shape.length + random_.below(8));
    const uint64_t record = 64 * ((command.groups() * 33 + 127) / 64);
    command.output_stride = command.is_image()    ? tern_activation_bytes(shape.length)
                            : command.is_narrow() ? record
                                                  : command.stride;
    return command;
}

AxiMemoryConfig CounterBench::draw_memory(bool stalls) {
    AxiMemoryConfig config;
    draw_orders(random_, config);
    config.interleaved = stalls;
    config.done_time = stalls ? config.done_time : DoneTime::usual;
    config.latency_cycles = random_.percent(50) ? 0 : random_.below(90);
    config.latency_jitter_cycles = stalls ? random_.below(40) : 0;
    config.stall_percent = stalls ? random_.below(70) : 0;
    config.seed = random_.bits64();
    return config;
}

void CounterBench::write_command(const Command &command) {
    write(TERN_VECTOR_REG_OPERATION, command.shape.operation);
    write(TERN_VECTOR_REG_ROWS, command.shape.rows);
    write(TERN_VECTOR_REG_PARTS, command.shape.parts);
    write(TERN_VECTOR_REG_LENGTH, command.shape.length);
    write_pair(TERN_VECTOR_REG_LEFT_LO, memory_base + command.left);
    write_pair(TERN_VECTOR_REG_LEFT_STRIDE_LO, command.stride);
    write_pair(TERN_VECTOR_REG_RIGHT_LO, memory_base + operand_bytes + command.right);
    write_pair(TERN_VECTOR_REG_OUTPUT_LO, memory_base + 2 * operand_bytes + command.output);
    write_pair(TERN_VECTOR_REG_OUTPUT_STRIDE_LO, command.output_stride);
    write_pair(TERN_VECTOR_REG_SIDE_LO, memory_base + 3 * operand_bytes + command.side);
    write(TERN_VECTOR_REG_SCALAR_0, 0x3d800000u);
    write(TERN_VECTOR_REG_SCALAR_1, 0x3c000000u);
}

// Until the unit is idle. A hold ends `extra` cycles after the last beat that it lets through could have an effect.
void CounterBench::wait(const AxiMemoryConfig &config, const Hold &hold) {
    bool holds = hold.reads || hold.writes;
    last_beat_ = memory_.cycle();
    for (unsigned cycles = 0; !top_.idle && failures_ == 0; cycles++) {
        if (holds && memory_.cycle() - last_beat_ >= command_.quiet_cycles() + hold.extra) {
            memory_.configure(config);
            holds = false;
        }
        tick();
        check(cycles < hang_cycles, "hangs");
    }
    check(!holds, "the hold had no effect");
}

Trial CounterBench::run(const AxiMemoryConfig &config, const Hold &hold) {
    AxiMemoryConfig held = config;
    held.hang_after_read_beats = hold.reads ? hold.after_beats : never;
    held.hang_after_write_beats = hold.writes ? hold.after_beats : never;
    memory_.configure(held);
    const Counters before = counters();
    const uint64_t busy_before = busy_cycles_, reads_before = memory_.read_beats(),
                   writes_before = memory_.write_beats();
    write(TERN_VECTOR_REG_CONTROL, TERN_FIELD_PUT(VECTOR_CONTROL_START, 1));
    wait(config, hold);
    const Counters after = counters();
    return {{after.cycles - before.cycles, after.issued - before.issued, after.starved - before.starved,
             after.stalled - before.stalled},
            busy_cycles_ - busy_before,
            memory_.read_beats() - reads_before,
            memory_.write_beats() - writes_before};
}

// A run, and what holds for each.
Trial CounterBench::run_checked(const AxiMemoryConfig &config, const Hold &hold) {
    const Trial trial = run(config, hold);
    const Counters &counted = trial.counted;
    expect("STATUS", read(TERN_VECTOR_REG_STATUS), 0);
    expect("CYCLES", counted.cycles, trial.busy_cycles);
    expect("ISSUED", counted.issued, issues_.of(command_.shape));
    if (command_.fits()) {
        expect("STALLED", counted.stalled, 0);
    }
    check(counted.issued + counted.starved + counted.stalled <= counted.cycles, "more counted than the run has cycles");
    return trial;
}

// The same run twice, the second held longer. All that changes is the cause of the hold.
Counters CounterBench::test_hold(const AxiMemoryConfig &config, Hold hold) {
    const Counters shorter = run_checked(config, hold).counted;
    hold.extra = 1 + random_.below(500);
    const Counters longer = run_checked(config, hold).counted;
    const uint64_t stalled = longer.stalled - shorter.stalled;
    const bool fills = hold.writes && command_.result_beats() > hold.after_beats + buffered_beats;
    const bool may_fill = hold.writes && !command_.fits();
    expect("more CYCLES", longer.cycles - shorter.cycles, hold.extra);
    expect("more STARVED", longer.starved - shorter.starved, hold.reads ? hold.extra : 0);
    expect("more STALLED", stalled, fills || (may_fill && stalled) ? hold.extra : 0);
    filled_ += fills;
    return longer;
}

void CounterBench::test(uint32_t operation) {
    if (failures_) {
        return;
    }
    command_ = draw_command(operation);
    write_command(command_);
    memory_name_ = "memory that stalls";
    run_checked(draw_memory(true), no_hold);
    AxiMemoryConfig config = draw_memory(false);
    memory_name_ = "memory without stalls";
    const Trial plain = run_checked(config, no_hold);
    memory_name_ = "reads held";
    const Counters held = test_hold(config, {true, false, random_.below(static_cast<uint32_t>(plain.read_beats)), 0});
    const int64_t others = static_cast<int64_t>(held.others() - plain.counted.others());
    if (command_.is_tiny()) {
        check(others >= -tiny_beats && others <= tiny_beats, std::to_string(others) + " more cycles without a name");
        tiny_++;
    }
    memory_name_ = "writes held";
    config.outstanding = 1;
    test_hold(config,
              {false, true, random_.below(static_cast<uint32_t>(std::min<uint64_t>(plain.write_beats, 90))), 0});
}

unsigned CounterBench::end(unsigned commands) {
    check(filled_ && tiny_, "a kind of run never occurred");
    std::printf("vector counters, %d lanes, %d ways: %u commands, %u filled the unit, %u tiny, %u failures\n",
                TERN_BENCH_LANES, TERN_BENCH_WAYS, commands, filled_, tiny_, failures_);
    return failures_;
}

} // namespace

unsigned run_counter_tests(unsigned commands, uint64_t seed) {
    CounterBench bench(seed);
    for (unsigned i = 0; i < commands; i++) {
        bench.test(operations[i % operation_count]);
    }
    return bench.end(commands);
}

} // namespace tern_bench
