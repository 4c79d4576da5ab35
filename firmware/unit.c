// SPDX-License-Identifier: Apache-2.0
#include "firmware/unit.h"

#define FRAME(unit, detail, worked)                                                                                    \
    _Static_assert(TERN_##unit##_REG_CONTROL == TERN_UNIT_REG_CONTROL &&                                               \
                       TERN_##unit##_REG_STATUS == TERN_UNIT_REG_STATUS &&                                             \
                       TERN_##unit##_REG_##detail == TERN_UNIT_REG_DETAIL &&                                           \
                       TERN_##unit##_CONTROL_START_MASK == TERN_MATMUL_CONTROL_START_MASK &&                           \
                       TERN_##unit##_CONTROL_ABORT_MASK == TERN_MATMUL_CONTROL_ABORT_MASK &&                           \
                       TERN_##unit##_STATUS_BUSY_MASK == TERN_MATMUL_STATUS_BUSY_MASK &&                               \
                       TERN_##unit##_STATUS_CODE_MASK == TERN_MATMUL_STATUS_CODE_MASK &&                               \
                       TERN_##unit##_REG_CYCLES_LO == TERN_UNIT_REG_RUN &&                                             \
                       TERN_##unit##_REG_##worked##_LO == TERN_UNIT_REG_WORKED &&                                      \
                       TERN_##unit##_REG_STARVED_LO == TERN_UNIT_REG_STARVED &&                                        \
                       TERN_##unit##_REG_STALLED_LO == TERN_UNIT_REG_STALLED,                                          \
                   "the frame of a unit")
#define EVENT(unit)                                                                                                    \
    _Static_assert(TERN_SYSTEM_SLEEP_##unit##_MASK == 1u << (TERN_##unit##_BASE >> 16 & 3), "the event of a unit")
EVENT(MATMUL);
EVENT(VECTOR);
EVENT(ATTENTION);
FRAME(VECTOR, ERROR_ELEMENT, ISSUED);
FRAME(ATTENTION, ERROR, TAKEN);

static enum tern_status abort_run(struct tern_context *context, uint32_t unit) {
    uint32_t word;
    tern_port_write(context->port, unit + TERN_UNIT_REG_CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
    return tern_unit_wait_end(context, unit, &word);
}

enum tern_status tern_unit_recover(struct tern_context *context, uint32_t unit) {
    return abort_run(context, unit) == TERN_STATUS_OK ? TERN_STATUS_OK : TERN_STATUS_UNIT_BUSY;
}

enum tern_status tern_unit_abort(struct tern_context *context, uint32_t unit) {
    (void)abort_run(context, unit);
    return TERN_STATUS_TIMEOUT;
}
