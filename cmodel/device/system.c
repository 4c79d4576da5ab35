// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/system.h"

#include <string.h>

void tern_system_unit_reset(struct tern_system_unit *unit, const struct tern_hardware *hardware) {
    struct tern_registers *registers = &unit->registers;
    memset(unit, 0, sizeof *unit);
    registers->block = TERN_BLOCK_SYSTEM;
    tern_registers_set(registers, TERN_SYSTEM_REG_ID, TERN_SYSTEM_ID);
    tern_registers_set(registers, TERN_SYSTEM_REG_INTERFACE, TERN_INTERFACE_VERSION);
    tern_registers_set(registers, TERN_SYSTEM_REG_SPEC_HASH, TERN_SPEC_HASH);
    tern_registers_set(registers, TERN_SYSTEM_REG_HARDWARE,
                       TERN_FIELD_PUT(SYSTEM_HARDWARE_LANES, hardware->lanes) |
                           TERN_FIELD_PUT(SYSTEM_HARDWARE_DEPTH, TERN_MAX_DEPTH) |
                           TERN_FIELD_PUT(SYSTEM_HARDWARE_VECTORS, hardware->vectors) |
                           TERN_FIELD_PUT(SYSTEM_HARDWARE_WAYS, hardware->ways) |
                           TERN_FIELD_PUT(SYSTEM_HARDWARE_ATTENTION, hardware->attention));
    tern_registers_set(registers, TERN_SYSTEM_REG_MAX_GROUPS, hardware->max_groups);
    tern_registers_set(registers, TERN_SYSTEM_REG_CLOCK_HZ, TERN_CLOCK_HZ);
}

uint32_t tern_system_unit_read(struct tern_system_unit *unit, uint32_t offset) {
    switch (offset) {
    case TERN_SYSTEM_REG_STATUS:
        return TERN_FIELD_PUT(
            SYSTEM_STATUS_RUNS,
            TERN_FIELD_GET(SYSTEM_CONTROL_RUN, tern_registers_get(&unit->registers, TERN_SYSTEM_REG_CONTROL)));
    case TERN_SYSTEM_REG_TIME_LO: return (uint32_t)unit->time;
    case TERN_SYSTEM_REG_TIME_HI: return (uint32_t)(unit->time >> 32);
    default: return tern_registers_read(&unit->registers, offset);
    }
}

void tern_system_unit_write(struct tern_system_unit *unit, uint32_t offset, uint32_t value) {
    tern_registers_write(&unit->registers, offset, value);
}

void tern_system_unit_step(struct tern_system_unit *unit, uint64_t cycles) {
    unit->time += cycles;
}

struct tern_window tern_system_unit_window(const struct tern_system_unit *unit) {
    return (struct tern_window){tern_registers_get_pair(&unit->registers, TERN_SYSTEM_REG_WINDOW_BASE_LO),
                                tern_registers_get_pair(&unit->registers, TERN_SYSTEM_REG_WINDOW_BYTES_LO)};
}
