// SPDX-License-Identifier: Apache-2.0
// The ring: while a unit runs a command, the next one is checked and programmed. It starts as soon as the first one
// ends; everything else comes after. A chain of commands with COMMAND_BESIDE runs beside one without it. Commands are
// fetched in batches, as far as DOORBELL allows. Completions are written in batches too, also during a long run.
#include <stdbool.h>

#include "firmware/firmware.h"
#include "firmware/dispatch.h"
#include "firmware/dma.h"
#include "firmware/tile.h"

#define NO_OPCODE 0xffffffffu // in the completion of a command that could not be read

// Numbers of commands are free running, as DOORBELL is: completed <= finished <= taken <= fetched <= end. At most
// TERN_BATCH commands are in flight: taken, and not finished. Fewer than that are finished and not completed.
struct ring {
    struct tern_context *context;
    uint64_t commands, completions, profiles;
    bool has_profiles;
    uint32_t entries;
    uint32_t batch;     // no batch wraps around: a power of 2, as `entries` is
    uint32_t end;       // of this poll
    uint32_t fetched;   // in scratch memory
    uint32_t taken;     // prepared
    uint32_t finished;  // ended, as have all before
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
    const uint32_t low = (uint32_t)context->window_base, most = low ? 0 - low : UINT32_MAX;
    context->low_bytes = context->window_bytes > most ? most : (uint32_t)context->window_bytes;
    context->wait_limit = system_read(port, TERN_SYSTEM_REG_WAIT_LIMIT);
    context->detail = 0;
    context->unit = 0;
    open_hardware(context, port);
}

static void open_ring(struct ring *ring, uint32_t completed) {
    struct tern_port *port = ring->context->port;
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
    return TERN_LOCAL_COMMANDS + number % TERN_LOCAL_ENTRIES * TERN_COMMAND_BYTES;
}

static enum tern_status read_commands(struct ring *ring, uint32_t number, uint32_t count) {
    void *data;
    ring->fetched = number + count;
    return tern_dma_read(ring->context, ring->commands + (number & (ring->entries - 1)) * TERN_COMMAND_BYTES,
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

// Fetches more commands when none is left. False: there is none.
static bool has_command(struct ring *ring, enum tern_status *status) {
    const uint32_t number = ring->taken;
    if (number == ring->fetched) {
        const uint32_t rung = system_read(ring->context->port, TERN_SYSTEM_REG_DOORBELL) - number;
        if (rung == 0 || number == ring->end) {
            return false;
        }
        *status = fetch(ring, number, rung);
    }
    return true;
}

// Prepares the next command. False: there is none, or too many are in flight.
static bool take(struct ring *ring, struct tern_job *job) {
    enum tern_status status = TERN_STATUS_OK;
    if (ring->taken - ring->finished == TERN_BATCH || !has_command(ring, &status)) {
        return false;
    }
    if (status == TERN_STATUS_OK) {
        union tern_command *command = (void *)(ring->context->scratch + local_command(ring->taken));
        job->is_beside = command->header.opcode & TERN_COMMAND_BESIDE;
        command->header.opcode &= ~TERN_COMMAND_BESIDE;
        tern_job_prepare(ring->context, command, job);
    } else {
        *job = (struct tern_job){.status = status};
    }
    job->number = ring->taken++;
    return true;
}

// ---- completions

// Copies `count` entries of completions or profiles from scratch memory. No batch wraps around there either.
static void write_entries(struct ring *ring, uint64_t address, uint32_t slot, uint32_t bytes, uint32_t count) {
    address += (ring->completed & (ring->entries - 1)) * bytes;
    slot += ring->completed % TERN_LOCAL_ENTRIES * bytes;
    enum tern_status status = tern_dma_write(ring->context, address, slot, count * bytes);
    for (uint32_t i = 0; is_of_address(status) && count > 1 && i < count; i++) {
        (void)tern_dma_write(ring->context, address + i * bytes, slot + i * bytes, bytes);
    }
}

// The host sees a failed write of a completion: the ring still has an old sequence.
static void complete(struct ring *ring) {
    while (ring->finished != ring->completed) {
        const uint32_t count =
            tern_min_u32(ring->finished - ring->completed, ring->batch - (ring->completed & (ring->batch - 1)));
        if (ring->has_profiles) {
            write_entries(ring, ring->profiles, TERN_LOCAL_PROFILES, TERN_PROFILE_BYTES, count);
        }
        write_entries(ring, ring->completions, TERN_LOCAL_COMPLETIONS, TERN_COMPLETION_BYTES, count);
        ring->completed += count;
        system_write(ring->context->port, TERN_SYSTEM_REG_COMPLETED, ring->completed);
    }
}

static struct tern_profile *profile_of(const struct ring *ring, const struct tern_job *job) {
    const uint32_t index = job->number % TERN_LOCAL_ENTRIES;
    return (void *)(ring->context->scratch + TERN_LOCAL_PROFILES + index * TERN_PROFILE_BYTES);
}

// The unit of a finished job. A MATMUL of several passes belongs to its unit too.
static uint32_t unit_of(const struct tern_job *job) {
    const bool has_passes = !job->unit && job->command && job->command->header.opcode == TERN_OPCODE_MATMUL;
    return has_passes ? TERN_MATMUL_BASE : job->unit;
}

// The unit's counters, before its next run changes them.
static void take_counters(const struct ring *ring, const struct tern_job *job) {
    struct tern_profile *profile = profile_of(ring, job);
    const uint32_t unit = unit_of(job);
    profile->ended = tern_time(ring->context);
    profile->unit = unit;
    if (!unit) {
        profile->run = profile->worked = profile->starved = profile->stalled = 0;
        return;
    }
    profile->run = tern_unit_read(ring->context, unit, TERN_UNIT_REG_RUN);
    profile->worked = tern_unit_read(ring->context, unit, TERN_UNIT_REG_WORKED);
    profile->starved = tern_unit_read(ring->context, unit, TERN_UNIT_REG_STARVED);
    profile->stalled = tern_unit_read(ring->context, unit, TERN_UNIT_REG_STALLED);
}

// The sequence of an unreadable command is its number.
static void record(const struct ring *ring, const struct tern_job *job) {
    const uint32_t index = job->number % TERN_LOCAL_ENTRIES;
    struct tern_completion *completion =
        (void *)(ring->context->scratch + TERN_LOCAL_COMPLETIONS + index * TERN_COMPLETION_BYTES);
    const uint32_t sequence = job->command ? job->command->header.sequence : job->number;
    completion->sequence = sequence;
    completion->status = (uint32_t)job->status;
    completion->opcode = job->command ? job->command->header.opcode : NO_OPCODE;
    completion->detail = job->status == TERN_STATUS_OK ? 0 : job->detail;
    if (ring->has_profiles) {
        struct tern_profile *profile = profile_of(ring, job);
        profile->sequence = sequence;
        profile->started = job->started;
    }
}

// ---- run

static void start(const struct ring *ring, struct tern_job *job) {
    tern_job_start(ring->context, job);
    if (ring->has_profiles) {
        job->started = tern_time(ring->context);
    }
}

static void finish(const struct ring *ring, struct tern_job *job) {
    tern_job_finish(ring->context, job);
    if (ring->has_profiles) {
        take_counters(ring, job);
    }
}

// Commands in flight: the present one, others that ran beside it and ended, one that runs beside it, and one that is
// prepared. Jobs that are not in use are spare.
struct queue {
    struct tern_job *present, *beside, *next;
    bool has_present, has_beside, has_next;
    uint32_t ended;
};

static void swap(struct tern_job **a, struct tern_job **b) {
    struct tern_job *old = *a;
    *a = *b;
    *b = old;
}

// A command with COMMAND_BESIDE runs beside the last one without it, after those between them.
static bool runs_beside(const struct tern_job *job, const struct tern_job *present) {
    return job->is_beside && !present->is_beside && job->unit && job->unit != present->unit;
}

// What there is to do while a unit runs the present command.
static void advance(struct ring *ring, struct queue *queue) {
    if (queue->has_beside && !tern_unit_is_busy(ring->context, queue->beside->unit)) {
        finish(ring, queue->beside);
        record(ring, queue->beside);
        queue->has_beside = false;
        queue->ended++;
    }
    if (!queue->has_next) {
        queue->has_next = take(ring, queue->next);
    }
    if (queue->has_next && !queue->has_beside && runs_beside(queue->next, queue->present)) {
        start(ring, queue->next);
        if (queue->next->unit) {
            swap(&queue->beside, &queue->next);
            queue->has_beside = true;
            queue->has_next = false;
        }
    }
}

// What ends the sleep of a core that has nothing to do while a unit runs the present command.
static uint32_t events_of(const struct queue *queue) {
    uint32_t events = tern_unit_event(queue->present->unit);
    if (queue->has_beside) {
        events |= tern_unit_event(queue->beside->unit);
    }
    return queue->has_next ? events : events | TERN_SYSTEM_SLEEP_DOORBELL_MASK;
}

// Prepares commands and runs them beside the present one, which a unit runs. Returns when it ends or nothing is left to
// do. During a run that outlasts the longest sleep the completions are written.
static void overlap(struct ring *ring, struct queue *queue) {
    struct tern_context *context = ring->context;
    const uint32_t unit = queue->present->unit;
    advance(ring, queue);
    if (!tern_unit_is_busy(context, unit)) {
        return;
    }
    const uint32_t start = tern_time(context);
    bool is_long = false;
    do {
        tern_sleep(context, events_of(queue));
        advance(ring, queue);
        const uint32_t passed = tern_time(context) - start;
        if (!is_long && passed >= TERN_SLEEP_MOST) {
            is_long = true;
            complete(ring);
        }
        if (is_long && ((!queue->has_beside && queue->has_next) || passed >= context->wait_limit)) {
            return;
        }
    } while (tern_unit_is_busy(context, unit));
}

// The next command becomes the present one. It starts at once, unless another one still runs.
static void take_turns(struct ring *ring, struct queue *queue) {
    struct tern_job *present = queue->present;
    finish(ring, present);
    if (queue->has_beside) {
        swap(&queue->present, &queue->beside);
        queue->has_beside = false;
    } else {
        queue->has_present = queue->has_next;
        if (queue->has_next) {
            start(ring, queue->next);
            swap(&queue->present, &queue->next);
            queue->has_next = false;
        }
    }
    record(ring, present);
    ring->finished += 1 + queue->ended;
    queue->ended = 0;
    if (ring->finished - ring->completed >= ring->batch) {
        complete(ring);
    }
}

// A command that computes may need the registers that the next one would program.
static void run_commands(struct ring *ring) {
    struct tern_job jobs[3];
    struct queue queue = {.present = &jobs[0], .beside = &jobs[1], .next = &jobs[2]};
    while (queue.has_present || take(ring, queue.present)) {
        if (!queue.has_present) {
            start(ring, queue.present);
            queue.has_present = true;
        }
        if (queue.present->unit) {
            overlap(ring, &queue);
        } else if (tern_job_computes(queue.present)) {
            complete(ring);
        }
        take_turns(ring, &queue);
    }
    complete(ring);
}

void tern_firmware_start(struct tern_port *port) {
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_VERSION, TERN_SPEC_HASH);
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_IDLE);
}

uint32_t tern_firmware_poll(struct tern_port *port) {
    struct tern_context context;
    struct ring ring = {.context = &context};
    const uint32_t completed = system_read(port, TERN_SYSTEM_REG_COMPLETED);
    if (system_read(port, TERN_SYSTEM_REG_DOORBELL) == completed) {
        return 0;
    }
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_BUSY);
    open_context(&context, port);
    open_ring(&ring, completed);
    if (is_ring(&ring)) {
        run_commands(&ring);
    } else {
        system_write(port, TERN_SYSTEM_REG_COMPLETED, ++ring.completed);
    }
    system_write(port, TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    return ring.completed - completed;
}
