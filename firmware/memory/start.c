// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>

#include "firmware/dma.h"
#include "firmware/memory/controller.h"
#include "firmware/unit.h"

#define END_CYCLES 1000000u // a unit of an earlier program may take to end

static uint32_t system_read(struct tern_context *context, uint32_t offset) {
    return tern_port_read(context->port, TERN_SYSTEM_BASE + offset);
}

static const struct tern_memory_board *find_board(uint32_t number) {
    for (size_t i = 0; i < sizeof tern_memory_boards / sizeof *tern_memory_boards; i++) {
        if (tern_memory_boards[i].board == number) {
            return &tern_memory_boards[i];
        }
    }
    return NULL;
}

static void open_context(struct tern_context *context, struct tern_port *port) {
    context->port = port;
    context->scratch = tern_port_scratch(port);
    context->wait_limit = END_CYCLES;
    context->window_base = (uint64_t)system_read(context, TERN_SYSTEM_REG_WINDOW_BASE_HI) << 32 |
                           system_read(context, TERN_SYSTEM_REG_WINDOW_BASE_LO);
    context->window_bytes = (uint64_t)system_read(context, TERN_SYSTEM_REG_WINDOW_BYTES_HI) << 32 |
                            system_read(context, TERN_SYSTEM_REG_WINDOW_BYTES_LO);
}

// An earlier program may have left a run. Memory would never answer its bursts while it gets single commands.
static bool end_units(struct tern_context *context) {
    static const uint32_t units[] = {TERN_MATMUL_BASE, TERN_VECTOR_BASE, TERN_ATTENTION_BASE};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (tern_unit_is_busy(context, units[i]) && tern_unit_recover(context, units[i]) != TERN_STATUS_OK) {
            return false;
        }
    }
    return tern_dma_recover(context) == TERN_STATUS_OK;
}

static uint32_t make_ready(struct tern_context *context, struct tern_memory_report *report) {
    const struct tern_memory_board *board = find_board(system_read(context, TERN_SYSTEM_REG_BOARD));
    if (!board) {
        return TERN_MEMORY_NO_BOARD;
    }
    report->lanes = board->lanes;
    if (!end_units(context)) {
        return TERN_MEMORY_NO_ANSWER;
    }
    tern_memory_initialise(context, board);
    uint32_t state = tern_memory_level(context, board, report);
    tern_memory_hand_over(context, state == TERN_MEMORY_READY);
    if (state == TERN_MEMORY_READY) {
        state = tern_memory_test(context, report);
        tern_memory_hand_over(context, state == TERN_MEMORY_READY);
    }
    return state;
}

bool tern_memory_start(struct tern_port *port, struct tern_memory_report *report) {
    struct tern_context context;
    open_context(&context, port);
    if (!TERN_FIELD_GET(SYSTEM_HARDWARE_CONTROLLER, system_read(&context, TERN_SYSTEM_REG_HARDWARE))) {
        return true;
    }
    const uint32_t start = tern_time(&context);
    report->magic = TERN_MEMORY_REPORT_MAGIC;
    report->state = make_ready(&context, report);
    report->cycles = tern_time(&context) - start;
    // The last write: the host reads the report when the state has changed.
    tern_port_write(port, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_MEMORY_STATE,
                    TERN_FIELD_PUT(SYSTEM_MEMORY_STATE_STATE, report->state) |
                        TERN_FIELD_PUT(SYSTEM_MEMORY_STATE_LANE, report->lane));
    return report->state == TERN_MEMORY_READY;
}
