// SPDX-License-Identifier: Apache-2.0
// The register blocks of a device against the list of spec/: what each word keeps of a write and what it reads. The
// device is at rest and its core held, before and after. The first wrong word fails the test.
#ifndef TERN_CMODEL_TESTS_REGISTER_WALK_H
#define TERN_CMODEL_TESTS_REGISTER_WALK_H

#include <stdint.h>

#define REGISTER_WALK_BLOCK_BYTES 0x1000u // of each register block in the address map

struct register_device {
    void *context;
    uint32_t (*read)(void *context, uint32_t address);
    void (*write)(void *context, uint32_t address, uint32_t value);
};

// Writes random words to all registers, then reads them, several times. A read-write word keeps exactly the bits that
// a field uses. A read-only word ignores the write. A write-only word and one that is not in the list read 0. Nothing
// is started: control registers get only bits without a field, SYSTEM CONTROL all bits but RUN.
void register_walk(const struct register_device *device, uint64_t seed);

// Each bit of the three control registers does what the spec says, the others nothing. The units are started on
// operands that they refuse; the core runs one instruction for ever, if the device has a core.
void register_walk_controls(const struct register_device *device);

#endif
