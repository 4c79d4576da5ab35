// SPDX-License-Identifier: Apache-2.0
// The registers of one unit, word by word. spec/tern.toml gives their access and fields. Offsets are those of the spec
// and below TERN_REGISTER_BYTES. A word that the spec does not name reads 0 and ignores writes.
#ifndef TERN_CMODEL_DEVICE_REGISTERS_H
#define TERN_CMODEL_DEVICE_REGISTERS_H

#include <stdint.h>

#include "spec/generated/tern_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_REGISTER_BYTES 0x200u // of a register block; the spec's last register ends below

enum tern_register_block {
#define TERN_BLOCK_ENTRY(block) TERN_BLOCK_##block,
    TERN_BLOCK_LIST(TERN_BLOCK_ENTRY)
#undef TERN_BLOCK_ENTRY
        TERN_BLOCK_COUNT
};

struct tern_registers {
    enum tern_register_block block;
    uint32_t words[TERN_REGISTER_BYTES / 4];
};

// Accesses of the bus. A write-only word reads 0. A write changes only the defined bits of a read-write word.
uint32_t tern_registers_read(const struct tern_registers *registers, uint32_t offset);
void tern_registers_write(struct tern_registers *registers, uint32_t offset, uint32_t value);

// Accesses of the unit itself. They ignore the access of the spec.
static inline uint32_t tern_registers_get(const struct tern_registers *registers, uint32_t offset) {
    return registers->words[offset / 4];
}

static inline void tern_registers_set(struct tern_registers *registers, uint32_t offset, uint32_t value) {
    registers->words[offset / 4] = value;
}

// A register of two words, the low one at `offset`.
static inline uint64_t tern_registers_get_pair(const struct tern_registers *registers, uint32_t offset) {
    return (uint64_t)registers->words[offset / 4 + 1] << 32 | registers->words[offset / 4];
}

static inline void tern_registers_add_pair(struct tern_registers *registers, uint32_t offset, uint64_t amount) {
    uint64_t sum = tern_registers_get_pair(registers, offset) + amount;
    registers->words[offset / 4] = (uint32_t)sum;
    registers->words[offset / 4 + 1] = (uint32_t)(sum >> 32);
}

#ifdef __cplusplus
}
#endif

#endif
