// SPDX-License-Identifier: Apache-2.0
// Units that run commands. CONTROL, STATUS and the detail of a failure are at the same offsets in each. A unit takes
// its registers at start, so the next command can be programmed while it runs. Inline is what lies between the end of a
// run and the start of the next.
#ifndef TERN_FIRMWARE_UNIT_H
#define TERN_FIRMWARE_UNIT_H

#include "firmware/context.h"
#include "firmware/wait.h"

struct tern_unit {
    uint32_t base;     // of its registers
    uint32_t progress; // offset of a counter that changes while the unit works
    // Addresses of the counters of a profile. Short commands wait for the core, so it does not add offsets here.
    uint32_t run, worked, starved, stalled;
};

extern const struct tern_unit tern_matmul_unit, tern_vector_unit, tern_attention_unit;

static inline void tern_unit_write_pair(struct tern_context *context, uint32_t address, uint64_t value) {
    tern_port_write(context->port, address, (uint32_t)value);
    tern_port_write(context->port, address + 4, (uint32_t)(value >> 32));
}

// Set a register of a unit, or a pair of registers, by name: the address is then a constant.
#define TERN_SET(context, unit, name, value)                                                                           \
    tern_port_write((context)->port, TERN_##unit##_BASE + TERN_##unit##_REG_##name, value)
#define TERN_SET_PAIR(context, unit, name, value)                                                                      \
    tern_unit_write_pair(context, TERN_##unit##_BASE + TERN_##unit##_REG_##name##_LO, value)

static inline bool tern_unit_is_busy(struct tern_context *context, const struct tern_unit *unit) {
    return tern_is_busy(context, unit->base + TERN_MATMUL_REG_STATUS);
}

// Ends an earlier run that did not end on abort. UNIT_BUSY when it still does not.
enum tern_status tern_unit_recover(struct tern_context *context, const struct tern_unit *unit);
// Aborts a run that came to no end, and returns TIMEOUT.
enum tern_status tern_unit_abort(struct tern_context *context, const struct tern_unit *unit);

// Starts the unit with a value of CONTROL. UNIT_BUSY when it has not recovered from an earlier run.
static inline enum tern_status tern_unit_start(struct tern_context *context, const struct tern_unit *unit,
                                               uint32_t control) {
    if (tern_unit_is_busy(context, unit)) {
        TERN_TRY(tern_unit_recover(context, unit));
    }
    tern_port_write(context->port, unit->base + TERN_MATMUL_REG_CONTROL, control);
    return TERN_STATUS_OK;
}

// Waits for the end of the run and aborts it at the limit, which counts from the last progress. Returns the run's
// status.
static inline enum tern_status tern_unit_wait(struct tern_context *context, const struct tern_unit *unit) {
    uint32_t word;
    if (tern_wait(context, unit->base + TERN_MATMUL_REG_STATUS, unit->base + unit->progress, &word) != TERN_STATUS_OK) {
        return tern_unit_abort(context, unit);
    }
    return (enum tern_status)TERN_FIELD_GET(MATMUL_STATUS_CODE, word);
}

// The detail of a failed run.
uint32_t tern_unit_detail(struct tern_context *context, const struct tern_unit *unit);

#endif
