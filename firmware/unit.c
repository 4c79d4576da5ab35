// SPDX-License-Identifier: Apache-2.0
#include "firmware/unit.h"

#define CONTROL TERN_MATMUL_REG_CONTROL
#define STATUS TERN_MATMUL_REG_STATUS
#define DETAIL TERN_MATMUL_REG_ERROR_DETAIL
_Static_assert(TERN_ATTENTION_REG_CONTROL == CONTROL && TERN_ATTENTION_REG_STATUS == STATUS &&
                   TERN_ATTENTION_REG_ERROR == DETAIL &&
                   TERN_ATTENTION_CONTROL_ABORT_MASK == TERN_MATMUL_CONTROL_ABORT_MASK &&
                   TERN_ATTENTION_CONTROL_START_MASK == TERN_MATMUL_CONTROL_START_MASK &&
                   TERN_ATTENTION_STATUS_BUSY_MASK == TERN_MATMUL_STATUS_BUSY_MASK,
               "the frame of a unit");
_Static_assert(TERN_VECTOR_REG_CONTROL == CONTROL && TERN_VECTOR_REG_STATUS == STATUS &&
                   TERN_VECTOR_REG_ERROR_ELEMENT == DETAIL &&
                   TERN_VECTOR_CONTROL_ABORT_MASK == TERN_MATMUL_CONTROL_ABORT_MASK &&
                   TERN_VECTOR_CONTROL_START_MASK == TERN_MATMUL_CONTROL_START_MASK &&
                   TERN_VECTOR_STATUS_BUSY_MASK == TERN_MATMUL_STATUS_BUSY_MASK,
               "the frame of a unit");

#define UNIT(name, progress)                                                                                           \
    {                                                                                                                  \
        TERN_##name##_BASE, TERN_##name##_REG_##progress##_LO, TERN_##name##_BASE + TERN_##name##_REG_CYCLES_LO,       \
            TERN_##name##_BASE + TERN_##name##_REG_##progress##_LO, TERN_##name##_BASE + TERN_##name##_REG_STARVED_LO, \
            TERN_##name##_BASE + TERN_##name##_REG_STALLED_LO                                                          \
    }
const struct tern_unit tern_matmul_unit = UNIT(MATMUL, TAKEN);
const struct tern_unit tern_vector_unit = UNIT(VECTOR, ISSUED);
const struct tern_unit tern_attention_unit = UNIT(ATTENTION, TAKEN);

static enum tern_status abort_run(struct tern_context *context, const struct tern_unit *unit) {
    uint32_t word;
    tern_port_write(context->port, unit->base + CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
    return tern_wait(context, unit->base + STATUS, unit->base + unit->progress, &word);
}

enum tern_status tern_unit_recover(struct tern_context *context, const struct tern_unit *unit) {
    return abort_run(context, unit) == TERN_STATUS_OK ? TERN_STATUS_OK : TERN_STATUS_UNIT_BUSY;
}

enum tern_status tern_unit_abort(struct tern_context *context, const struct tern_unit *unit) {
    (void)abort_run(context, unit);
    return TERN_STATUS_TIMEOUT;
}

uint32_t tern_unit_detail(struct tern_context *context, const struct tern_unit *unit) {
    return tern_port_read(context->port, unit->base + DETAIL);
}
