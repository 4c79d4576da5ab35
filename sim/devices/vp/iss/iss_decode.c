// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/iss/iss_decode.h"

#include <stdbool.h>

#include "sim/devices/vp/iss/iss.h"

enum opcode {
    LOAD = 0x03,
    FENCE = 0x0f,
    OP_IMM = 0x13,
    AUIPC = 0x17,
    STORE = 0x23,
    OP = 0x33,
    LUI = 0x37,
    BRANCH = 0x63,
    JALR = 0x67,
    JAL = 0x6f,
    SYSTEM = 0x73,
    OP_FP = 0x53,
};

static const uint8_t cycles_of[] = {
    [ISS_CONSTANT] = TERN_ISS_CYCLES_ALU,      [ISS_ALU_IMMEDIATE] = TERN_ISS_CYCLES_ALU,
    [ISS_ALU] = TERN_ISS_CYCLES_ALU,           [ISS_LOAD] = TERN_ISS_CYCLES_LOAD,
    [ISS_STORE] = TERN_ISS_CYCLES_STORE,       [ISS_BRANCH] = TERN_ISS_CYCLES_ALU,
    [ISS_JAL] = TERN_ISS_CYCLES_JAL,           [ISS_JALR] = TERN_ISS_CYCLES_JALR,
    [ISS_MULTIPLY] = TERN_ISS_CYCLES_MULTIPLY, [ISS_DIVIDE] = TERN_ISS_CYCLES_DIVIDE,
    [ISS_FLOAT] = TERN_ISS_CYCLES_FLOAT,       [ISS_COUNTER] = TERN_ISS_CYCLES_COUNTER,
    [ISS_FENCE] = TERN_ISS_CYCLES_ALU,         [ISS_TRAP] = 0,
};

static uint32_t immediate_i(uint32_t word) {
    return (uint32_t)((int32_t)word >> 20);
}

static uint32_t immediate_s(uint32_t word) {
    return (uint32_t)((int32_t)word >> 25) << 5 | (word >> 7 & 31u);
}

static uint32_t immediate_b(uint32_t word) {
    return ((uint32_t)((int32_t)word >> 31) << 12) | (word >> 7 & 1u) << 11 | (word >> 25 & 63u) << 5 |
           (word >> 8 & 15u) << 1;
}

static uint32_t immediate_j(uint32_t word) {
    return ((uint32_t)((int32_t)word >> 31) << 20) | (word & 0xff000u) | (word >> 20 & 1u) << 11 |
           (word >> 21 & 1023u) << 1;
}

static enum iss_kind decode_op(uint32_t word, uint8_t *function) {
    const uint32_t funct7 = word >> 25;
    if (funct7 == 1) {
        return *function < 4 ? ISS_MULTIPLY : ISS_DIVIDE;
    }
    if (funct7 == 0x20 && (*function == 0 || *function == 5)) {
        *function |= ISS_SUB_OR_SRA;
        return ISS_ALU;
    }
    return funct7 == 0 ? ISS_ALU : ISS_TRAP;
}

static enum iss_kind decode_op_immediate(uint32_t word, struct iss_instruction *out) {
    const uint32_t funct7 = word >> 25;
    out->immediate = immediate_i(word);
    if (out->function != 1 && out->function != 5) {
        return ISS_ALU_IMMEDIATE;
    }
    out->immediate &= 31u;
    if (out->function == 5 && funct7 == 0x20) {
        out->function |= ISS_SUB_OR_SRA;
        return ISS_ALU_IMMEDIATE;
    }
    return funct7 == 0 ? ISS_ALU_IMMEDIATE : ISS_TRAP;
}

// picorv32 knows csrrs of cycle, time (as cycle), instret and their upper halves, with rs1 0.
static enum iss_kind decode_system(uint32_t word, uint8_t *function) {
    const uint32_t csr = word >> 20;
    if (word == 0x73 || word == 0x100073) {
        *function = word == 0x73 ? TERN_ISS_ECALL : TERN_ISS_EBREAK;
        return ISS_TRAP;
    }
    if ((word >> 12 & 0xffu) != 2 || (csr & ~0x83u) != 0xc00 || (csr & 3u) == 3) {
        *function = TERN_ISS_ILLEGAL;
        return ISS_TRAP;
    }
    *function = (uint8_t)(csr & 0x82u);
    return ISS_COUNTER;
}

// Comments in rtl/core/tern_core_coprocessor.v say which float operations there are.
static bool float_is_known(uint32_t word) {
    const uint32_t funct3 = word >> 12 & 7u;
    const bool nearest_even = funct3 == 0 || funct3 == 7, integer_form = (word >> 21 & 15u) == 0;
    switch (word >> 25) {
    case 0x00:
    case 0x04:
    case 0x08: return nearest_even;
    case 0x10:
    case 0x50: return funct3 < 3;
    case 0x14: return funct3 < 2;
    case 0x60: return integer_form && funct3 != 5 && funct3 != 6;
    case 0x68: return integer_form && nearest_even;
    default: return false;
    }
}

static enum iss_kind decode_float(uint32_t word, struct iss_instruction *out) {
    const bool is_conversion = (word >> 27 & 0x17u) == 0x12 || word >> 27 == 0x18 || word >> 27 == 0x1a;
    if (!float_is_known(word)) {
        return ISS_TRAP;
    }
    out->immediate = out->function | (is_conversion && (word >> 20 & 1u) ? ISS_FLOAT_UNSIGNED : 0);
    out->function = (uint8_t)(word >> 27);
    return ISS_FLOAT;
}

static enum iss_kind decode_kind(uint32_t word, uint32_t pc, struct iss_instruction *out) {
    switch (word & 127u) {
    case LUI: out->immediate = word & 0xfffff000u; return ISS_CONSTANT;
    case AUIPC: out->immediate = pc + (word & 0xfffff000u); return ISS_CONSTANT;
    case JAL: out->immediate = pc + immediate_j(word); return ISS_JAL;
    case JALR: out->immediate = immediate_i(word); return out->function == 0 ? ISS_JALR : ISS_TRAP;
    case BRANCH: out->immediate = pc + immediate_b(word); return (out->function & 6u) == 2 ? ISS_TRAP : ISS_BRANCH;
    case LOAD:
        out->immediate = immediate_i(word);
        return (out->function & 3u) == 3 || out->function == 6 ? ISS_TRAP : ISS_LOAD;
    case STORE: out->immediate = immediate_s(word); return out->function > 2 ? ISS_TRAP : ISS_STORE;
    case OP_IMM: return decode_op_immediate(word, out);
    case OP: return decode_op(word, &out->function);
    case OP_FP: return decode_float(word, out);
    case FENCE: return out->function == 0 ? ISS_FENCE : ISS_TRAP;
    default: return ISS_TRAP;
    }
}

struct iss_instruction iss_decode(uint32_t word, uint32_t pc) {
    struct iss_instruction out = {
        .function = word >> 12 & 7u, .rd = word >> 7 & 31u, .rs1 = word >> 15 & 31u, .rs2 = word >> 20 & 31u};
    if ((word & 127u) == SYSTEM) {
        out.kind = (uint8_t)decode_system(word, &out.function);
    } else {
        out.kind = (uint8_t)decode_kind(word, pc, &out);
        out.function = out.kind == ISS_TRAP ? TERN_ISS_ILLEGAL : out.function;
    }
    if (out.kind == ISS_TRAP) {
        out.immediate = out.function == TERN_ISS_ILLEGAL ? word : 0;
    }
    out.cycles = cycles_of[out.kind];
    return out;
}
