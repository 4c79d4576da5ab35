// SPDX-License-Identifier: Apache-2.0
// Decoded instructions and the float operations of the interpreter.
#ifndef TERN_SIM_DEVICES_VP_ISS_DECODE_H
#define TERN_SIM_DEVICES_VP_ISS_DECODE_H

#include <stdint.h>

enum iss_kind {
    ISS_NOT_DECODED,
    ISS_CONSTANT, // lui, auipc
    ISS_ALU_IMMEDIATE,
    ISS_ALU,
    ISS_LOAD,
    ISS_STORE,
    ISS_BRANCH,
    ISS_JAL,
    ISS_JALR,
    ISS_MULTIPLY,
    ISS_DIVIDE,
    ISS_FLOAT,
    ISS_COUNTER,
    ISS_FENCE,
    ISS_TRAP, // function: the cause
};

#define ISS_SUB_OR_SRA 8u     // in `function` of ISS_ALU and ISS_ALU_IMMEDIATE
#define ISS_FLOAT_UNSIGNED 8u // in `immediate` of ISS_FLOAT, beside funct3

struct iss_instruction {
    uint8_t kind;
    uint8_t function; // funct3; of ISS_FLOAT funct5; of ISS_COUNTER the CSR's bits 7 and 1
    uint8_t rd, rs1, rs2;
    uint8_t cycles;
    uint32_t immediate; // of jumps and branches the target, of auipc the result
};

// Decodes as picorv32 with its coprocessors does: what these do not know is ISS_TRAP.
struct iss_instruction iss_decode(uint32_t word, uint32_t pc);

// The operation funct5 of OP-FP on float32 bits. rounding: funct3, and ISS_FLOAT_UNSIGNED of conversions.
uint32_t iss_float(uint32_t funct5, uint32_t rounding, uint32_t a, uint32_t b);

#endif
