// SPDX-License-Identifier: Apache-2.0
// Units that run commands. CONTROL, STATUS and the detail of a failure are at the same offsets in each. A unit takes
// its registers at start, so the next command can be programmed while it runs.
#ifndef TERN_FIRMWARE_UNIT_H
#define TERN_FIRMWARE_UNIT_H

#include "firmware/context.h"

struct tern_unit {
    uint32_t base;                     // of its registers
    uint32_t progress;                 // offset of a counter that changes while the unit works
    uint32_t starved, stalled, cycles; // offsets of counters for the profile
};

extern const struct tern_unit tern_matmul_unit, tern_vector_unit, tern_attention_unit;

static inline void tern_unit_write(struct tern_context *context, const struct tern_unit *unit, uint32_t offset,
                                   uint32_t value) {
    tern_port_write(context->port, unit->base + offset, value);
}

static inline void tern_unit_write_pair(struct tern_context *context, const struct tern_unit *unit, uint32_t offset,
                                        uint64_t value) {
    tern_unit_write(context, unit, offset, (uint32_t)value);
    tern_unit_write(context, unit, offset + 4, (uint32_t)(value >> 32));
}

bool tern_unit_is_busy(struct tern_context *context, const struct tern_unit *unit);
// Starts the unit with a value of CONTROL. UNIT_BUSY when it has not recovered from an earlier run.
enum tern_status tern_unit_start(struct tern_context *context, const struct tern_unit *unit, uint32_t control);
// Waits for the end of the run and aborts it at the limit, which counts from the last progress. Returns the run's
// status; context->detail is that of a failure.
enum tern_status tern_unit_finish(struct tern_context *context, const struct tern_unit *unit);

#endif
