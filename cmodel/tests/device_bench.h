// SPDX-License-Identifier: Apache-2.0
// A device model with random memory, for tests of its units without firmware. Its window leaves out both ends of
// memory.
#ifndef TERN_CMODEL_TESTS_DEVICE_BENCH_H
#define TERN_CMODEL_TESTS_DEVICE_BENCH_H

#include <stdint.h>

#include "cmodel/device/device_model.h"
#include "spec/generated/tern_spec.h"

#define BASE ((uint64_t)TERN_DEVICE_MEMORY_BASE)
#define BYTES 0x20000u
#define WINDOW 0x1000u // offset of the window from the start and the end of memory
#define SEED 20265

struct device {
    struct tern_device_model *model;
    uint8_t *memory;
};

struct device open_device(void);
void close_device(struct device *device);
void put(struct device *device, uint32_t address, uint32_t value);
void put_pair(struct device *device, uint32_t address, uint64_t value);
uint32_t get(struct device *device, uint32_t address);

#endif
