// SPDX-License-Identifier: Apache-2.0
// Random programs for the core: every instruction, forward branches and jumps, and a trap at the end.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/devices/vp/iss/iss_fixture.hpp"
#include "sim/lib/random.hpp"

namespace tern_bench {

enum class Ending { ebreak, ecall, illegal, load, store, jump, branch, any_word, count };

class Program {
  public:
    explicit Program(Random &random) : random_(random) {
    }
    // Registers, memory and a program of about `groups` instructions.
    Machine make(uint32_t groups, Ending ending);

  private:
    void data(Machine &machine);
    void group();
    void arithmetic();
    void with_pair(uint32_t opcode, uint32_t funct7, uint32_t funct3);
    void multiply_or_divide();
    void float_operation();
    void load();
    void store();
    void branch();
    void jump_register();
    void end(Ending ending);
    uint32_t any_word();
    uint32_t rd();
    uint32_t rs();
    uint32_t base();
    void emit(uint32_t word) {
        code_.push_back(word);
    }

    struct Jump {
        size_t at, group; // an instruction, and the group before the target
    };
    Random &random_;
    std::vector<uint32_t> code_;
    std::vector<size_t> starts_;
    std::vector<Jump> jumps_;
};

// Encodings of the instruction formats.
inline uint32_t r_type(uint32_t opcode, uint32_t funct7, uint32_t funct3, uint32_t rd, uint32_t rs1, uint32_t rs2) {
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

inline uint32_t i_type(uint32_t opcode, uint32_t funct3, uint32_t rd, uint32_t rs1, int32_t immediate) {
    return static_cast<uint32_t>(immediate) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

inline uint32_t s_type(uint32_t funct3, uint32_t rs1, uint32_t rs2, int32_t immediate) {
    const uint32_t bits = static_cast<uint32_t>(immediate);
    return (bits >> 5 & 127u) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (bits & 31u) << 7 | 0x23u;
}

inline uint32_t b_type(uint32_t funct3, uint32_t rs1, uint32_t rs2, int32_t offset) {
    const uint32_t bits = static_cast<uint32_t>(offset);
    return (bits >> 12 & 1u) << 31 | (bits >> 5 & 63u) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 |
           (bits >> 1 & 15u) << 8 | (bits >> 11 & 1u) << 7 | 0x63u;
}

inline uint32_t j_type(uint32_t rd, int32_t offset) {
    const uint32_t bits = static_cast<uint32_t>(offset);
    return (bits >> 20 & 1u) << 31 | (bits >> 1 & 1023u) << 21 | (bits >> 11 & 1u) << 20 | (bits & 0xff000u) | rd << 7 |
           0x6fu;
}

} // namespace tern_bench
