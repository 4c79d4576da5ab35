// SPDX-License-Identifier: Apache-2.0
// Compares the register blocks of a device with the list of spec/: the bits that each word keeps and reads. Before and
// after, the device is at rest and its core held. The first wrong word fails the test.
#ifndef TERN_CMODEL_TESTS_REGISTER_WALK_H
#define TERN_CMODEL_TESTS_REGISTER_WALK_H

#include <stdint.h>

#define REGISTER_WALK_BLOCK_BYTES 0x1000u // of each register block in the address map

struct register_device {
    void *context;
    uint32_t (*read)(void *context, uint32_t address);
    void (*write)(void *context, uint32_t address, uint32_t value);
};

// Writes random words to all registers, then reads them, several times. A read-write word keeps exactly the bits of its
// fields. A read-only word ignores the write. A write-only word reads 0, and so does one that is not in the list. No
// unit starts: control registers get only bits without a field, SYSTEM CONTROL all bits but RUN.
void register_walk(const struct register_device *device, uint64_t seed);

// Tests each bit of the control registers. Bits without a field must do nothing. The units are started on
// operands that they refuse. If the device has a core, it runs one instruction for ever.
void register_walk_controls(const struct register_device *device);

#endif
