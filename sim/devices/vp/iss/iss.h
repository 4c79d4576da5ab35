// SPDX-License-Identifier: Apache-2.0
// Interpreter of the controller's processor, for simulations without RTL. It runs the program that rtl/core/tern_core.v
// runs: RV32IM, float32 in integer registers (Zfinx without a third operand), the counters of picorv32. Registers,
// memory and traps are those of the RTL, bit for bit. So are the cycles of a program in boot memory, while the host
// leaves the native bus alone.
//
// Boot and scratch memory are arrays of the caller. Every other access is a call of `access`. There are no interrupts.
// The host must be little-endian. Instructions of boot memory are decoded once, and again after a store of the core.
// Of what somebody else writes there, tern_iss_written() or tern_iss_reset() must hear. A store to one of the next two
// instructions takes effect here. The RTL has already fetched them.
#ifndef TERN_SIM_DEVICES_VP_ISS_H
#define TERN_SIM_DEVICES_VP_ISS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tern_iss;

// Cycles in the SoC, where boot memory reads the next word ahead (rtl/bus/tern_native_bus.v). Each was measured on the
// Verilated core behind that bus: `iss_bench cycles` prints them, and the test vp.iss compares the sums.
enum tern_iss_cycles {
    TERN_ISS_CYCLES_RESET = 3, // before the first instruction
    TERN_ISS_CYCLES_ALU = 3,   // also lui, auipc, fence, a branch that is not taken
    TERN_ISS_CYCLES_COUNTER = 4,
    TERN_ISS_CYCLES_COUNTER_LATE = 2, // of these, after the count was read
    TERN_ISS_CYCLES_LOAD = 6,
    TERN_ISS_CYCLES_LOAD_FAR = 1, // more, from scratch memory or a unit
    TERN_ISS_CYCLES_STORE = 5,
    TERN_ISS_CYCLES_MULTIPLY = 6,
    TERN_ISS_CYCLES_DIVIDE = 40, // also remainder
    TERN_ISS_CYCLES_FLOAT = 10,
    TERN_ISS_CYCLES_TAKEN = 3, // more, for a branch that is taken
    TERN_ISS_CYCLES_JAL = 3,
    TERN_ISS_CYCLES_JALR = 6,
    TERN_ISS_CYCLES_JUMP_FAR = 1, // more, when the target of jal or jalr is not the next word
    // From the begin of an instruction that traps to the core's output `trap`. picorv32 gives its coprocessors time.
    TERN_ISS_CYCLES_ILLEGAL = 21,
    TERN_ISS_CYCLES_CALL = 4, // ecall, ebreak
    TERN_ISS_CYCLES_MISALIGNED = 6,
    TERN_ISS_CYCLES_JAL_MISALIGNED = 5,
    TERN_ISS_CYCLES_JUMP_MISALIGNED = 7, // jalr or a branch
};

enum tern_iss_cause {
    TERN_ISS_NO_TRAP,
    TERN_ISS_ILLEGAL, // address: the instruction word
    TERN_ISS_ECALL,   // address: 0
    TERN_ISS_EBREAK,  // address: 0
    TERN_ISS_LOAD,    // a misaligned address. The aligned word has been read, no register changes
    TERN_ISS_STORE,   // a misaligned address. As picorv32 does, the store has gone to the aligned address
    TERN_ISS_JUMP,    // a misaligned target in `address`; the link register is written
    TERN_ISS_CAUSE_COUNT,
};

enum tern_iss_stop {
    TERN_ISS_AT_LIMIT,    // the count of cycles has reached the limit
    TERN_ISS_BUS_STOPPED, // an access answered TERN_ISS_STALL
    TERN_ISS_TRAPPED,     // until reset
};

enum tern_iss_answer {
    TERN_ISS_OK,
    TERN_ISS_STALL, // tern_iss_run() returns after this instruction
};

// An access to a word that is neither boot nor scratch memory. strobes: the bytes that are written, 0 for a read. *word
// is what is written, or takes what is read. *wait is 0 and takes the cycles that the core waits beyond those of an
// access to SYSTEM: 1 for a read through rtl/bus/tern_register_port.v.
typedef enum tern_iss_answer tern_iss_access(void *context, uint32_t address, uint32_t strobes, uint32_t *word,
                                             uint32_t *wait);

struct tern_iss_machine {
    uint8_t *boot;    // TERN_BOOT_BYTES at TERN_BOOT_BASE
    uint8_t *scratch; // TERN_SCRATCH_BYTES at TERN_SCRATCH_BASE
    tern_iss_access *access;
    void *context;
};

struct tern_iss_state {
    uint32_t x[32]; // x[0] is 0
    uint32_t pc;    // of the next instruction, or of the one that trapped
    enum tern_iss_cause trap;
    uint32_t trap_address;
    uint64_t cycles, instructions; // since reset; an instruction that traps counts
};

// NULL: out of memory. The core is in reset.
struct tern_iss *tern_iss_create(const struct tern_iss_machine *machine);
void tern_iss_destroy(struct tern_iss *iss); // NULL is fine

// pc and the counts begin anew, sp is the end of boot memory, other registers are 0. Boot memory may have changed.
void tern_iss_reset(struct tern_iss *iss);

// Somebody else has written the word at `address`, which may be any.
void tern_iss_written(struct tern_iss *iss, uint32_t address);

// Runs until `cycles` is at least cycle_limit, or an earlier stop. During an access `cycles` and `instructions` contain
// the instruction of the access, without its *wait.
enum tern_iss_stop tern_iss_run(struct tern_iss *iss, uint64_t cycle_limit);

// The state may be changed between two runs. rdcycle reads `cycles`. In the SoC it does not count while the core
// sleeps.
struct tern_iss_state *tern_iss_state_of(struct tern_iss *iss);

#ifdef __cplusplus
}
#endif
#endif
