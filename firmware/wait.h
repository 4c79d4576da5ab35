// SPDX-License-Identifier: Apache-2.0
// Waits for a unit, with a limit. Inline, because a call would take a good part of a short copy.
#ifndef TERN_FIRMWARE_WAIT_H
#define TERN_FIRMWARE_WAIT_H

#include <stdbool.h>

#include "firmware/context.h"

_Static_assert(TERN_DMA_STATUS_BUSY_MASK == TERN_MATMUL_STATUS_BUSY_MASK, "BUSY is the same bit in every unit");

static inline bool tern_is_busy(struct tern_context *context, uint32_t status_address) {
    return TERN_FIELD_GET(DMA_STATUS_BUSY, tern_port_read(context->port, status_address));
}

static inline uint32_t tern_time(struct tern_context *context) {
    return tern_port_read(context->port, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_TIME_LO);
}

#define TERN_SLEEP_MOST 1000 // cycles, so that a unit that hangs is seen

// Sleeps until one of the events of SLEEP.
static inline void tern_sleep(struct tern_context *context, uint32_t events) {
    tern_port_write(context->port, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_SLEEP,
                    events | TERN_FIELD_PUT(SYSTEM_SLEEP_CYCLES, TERN_SLEEP_MOST));
}

// Waits until the unit with this STATUS register and event of SLEEP is not busy. *status: the register's word then.
// TIMEOUT after wait_limit cycles without a change of the progress register.
static inline enum tern_status tern_wait(struct tern_context *context, uint32_t status_address, uint32_t event,
                                         uint32_t progress_address, uint32_t *status) {
    *status = tern_port_read(context->port, status_address);
    if (!TERN_FIELD_GET(DMA_STATUS_BUSY, *status)) {
        return TERN_STATUS_OK;
    }
    uint32_t start = tern_time(context);
    uint32_t progress = tern_port_read(context->port, progress_address);
    for (;;) {
        tern_sleep(context, event);
        *status = tern_port_read(context->port, status_address);
        if (!TERN_FIELD_GET(DMA_STATUS_BUSY, *status)) {
            return TERN_STATUS_OK;
        }
        uint32_t now = tern_time(context);
        uint32_t progress_now = tern_port_read(context->port, progress_address);
        if (progress_now != progress) {
            progress = progress_now;
            start = now;
        } else if (now - start > context->wait_limit) {
            return TERN_STATUS_TIMEOUT;
        }
    }
}

#endif
