// SPDX-License-Identifier: Apache-2.0
// The ring: while a unit runs a command, the next one is checked and programmed. It starts as soon as the first one
// ends; everything else comes after. A chain of commands with COMMAND_BESIDE runs beside one without it. Commands are
// fetched in batches, as far as DOORBELL allows. Completions are written in batches too, also during a long run.
#include <stdbool.h>

#include "firmware/firmware.h"
#include "firmware/check.h"
#include "firmware/dispatch.h"
#include "firmware/dma.h"
#include "firmware/tile.h"

#define TERN_APART __attribute__((noinline))
#define NO_OPCODE 0xffffffffu // in the completion of a command that could not be read

// Numbers of commands are free running, as DOORBELL is: completed <= finished <= taken <= fetched <= end. A completion
// is in scratch memory from when its command is taken, so `fetched` is at most TERN_LOCAL_ENTRIES over `completed`.
struct ring {
    struct tern_context *context;
    uint64_t commands, completions, profiles;
    bool has_profiles;
    uint32_t entries;
    uint32_t batch;     // no batch wraps around: a power of 2, as `entries` is
    uint32_t end;       // of this poll
    uint32_t fetched;   // in scratch memory
    uint32_t completed; // COMPLETED
};

#define NOBODY 0u // in place of a unit: there is no command

struct job {
    uint32_t unit;  // TERN_THE_CORE also for a command that was refused
    bool is_beside; // COMMAND_BESIDE
};

// The commands in flight: the present one, and others that ran beside it and ended. Then one that runs beside it, and
// the next one, which is prepared.
struct queue {
    struct job present, beside, next;
    uint32_t finished; // commands that ended, as have all before: the number of the present one
    uint32_t ended;    // beside the present one
    uint32_t taken;    // commands that are prepared: the next one is the last of them
    bool is_waiting;   // for the present one
    uint32_t since;    // TIME_LO
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
    const bool has_vector = TERN_FIELD_GET(SYSTEM_HARDWARE_WAYS, hardware) != 0;
    const bool has_attention = TERN_FIELD_GET(SYSTEM_HARDWARE_ATTENTION, hardware);
    context->vector_unit =
        has_vector && !TERN_FIELD_GET(SYSTEM_SOFTWARE_VECTOR, software) ? TERN_VECTOR_BASE : TERN_THE_CORE;
    context->attention_unit =
        has_attention && !TERN_FIELD_GET(SYSTEM_SOFTWARE_ATTENTION, software) ? TERN_ATTENTION_BASE : TERN_THE_CORE;
    context->largest_depth = tern_min_u32(TERN_FIELD_GET(SYSTEM_HARDWARE_DEPTH, hardware), TERN_MAX_DEPTH);
    context->largest_columns = tern_min_u32(columns, TERN_MAX_COLUMNS);
    context->vectors_at_once = TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, hardware);
    context->norm.length = context->rows_norm.length = 0;
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
    ring->fetched = ring->completed = completed;
    ring->end = completed + ring->entries;
}

static bool is_ring(const struct ring *ring) {
    return ring->entries != 0 && ring->entries <= TERN_RING_MAX_ENTRIES && (ring->entries & (ring->entries - 1)) == 0;
}

// A copy of fewer entries could end otherwise.
static bool is_of_address(enum tern_status status) {
    return status == TERN_STATUS_BUS_ERROR || status == TERN_STATUS_BAD_ADDRESS;
}

// ---- scratch memory

static void *entry_of(const struct ring *ring, uint32_t place, uint32_t number, uint32_t bytes) {
    return tern_port_scratch(ring->context->port) + place + number % TERN_LOCAL_ENTRIES * bytes;
}

static union tern_command *command_of(const struct ring *ring, uint32_t number) {
    return entry_of(ring, TERN_LOCAL_COMMANDS, number, TERN_COMMAND_BYTES);
}

static struct tern_completion *completion_of(const struct ring *ring, uint32_t number) {
    return entry_of(ring, TERN_LOCAL_COMPLETIONS, number, TERN_COMPLETION_BYTES);
}

static struct tern_profile *profile_of(const struct ring *ring, uint32_t number) {
    return entry_of(ring, TERN_LOCAL_PROFILES, number, TERN_PROFILE_BYTES);
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
static TERN_APART void complete(struct ring *ring, uint32_t finished) {
    while (finished != ring->completed) {
        const uint32_t count =
            tern_min_u32(finished - ring->completed, ring->batch - (ring->completed & (ring->batch - 1)));
        if (ring->has_profiles) {
            write_entries(ring, ring->profiles, TERN_LOCAL_PROFILES, TERN_PROFILE_BYTES, count);
        }
        write_entries(ring, ring->completions, TERN_LOCAL_COMPLETIONS, TERN_COMPLETION_BYTES, count);
        ring->completed += count;
        system_write(ring->context->port, TERN_SYSTEM_REG_COMPLETED, ring->completed);
    }
}

// ---- commands

static enum tern_status read_commands(struct ring *ring, uint32_t number, uint32_t count) {
    void *data;
    ring->fetched = number + count;
    return tern_dma_read(ring->context, ring->commands + (number & (ring->entries - 1)) * TERN_COMMAND_BYTES,
                         TERN_LOCAL_COMMANDS + number % TERN_LOCAL_ENTRIES * TERN_COMMAND_BYTES,
                         count * TERN_COMMAND_BYTES, &data);
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

// Fetches more commands, if there are any and scratch memory has places for a batch.
static TERN_APART enum tern_status fetch_more(struct ring *ring, uint32_t finished) {
    const uint32_t number = ring->fetched, rung = system_read(ring->context->port, TERN_SYSTEM_REG_DOORBELL) - number;
    if (rung == 0 || number == ring->end) {
        return TERN_STATUS_OK;
    }
    if (finished - ring->completed >= ring->batch / 2) {
        complete(ring, finished);
    }
    const bool has_places = number - ring->completed <= TERN_LOCAL_ENTRIES - TERN_BATCH;
    return has_places ? fetch(ring, number, rung) : TERN_STATUS_OK;
}

// The completion of a command, unless it fails later.
static void record(const struct ring *ring, uint32_t number, struct tern_completion completion) {
    *completion_of(ring, number) = completion;
}

// The sequence of an unreadable command is its number.
static TERN_RARE void record_unreadable(const struct ring *ring, uint32_t number, enum tern_status status) {
    record(ring, number, (struct tern_completion){number, (uint32_t)status, NO_OPCODE, 0});
}

// Prepares the next command, if there is one.
static void take(struct ring *ring, struct queue *queue) {
    struct tern_context *context = ring->context;
    const uint32_t number = queue->taken;
    enum tern_status status = TERN_STATUS_OK;
    if (number == ring->fetched) {
        status = fetch_more(ring, queue->finished);
        if (number == ring->fetched) {
            return;
        }
    }
    queue->taken++;
    queue->next = (struct job){.unit = TERN_THE_CORE};
    if (status != TERN_STATUS_OK) {
        record_unreadable(ring, number, status);
        return;
    }
    const union tern_command *command = command_of(ring, number);
    const uint32_t opcode = command->header.opcode & ~TERN_COMMAND_BESIDE;
    queue->next.is_beside = command->header.opcode & TERN_COMMAND_BESIDE;
    context->unit = TERN_THE_CORE;
    status = tern_prepare(context, command, opcode);
    const bool is_good = status == TERN_STATUS_OK;
    record(ring, number,
           (struct tern_completion){command->header.sequence, (uint32_t)status, opcode, is_good ? 0 : context->detail});
    if (is_good) {
        queue->next.unit = context->unit;
    }
}

// ---- run

// Starts the last command that was taken.
static void start(const struct ring *ring, struct queue *queue) {
    if (queue->next.unit != TERN_THE_CORE) {
        enum tern_status status = tern_unit_start(ring->context, queue->next.unit, TERN_MATMUL_CONTROL_START_MASK);
        if (status != TERN_STATUS_OK) {
            completion_of(ring, queue->taken - 1)->status = (uint32_t)status;
            queue->next.unit = TERN_THE_CORE;
        }
    }
    if (ring->has_profiles) {
        profile_of(ring, queue->taken - 1)->started = tern_time(ring->context);
    }
}

// The unit's counters, before its next run changes them. A MATMUL of several passes belongs to its unit too.
static void take_counters(const struct ring *ring, uint32_t number, uint32_t unit) {
    struct tern_profile *profile = profile_of(ring, number);
    profile->ended = tern_time(ring->context);
    profile->sequence = completion_of(ring, number)->sequence;
    profile->unit = unit;
    if (unit == TERN_THE_CORE && completion_of(ring, number)->opcode == TERN_OPCODE_MATMUL) {
        profile->unit = unit = TERN_MATMUL_BASE;
    }
    if (unit == TERN_THE_CORE) {
        profile->unit = profile->run = profile->worked = profile->starved = profile->stalled = 0;
        return;
    }
    profile->run = tern_unit_read(ring->context, unit, TERN_UNIT_REG_RUN);
    profile->worked = tern_unit_read(ring->context, unit, TERN_UNIT_REG_WORKED);
    profile->starved = tern_unit_read(ring->context, unit, TERN_UNIT_REG_STARVED);
    profile->stalled = tern_unit_read(ring->context, unit, TERN_UNIT_REG_STALLED);
}

static TERN_RARE void fail(const struct ring *ring, uint32_t number, uint32_t unit, enum tern_status status) {
    struct tern_completion *completion = completion_of(ring, number);
    completion->status = (uint32_t)status;
    completion->detail = tern_failure_detail(ring->context, command_of(ring, number), unit, status);
}

// After a run with this status, or after the core's turn.
static void finish(const struct ring *ring, uint32_t number, uint32_t unit, enum tern_status status) {
    if (status != TERN_STATUS_OK) {
        fail(ring, number, unit, status);
    }
    if (ring->has_profiles) {
        take_counters(ring, number, unit);
    }
}

// Computes a command that was not refused.
static TERN_RARE void compute(struct ring *ring, uint32_t number) {
    struct tern_completion *completion = completion_of(ring, number);
    if (completion->status == TERN_STATUS_OK) {
        complete(ring, number);
        ring->context->detail = 0;
        completion->status = (uint32_t)tern_compute(ring->context, command_of(ring, number), completion->opcode);
        completion->detail = completion->status == TERN_STATUS_OK ? 0 : ring->context->detail;
    }
}

// ---- beside

static void end_beside(const struct ring *ring, struct queue *queue) {
    const uint32_t unit = queue->beside.unit;
    if (unit != NOBODY && !tern_unit_is_busy(ring->context, unit)) {
        const uint32_t number = queue->taken - (queue->next.unit == NOBODY ? 1 : 2);
        finish(ring, number, unit, tern_unit_wait(ring->context, unit));
        queue->beside.unit = NOBODY;
        queue->ended++;
    }
}

// A command with COMMAND_BESIDE runs beside the last one without it, after those between them.
static bool runs_beside(const struct job *job, const struct job *present) {
    return job->is_beside && !present->is_beside && job->unit > TERN_THE_CORE && job->unit != present->unit;
}

// False: the next command waits, or there is none.
static bool start_beside(const struct ring *ring, struct queue *queue) {
    if (queue->beside.unit != NOBODY || !runs_beside(&queue->next, &queue->present)) {
        return false;
    }
    start(ring, queue);
    if (queue->next.unit == TERN_THE_CORE) {
        return false;
    }
    queue->beside = queue->next;
    queue->next = (struct job){NOBODY, false};
    return true;
}

// ---- turns

// What ends the sleep of a core that has nothing to do while a unit runs the present command.
static uint32_t events_of(const struct queue *queue) {
    uint32_t events = tern_unit_event(queue->present.unit);
    if (queue->beside.unit != NOBODY) {
        events |= tern_unit_event(queue->beside.unit);
    }
    return queue->next.unit != NOBODY ? events : events | TERN_SYSTEM_SLEEP_DOORBELL_MASK;
}

// Sleeps while a unit runs the present command. During a run that outlasts the longest sleep the completions are
// written. False: there is nothing to do until the command ends.
static bool doze(struct ring *ring, struct queue *queue) {
    const uint32_t now = tern_time(ring->context);
    if (!queue->is_waiting) {
        queue->is_waiting = true;
        queue->since = now;
    }
    const uint32_t passed = now - queue->since;
    if (passed >= TERN_SLEEP_MOST) {
        const bool is_ready = queue->beside.unit == NOBODY && queue->next.unit != NOBODY;
        complete(ring, queue->finished);
        if (is_ready || passed >= ring->context->wait_limit) {
            return false;
        }
    }
    tern_sleep(ring->context, events_of(queue));
    return true;
}

static TERN_RARE enum tern_status wait_long(struct tern_context *context, uint32_t unit) {
    return tern_unit_wait(context, unit);
}

// The command beside the present one, or none, becomes the present one.
static void take_turns(struct queue *queue) {
    queue->present = queue->beside;
    queue->beside.unit = NOBODY;
    queue->finished += 1 + queue->ended;
    queue->ended = 0;
    queue->is_waiting = false;
}

// While a unit runs the present command, the next one is prepared, and starts when the present one ends. A command that
// computes may need the registers that the next one would program.
static void run_commands(struct ring *ring) {
    struct queue queue = {.finished = ring->completed, .taken = ring->completed};
    for (;;) {
        if (queue.present.unit == NOBODY && queue.next.unit != NOBODY) {
            start(ring, &queue);
            queue.present = queue.next;
            queue.next.unit = NOBODY;
        }
        end_beside(ring, &queue);
        if (queue.next.unit == NOBODY && queue.present.unit != TERN_THE_CORE) {
            take(ring, &queue);
        }
        const uint32_t unit = queue.present.unit;
        if (unit == NOBODY) {
            if (queue.next.unit == NOBODY) {
                break;
            }
            continue;
        }
        enum tern_status status = TERN_STATUS_OK;
        if (unit == TERN_THE_CORE) {
            compute(ring, queue.finished);
        } else {
            if (start_beside(ring, &queue)) {
                continue;
            }
            const uint32_t word = tern_unit_read(ring->context, unit, TERN_UNIT_REG_STATUS);
            const bool is_busy = TERN_FIELD_GET(MATMUL_STATUS_BUSY, word);
            if (is_busy && doze(ring, &queue)) {
                continue;
            }
            status =
                is_busy ? wait_long(ring->context, unit) : (enum tern_status)TERN_FIELD_GET(MATMUL_STATUS_CODE, word);
        }
        finish(ring, queue.finished, unit, status);
        take_turns(&queue);
    }
    complete(ring, queue.finished);
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
