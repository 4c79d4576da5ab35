// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/iss/iss_fixture.hpp"

#include <algorithm>
#include <cstring>

#include "Vtern_iss_bench.h"
#include "Vtern_iss_bench___024root.h"
#include "verilated.h"

namespace tern_bench {

namespace {

constexpr int settle_cycles = 12; // a misaligned store ends after the trap

template <class Array> void copy(Array &array, std::vector<uint32_t> &words, bool to_core) {
    for (size_t i = 0; i < words.size(); i++) {
        (to_core ? array[i] : words[i]) = to_core ? words[i] : array[i];
    }
}

// Scratch memory is in four banks.
template <class Array> void copy_bank(Array &array, std::vector<uint32_t> &words, size_t bank, bool to_core) {
    for (size_t i = bank; i < words.size(); i += 4) {
        (to_core ? array[i / 4] : words[i]) = to_core ? words[i] : array[i / 4];
    }
}

} // namespace

Core::Core() : top_(new Vtern_iss_bench) {
}

Core::~Core() {
    top_->final();
}

void Core::tick() {
    top_->clk = 0;
    top_->eval();
    top_->clk = 1;
    top_->eval();
}

#define PICORV32(name) top_->rootp->tern_iss_bench__DOT__core__DOT__picorv32__DOT__##name
#define SCRATCH_BANK(bank)                                                                                             \
    top_->rootp                                                                                                        \
        ->tern_iss_bench__DOT__scratch_memory__DOT__lane_of__BRA__0__KET____DOT__word_of__BRA__##bank##__KET____DOT__memory__DOT__words

void Core::exchange(Machine &machine, bool to_core) {
    copy(top_->rootp->tern_iss_bench__DOT__boot_memory__DOT__words, machine.boot, to_core);
    copy(top_->rootp->tern_iss_bench__DOT__unit, machine.unit, to_core);
    copy_bank(SCRATCH_BANK(0), machine.scratch, 0, to_core);
    copy_bank(SCRATCH_BANK(1), machine.scratch, 1, to_core);
    copy_bank(SCRATCH_BANK(2), machine.scratch, 2, to_core);
    copy_bank(SCRATCH_BANK(3), machine.scratch, 3, to_core);
    for (uint32_t i = 1; i < 32; i++) {
        (to_core ? PICORV32(cpuregs)[i] : machine.x[i]) = to_core ? machine.x[i] : PICORV32(cpuregs)[i];
    }
}

Outcome Core::run(Machine &machine, uint64_t cycle_limit) {
    Outcome outcome;
    top_->rst_n = 0;
    for (int i = 0; i < 4; i++) {
        tick();
    }
    exchange(machine, true);
    // Reset leaves the address that the bus reads ahead. If it were 0, the first fetch would take a cycle less.
    top_->rootp->tern_iss_bench__DOT__bus__DOT__ahead = 1;
    top_->rst_n = 1;
    for (uint64_t cycle = 0; cycle < cycle_limit && !top_->trap; cycle++) {
        tick();
    }
    outcome.trapped = top_->trap;
    outcome.pc = PICORV32(reg_pc);
    outcome.cycles = PICORV32(count_cycle);
    outcome.instructions = PICORV32(count_instr);
    for (int i = 0; i < settle_cycles; i++) {
        tick();
    }
    exchange(machine, false);
    return outcome;
}

Interpreter::Interpreter() {
    tern_iss_machine machine = {reinterpret_cast<uint8_t *>(memory_.boot.data()),
                                reinterpret_cast<uint8_t *>(memory_.scratch.data()), access, this};
    iss_ = tern_iss_create(&machine);
}

Interpreter::~Interpreter() {
    tern_iss_destroy(iss_);
}

// As tern_native_bus and the unit of tern_iss_bench.v answer: holes read 0, narrow writes to the unit change nothing.
tern_iss_answer Interpreter::access(void *context, uint32_t address, uint32_t strobes, uint32_t *word, uint32_t *) {
    Machine &memory = static_cast<Interpreter *>(context)->memory_;
    const uint32_t index = (address - TERN_SYSTEM_BASE) / 4;
    if (strobes == 0) {
        *word = index < unit_words ? memory.unit[index] : 0;
    } else if (index < unit_words && strobes == 15) {
        memory.unit[index] = *word;
    }
    return TERN_ISS_OK;
}

Outcome Interpreter::run(Machine &machine, uint64_t cycle_limit) {
    std::copy(machine.boot.begin(), machine.boot.end(), memory_.boot.begin());
    std::copy(machine.scratch.begin(), machine.scratch.end(), memory_.scratch.begin());
    std::copy(machine.unit.begin(), machine.unit.end(), memory_.unit.begin());
    tern_iss_reset(iss_);
    tern_iss_state *state = tern_iss_state_of(iss_);
    const uint32_t sp = state->x[2];
    std::memcpy(state->x, machine.x, sizeof state->x);
    state->x[2] = sp;
    Outcome outcome;
    outcome.trapped = tern_iss_run(iss_, cycle_limit) == TERN_ISS_TRAPPED;
    outcome.cause = state->trap;
    outcome.pc = state->trap == TERN_ISS_JUMP ? state->trap_address : state->pc;
    outcome.cycles = state->cycles;
    outcome.instructions = state->instructions;
    std::memcpy(machine.x, state->x, sizeof state->x);
    std::copy(memory_.boot.begin(), memory_.boot.end(), machine.boot.begin());
    std::copy(memory_.scratch.begin(), memory_.scratch.end(), machine.scratch.begin());
    std::copy(memory_.unit.begin(), memory_.unit.end(), machine.unit.begin());
    return outcome;
}

} // namespace tern_bench
