// SPDX-License-Identifier: Apache-2.0
// Runs one program on the Verilated core (tern_iss_bench.v) or on the interpreter, from the same registers and memory.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/devices/vp/iss/iss.h"
#include "spec/generated/tern_spec.h"

class Vtern_iss_bench;

namespace tern_bench {

inline constexpr uint32_t unit_words = 1024;

struct Machine {
    uint32_t x[32] = {};
    std::vector<uint32_t> boot = std::vector<uint32_t>(TERN_BOOT_BYTES / 4);
    std::vector<uint32_t> scratch = std::vector<uint32_t>(TERN_SCRATCH_BYTES / 4);
    std::vector<uint32_t> unit = std::vector<uint32_t>(unit_words);
};

struct Outcome {
    bool trapped = false;
    tern_iss_cause cause = TERN_ISS_NO_TRAP; // the core does not say
    uint32_t pc = 0;                         // of the instruction that trapped, or the misaligned target of a jump
    uint64_t cycles = 0, instructions = 0;
};

class Core {
  public:
    Core();
    ~Core();
    // Runs from reset to a trap. sp is set by reset.
    Outcome run(Machine &machine, uint64_t cycle_limit);

  private:
    void tick();
    void exchange(Machine &machine, bool to_core);

    std::unique_ptr<Vtern_iss_bench> top_;
};

class Interpreter {
  public:
    Interpreter();
    ~Interpreter();
    Outcome run(Machine &machine, uint64_t cycle_limit);

  private:
    static tern_iss_answer access(void *context, uint32_t address, uint32_t strobes, uint32_t *word, uint32_t *wait);

    Machine memory_;
    tern_iss *iss_;
};

} // namespace tern_bench
