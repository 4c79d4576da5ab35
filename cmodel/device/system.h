// SPDX-License-Identifier: Apache-2.0
// The system registers: identity, mailbox, window, timer. Model of rtl/soc/tern_system_registers.v.
#ifndef TERN_CMODEL_DEVICE_SYSTEM_H
#define TERN_CMODEL_DEVICE_SYSTEM_H

#include "cmodel/device/memory.h"
#include "cmodel/device/registers.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_system_unit {
    struct tern_registers registers;
    uint64_t time; // cycles
};

// The contents of HARDWARE and MAX_GROUPS.
struct tern_hardware {
    uint32_t lanes, vectors, ways, attention, max_groups;
};

void tern_system_unit_reset(struct tern_system_unit *unit, const struct tern_hardware *hardware);
uint32_t tern_system_unit_read(struct tern_system_unit *unit, uint32_t offset);
void tern_system_unit_write(struct tern_system_unit *unit, uint32_t offset, uint32_t value);
// Advances TIME.
void tern_system_unit_step(struct tern_system_unit *unit, uint64_t cycles);

struct tern_window tern_system_unit_window(const struct tern_system_unit *unit);

#ifdef __cplusplus
}
#endif

#endif
