// SPDX-License-Identifier: Apache-2.0
// The ring: while a unit runs a command, the next one is fetched, checked and programmed. It starts as soon as the
// first one ends. Then the completion of the first is written. Completions are in ring order, one step of COMPLETED
// each.
#include <stdbool.h>

#include "firmware/firmware.h"
#include "firmware/dispatch.h"
#include "firmware/dma.h"

#define NO_OPCODE 0xffffffffu // in the completion of a command that could not be read

struct ring {
    struct tern_context context;
    uint64_t address, profile; // profile 0: none
    uint32_t entries;
    uint32_t fetched;   // commands, free running as DOORBELL
    uint32_t completed; // commands
};

// A command that was fetched and is not complete.
struct entry {
    struct tern_job job;
    uint32_t sequence, opcode;
    bool is_beside, is_started;
};

static uint32_t system_read(struct tern_port *port, uint32_t offset) {
    return tern_port_read(port, TERN_SYSTEM_BASE + offset);
}

static uint64_t system_read_pair(struct tern_port *port, uint32_t offset) {
    return (uint64_t)system_read(port, offset + 4) << 32 | system_read(port, offset);
}

static void system_write(struct tern_port *port, uint32_t offset, uint32_t value) {
    tern_port_write(port, TERN_SYSTEM_BASE + offset, value);
}

static void open_ring(struct ring *ring, struct tern_port *port, uint32_t completed) {
    struct tern_context *context = &ring->context;
    context->port = port;
    context->scratch = tern_port_scratch(port);
    context->window_base = system_read_pair(port, TERN_SYSTEM_REG_WINDOW_BASE_LO);
    context->window_bytes = system_read_pair(port, TERN_SYSTEM_REG_WINDOW_BYTES_LO);
    context->wait_limit = system_read(port, TERN_SYSTEM_REG_WAIT_LIMIT);
    context->detail = 0;
    ring->address = system_read_pair(port, TERN_SYSTEM_REG_RING_BASE_LO) & ~(uint64_t)(TERN_BEAT_BYTES - 1);
    ring->profile = system_read_pair(port, TERN_SYSTEM_REG_PROFILE_BASE_LO) & ~(uint64_t)(TERN_SEGMENT_ALIGN - 1);
    ring->entries = system_read(port, TERN_SYSTEM_REG_RING_ENTRIES);
    ring->fetched = ring->completed = completed;
}

static bool is_ring(const struct ring *ring) {
    return ring->entries != 0 && ring->entries <= TERN_RING_MAX_ENTRIES && (ring->entries & (ring->entries - 1)) == 0;
}

// Fetches and prepares command number `fetched`. The sequence of an unreadable command is its number.
static void fetch(struct ring *ring, struct entry *entry) {
    struct tern_context *context = &ring->context;
    const uint32_t number = ring->fetched++;
    const uint64_t address = ring->address + (number & (ring->entries - 1)) * TERN_COMMAND_BYTES;
    const uint32_t slot = TERN_LOCAL_COMMAND + (number & 1u) * TERN_COMMAND_BYTES;
    void *command;
    entry->job = (struct tern_job){0};
    entry->job.status = tern_dma_read(context, address, slot, TERN_COMMAND_BYTES, &command);
    entry->sequence = number;
    entry->opcode = NO_OPCODE;
    entry->is_beside = entry->is_started = false;
    if (entry->job.status == TERN_STATUS_OK) {
        union tern_command *fetched = command;
        entry->is_beside = fetched->header.opcode & TERN_COMMAND_BESIDE;
        fetched->header.opcode &= ~TERN_COMMAND_BESIDE;
        entry->sequence = fetched->header.sequence;
        entry->opcode = fetched->header.opcode;
        tern_job_prepare(context, fetched, &entry->job);
    }
}

// The unit's counters, before its next run changes them.
static void take_profile(struct ring *ring, const struct entry *entry) {
    struct tern_context *context = &ring->context;
    struct tern_profile *profile = (void *)(context->scratch + TERN_LOCAL_PROFILE);
    const struct tern_unit *unit = entry->job.unit;
    if (!unit && entry->opcode == TERN_OPCODE_MATMUL) { // several runs of its unit
        unit = &tern_matmul_unit;
    }
    profile->sequence = entry->sequence;
    profile->started = entry->job.started;
    profile->ended = entry->job.ended;
    profile->unit = unit ? unit->base : 0;
    profile->run = unit ? tern_port_read(context->port, unit->base + unit->cycles) : 0;
    profile->worked = unit ? tern_port_read(context->port, unit->base + unit->progress) : 0;
    profile->starved = unit ? tern_port_read(context->port, unit->base + unit->starved) : 0;
    profile->stalled = unit ? tern_port_read(context->port, unit->base + unit->stalled) : 0;
}

static void complete(struct ring *ring, const struct entry *entry) {
    struct tern_context *context = &ring->context;
    struct tern_completion *completion = (void *)(context->scratch + TERN_LOCAL_COMPLETION);
    const uint32_t index = ring->completed & (ring->entries - 1);
    completion->sequence = entry->sequence;
    completion->status = (uint32_t)entry->job.status;
    completion->opcode = entry->opcode;
    completion->detail = entry->job.detail;
    if (ring->profile != 0) {
        (void)tern_dma_write(context, ring->profile + index * TERN_PROFILE_BYTES, TERN_LOCAL_PROFILE,
                             TERN_PROFILE_BYTES);
    }
    // The host sees a failed write of the completion: the ring still has an old sequence.
    (void)tern_dma_write(context, ring->address + ring->entries * TERN_COMMAND_BYTES + index * TERN_COMPLETION_BYTES,
                         TERN_LOCAL_COMPLETION, TERN_COMPLETION_BYTES);
    system_write(context->port, TERN_SYSTEM_REG_COMPLETED, ++ring->completed);
}

static bool is_rung(const struct ring *ring) {
    return system_read(ring->context.port, TERN_SYSTEM_REG_DOORBELL) != ring->fetched;
}

static void start(struct ring *ring, struct entry *entry) {
    if (!entry->is_started) {
        tern_job_start(&ring->context, &entry->job);
        entry->is_started = true;
    }
}

// A command that may run beside the present one starts at once, unless both need the same unit or the core.
static void start_beside(struct ring *ring, const struct entry *present, struct entry *next) {
    const struct tern_unit *unit = present->job.unit, *other = next->job.unit;
    if (next->is_beside && unit && other && unit != other) {
        start(ring, next);
    }
}

// Runs the commands of the ring, at most `limit`.
static void run_commands(struct ring *ring, uint32_t limit) {
    struct tern_context *context = &ring->context;
    const uint32_t end = ring->fetched + limit;
    struct entry entries[2];
    uint32_t running = 0;
    bool has_next = false;
    fetch(ring, &entries[0]);
    start(ring, &entries[0]);
    do {
        struct entry *present = &entries[running], *next = &entries[running ^ 1u];
        // A job without a unit computes when it is finished, so that there is nothing to wait for.
        has_next = false;
        while (!has_next && ring->fetched != end) {
            const bool is_over = tern_job_is_over(context, &present->job);
            if (is_rung(ring)) {
                fetch(ring, next);
                start_beside(ring, present, next);
                has_next = true;
            } else if (is_over) {
                break;
            }
        }
        tern_job_finish(context, &present->job);
        if (ring->profile != 0) {
            take_profile(ring, present);
        }
        if (has_next) {
            start(ring, next);
        }
        complete(ring, present);
        running ^= 1u;
    } while (has_next);
}

void tern_firmware_start(struct tern_port *port) {
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_VERSION, TERN_SPEC_HASH);
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_IDLE);
}

uint32_t tern_firmware_poll(struct tern_port *port) {
    struct ring ring;
    const uint32_t completed = system_read(port, TERN_SYSTEM_REG_COMPLETED);
    if (system_read(port, TERN_SYSTEM_REG_DOORBELL) == completed) {
        return 0;
    }
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_BUSY);
    open_ring(&ring, port, completed);
    if (is_ring(&ring)) {
        run_commands(&ring, ring.entries);
    } else {
        system_write(port, TERN_SYSTEM_REG_COMPLETED, ++ring.completed);
    }
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    return ring.completed - completed;
}
