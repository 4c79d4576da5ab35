// SPDX-License-Identifier: Apache-2.0
#include "firmware/unit.h"

#include "firmware/wait.h"

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
        TERN_##name##_BASE, TERN_##name##_REG_##progress##_LO, TERN_##name##_REG_STARVED_LO,                           \
            TERN_##name##_REG_STALLED_LO, TERN_##name##_REG_CYCLES_LO                                                  \
    }
const struct tern_unit tern_matmul_unit = UNIT(MATMUL, TAKEN);
const struct tern_unit tern_vector_unit = UNIT(VECTOR, ISSUED);
const struct tern_unit tern_attention_unit = UNIT(ATTENTION, TAKEN);

// *word: STATUS at the end.
static enum tern_status wait(struct tern_context *context, const struct tern_unit *unit, uint32_t *word) {
    return tern_wait(context, unit->base + STATUS, unit->base + unit->progress, word);
}

bool tern_unit_is_busy(struct tern_context *context, const struct tern_unit *unit) {
    return tern_is_busy(context, unit->base + STATUS);
}

enum tern_status tern_unit_start(struct tern_context *context, const struct tern_unit *unit, uint32_t control) {
    uint32_t word;
    if (tern_unit_is_busy(context, unit)) { // an earlier run did not end on abort
        tern_unit_write(context, unit, CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
        if (wait(context, unit, &word) != TERN_STATUS_OK) {
            return TERN_STATUS_UNIT_BUSY;
        }
    }
    tern_unit_write(context, unit, CONTROL, control);
    return TERN_STATUS_OK;
}

enum tern_status tern_unit_finish(struct tern_context *context, const struct tern_unit *unit) {
    uint32_t word;
    enum tern_status status = wait(context, unit, &word);
    if (status == TERN_STATUS_OK) {
        status = (enum tern_status)TERN_FIELD_GET(MATMUL_STATUS_CODE, word);
    } else {
        tern_unit_write(context, unit, CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
        (void)wait(context, unit, &word);
    }
    if (status != TERN_STATUS_OK) {
        context->detail = tern_port_read(context->port, unit->base + DETAIL);
    }
    return status;
}
