// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/iss/iss.h"

#include <stdlib.h>
#include <string.h>

#include "sim/devices/vp/iss/iss_decode.h"
#include "spec/generated/tern_spec.h"

struct tern_iss {
    struct tern_iss_state state;
    struct tern_iss_machine machine;
    bool stops; // an access has answered TERN_ISS_STALL
    struct iss_instruction decoded[TERN_BOOT_BYTES / 4];
};

// A word's place in boot or scratch memory. NULL: it is neither.
static inline uint8_t *memory_at(const struct tern_iss *iss, uint32_t address) {
    if (address - TERN_BOOT_BASE < TERN_BOOT_BYTES) {
        return iss->machine.boot + (address - TERN_BOOT_BASE);
    }
    return address - TERN_SCRATCH_BASE < TERN_SCRATCH_BYTES ? iss->machine.scratch + (address - TERN_SCRATCH_BASE)
                                                            : NULL;
}

static uint32_t use_bus(struct tern_iss *iss, uint32_t address, uint32_t strobes, uint32_t word) {
    uint32_t wait = 0;
    if (iss->machine.access(iss->machine.context, address, strobes, &word, &wait) == TERN_ISS_STALL) {
        iss->stops = true;
    }
    iss->state.cycles += wait;
    return word;
}

static inline uint32_t read_word(struct tern_iss *iss, uint32_t address) {
    uint32_t word;
    const uint8_t *at = memory_at(iss, address);
    if (!at) {
        return use_bus(iss, address, 0, 0);
    }
    memcpy(&word, at, sizeof word);
    return word;
}

void tern_iss_written(struct tern_iss *iss, uint32_t address) {
    if (address - TERN_BOOT_BASE < TERN_BOOT_BYTES) {
        iss->decoded[(address - TERN_BOOT_BASE) / 4].kind = ISS_NOT_DECODED;
    }
}

static void write_word(struct tern_iss *iss, uint32_t address, uint32_t strobes, uint32_t word) {
    uint8_t *at = memory_at(iss, address);
    if (!at) {
        (void)use_bus(iss, address, strobes, word);
        return;
    }
    for (uint32_t lane = 0; lane < 4; lane++) {
        if (strobes >> lane & 1u) {
            at[lane] = (uint8_t)(word >> (8 * lane));
        }
    }
    tern_iss_written(iss, address);
}

// cycles: of the instruction, in place of those that it takes without a trap.
static bool trap(struct tern_iss *iss, const struct iss_instruction *in, enum tern_iss_cause cause, uint32_t address,
                 uint32_t cycles) {
    iss->state.trap = cause;
    iss->state.trap_address = address;
    iss->state.cycles += cycles - in->cycles;
    return false;
}

static inline uint32_t alu(uint32_t function, uint32_t a, uint32_t b) {
    switch (function) {
    case 0: return a + b;
    case 0 | ISS_SUB_OR_SRA: return a - b;
    case 1: return a << (b & 31u);
    case 2: return (int32_t)a < (int32_t)b;
    case 3: return a < b;
    case 4: return a ^ b;
    case 5: return a >> (b & 31u);
    case 5 | ISS_SUB_OR_SRA: return (uint32_t)((int32_t)a >> (b & 31u));
    case 6: return a | b;
    default: return a & b;
    }
}

static inline uint32_t multiply(uint32_t function, uint32_t a, uint32_t b) {
    const int64_t signed_a = (int32_t)a;
    switch (function) {
    case 0: return a * b;
    case 1: return (uint32_t)((uint64_t)(signed_a * (int32_t)b) >> 32);
    case 2: return (uint32_t)((uint64_t)(signed_a * (int64_t)b) >> 32);
    default: return (uint32_t)((uint64_t)a * b >> 32);
    }
}

// By zero: all bits of the quotient are set, the remainder is the dividend. -2^31 / -1 is -2^31, remainder 0.
static inline uint32_t divide(uint32_t function, uint32_t a, uint32_t b) {
    const bool is_remainder = function & 2u, is_unsigned = function & 1u;
    if (b == 0) {
        return is_remainder ? a : UINT32_MAX;
    }
    if (is_unsigned) {
        return is_remainder ? a % b : a / b;
    }
    if (b == UINT32_MAX) {
        return is_remainder ? 0 : 0 - a;
    }
    return (uint32_t)(is_remainder ? (int32_t)a % (int32_t)b : (int32_t)a / (int32_t)b);
}

static inline bool is_taken(uint32_t function, uint32_t a, uint32_t b) {
    switch (function) {
    case 0: return a == b;
    case 1: return a != b;
    case 4: return (int32_t)a < (int32_t)b;
    case 5: return (int32_t)a >= (int32_t)b;
    case 6: return a < b;
    default: return a >= b;
    }
}

// The value of a load of funct3 `function` from the word.
static inline uint32_t extract(uint32_t function, uint32_t address, uint32_t word) {
    const uint32_t shifted = word >> (8 * (address & 3u));
    switch (function) {
    case 0: return (uint32_t)(int32_t)(int8_t)shifted;
    case 1: return (uint32_t)(int32_t)(int16_t)shifted;
    case 4: return (uint8_t)shifted;
    case 5: return (uint16_t)shifted;
    default: return word;
    }
}

static inline bool is_misaligned(uint32_t function, uint32_t address) {
    return (address & ((1u << (function & 3u)) - 1u)) != 0;
}

static inline bool load(struct tern_iss *iss, const struct iss_instruction *in) {
    struct tern_iss_state *state = &iss->state;
    const uint32_t address = state->x[in->rs1] + in->immediate, word = read_word(iss, address & ~3u);
    if (is_misaligned(in->function, address)) {
        return trap(iss, in, TERN_ISS_LOAD, address, TERN_ISS_CYCLES_MISALIGNED);
    }
    state->x[in->rd] = extract(in->function, address, word);
    state->cycles += address - TERN_BOOT_BASE < TERN_BOOT_BYTES ? 0 : TERN_ISS_CYCLES_LOAD_FAR;
    state->pc += 4;
    return true;
}

// picorv32 repeats a byte or half-word in all lanes.
static inline bool store(struct tern_iss *iss, const struct iss_instruction *in) {
    struct tern_iss_state *state = &iss->state;
    const uint32_t address = state->x[in->rs1] + in->immediate, value = state->x[in->rs2];
    switch (in->function) {
    case 0: write_word(iss, address & ~3u, 1u << (address & 3u), (value & 0xffu) * 0x01010101u); break;
    case 1: write_word(iss, address & ~3u, 3u << (address & 2u), (value & 0xffffu) * 0x00010001u); break;
    default: write_word(iss, address & ~3u, 15u, value); break;
    }
    if (is_misaligned(in->function, address)) {
        return trap(iss, in, TERN_ISS_STORE, address, TERN_ISS_CYCLES_MISALIGNED);
    }
    state->pc += 4;
    return true;
}

static inline bool branch(struct tern_iss *iss, const struct iss_instruction *in) {
    struct tern_iss_state *state = &iss->state;
    if (!is_taken(in->function, state->x[in->rs1], state->x[in->rs2])) {
        state->pc += 4;
        return true;
    }
    if (in->immediate & 3u) {
        return trap(iss, in, TERN_ISS_JUMP, in->immediate, TERN_ISS_CYCLES_JUMP_MISALIGNED);
    }
    state->cycles += TERN_ISS_CYCLES_TAKEN;
    state->pc = in->immediate;
    return true;
}

static inline bool jump(struct tern_iss *iss, const struct iss_instruction *in, uint32_t target) {
    const uint32_t next = iss->state.pc + 4;
    iss->state.x[in->rd] = next;
    if (target & 3u) {
        return trap(iss, in, TERN_ISS_JUMP, target,
                    in->kind == ISS_JAL ? TERN_ISS_CYCLES_JAL_MISALIGNED : TERN_ISS_CYCLES_JUMP_MISALIGNED);
    }
    iss->state.cycles += target == next ? 0 : TERN_ISS_CYCLES_JUMP_FAR;
    iss->state.pc = target;
    return true;
}

static uint32_t counter(const struct tern_iss *iss, uint32_t function) {
    const uint64_t count = function & 2u ? iss->state.instructions : iss->state.cycles - TERN_ISS_CYCLES_COUNTER_LATE;
    return (uint32_t)(function & 0x80u ? count >> 32 : count);
}

// The result of an instruction that only writes rd.
static inline uint32_t compute(const struct tern_iss *iss, const struct iss_instruction *in) {
    const uint32_t a = iss->state.x[in->rs1], b = iss->state.x[in->rs2];
    switch (in->kind) {
    case ISS_ALU_IMMEDIATE: return alu(in->function, a, in->immediate);
    case ISS_ALU: return alu(in->function, a, b);
    case ISS_CONSTANT: return in->immediate;
    case ISS_MULTIPLY: return multiply(in->function, a, b);
    case ISS_DIVIDE: return divide(in->function, a, b);
    case ISS_FLOAT: return iss_float(in->function, in->immediate, a, b);
    default: return counter(iss, in->function);
    }
}

// false: the core has trapped.
static inline bool execute(struct tern_iss *iss, const struct iss_instruction *in) {
    struct tern_iss_state *state = &iss->state;
    state->instructions++;
    state->cycles += in->cycles;
    switch (in->kind) {
    case ISS_LOAD: return load(iss, in);
    case ISS_STORE: return store(iss, in);
    case ISS_BRANCH: return branch(iss, in);
    case ISS_JAL: return jump(iss, in, in->immediate);
    case ISS_JALR: return jump(iss, in, (state->x[in->rs1] + in->immediate) & ~1u);
    case ISS_TRAP:
        return trap(iss, in, (enum tern_iss_cause)in->function, in->immediate,
                    in->function == TERN_ISS_ILLEGAL ? TERN_ISS_CYCLES_ILLEGAL : TERN_ISS_CYCLES_CALL);
    case ISS_FENCE: break;
    default: state->x[in->rd] = compute(iss, in); break;
    }
    state->pc += 4;
    return true;
}

// Instructions outside boot memory are decoded each time.
static bool step(struct tern_iss *iss) {
    const uint32_t pc = iss->state.pc, index = (pc - TERN_BOOT_BASE) / 4;
    struct iss_instruction far, *in = index < TERN_BOOT_BYTES / 4 ? &iss->decoded[index] : &far;
    if (in == &far || in->kind == ISS_NOT_DECODED) {
        *in = iss_decode(read_word(iss, pc), pc);
    }
    const bool goes_on = execute(iss, in);
    iss->state.x[0] = 0;
    return goes_on;
}

enum tern_iss_stop tern_iss_run(struct tern_iss *iss, uint64_t cycle_limit) {
    iss->stops = false;
    while (iss->state.trap == TERN_ISS_NO_TRAP && iss->state.cycles < cycle_limit) {
        if (!step(iss)) {
            break;
        }
        if (iss->stops) {
            return TERN_ISS_BUS_STOPPED;
        }
    }
    return iss->state.trap == TERN_ISS_NO_TRAP ? TERN_ISS_AT_LIMIT : TERN_ISS_TRAPPED;
}

void tern_iss_reset(struct tern_iss *iss) {
    memset(&iss->state, 0, sizeof iss->state);
    memset(iss->decoded, 0, sizeof iss->decoded);
    iss->state.pc = TERN_BOOT_BASE;
    iss->state.x[2] = TERN_BOOT_BYTES;
    iss->state.cycles = TERN_ISS_CYCLES_RESET;
}

struct tern_iss *tern_iss_create(const struct tern_iss_machine *machine) {
    struct tern_iss *iss = malloc(sizeof *iss);
    if (iss) {
        iss->machine = *machine;
        tern_iss_reset(iss);
    }
    return iss;
}

void tern_iss_destroy(struct tern_iss *iss) {
    free(iss);
}

struct tern_iss_state *tern_iss_state_of(struct tern_iss *iss) {
    return &iss->state;
}
