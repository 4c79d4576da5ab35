// SPDX-License-Identifier: Apache-2.0
// One row for each command of the specification: a valid command, and what its words hold. The tests of the firmware,
// of the soft core and of the SoC walk the rows. A new command is one function in operands.c.
#ifndef TERN_FIRMWARE_TESTS_OPERANDS_H
#define TERN_FIRMWARE_TESTS_OPERANDS_H

#include <stdbool.h>

#include "firmware/tests/build.h"

enum operand_kind {
    OPERAND_COUNT,  // 1..limit
    OPERAND_STRIDE, // bytes between the rows of the buffer at `of`, a multiple of `align`
    OPERAND_BUFFER, // `bytes` bytes at a multiple of `align`
    OPERAND_INPUT,  // the same, float32 that arithmetic reads
    OPERAND_OUTPUT, // the same, float32 that arithmetic writes
    OPERAND_OTHER,  // has a check of its own in test_checks.c
};

struct operand {
    enum operand_kind kind;
    uint32_t word, limit, of, align;
    uint64_t bytes;
};

#define OPERANDS_MOST 12

struct operands {
    union tern_command first, command; // `first` runs before `command`; often a NOP
    double elements;                   // the divisor of cycles
    // An elementwise command: one element in double precision, and the relative error that is allowed. NULL:
    // test_commands.c has a test of the command's own.
    double (*element)(double left, double right);
    double relative;
    struct operand list[OPERANDS_MOST];
    size_t count;
};

struct operands_row {
    const char *name;
    // Makes the command with random operands, of about `size` elements.
    void (*make)(struct bench *bench, uint32_t size, struct operands *operands);
};

// By opcode.
extern const struct operands_row operands_rows[TERN_OPCODE_COUNT];

uint64_t operands_address(const struct operands *operands, uint32_t word);
void operands_set_address(struct operands *operands, uint32_t word, uint64_t address);
// The operand number `index` of this kind, counted from 0; NULL: there is none.
const struct operand *operands_find(const struct operands *operands, enum operand_kind kind, size_t index);
// Whether an operand is at this word of the command.
bool operands_cover(const struct operands *operands, uint32_t word);

#endif
