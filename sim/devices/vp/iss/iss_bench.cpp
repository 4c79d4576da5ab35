// SPDX-License-Identifier: Apache-2.0
// Compares the interpreter of the core with the Verilated core behind the native bus: random programs, every trap, a
// program that changes itself. Registers, memory, pc of the trap, counts of cycles and instructions must be equal.
// Usage: iss_bench [programs [seed]], or iss_bench speed
#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/devices/vp/iss/iss_program.hpp"
#include "sim/float/float_reference.hpp"

using namespace tern_bench;

namespace {

constexpr uint64_t cycle_limit = 100000;
constexpr uint32_t largest_program = 300;

struct Bench {
    Core core;
    Interpreter interpreter;
    uint64_t seed = 1, instructions = 0, cycles = 0;
    uint64_t causes[TERN_ISS_CAUSE_COUNT] = {};
};

bool differ(const char *what, uint64_t index, uint64_t core, uint64_t interpreter) {
    if (core != interpreter) {
        std::printf("vp.iss: %s %" PRIu64 ": core %08" PRIx64 ", interpreter %08" PRIx64 "\n", what, index, core,
                    interpreter);
    }
    return core != interpreter;
}

bool differ(const char *what, const std::vector<uint32_t> &core, const std::vector<uint32_t> &interpreter) {
    const auto at = std::mismatch(core.begin(), core.end(), interpreter.begin());
    return at.first != core.end() &&
           differ(what, static_cast<uint64_t>(at.first - core.begin()), *at.first, *at.second);
}

// Runs the program on both. false, and a line: they differ. Cycles count for programs in boot memory only.
bool run_both(Bench &bench, const Machine &machine, bool with_cycles = true) {
    Machine on_core = machine, on_interpreter = machine;
    const Outcome core = bench.core.run(on_core, cycle_limit);
    const Outcome interpreter = bench.interpreter.run(on_interpreter, cycle_limit);
    bool differs = differ("trap", 0, core.trapped, interpreter.trapped);
    differs |= differ("pc", 0, core.pc, interpreter.pc);
    differs |= differ("instructions", 0, core.instructions, interpreter.instructions);
    differs |= with_cycles && differ("cycles, cause", interpreter.cause, core.cycles, interpreter.cycles);
    for (uint32_t i = 1; i < 32; i++) {
        differs |= differ("register", i, on_core.x[i], on_interpreter.x[i]);
    }
    differs |= differ("boot memory, word", on_core.boot, on_interpreter.boot);
    differs |= differ("scratch memory, word", on_core.scratch, on_interpreter.scratch);
    differs |= differ("unit, word", on_core.unit, on_interpreter.unit);
    bench.instructions += core.instructions;
    bench.cycles += core.cycles;
    bench.causes[interpreter.cause]++;
    return !differs && core.trapped;
}

// The second half of the programs is short: a word of any opcode, most of them illegal.
bool run_random(Bench &bench, uint64_t programs) {
    for (uint64_t i = 0; i < 2 * programs; i++) {
        Random random(bench.seed + i);
        Program program(random);
        const bool is_short = i >= programs;
        const Ending ending =
            is_short ? Ending::any_word : static_cast<Ending>(i % static_cast<uint64_t>(Ending::count));
        const uint32_t groups = random.below(is_short ? 2 : largest_program);
        if (!run_both(bench, program.make(groups, ending))) {
            std::printf("vp.iss: program of seed %" PRIu64 ", %u groups, ending %d\n", bench.seed + i, groups,
                        static_cast<int>(ending));
            return false;
        }
    }
    return true;
}

// Every float operation on every pair of these and their negatives. Each result replaces the first operand.
bool run_float_pairs(Bench &bench) {
    static constexpr uint32_t values[] = {0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x3effffff, 0x3f000000,
                                          0x3fc00000, 0x40200000, 0x4b800001, 0x4effffff, 0x4f000000, 0x4f7fffff,
                                          0x4f800000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff};
    constexpr uint32_t count = 2 * sizeof values / sizeof values[0];
    for (const FloatOperation &operation : float_operations) {
        Machine machine;
        const uint32_t b = operation.has_b ? 2 : operation.rs2_field;
        const uint32_t code[] = {i_type(0x03, 2, 1, 30, 0),
                                 i_type(0x03, 2, 2, 30, 4),
                                 r_type(0x53, operation.funct5 << 2, operation.funct3, 3, 1, b),
                                 s_type(2, 30, 3, 0),
                                 i_type(0x13, 0, 30, 30, 8),
                                 b_type(1, 30, 31, -20),
                                 0x00100073};
        std::copy(code, code + 7, machine.boot.begin());
        for (uint32_t i = 0; i < count * count; i++) {
            machine.scratch[2 * i] = values[i / count / 2] | (i / count % 2) << 31;
            machine.scratch[2 * i + 1] = values[i % count / 2] | (i % 2) << 31;
        }
        machine.x[30] = TERN_SCRATCH_BASE;
        machine.x[31] = TERN_SCRATCH_BASE + 8 * count * count;
        if (!run_both(bench, machine)) {
            std::printf("vp.iss: pairs of %s\n", operation.name);
            return false;
        }
    }
    return true;
}

// A loop that replaces an instruction which has run: addi x5, x5, 1 becomes addi x5, x5, 16.
bool run_patched(Bench &bench) {
    Machine machine;
    const uint32_t code[] = {i_type(0x13, 0, 5, 5, 1), i_type(0x13, 0, 6, 6, 1), s_type(2, 0, 7, 0),
                             b_type(4, 6, 8, -12), 0x00100073};
    std::copy(code, code + 5, machine.boot.begin());
    machine.x[5] = machine.x[6] = 0;
    machine.x[7] = i_type(0x13, 0, 5, 5, 16);
    machine.x[8] = 3;
    Machine after = machine;
    bench.interpreter.run(after, cycle_limit);
    return run_both(bench, machine) && !differ("patched sum", 5, 33, after.x[5]);
}

// A program in scratch memory, which jumps into a hole of the address map.
bool run_far(Bench &bench) {
    Machine machine;
    const uint32_t code[] = {i_type(0x13, 0, 5, 5, 1), i_type(0x67, 0, 1, 6, 0)};
    machine.boot[0] = i_type(0x67, 0, 7, 30, 64);
    std::copy(code, code + 2, machine.scratch.begin() + 16);
    machine.x[6] = 0x40000000;
    machine.x[30] = TERN_SCRATCH_BASE;
    Machine after = machine;
    const Outcome outcome = bench.interpreter.run(after, cycle_limit);
    return run_both(bench, machine, false) && !differ("pc in a hole", 0, 0x40000000, outcome.pc);
}

bool every_cause(const Bench &bench) {
    bool all = true;
    for (int cause = TERN_ISS_NO_TRAP + 1; cause < TERN_ISS_CAUSE_COUNT; cause++) {
        std::printf("vp.iss: cause %d in %" PRIu64 " programs\n", cause, bench.causes[cause]);
        all &= bench.causes[cause] != 0;
    }
    return all;
}

// A loop of loads, stores, ALU and, if wanted, float operations, without the Verilated core.
void print_speed(bool with_float) {
    constexpr uint32_t turns = 5000000;
    Machine machine;
    Interpreter interpreter;
    const uint32_t operation = with_float ? r_type(0x53, 0, 0, 4, 1, 2) : i_type(0x13, 0, 5, 5, 1);
    const uint32_t code[] = {i_type(0x03, 2, 3, 31, 0),
                             r_type(0x33, 0, 0, 3, 3, 1),
                             s_type(2, 31, 3, 0),
                             r_type(0x33, 0, 4, 4, 3, 1),
                             operation,
                             i_type(0x13, 0, 1, 1, -1),
                             b_type(1, 1, 0, -24),
                             0x00100073};
    std::copy(code, code + 8, machine.boot.begin());
    machine.x[1] = turns;
    machine.x[31] = TERN_SCRATCH_BASE;
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = interpreter.run(machine, UINT64_MAX);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("vp.iss: %.1f million instructions a second%s\n",
                1e-6 * static_cast<double>(outcome.instructions) / seconds.count(),
                with_float ? ", one of 7 a float operation" : "");
}

// Cycles of the Verilated core from reset to the trap of `count` such instructions and an ebreak.
uint64_t measure(Bench &bench, uint32_t word, uint32_t count) {
    Machine machine;
    std::fill_n(machine.boot.begin(), count, word);
    machine.boot[count] = 0x00100073;
    machine.x[29] = TERN_SYSTEM_BASE;
    machine.x[30] = TERN_SCRATCH_BASE;
    machine.x[31] = TERN_BOOT_BYTES / 2;
    return bench.core.run(machine, cycle_limit).cycles;
}

// The figures of enum tern_iss_cycles.
void print_cycles(Bench &bench) {
    static const struct {
        const char *name;
        uint32_t word;
    } rows[] = {{"ALU", i_type(0x13, 0, 1, 1, 1)},
                {"load, boot", i_type(0x03, 2, 1, 31, 0)},
                {"load, scratch", i_type(0x03, 2, 1, 30, 0)},
                {"load, unit", i_type(0x03, 2, 1, 29, 0)},
                {"store, boot", s_type(2, 31, 1, 0)},
                {"store, scratch", s_type(2, 30, 1, 0)},
                {"store, unit", s_type(2, 29, 1, 0)},
                {"multiply", r_type(0x33, 1, 0, 1, 1, 1)},
                {"divide", r_type(0x33, 1, 4, 1, 1, 1)},
                {"remainder", r_type(0x33, 1, 7, 1, 1, 1)},
                {"float", r_type(0x53, 0, 0, 1, 1, 1)},
                {"branch not taken", b_type(1, 0, 0, 8)},
                {"branch taken", b_type(0, 0, 0, 4)},
                {"jal, next word", j_type(0, 4)},
                {"lui", 0x000010b7},
                {"rdcycle", i_type(0x73, 2, 1, 0, -1024)},
                {"fence", 0x0ff0000f}};
    for (const auto &row : rows) {
        std::printf("vp.iss: %-16s %5.2f cycles\n", row.name,
                    static_cast<double>(measure(bench, row.word, 40) - measure(bench, row.word, 8)) / 32);
    }
}

} // namespace

int main(int argc, char **argv) {
    if (argc > 1 && std::strcmp(argv[1], "speed") == 0) {
        print_speed(false);
        print_speed(true);
        return 0;
    }
    Bench bench;
    if (argc > 1 && std::strcmp(argv[1], "cycles") == 0) {
        print_cycles(bench);
        return 0;
    }
    const uint64_t programs = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 2000;
    bench.seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
    if (!run_random(bench, programs) || !run_float_pairs(bench) || !run_patched(bench) || !run_far(bench) ||
        !every_cause(bench)) {
        std::printf("vp.iss: failed\n");
        return 1;
    }
    std::printf("vp.iss: 2 x %" PRIu64 " random programs and more, %" PRIu64 " instructions, %" PRIu64
                " cycles, all equal\n",
                programs, bench.instructions, bench.cycles);
    return 0;
}
