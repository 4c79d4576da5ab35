// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/iss/iss_program.hpp"

#include <algorithm>

#include "sim/float/float_operands.hpp"
#include "sim/float/float_reference.hpp"

namespace tern_bench {

namespace {

constexpr uint32_t ebreak = 0x00100073, ecall = 0x00000073, fence = 0x0ff0000f;
constexpr uint32_t data_base = 0x8000; // in boot memory, above any program
constexpr uint32_t unit_base_register = 29, scratch_base_register = 30, boot_base_register = 31;
constexpr uint32_t tail_words = 12;
constexpr uint32_t corners[] = {0, 1, 2, 3, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xfffffffe, 0x55555555};

uint32_t corner(Random &random) {
    return random.percent(70) ? corners[random.below(sizeof corners / sizeof corners[0])]
                              : random.bits32() >> random.below(32);
}

} // namespace

// Bases stay, so that addresses do.
uint32_t Program::rd() {
    return random_.below(unit_base_register);
}

uint32_t Program::rs() {
    return random_.below(32);
}

uint32_t Program::base() {
    const uint32_t choice = random_.below(8);
    return choice == 0 ? unit_base_register : choice < 3 ? boot_base_register : scratch_base_register;
}

// Pairs of words are operands of float operations, or of divisions.
void Program::data(Machine &machine) {
    for (auto *words : {&machine.boot, &machine.scratch, &machine.unit}) {
        for (size_t i = words == &machine.boot ? data_base / 4 : 0; i + 1 < words->size(); i += 2) {
            const bool integers = random_.percent(25);
            const OperandPair pair =
                integers ? OperandPair{corner(random_), corner(random_)} : random_operands(random_);
            (*words)[i] = pair.a;
            (*words)[i + 1] = pair.b;
        }
    }
    for (uint32_t i = 1; i < 32; i++) {
        machine.x[i] = random_.percent(50) ? random_operands(random_).a : corner(random_);
    }
    machine.x[unit_base_register] = TERN_SYSTEM_BASE + 2048;
    machine.x[boot_base_register] = data_base + 2048;
    machine.x[scratch_base_register] = TERN_SCRATCH_BASE + 2048 + 16 * random_.below(1500);
}

void Program::arithmetic() {
    static constexpr uint32_t counters[] = {0xc00, 0xc01, 0xc02, 0xc80, 0xc81, 0xc82};
    const uint32_t funct3 = random_.below(8);
    const uint32_t alternative = random_.percent(50) ? 0x20 : 0;
    switch (random_.below(16)) {
    case 0: emit(random_.bits32() << 12 | rd() << 7 | 0x37u); break;
    case 1: emit(random_.bits32() << 12 | rd() << 7 | 0x17u); break;
    case 2: emit(fence); break;
    case 3: emit(i_type(0x73, 2, rd(), 0, static_cast<int32_t>(counters[random_.below(6)]))); break;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        if (funct3 == 1 || funct3 == 5) {
            emit(r_type(0x13, funct3 == 5 ? alternative : 0, funct3, rd(), rs(), random_.below(32)));
        } else {
            emit(i_type(0x13, funct3, rd(), rs(), random_.between(-2048, 2047)));
        }
        break;
    default: emit(r_type(0x33, funct3 == 0 || funct3 == 5 ? alternative : 0, funct3, rd(), rs(), rs())); break;
    }
}

// Loads a pair of operands, then computes; sometimes what the registers hold.
void Program::with_pair(uint32_t opcode, uint32_t funct7, uint32_t funct3) {
    uint32_t a = rs(), b = rs();
    if (random_.percent(75)) {
        const uint32_t from = random_.percent(20) ? boot_base_register : scratch_base_register;
        const int32_t offset = 8 * random_.between(-256, 255);
        a = 1 + random_.below(14);
        b = 15 + random_.below(14);
        emit(i_type(0x03, 2, a, from, offset));
        emit(i_type(0x03, 2, b, from, offset + 4));
    }
    emit(r_type(opcode, funct7, funct3, rd(), a, b));
}

void Program::multiply_or_divide() {
    with_pair(0x33, 1, random_.below(8));
}

void Program::float_operation() {
    const FloatOperation &operation = float_operations[random_.below(float_operation_count)];
    with_pair(0x53, operation.funct5 << 2, operation.funct3);
    if (!operation.has_b) {
        code_.back() = (code_.back() & ~(31u << 20)) | operation.rs2_field << 20;
    }
}

void Program::load() {
    static constexpr uint32_t kinds[] = {0, 1, 2, 4, 5};
    const uint32_t funct3 = kinds[random_.below(5)];
    const int32_t size = 1 << (funct3 & 3u);
    emit(i_type(0x03, funct3, rd(), base(), size * random_.between(-2048 / size, 2047 / size)));
}

void Program::store() {
    const uint32_t funct3 = random_.below(3);
    const int32_t size = 1 << funct3;
    emit(s_type(funct3, base(), rs(), size * random_.between(-2048 / size, 2047 / size)));
}

void Program::branch() {
    static constexpr uint32_t kinds[] = {0, 1, 4, 5, 6, 7};
    const uint32_t a = rs();
    jumps_.push_back({code_.size(), starts_.size() - 1});
    if (random_.percent(25)) {
        emit(j_type(rd(), 0));
    } else {
        emit(b_type(kinds[random_.below(6)], a, random_.percent(30) ? a : rs(), 0));
    }
}

// auipc and jalr over some instructions. Bit 0 of the target is ignored.
void Program::jump_register() {
    const uint32_t at = 1 + random_.below(28);
    const uint32_t skipped = random_.below(4);
    emit(at << 7 | 0x17u);
    emit(i_type(0x67, 0, rd(), at, static_cast<int32_t>(8 + 4 * skipped + random_.below(2))));
    for (uint32_t i = 0; i < skipped; i++) {
        arithmetic();
    }
}

void Program::group() {
    const uint32_t choice = random_.below(100);
    starts_.push_back(code_.size());
    if (choice < 30) {
        arithmetic();
    } else if (choice < 45) {
        load();
    } else if (choice < 58) {
        store();
    } else if (choice < 72) {
        branch();
    } else if (choice < 76) {
        jump_register();
    } else if (choice < 86) {
        multiply_or_divide();
    } else {
        float_operation();
    }
}

// A word of any opcode that neither jumps, loads nor stores when it is legal.
uint32_t Program::any_word() {
    static constexpr uint32_t opcodes[] = {0x33, 0x13, 0x53, 0x73, 0x0f, 0x03, 0x23, 0x63, 0x67};
    static constexpr uint32_t common[] = {0, 1, 0x20, 4, 8, 0x10, 0x14, 0x50, 0x60, 0x68};
    const uint32_t opcode = random_.percent(70) ? opcodes[random_.below(9)] : random_.below(128);
    const uint32_t funct7 = random_.percent(70) ? common[random_.below(10)] : random_.below(128);
    uint32_t funct3 = random_.below(8), destination = rd();
    switch (opcode) {
    case 0x6f: return 0;
    case 0x67: funct3 = 1 + random_.below(7); break;
    case 0x63: funct3 = 2 + random_.below(2); break;
    case 0x03: funct3 = random_.percent(50) ? 3 : 6 + random_.below(2); break;
    case 0x23: funct3 = 3 + random_.below(5); break;
    case 0x0f: destination = 0; break; // picorv32 writes an undefined value to the rd of a fence
    case 0x73:
        return random_.percent(50) ? i_type(opcode, funct3, destination, random_.percent(50) ? 0 : rs(),
                                            static_cast<int32_t>(0xc00 + random_.below(4) + 128 * random_.below(3)))
                                   : random_.bits32() << 7 | opcode;
    default: break;
    }
    return r_type(opcode, funct7, funct3, destination, rs(), random_.percent(50) ? random_.below(2) : rs());
}

void Program::end(Ending ending) {
    const int32_t odd = 1 + 2 * random_.between(-500, 500), half = 2 + 4 * random_.between(-200, 200);
    switch (ending) {
    case Ending::ecall: emit(ecall); break;
    case Ending::illegal: emit(random_.percent(50) ? 0 : 0xffffffff); break;
    case Ending::load:
        emit(random_.percent(50) ? i_type(0x03, random_.percent(50) ? 1 : 5, rd(), base(), odd)
                                 : i_type(0x03, 2, rd(), base(), random_.percent(50) ? odd : half));
        break;
    case Ending::store:
        emit(random_.percent(50) ? s_type(1, base(), rs(), odd)
                                 : s_type(2, base(), rs(), random_.percent(50) ? odd : half));
        break;
    case Ending::jump:
        emit(random_.percent(50) ? j_type(rd(), half) : i_type(0x67, 0, rd(), scratch_base_register, half));
        break;
    case Ending::branch: emit(b_type(0, 3, 3, half)); break;
    case Ending::any_word: emit(any_word()); break;
    default: break;
    }
    for (uint32_t i = 0; i < tail_words; i++) {
        emit(ebreak);
    }
}

Machine Program::make(uint32_t groups, Ending ending) {
    Machine machine;
    code_.clear();
    starts_.clear();
    jumps_.clear();
    data(machine);
    for (uint32_t i = 0; i < groups; i++) {
        group();
    }
    starts_.push_back(code_.size());
    end(ending);
    for (const Jump &jump : jumps_) {
        const size_t group = std::min<size_t>(jump.group + 1 + random_.below(4), starts_.size() - 1);
        const int32_t offset = static_cast<int32_t>(4 * (starts_[group] - jump.at));
        code_[jump.at] |= (code_[jump.at] & 127u) == 0x63 ? b_type(0, 0, 0, offset) : j_type(0, offset);
    }
    std::copy(code_.begin(), code_.end(), machine.boot.begin());
    return machine;
}

} // namespace tern_bench
