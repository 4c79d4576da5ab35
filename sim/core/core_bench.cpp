// SPDX-License-Identifier: Apache-2.0
// Tests tern_core. It runs core_program with memory that answers at once, after one cycle, or after a random time. All
// results are compared with host arithmetic. Cycles an instruction are printed. Then it runs every encoding of the
// float and the multiply/divide opcodes, one at a time. Legal ones must complete, all others must trap. Usage:
// core_bench program.bin [seed]
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "Vtern_core.h"
#include "sim/core/core_multiply_reference.hpp"
#include "sim/core/core_program_layout.h"
#include "sim/float/float_operands.hpp"
#include "sim/float/float_reference.hpp"
#include "sim/lib/random.hpp"
#include "verilated.h"

using namespace tern_bench;

static_assert(float_operation_count == CORE_FLOAT_OPERATIONS, "program and reference list the same operations");

namespace {

enum class Memory { at_once, one_wait, random_waits };
enum class Outcome { running, done, trapped, bad_access };

constexpr uint32_t pair_limit = 400;
constexpr uint64_t program_cycle_limit = 20000000;
constexpr uint64_t encoding_cycle_limit = 400;

class Bench {
  public:
    explicit Bench(uint64_t seed) : core_(new Vtern_core), random_(seed), memory_(CORE_MEMORY_BYTES / 4), seed_(seed) {
    }
    ~Bench() {
        core_->final();
    }

    Outcome run(Memory kind, uint64_t cycle_limit);
    uint32_t &word(uint32_t address) {
        return memory_[address / 4];
    }
    void load(const std::vector<char> &program);
    Random &random() {
        return random_;
    }
    uint64_t seed() const {
        return seed_;
    }
    uint64_t cycles() const {
        return cycles_;
    }
    uint64_t runs() const {
        return runs_;
    }

  private:
    void tick();
    void reset();
    Outcome access();
    uint32_t wait_states(Memory kind);
    bool payload_stable();

    std::unique_ptr<Vtern_core> core_;
    Random random_;
    std::vector<uint32_t> memory_;
    uint64_t seed_;
    uint64_t cycles_ = 0;
    uint64_t runs_ = 0;
    bool waiting_ = false;
    uint32_t waits_left_ = 0;
    uint32_t held_[3] = {};
};

void Bench::load(const std::vector<char> &program) {
    std::fill(memory_.begin(), memory_.end(), 0u);
    std::memcpy(memory_.data(), program.data(), program.size());
}

void Bench::tick() {
    core_->clk = 0;
    core_->eval();
    core_->clk = 1;
    core_->eval();
    cycles_++;
}

void Bench::reset() {
    waiting_ = false;
    core_->rst_n = 0;
    core_->mem_ready = 0;
    for (int cycle = 0; cycle < 4; cycle++) {
        tick();
    }
    core_->rst_n = 1;
}

uint32_t Bench::wait_states(Memory kind) {
    if (kind == Memory::random_waits) {
        return random_.percent(50) ? 0 : random_.below(9);
    }
    return kind == Memory::one_wait ? 1 : 0;
}

// The memory's answer to the access on the port, in the cycle in which it is ready.
Outcome Bench::access() {
    uint32_t address = core_->mem_addr;
    if (core_->mem_wstrb && address == CORE_DONE) {
        return core_->mem_wdata == CORE_DONE_MAGIC ? Outcome::done : Outcome::bad_access;
    }
    if (address % 4 != 0 || address >= CORE_MEMORY_BYTES) {
        return Outcome::bad_access;
    }
    uint32_t &stored = memory_[address / 4];
    core_->mem_rdata = stored;
    for (uint32_t lane = 0; lane < 4; lane++) {
        if (core_->mem_wstrb >> lane & 1u) {
            uint32_t mask = 0xffu << (8 * lane);
            stored = (stored & ~mask) | (core_->mem_wdata & mask);
        }
    }
    return Outcome::running;
}

bool Bench::payload_stable() {
    uint32_t controls = static_cast<uint32_t>(core_->mem_wstrb) << 1 | core_->mem_instr;
    uint32_t payload[3] = {core_->mem_addr, core_->mem_wdata, controls};
    bool stable = !waiting_ || std::memcmp(payload, held_, sizeof held_) == 0;
    std::memcpy(held_, payload, sizeof held_);
    return stable;
}

Outcome Bench::run(Memory kind, uint64_t cycle_limit) {
    reset();
    runs_++;
    for (uint64_t cycle = 0; cycle < cycle_limit; cycle++) {
        core_->mem_ready = 0;
        core_->mem_rdata = random_.bits32();
        if (core_->mem_valid) {
            if (!payload_stable()) {
                return Outcome::bad_access;
            }
            if (!waiting_) {
                waits_left_ = wait_states(kind);
            }
            waiting_ = waits_left_ > 0;
            if (waits_left_ == 0) {
                Outcome outcome = access();
                if (outcome != Outcome::running) {
                    return outcome;
                }
                core_->mem_ready = 1;
            } else {
                waits_left_--;
            }
        }
        tick();
        if (core_->trap) {
            return Outcome::trapped;
        }
    }
    return Outcome::running;
}

const char *name_of(Outcome outcome) {
    switch (outcome) {
    case Outcome::running: return "no end within the cycle limit";
    case Outcome::done: return "done";
    case Outcome::trapped: return "trap";
    default: return "an access outside its memory or one that changed while waiting";
    }
}

uint32_t divide_reference(uint32_t kind, uint32_t a, uint32_t b) {
    bool overflow = a == 0x80000000u && b == 0xffffffffu;
    int32_t signed_a = static_cast<int32_t>(a);
    int32_t signed_b = static_cast<int32_t>(b);
    switch (kind) {
    case 0: return b == 0 ? 0xffffffffu : overflow ? a : static_cast<uint32_t>(signed_a / signed_b);
    case 1: return b == 0 ? 0xffffffffu : a / b;
    case 2: return b == 0 ? a : overflow ? 0u : static_cast<uint32_t>(signed_a % signed_b);
    default: return b == 0 ? a : a % b;
    }
}

uint32_t chain_reference(OperandPair pair) {
    uint32_t a = pair.a, b = pair.b;
    uint32_t result = canonical(float_of(canonical(float_of(a) * float_of(b))) + float_of(b));
    result = canonical(float_of(result * a) - float_of(a));
    result = multiply_reference(3, result, b) * a;
    return reference_select(false, bits_of(static_cast<float>(result)), b);
}

uint32_t expected_result(uint32_t slot, OperandPair pair) {
    if (slot < CORE_FLOAT_OPERATIONS) {
        return float_reference(float_operations[slot], pair.a, pair.b);
    }
    slot -= CORE_FLOAT_OPERATIONS;
    if (slot == CORE_INTEGER_OPERATIONS) {
        return chain_reference(pair);
    }
    return slot < 4 ? multiply_reference(slot, pair.a, pair.b) : divide_reference(slot - 4, pair.a, pair.b);
}

const char *name_of_slot(uint32_t slot) {
    static const char *const integers[] = {"mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu", "chain"};
    return slot < CORE_FLOAT_OPERATIONS ? float_operations[slot].name : integers[slot - CORE_FLOAT_OPERATIONS];
}

bool check_results(Bench &bench, const std::vector<OperandPair> &pairs) {
    for (uint32_t index = 0; index < pairs.size(); index++) {
        for (uint32_t slot = 0; slot < CORE_RESULTS_PER_PAIR; slot++) {
            uint32_t got = bench.word(CORE_RESULTS + 4 * (index * CORE_RESULTS_PER_PAIR + slot));
            uint32_t expected = expected_result(slot, pairs[index]);
            if (got != expected) {
                std::printf("core: %s a=%08x b=%08x: got %08x, expected %08x, seed %" PRIu64 "\n", name_of_slot(slot),
                            pairs[index].a, pairs[index].b, got, expected, bench.seed());
                return false;
            }
        }
    }
    return true;
}

void print_timing(Bench &bench, const char *memory_name) {
    static const char *const kinds[CORE_TIMED_KINDS] = {"nothing", "add",    "lw",     "sw",    "mul",
                                                        "mulhu",   "fadd.s", "fmul.s", "flt.s", "fcvt.w.s"};
    std::printf("core: cycles an instruction, memory %s:", memory_name);
    for (uint32_t kind = 1; kind < CORE_TIMED_KINDS; kind++) {
        std::printf(" %s %.1f", kinds[kind],
                    static_cast<double>(bench.word(CORE_TIMING + 4 * kind) - bench.word(CORE_TIMING)) /
                        CORE_TIMED_INSTRUCTIONS);
    }
    std::printf("\n");
}

bool run_program(Bench &bench, const std::vector<char> &program, Memory kind, const char *memory_name) {
    std::vector<OperandPair> pairs;
    for (uint32_t index = 0; index < pair_limit; index++) {
        pairs.push_back(random_operands(bench.random()));
    }
    bench.load(program);
    bench.word(CORE_PAIR_COUNT) = pair_limit;
    for (uint32_t index = 0; index < pair_limit; index++) {
        bench.word(CORE_PAIRS + 8 * index) = pairs[index].a;
        bench.word(CORE_PAIRS + 8 * index + 4) = pairs[index].b;
    }
    Outcome outcome = bench.run(kind, program_cycle_limit);
    if (outcome != Outcome::done) {
        std::printf("core: program with memory %s ended with %s, seed %" PRIu64 "\n", memory_name, name_of(outcome),
                    bench.seed());
        return false;
    }
    if (bench.word(CORE_STACK_SEEN) != CORE_STACK_TOP) {
        std::printf("core: stack pointer at entry: got %08x, expected %08x\n", bench.word(CORE_STACK_SEEN),
                    CORE_STACK_TOP);
        return false;
    }
    print_timing(bench, memory_name);
    return check_results(bench, pairs);
}

bool float_encoding_legal(uint32_t funct7, uint32_t funct3, uint32_t rs2) {
    for (const FloatOperation &operation : float_operations) {
        if (funct7 == operation.funct5 << 2 && funct3 == operation.funct3 &&
            (operation.has_b || rs2 == operation.rs2_field)) {
            return true;
        }
    }
    return false;
}

// The program loads t0 with the address that ends the run and t1 with its word. Then comes the instruction, with rd =
// rs1 = x0, then the end.
bool check_encoding(Bench &bench, uint32_t instruction, bool legal) {
    bench.word(0) = 0x800002b7u;
    bench.word(4) = 0x600d6337u;
    bench.word(8) = 0x00d30313u;
    bench.word(12) = instruction;
    bench.word(16) = 0x0062a023u;
    bench.word(20) = 0x0000006fu;
    Outcome outcome = bench.run(Memory::at_once, encoding_cycle_limit);
    if (outcome == (legal ? Outcome::done : Outcome::trapped)) {
        return true;
    }
    std::printf("core: instruction %08x: got %s, expected %s\n", instruction, name_of(outcome),
                legal ? "done" : "trap");
    return false;
}

bool check_encodings(Bench &bench) {
    static const uint32_t without[] = {0x07, 0x27, 0x43, 0x47, 0x4b, 0x4f};
    for (uint32_t funct7 = 0; funct7 < 128; funct7++) {
        for (uint32_t funct3 = 0; funct3 < 8; funct3++) {
            uint32_t fields = funct7 << 25 | funct3 << 12;
            for (uint32_t rs2 = 0; rs2 < 32; rs2++) {
                if (!check_encoding(bench, fields | rs2 << 20 | 0x53u, float_encoding_legal(funct7, funct3, rs2))) {
                    return false;
                }
            }
            bool shift_or_add = funct7 == 0x20 && (funct3 == 0 || funct3 == 5);
            if (!check_encoding(bench, fields | 0x33u, funct7 <= 1 || shift_or_add)) {
                return false;
            }
        }
    }
    for (uint32_t opcode : without) {
        for (uint32_t funct3 = 0; funct3 < 8; funct3++) {
            if (!check_encoding(bench, funct3 << 12 | opcode, false)) {
                return false;
            }
        }
    }
    return true;
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 2) {
        std::printf("usage: core_bench program.bin [seed]\n");
        return 2;
    }
    std::ifstream file(argv[1], std::ios::binary);
    std::vector<char> program((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (program.empty() || program.size() > CORE_STACK_TOP / 2) {
        std::printf("core: %s is missing, empty or too large\n", argv[1]);
        return 2;
    }
    Bench bench(argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1);
    bool good = run_program(bench, program, Memory::at_once, "at once") &&
                run_program(bench, program, Memory::one_wait, "after a cycle") &&
                run_program(bench, program, Memory::random_waits, "after 0 to 8 cycles") && check_encodings(bench);
    if (good) {
        std::printf("core: %u results of 3 runs equal the host's, %" PRIu64 " encodings complete or trap as they must; "
                    "%" PRIu64 " cycles, seed %" PRIu64 "\n",
                    3 * pair_limit * CORE_RESULTS_PER_PAIR, bench.runs() - 3, bench.cycles(), bench.seed());
    }
    return good ? 0 : 1;
}
