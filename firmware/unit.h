// SPDX-License-Identifier: Apache-2.0
// Units that run commands. A unit is the address of its registers. The registers of its frame are at the
// same offsets in each: CONTROL, STATUS, the detail of a failure, counters. A unit takes its registers at start, so the
// next command can be programmed while it runs. Inline is what lies between the end of a run and the start of the next.
#ifndef TERN_FIRMWARE_UNIT_H
#define TERN_FIRMWARE_UNIT_H

#include "firmware/check.h"
#include "firmware/wait.h"

#define TERN_UNIT_REG_CONTROL TERN_MATMUL_REG_CONTROL
#define TERN_UNIT_REG_STATUS TERN_MATMUL_REG_STATUS
#define TERN_UNIT_REG_DETAIL TERN_MATMUL_REG_ERROR_DETAIL
#define TERN_UNIT_REG_RUN TERN_MATMUL_REG_CYCLES_LO
#define TERN_UNIT_REG_WORKED TERN_MATMUL_REG_TAKEN_LO // changes while the unit works
#define TERN_UNIT_REG_STARVED TERN_MATMUL_REG_STARVED_LO
#define TERN_UNIT_REG_STALLED TERN_MATMUL_REG_STALLED_LO

static inline uint32_t tern_unit_read(struct tern_context *context, uint32_t unit, uint32_t offset) {
    return tern_port_read(context->port, unit + offset);
}

static inline void tern_unit_write_pair(struct tern_context *context, uint32_t address, uint64_t value) {
    tern_port_write(context->port, address, (uint32_t)value);
    tern_port_write(context->port, address + 4, (uint32_t)(value >> 32));
}

// Set a register of a unit, or a pair of registers, by name: the address is then a constant.
#define TERN_SET(context, unit, name, value)                                                                           \
    tern_port_write((context)->port, TERN_##unit##_BASE + TERN_##unit##_REG_##name, value)
#define TERN_SET_PAIR(context, unit, name, value)                                                                      \
    tern_unit_write_pair(context, TERN_##unit##_BASE + TERN_##unit##_REG_##name##_LO, value)

// Checks a field of the command, a buffer at a multiple of TERN_SEGMENT_ALIGN. Then sets a pair of registers to it,
// while its words are in the core's. A command that is refused later leaves what the next one overwrites.
#define TERN_GIVE_BUFFER(name, field, bytes, unit, register_name)                                                      \
    do {                                                                                                               \
        TERN_TRY(                                                                                                      \
            tern_check_buffer(context, TERN_WORD(name, field), command->field, bytes, TERN_SEGMENT_ALIGN, is_exact));  \
        TERN_SET_PAIR(context, unit, register_name, command->field);                                                   \
    } while (0)

// The event of SLEEP: the unit is not busy.
static inline uint32_t tern_unit_event(uint32_t unit) {
    return 1u << (unit >> 16 & 3);
}

static inline bool tern_unit_is_busy(struct tern_context *context, uint32_t unit) {
    return tern_is_busy(context, unit + TERN_UNIT_REG_STATUS);
}

// Ends an earlier run that did not end on abort. UNIT_BUSY when it still does not.
enum tern_status tern_unit_recover(struct tern_context *context, uint32_t unit);
// Aborts a run that came to no end, and returns TIMEOUT.
enum tern_status tern_unit_abort(struct tern_context *context, uint32_t unit);

// Starts the unit with a value of CONTROL. UNIT_BUSY when it has not recovered from an earlier run.
static inline enum tern_status tern_unit_start(struct tern_context *context, uint32_t unit, uint32_t control) {
    if (tern_unit_is_busy(context, unit)) {
        TERN_TRY(tern_unit_recover(context, unit));
    }
    tern_port_write(context->port, unit + TERN_UNIT_REG_CONTROL, control);
    return TERN_STATUS_OK;
}

// tern_wait for a unit that runs commands.
static inline enum tern_status tern_unit_wait_end(struct tern_context *context, uint32_t unit, uint32_t *word) {
    return tern_wait(context, unit + TERN_UNIT_REG_STATUS, tern_unit_event(unit), unit + TERN_UNIT_REG_WORKED, word);
}

// Waits for the end of the run and aborts it at the limit, which counts from the last progress. Returns the run's
// status.
static inline enum tern_status tern_unit_wait(struct tern_context *context, uint32_t unit) {
    uint32_t word;
    if (tern_unit_wait_end(context, unit, &word) != TERN_STATUS_OK) {
        return tern_unit_abort(context, unit);
    }
    return (enum tern_status)TERN_FIELD_GET(MATMUL_STATUS_CODE, word);
}

// The detail of a failed run.
static inline uint32_t tern_unit_detail(struct tern_context *context, uint32_t unit) {
    return tern_unit_read(context, unit, TERN_UNIT_REG_DETAIL);
}

#endif
