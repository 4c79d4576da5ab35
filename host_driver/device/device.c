// SPDX-License-Identifier: Apache-2.0
#include "host_driver/device/device.h"

#include <stdlib.h>

#include "cmodel/layout.h"
#include "cmodel/fast/seconds.h"
#include "firmware/image.h"
#include "host_driver/device/backends.h"
#include "host_driver/device/opcodes.h"

#define ADVANCE_CYCLES 20000u
#define BOOT_LIMIT_ADVANCES 1000u
#define MEMORY_LIMIT_ADVANCES 20000u // to start memory behind a controller, too
// TIMEOUT after so many advances without a completion. A matrix of a 72B model takes 10^8 cycles.
#define COMMAND_LIMIT_ADVANCES 1000000u
#define WAIT_LIMIT_CYCLES 2000000000u
// Device memory for the ring: commands, then completions, then profiles.
#define COMPLETIONS_OFFSET (TERN_DEVICE_RING_ENTRIES * TERN_COMMAND_BYTES)
#define PROFILES_OFFSET (COMPLETIONS_OFFSET + TERN_DEVICE_RING_ENTRIES * TERN_COMPLETION_BYTES)
#define RING_BYTES (PROFILES_OFFSET + TERN_DEVICE_RING_ENTRIES * TERN_PROFILE_BYTES)
_Static_assert(PROFILES_OFFSET % TERN_SEGMENT_ALIGN == 0, "PROFILE_BASE is a multiple of 64");

struct tern_device {
    struct tern_backend backend;
    uint64_t ring;      // device address
    uint64_t allocated; // device address of the first free byte
    uint32_t beat_bytes;
    bool has_controller;
    uint32_t submitted, completed;
    double seconds;  // of the host, in advance()
    uint64_t cycles; // in advance()
    struct tern_completion failed;
    bool has_failed;
    struct tern_profiler profiler;
    tern_profile_receiver receiver; // NULL: no profiles
    void *receiver_context;
};

static enum tern_status system_read(struct tern_device *device, uint32_t offset, struct tern_error *error,
                                    uint32_t *value) {
    return device->backend.register_read(device->backend.context, TERN_SYSTEM_BASE + offset, value, error);
}

static enum tern_status system_write(struct tern_device *device, uint32_t offset, uint32_t value,
                                     struct tern_error *error) {
    return device->backend.register_write(device->backend.context, TERN_SYSTEM_BASE + offset, value, error);
}

static enum tern_status system_write_pair(struct tern_device *device, uint32_t offset, uint64_t value,
                                          struct tern_error *error) {
    TERN_TRY(system_write(device, offset, (uint32_t)value, error));
    return system_write(device, offset + 4, (uint32_t)(value >> 32), error);
}

static enum tern_status expect(struct tern_device *device, uint32_t offset, const char *what, uint32_t expected,
                               struct tern_error *error) {
    uint32_t value = 0;
    TERN_TRY(system_read(device, offset, error, &value));
    if (value != expected) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE, "%s: %s is 0x%08x, this driver needs 0x%08x",
                              device->backend.name, what, value, expected);
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_identity(struct tern_device *device, struct tern_error *error) {
    TERN_TRY(expect(device, TERN_SYSTEM_REG_ID, "the identity register", TERN_SYSTEM_ID, error));
    TERN_TRY(expect(device, TERN_SYSTEM_REG_INTERFACE, "the interface version", TERN_INTERFACE_VERSION, error));
    TERN_TRY(expect(device, TERN_SYSTEM_REG_SPEC_HASH, "the spec hash of the hardware", TERN_SPEC_HASH, error));
    uint32_t hardware;
    TERN_TRY(tern_device_register(device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_HARDWARE, error, &hardware));
    device->beat_bytes = TERN_FIELD_GET(SYSTEM_HARDWARE_LANES, hardware) * TERN_BEAT_BYTES;
    device->has_controller = TERN_FIELD_GET(SYSTEM_HARDWARE_CONTROLLER, hardware);
    return TERN_STATUS_OK;
}

static enum tern_status load_firmware(struct tern_device *device, struct tern_error *error) {
    if (!device->backend.has_boot_memory) {
        return TERN_STATUS_OK;
    }
    if (tern_firmware_image_words == 0) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s", tern_firmware_image_missing);
    }
    for (uint32_t word = 0; word < tern_firmware_image_words; word++) {
        TERN_TRY(device->backend.register_write(device->backend.context, TERN_BOOT_BASE + 4 * word,
                                                tern_firmware_image[word], error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status set_up_ring(struct tern_device *device, struct tern_error *error) {
    const struct {
        uint32_t offset;
        uint64_t value;
    } pairs[] = {{TERN_SYSTEM_REG_WINDOW_BASE_LO, device->backend.memory_base},
                 {TERN_SYSTEM_REG_WINDOW_BYTES_LO, device->backend.memory_bytes},
                 {TERN_SYSTEM_REG_RING_BASE_LO, device->ring},
                 {TERN_SYSTEM_REG_PROFILE_BASE_LO, 0}};
    const struct {
        uint32_t offset, value;
    } words[] = {{TERN_SYSTEM_REG_RING_ENTRIES, TERN_DEVICE_RING_ENTRIES},
                 {TERN_SYSTEM_REG_DOORBELL, 0},
                 {TERN_SYSTEM_REG_COMPLETED, 0},
                 {TERN_SYSTEM_REG_FIRMWARE_STATE, TERN_SYSTEM_FIRMWARE_STATE_BOOTING},
                 {TERN_SYSTEM_REG_MEMORY_STATE, TERN_MEMORY_UNKNOWN},
                 {TERN_SYSTEM_REG_MEMORY_REPORT, 0},
                 {TERN_SYSTEM_REG_WAIT_LIMIT, WAIT_LIMIT_CYCLES}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        TERN_TRY(system_write_pair(device, pairs[i].offset, pairs[i].value, error));
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        TERN_TRY(system_write(device, words[i].offset, words[i].value, error));
    }
    return TERN_STATUS_OK;
}

static uint64_t cycles_so_far(const struct tern_device *device) {
    return device->backend.cycles ? device->backend.cycles(device->backend.context) : 0;
}

static enum tern_status advance(struct tern_device *device, struct tern_error *error) {
    const uint64_t first = cycles_so_far(device);
    const double start = tern_seconds();
    enum tern_status status = device->backend.advance(device->backend.context, ADVANCE_CYCLES, error);
    device->seconds += tern_seconds() - start;
    device->cycles += cycles_so_far(device) - first;
    return status;
}

// Whether the firmware waits for commands, or has found that memory does not work.
static enum tern_status look(struct tern_device *device, struct tern_error *error, bool *is_idle) {
    uint32_t state = TERN_SYSTEM_FIRMWARE_STATE_BOOTING;
    uint32_t memory = TERN_MEMORY_UNKNOWN;
    struct tern_board board;
    TERN_TRY(advance(device, error));
    TERN_TRY(system_read(device, TERN_SYSTEM_REG_FIRMWARE_STATE, error, &state));
    *is_idle = state == TERN_SYSTEM_FIRMWARE_STATE_IDLE;
    if (*is_idle || !device->has_controller) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(system_read(device, TERN_SYSTEM_REG_MEMORY_STATE, error, &memory));
    if (TERN_FIELD_GET(SYSTEM_MEMORY_STATE_STATE, memory) <= TERN_MEMORY_READY) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_board_read(&device->backend, error, &board));
    return tern_board_check_memory(device->backend.name, &board, error);
}

static enum tern_status start_firmware(struct tern_device *device, struct tern_error *error) {
    const uint32_t limit = device->has_controller ? MEMORY_LIMIT_ADVANCES : BOOT_LIMIT_ADVANCES;
    bool is_idle = false;
    TERN_TRY(system_write(device, TERN_SYSTEM_REG_CONTROL, TERN_FIELD_PUT(SYSTEM_CONTROL_RUN, 1), error));
    for (uint32_t i = 0; i < limit && !is_idle; i++) {
        TERN_TRY(look(device, error, &is_idle));
    }
    if (!is_idle) {
        return tern_error_set(error, TERN_STATUS_TIMEOUT, "%s: the firmware did not come up", device->backend.name);
    }
    return expect(device, TERN_SYSTEM_REG_FIRMWARE_VERSION, "the spec hash of the firmware", TERN_SPEC_HASH, error);
}

static enum tern_status start(struct tern_device *device, struct tern_error *error) {
    TERN_TRY(check_identity(device, error));
    TERN_TRY(tern_device_allocate(device, RING_BYTES, error, &device->ring));
    TERN_TRY(system_write(device, TERN_SYSTEM_REG_CONTROL, 0, error));
    TERN_TRY(load_firmware(device, error));
    TERN_TRY(set_up_ring(device, error));
    return start_firmware(device, error);
}

enum tern_status tern_device_attach(const struct tern_backend *backend, struct tern_error *error,
                                    struct tern_device **device) {
    struct tern_device *opened = calloc(1, sizeof *opened);
    if (!opened) {
        backend->close(backend->context);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", backend->name);
    }
    opened->backend = *backend;
    opened->allocated = backend->memory_base;
    enum tern_status status = start(opened, error);
    if (status != TERN_STATUS_OK) {
        tern_device_close(opened);
        return status;
    }
    *device = opened;
    return TERN_STATUS_OK;
}

enum tern_status tern_device_open(const char *name, const struct tern_backend_config *config, struct tern_error *error,
                                  struct tern_device **device) {
    struct tern_backend backend;
    TERN_TRY(tern_backend_open(name, config, error, &backend));
    return tern_device_attach(&backend, error, device);
}

void tern_device_close(struct tern_device *device) {
    if (device) {
        device->backend.close(device->backend.context);
        free(device);
    }
}

const char *tern_device_name(const struct tern_device *device) {
    return device->backend.name;
}

uint32_t tern_device_beat_bytes(const struct tern_device *device) {
    return device->beat_bytes;
}

bool tern_device_has_clock(const struct tern_device *device) {
    return device->backend.has_clock;
}

bool tern_device_times_only(const struct tern_device *device) {
    return device->backend.times_only;
}

double tern_device_seconds(const struct tern_device *device) {
    return device->seconds;
}

uint64_t tern_device_cycles(const struct tern_device *device) {
    return device->cycles;
}

uint64_t tern_device_memory_bytes(const struct tern_device *device) {
    return device->backend.memory_bytes;
}

uint64_t tern_device_free_bytes(const struct tern_device *device) {
    return device->backend.memory_base + device->backend.memory_bytes - device->allocated;
}

enum tern_status tern_device_allocate(struct tern_device *device, uint64_t bytes, struct tern_error *error,
                                      uint64_t *address) {
    uint64_t free_bytes = tern_device_free_bytes(device);
    if (bytes > free_bytes || tern_align_up(bytes, TERN_SEGMENT_ALIGN) > free_bytes) {
        return tern_error_set(error, TERN_STATUS_NO_DEVICE_MEMORY,
                              "%s: device memory of %llu bytes is too small, %llu more are needed",
                              device->backend.name, (unsigned long long)device->backend.memory_bytes,
                              (unsigned long long)(bytes - free_bytes));
    }
    *address = device->allocated;
    device->allocated += tern_align_up(bytes, TERN_SEGMENT_ALIGN);
    return TERN_STATUS_OK;
}

static enum tern_status check_range(const struct tern_device *device, uint64_t address, size_t bytes,
                                    struct tern_error *error) {
    const struct tern_backend *backend = &device->backend;
    if (address < backend->memory_base || bytes > backend->memory_bytes ||
        address - backend->memory_base > backend->memory_bytes - bytes) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: %zu bytes at 0x%llx are not device memory",
                              backend->name, bytes, (unsigned long long)address);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_device_write(struct tern_device *device, uint64_t address, const void *data, size_t bytes,
                                   struct tern_error *error) {
    TERN_TRY(check_range(device, address, bytes, error));
    return device->backend.memory_write(device->backend.context, address, data, bytes, error);
}

enum tern_status tern_device_read(struct tern_device *device, uint64_t address, void *data, size_t bytes,
                                  struct tern_error *error) {
    TERN_TRY(check_range(device, address, bytes, error));
    return device->backend.memory_read(device->backend.context, address, data, bytes, error);
}

static enum tern_status check_trap(struct tern_device *device, struct tern_error *error) {
    uint32_t word = 0;
    TERN_TRY(system_read(device, TERN_SYSTEM_REG_STATUS, error, &word));
    if (!TERN_FIELD_GET(SYSTEM_STATUS_TRAPPED, word)) {
        return TERN_STATUS_OK;
    }
    char how[96] = "";
    if (device->backend.describe_trap) {
        device->backend.describe_trap(device->backend.context, how, sizeof how);
    }
    return tern_error_set(error, TERN_STATUS_BAD_DEVICE, "%s: the core trapped in command %u%s%s", device->backend.name,
                          device->completed, how[0] ? " " : "", how);
}

// Lets time pass until the count of completed commands is `target`.
static enum tern_status reach(struct tern_device *device, uint32_t target, struct tern_error *error,
                              uint32_t *completed) {
    uint32_t last = device->completed;
    for (uint32_t idle = 0; idle < COMMAND_LIMIT_ADVANCES; idle++) {
        TERN_TRY(system_read(device, TERN_SYSTEM_REG_COMPLETED, error, completed));
        if ((int32_t)(*completed - target) >= 0) {
            return TERN_STATUS_OK;
        }
        idle = *completed != last ? 0 : idle;
        last = *completed;
        TERN_TRY(advance(device, error));
        TERN_TRY(check_trap(device, error));
    }
    return tern_error_set(error, TERN_STATUS_TIMEOUT, "%s: command %u did not complete", device->backend.name, last);
}

static enum tern_status completion_error(const struct tern_device *device, const struct tern_completion *completion,
                                         struct tern_error *error) {
    return tern_error_set(error, (enum tern_status)completion->status, "%s: command %u (%s): %s, %s %u",
                          device->backend.name, completion->sequence, tern_opcode_name(completion->opcode),
                          tern_status_text((enum tern_status)completion->status), tern_detail_noun(completion),
                          completion->detail);
}

// Reads the profile of the command whose completion is next and hands it out.
static enum tern_status take_profile(struct tern_device *device, struct tern_error *error) {
    struct tern_profile given;
    struct tern_command_profile profile;
    if (!device->receiver) {
        return TERN_STATUS_OK;
    }
    const uint64_t address =
        device->ring + PROFILES_OFFSET + device->completed % TERN_DEVICE_RING_ENTRIES * TERN_PROFILE_BYTES;
    TERN_TRY(tern_device_read(device, address, &given, sizeof given, error));
    if (given.sequence != device->completed || !tern_profiler_decode(&device->profiler, &given, &profile)) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE, "%s: command %u has no profile that adds up",
                              device->backend.name, device->completed);
    }
    device->receiver(device->receiver_context, &profile);
    return TERN_STATUS_OK;
}

// Reads the completions up to number `completed`. Returns the first failure.
static enum tern_status harvest(struct tern_device *device, uint32_t completed, struct tern_error *error,
                                struct tern_completion *failed) {
    enum tern_status result = TERN_STATUS_OK;
    for (; device->completed != completed; device->completed++) {
        struct tern_completion completion;
        uint64_t address =
            device->ring + COMPLETIONS_OFFSET + device->completed % TERN_DEVICE_RING_ENTRIES * TERN_COMPLETION_BYTES;
        TERN_TRY(tern_device_read(device, address, &completion, sizeof completion, error));
        if (completion.sequence != device->completed) {
            completion = (struct tern_completion){device->completed, TERN_STATUS_BUS_ERROR, TERN_OPCODE_COUNT, 0};
        }
        if (completion.status != TERN_STATUS_OK && result == TERN_STATUS_OK) {
            result = completion_error(device, &completion, error);
            device->failed = completion;
            device->has_failed = true;
            if (failed) {
                *failed = completion;
            }
        }
        const bool is_first = result == TERN_STATUS_OK;
        const enum tern_status taken = take_profile(device, is_first ? error : NULL);
        result = is_first ? taken : result;
    }
    return result;
}

enum tern_status tern_device_wait(struct tern_device *device, uint32_t ticket, struct tern_error *error,
                                  struct tern_completion *failed) {
    if ((int32_t)(ticket - device->completed) < 0) {
        return TERN_STATUS_OK;
    }
    uint32_t completed = device->completed;
    TERN_TRY(reach(device, ticket + 1, error, &completed));
    return harvest(device, completed, error, failed);
}

bool tern_device_take_failed(struct tern_device *device, struct tern_completion *failed) {
    bool has_failed = device->has_failed;
    *failed = device->failed;
    device->has_failed = false;
    return has_failed;
}

enum tern_status tern_device_submit(struct tern_device *device, const union tern_command *command,
                                    struct tern_error *error, uint32_t *ticket) {
    if (device->submitted - device->completed == TERN_DEVICE_RING_ENTRIES) {
        TERN_TRY(tern_device_wait(device, device->completed, error, NULL));
    }
    union tern_command numbered = *command;
    uint64_t entry = device->ring + device->submitted % TERN_DEVICE_RING_ENTRIES * TERN_COMMAND_BYTES;
    numbered.header.sequence = device->submitted;
    TERN_TRY(tern_device_write(device, entry, &numbered, sizeof numbered, error));
    TERN_TRY(system_write(device, TERN_SYSTEM_REG_DOORBELL, device->submitted + 1, error));
    *ticket = device->submitted++;
    return TERN_STATUS_OK;
}

enum tern_status tern_device_run(struct tern_device *device, const union tern_command *command,
                                 struct tern_error *error, struct tern_completion *failed) {
    uint32_t ticket = 0;
    TERN_TRY(tern_device_submit(device, command, error, &ticket));
    return tern_device_wait(device, ticket, error, failed);
}

enum tern_status tern_device_register(struct tern_device *device, uint32_t address, struct tern_error *error,
                                      uint32_t *value) {
    return device->backend.register_read(device->backend.context, address, value, error);
}

// Reads high, low, high, until both high words agree: the low word may overflow between two reads.
static enum tern_status read_pair(struct tern_device *device, uint32_t address, struct tern_error *error,
                                  uint64_t *value) {
    uint32_t low = 0, high = 0, high_again = 1;
    TERN_TRY(tern_device_register(device, address + 4, error, &high));
    while (high != high_again) {
        high_again = high;
        TERN_TRY(tern_device_register(device, address, error, &low));
        TERN_TRY(tern_device_register(device, address + 4, error, &high));
    }
    *value = (uint64_t)high << 32 | low;
    return TERN_STATUS_OK;
}

enum tern_status tern_device_board(struct tern_device *device, struct tern_error *error, struct tern_board *board) {
    return tern_board_read(&device->backend, error, board);
}

bool tern_device_is_simulated(const struct tern_device *device) {
    return device->backend.is_simulated;
}

enum tern_status tern_device_counters(struct tern_device *device, struct tern_error *error,
                                      struct tern_counters *counters) {
    const struct {
        uint32_t address;
        uint64_t *value;
    } pairs[] = {{TERN_SYSTEM_BASE + TERN_SYSTEM_REG_TIME_LO, &counters->time_cycles},
                 {TERN_MATMUL_BASE + TERN_MATMUL_REG_CYCLES_LO, &counters->matmul_cycles},
                 {TERN_MATMUL_BASE + TERN_MATMUL_REG_OFFERED_LO, &counters->beats_offered},
                 {TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO, &counters->beats_taken},
                 {TERN_MATMUL_BASE + TERN_MATMUL_REG_STARVED_LO, &counters->starved_cycles},
                 {TERN_MATMUL_BASE + TERN_MATMUL_REG_STALLED_LO, &counters->stalled_cycles},
                 {TERN_DMA_BASE + TERN_DMA_REG_CYCLES_LO, &counters->dma_cycles},
                 {TERN_DMA_BASE + TERN_DMA_REG_BEATS_LO, &counters->dma_beats}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        TERN_TRY(read_pair(device, pairs[i].address, error, pairs[i].value));
    }
    return TERN_STATUS_OK;
}

static enum tern_status start_profiler(struct tern_device *device, struct tern_error *error) {
    device->profiler = (struct tern_profiler){0};
    for (uint32_t unit = TERN_PROFILE_CORE + 1; unit < TERN_PROFILE_UNITS; unit++) {
        const struct tern_profile_counts at = tern_profile_addresses((enum tern_profile_unit)unit);
        struct tern_profile_counts *counts = &device->profiler.counts[unit];
        TERN_TRY(tern_device_register(device, at.run, error, &counts->run));
        TERN_TRY(tern_device_register(device, at.worked, error, &counts->worked));
        TERN_TRY(tern_device_register(device, at.starved, error, &counts->starved));
        TERN_TRY(tern_device_register(device, at.stalled, error, &counts->stalled));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_device_profile(struct tern_device *device, tern_profile_receiver receiver, void *context,
                                     struct tern_error *error) {
    const char *name = device->backend.name;
    if (receiver && !device->backend.has_clock) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: counts no cycles, so there is no profile", name);
    }
    if (device->submitted != device->completed) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: commands are in flight", name);
    }
    TERN_TRY(start_profiler(device, error));
    TERN_TRY(system_write_pair(device, TERN_SYSTEM_REG_PROFILE_BASE_LO, receiver ? device->ring + PROFILES_OFFSET : 0,
                               error));
    device->receiver = receiver;
    device->receiver_context = context;
    return TERN_STATUS_OK;
}

bool tern_device_has_profile(const struct tern_device *device) {
    return device->receiver != NULL;
}

void tern_device_observe(struct tern_device *device, tern_activity_receiver receiver, void *context) {
    if (device->backend.observe) {
        device->backend.observe(device->backend.context, receiver, context);
    }
}

bool tern_device_has_waves(const struct tern_device *device) {
    return device->backend.waves != NULL;
}

void tern_device_waves(struct tern_device *device, uint64_t cycles) {
    if (device->backend.waves) {
        device->backend.waves(device->backend.context, cycles);
    }
}
