// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>

#include "firmware/firmware.h"
#include "firmware/dispatch.h"
#include "firmware/dma.h"

#define NO_OPCODE 0xffffffffu // in the completion of a command that could not be read

static uint32_t system_read(struct tern_port *port, uint32_t offset) {
    return tern_port_read(port, TERN_SYSTEM_BASE + offset);
}

static uint64_t system_read_pair(struct tern_port *port, uint32_t offset) {
    return (uint64_t)system_read(port, offset + 4) << 32 | system_read(port, offset);
}

static void system_write(struct tern_port *port, uint32_t offset, uint32_t value) {
    tern_port_write(port, TERN_SYSTEM_BASE + offset, value);
}

static void open_context(struct tern_context *context, struct tern_port *port) {
    context->port = port;
    context->scratch = tern_port_scratch(port);
    context->window_base = system_read_pair(port, TERN_SYSTEM_REG_WINDOW_BASE_LO);
    context->window_bytes = system_read_pair(port, TERN_SYSTEM_REG_WINDOW_BYTES_LO);
    context->wait_limit = system_read(port, TERN_SYSTEM_REG_WAIT_LIMIT);
    context->detail = 0;
}

// Fetches and runs command number `completed` and writes its completion. The sequence of an unreadable command is its
// number.
static void run_next(struct tern_port *port, uint32_t completed, uint32_t entries) {
    struct tern_context context;
    open_context(&context, port);
    uint64_t ring = system_read_pair(port, TERN_SYSTEM_REG_RING_BASE_LO) & ~(uint64_t)(TERN_BEAT_BYTES - 1);
    uint32_t index = completed & (entries - 1);
    struct tern_completion *completion = (void *)(context.scratch + TERN_LOCAL_COMPLETION);
    void *fetched;
    enum tern_status status =
        tern_dma_read(&context, ring + index * TERN_COMMAND_BYTES, TERN_LOCAL_COMMAND, TERN_COMMAND_BYTES, &fetched);
    const union tern_command *command = fetched;
    uint32_t sequence = completed, opcode = NO_OPCODE;
    if (status == TERN_STATUS_OK) {
        sequence = command->header.sequence;
        opcode = command->header.opcode;
        status = tern_command_run(&context, command);
    }
    completion->sequence = sequence;
    completion->status = (uint32_t)status;
    completion->opcode = opcode;
    completion->detail = status == TERN_STATUS_OK ? 0 : context.detail;
    // The host sees a failed write of the completion: the ring still has an old sequence.
    (void)tern_dma_write(&context, ring + entries * TERN_COMMAND_BYTES + index * TERN_COMPLETION_BYTES,
                         TERN_LOCAL_COMPLETION, TERN_COMPLETION_BYTES);
}

void tern_firmware_start(struct tern_port *port) {
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_VERSION, TERN_SPEC_HASH);
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_IDLE);
}

uint32_t tern_firmware_poll(struct tern_port *port) {
    uint32_t completed = system_read(port, TERN_SYSTEM_REG_COMPLETED);
    if (system_read(port, TERN_SYSTEM_REG_DOORBELL) == completed) {
        return 0;
    }
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_BUSY);
    uint32_t entries = system_read(port, TERN_SYSTEM_REG_RING_ENTRIES);
    bool is_ring = entries != 0 && entries <= TERN_RING_MAX_ENTRIES && (entries & (entries - 1)) == 0;
    uint32_t limit = is_ring ? entries : 1;
    uint32_t count = 0;
    while (count < limit && system_read(port, TERN_SYSTEM_REG_DOORBELL) != completed) {
        if (is_ring) {
            run_next(port, completed, entries);
        }
        completed++;
        count++;
        system_write(port, TERN_SYSTEM_REG_COMPLETED, completed);
    }
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    return count;
}
