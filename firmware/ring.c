// SPDX-License-Identifier: Apache-2.0
// The ring: while a unit runs a command, the next one is checked and programmed. It starts as soon as the first one
// ends; everything else comes after. Commands are fetched in batches, as far as DOORBELL allows. Completions are
// written in batches too, but never later than a wait begins.
#include <stdbool.h>

#include "firmware/firmware.h"
#include "firmware/dispatch.h"
#include "firmware/dma.h"
#include "firmware/tile.h"

#define NO_OPCODE 0xffffffffu // in the completion of a command that could not be read

// Numbers of commands are free running, as DOORBELL is: completed <= finished <= taken <= fetched <= end.
struct ring {
    struct tern_context context;
    uint64_t commands, completions, profiles;
    bool has_profiles;
    uint32_t entries;
    uint32_t batch;     // no batch wraps around: a power of 2, as `entries` is
    uint32_t end;       // of this poll
    uint32_t fetched;   // in scratch memory
    uint32_t taken;     // prepared
    uint32_t finished;  // the completion is in scratch memory
    uint32_t completed; // COMPLETED
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

static void open_hardware(struct tern_context *context, struct tern_port *port) {
    const uint32_t hardware = system_read(port, TERN_SYSTEM_REG_HARDWARE);
    const uint32_t software = system_read(port, TERN_SYSTEM_REG_SOFTWARE);
    const uint32_t columns = TERN_GROUP_COLUMNS * system_read(port, TERN_SYSTEM_REG_MAX_GROUPS);
    context->has_vector_unit =
        TERN_FIELD_GET(SYSTEM_HARDWARE_WAYS, hardware) != 0 && !TERN_FIELD_GET(SYSTEM_SOFTWARE_VECTOR, software);
    context->has_attention_unit =
        TERN_FIELD_GET(SYSTEM_HARDWARE_ATTENTION, hardware) && !TERN_FIELD_GET(SYSTEM_SOFTWARE_ATTENTION, software);
    context->largest_depth = tern_min_u32(TERN_FIELD_GET(SYSTEM_HARDWARE_DEPTH, hardware), TERN_MAX_DEPTH);
    context->largest_columns = tern_min_u32(columns, TERN_MAX_COLUMNS);
    context->vectors_at_once = TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, hardware);
    context->norm_length = 0;
}

static void open_context(struct tern_context *context, struct tern_port *port) {
    context->port = port;
    context->scratch = tern_port_scratch(port);
    context->window_base = system_read_pair(port, TERN_SYSTEM_REG_WINDOW_BASE_LO);
    context->window_bytes = system_read_pair(port, TERN_SYSTEM_REG_WINDOW_BYTES_LO);
    if (context->window_base != 0 && context->window_bytes > 0 - context->window_base) {
        context->window_bytes = 0 - context->window_base;
    }
    context->wait_limit = system_read(port, TERN_SYSTEM_REG_WAIT_LIMIT);
    context->detail = 0;
    context->unit = NULL;
    open_hardware(context, port);
}

static void open_ring(struct ring *ring, struct tern_port *port, uint32_t completed) {
    open_context(&ring->context, port);
    ring->entries = system_read(port, TERN_SYSTEM_REG_RING_ENTRIES);
    ring->commands = system_read_pair(port, TERN_SYSTEM_REG_RING_BASE_LO) & ~(uint64_t)(TERN_BEAT_BYTES - 1);
    ring->completions = ring->commands + ring->entries * TERN_COMMAND_BYTES;
    ring->profiles = system_read_pair(port, TERN_SYSTEM_REG_PROFILE_BASE_LO) & ~(uint64_t)(TERN_SEGMENT_ALIGN - 1);
    ring->has_profiles = ring->profiles != 0;
    ring->batch = tern_min_u32(ring->entries, TERN_BATCH);
    ring->fetched = ring->taken = ring->finished = ring->completed = completed;
    ring->end = completed + ring->entries;
}

static bool is_ring(const struct ring *ring) {
    return ring->entries != 0 && ring->entries <= TERN_RING_MAX_ENTRIES && (ring->entries & (ring->entries - 1)) == 0;
}

// A copy of fewer entries could end otherwise.
static bool is_of_address(enum tern_status status) {
    return status == TERN_STATUS_BUS_ERROR || status == TERN_STATUS_BAD_ADDRESS;
}

// ---- commands

static uint32_t local_command(uint32_t number) {
    return TERN_LOCAL_COMMANDS + number % (2 * TERN_BATCH) * TERN_COMMAND_BYTES;
}

static enum tern_status read_commands(struct ring *ring, uint32_t number, uint32_t count) {
    void *data;
    ring->fetched = number + count;
    return tern_dma_read(&ring->context, ring->commands + (number & (ring->entries - 1)) * TERN_COMMAND_BYTES,
                         local_command(number), count * TERN_COMMAND_BYTES, &data);
}

// Fetches `rung` commands, at most to the end of the batch. The status is that of the first one.
static enum tern_status fetch(struct ring *ring, uint32_t number, uint32_t rung) {
    uint32_t count = ring->batch - (number & (ring->batch - 1));
    count = tern_min_u32(tern_min_u32(count, rung), ring->end - number);
    enum tern_status status = read_commands(ring, number, count);
    if (status != TERN_STATUS_OK && count > 1) {
        ring->fetched = number + 1;
        return is_of_address(status) ? read_commands(ring, number, 1) : status;
    }
    return status;
}

// Prepares the next command. False: there is none.
static bool take(struct ring *ring, struct tern_job *job) {
    const uint32_t number = ring->taken;
    enum tern_status status = TERN_STATUS_OK;
    if (number == ring->fetched) {
        const uint32_t rung = system_read(ring->context.port, TERN_SYSTEM_REG_DOORBELL) - number;
        if (rung == 0 || number == ring->end) {
            return false;
        }
        status = fetch(ring, number, rung);
    }
    ring->taken = number + 1;
    if (status == TERN_STATUS_OK) {
        union tern_command *command = (void *)(ring->context.scratch + local_command(number));
        job->is_beside = command->header.opcode & TERN_COMMAND_BESIDE;
        command->header.opcode &= ~TERN_COMMAND_BESIDE;
        tern_job_prepare(&ring->context, command, job);
        job->is_started = false;
    } else {
        *job = (struct tern_job){.status = status};
    }
    return true;
}

// ---- completions

// Copies entries of a completion or a profile from scratch memory.
static void write_entries(struct ring *ring, uint64_t address, uint32_t slot, uint32_t bytes) {
    const uint32_t first = ring->completed, count = ring->finished - first;
    address += (first & (ring->entries - 1)) * bytes;
    slot += (first & (ring->batch - 1)) * bytes;
    enum tern_status status = tern_dma_write(&ring->context, address, slot, count * bytes);
    for (uint32_t i = 0; is_of_address(status) && count > 1 && i < count; i++) {
        (void)tern_dma_write(&ring->context, address + i * bytes, slot + i * bytes, bytes);
    }
}

// The host sees a failed write of a completion: the ring still has an old sequence.
static void complete(struct ring *ring) {
    if (ring->finished == ring->completed) {
        return;
    }
    if (ring->has_profiles) {
        write_entries(ring, ring->profiles, TERN_LOCAL_PROFILES, TERN_PROFILE_BYTES);
    }
    write_entries(ring, ring->completions, TERN_LOCAL_COMPLETIONS, TERN_COMPLETION_BYTES);
    ring->completed = ring->finished;
    system_write(ring->context.port, TERN_SYSTEM_REG_COMPLETED, ring->completed);
}

static struct tern_profile *profile_of(const struct ring *ring) {
    const uint32_t index = ring->finished & (ring->batch - 1);
    return (void *)(ring->context.scratch + TERN_LOCAL_PROFILES + index * TERN_PROFILE_BYTES);
}

// A MATMUL of several passes belongs to its unit too.
static const struct tern_unit *unit_of(const struct tern_job *job) {
    const bool has_passes = !job->unit && job->command && job->command->header.opcode == TERN_OPCODE_MATMUL;
    return has_passes ? &tern_matmul_unit : job->unit;
}

// The unit's counters, before its next run changes them.
static void take_counters(const struct ring *ring, const struct tern_job *job) {
    struct tern_port *port = ring->context.port;
    struct tern_profile *profile = profile_of(ring);
    const struct tern_unit *unit = unit_of(job);
    profile->ended = system_read(port, TERN_SYSTEM_REG_TIME_LO);
    if (!unit) {
        profile->unit = profile->run = profile->worked = profile->starved = profile->stalled = 0;
        return;
    }
    profile->unit = unit->base;
    profile->run = tern_port_read(port, unit->run);
    profile->worked = tern_port_read(port, unit->worked);
    profile->starved = tern_port_read(port, unit->starved);
    profile->stalled = tern_port_read(port, unit->stalled);
}

// The sequence of an unreadable command is its number.
static void record(struct ring *ring, const struct tern_job *job) {
    const uint32_t index = ring->finished & (ring->batch - 1);
    struct tern_completion *completion =
        (void *)(ring->context.scratch + TERN_LOCAL_COMPLETIONS + index * TERN_COMPLETION_BYTES);
    const uint32_t sequence = job->command ? job->command->header.sequence : ring->finished;
    completion->sequence = sequence;
    completion->status = (uint32_t)job->status;
    completion->opcode = job->command ? job->command->header.opcode : NO_OPCODE;
    completion->detail = job->status == TERN_STATUS_OK ? 0 : job->detail;
    if (ring->has_profiles) {
        struct tern_profile *profile = profile_of(ring);
        profile->sequence = sequence;
        profile->started = job->started;
    }
    ring->finished++;
    if ((ring->finished & (ring->batch - 1)) == 0) {
        complete(ring);
    }
}

// ---- run

static void start(struct ring *ring, struct tern_job *job) {
    if (job->is_started) {
        return;
    }
    job->is_started = true;
    tern_job_start(&ring->context, job);
    if (ring->has_profiles) {
        job->started = tern_time(&ring->context);
    }
}

// Commands that were taken and have not ended, in order. They are the present one, perhaps one that runs beside it, and
// the next one, which is prepared.
struct queue {
    struct tern_job jobs[3];
    uint32_t first, count;
};

static struct tern_job *job_of(struct queue *queue, uint32_t index) {
    const uint32_t place = queue->first + index;
    return &queue->jobs[place < 3 ? place : place - 3];
}

static bool is_full(struct queue *queue) {
    return queue->count == 3 || (queue->count == 2 && !job_of(queue, 1)->is_started);
}

// Takes a command. One that may run beside the present one starts at once, unless both need the same unit.
static void fill(struct ring *ring, struct queue *queue) {
    const struct tern_job *present = job_of(queue, 0);
    struct tern_job *taken = job_of(queue, queue->count);
    if (!take(ring, taken)) {
        return;
    }
    queue->count++;
    if (queue->count == 1 || (queue->count == 2 && taken->is_beside && taken->status == TERN_STATUS_OK && taken->unit &&
                              present->unit && taken->unit != present->unit)) {
        start(ring, taken);
    }
}

// What can be done while a command is under way: prepares the next ones, writes completions. A command that computes
// may need the registers that the next one would program.
static void overlap(struct ring *ring, struct queue *queue) {
    struct tern_context *context = &ring->context;
    const struct tern_job *present = job_of(queue, 0);
    if (tern_job_computes(present)) {
        complete(ring);
        return;
    }
    if (!is_full(queue)) {
        fill(ring, queue);
    }
    if (tern_job_is_running(context, present)) {
        complete(ring);
        const uint32_t start = tern_time(context);
        while (!is_full(queue) && tern_job_is_running(context, present) &&
               tern_time(context) - start < context->wait_limit) {
            fill(ring, queue);
        }
    }
}

static void run_commands(struct ring *ring) {
    struct queue queue = {.count = 0};
    fill(ring, &queue);
    while (queue.count > 0) {
        struct tern_job *present = job_of(&queue, 0);
        overlap(ring, &queue);
        tern_job_finish(&ring->context, present);
        if (ring->has_profiles) {
            take_counters(ring, present);
        }
        if (queue.count > 1) {
            start(ring, job_of(&queue, 1));
        }
        record(ring, present);
        queue.first = queue.first == 2 ? 0 : queue.first + 1;
        queue.count--;
        if (queue.count == 0) {
            fill(ring, &queue);
        }
    }
    complete(ring);
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
        run_commands(&ring);
    } else {
        system_write(port, TERN_SYSTEM_REG_COMPLETED, ++ring.completed);
    }
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    return ring.completed - completed;
}
