// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/registers.h"

// Indexed by register block and word. A word that is not in the list is all zero.
struct rule {
    uint32_t readable, writable; // bits
};

#define READABLE(access, bits) (TERN_ACCESS_##access == TERN_ACCESS_WO ? 0 : (bits))
#define WRITABLE(access, bits) (TERN_ACCESS_##access == TERN_ACCESS_RW ? (bits) : 0)
#define RULE(block, name, offset, access, bits, captured, vectors)                                                     \
    [TERN_BLOCK_##block][(offset) / 4] = {READABLE(access, bits), WRITABLE(access, bits)},
static const struct rule rules[TERN_BLOCK_COUNT][TERN_REGISTER_BYTES / 4] = {TERN_REGISTER_LIST(RULE)};

uint32_t tern_registers_read(const struct tern_registers *registers, uint32_t offset) {
    return registers->words[offset / 4] & rules[registers->block][offset / 4].readable;
}

void tern_registers_write(struct tern_registers *registers, uint32_t offset, uint32_t value) {
    const uint32_t writable = rules[registers->block][offset / 4].writable;
    registers->words[offset / 4] = (value & writable) | (registers->words[offset / 4] & ~writable);
}
