// SPDX-License-Identifier: Apache-2.0
// A device over any back end: identity check, firmware, command ring, allocation of device memory, counters. Every wait
// has a limit. A failed command gives its status and a sentence; the next command runs.
#ifndef TERN_HOST_DRIVER_DEVICE_DEVICE_H
#define TERN_HOST_DRIVER_DEVICE_DEVICE_H

#include "host_driver/device/backend.h"
#include "host_driver/device/board.h"
#include "host_driver/device/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_device;

// Counters of the hardware since reset, in clock cycles of the device and beats of its memory bus. A device without
// time (model) has 0 cycles.
struct tern_counters {
    uint64_t time_cycles;
    uint64_t matmul_cycles, beats_offered, beats_taken, starved_cycles, stalled_cycles;
    uint64_t dma_cycles, dma_beats;
};

// name: a name of host_driver/device/backends.h, such as "model" or "fpga:udp:HOST". BAD_DEVICE when identity,
// interface version or spec hash differ from this build's.
enum tern_status tern_device_open(const char *name, const struct tern_backend_config *config, struct tern_error *error,
                                  struct tern_device **device);
// The same with a back end that the caller opened. The device closes it, also when attaching fails.
enum tern_status tern_device_attach(const struct tern_backend *backend, struct tern_error *error,
                                    struct tern_device **device);
void tern_device_close(struct tern_device *device); // NULL allowed

#define TERN_DEVICE_RING_ENTRIES 64u // largest number of commands in flight

const char *tern_device_name(const struct tern_device *device);
uint64_t tern_device_memory_bytes(const struct tern_device *device);
uint32_t tern_device_beat_bytes(const struct tern_device *device); // of a beat of its memory bus: 16 a lane

// Allocates device memory from the bottom up in units of 64 bytes. tern_device_close frees all of it.
// NO_DEVICE_MEMORY names the missing bytes.
enum tern_status tern_device_allocate(struct tern_device *device, uint64_t bytes, struct tern_error *error,
                                      uint64_t *address);
uint64_t tern_device_free_bytes(const struct tern_device *device);

// BAD_ARGUMENT for a range outside device memory.
enum tern_status tern_device_write(struct tern_device *device, uint64_t address, const void *data, size_t bytes,
                                   struct tern_error *error);
enum tern_status tern_device_read(struct tern_device *device, uint64_t address, void *data, size_t bytes,
                                  struct tern_error *error);

// Puts a command in the ring; waits when the ring is full. Sets `sequence` in the entry. *ticket is for
// tern_device_wait.
enum tern_status tern_device_submit(struct tern_device *device, const union tern_command *command,
                                    struct tern_error *error, uint32_t *ticket);
// Waits until the command of `ticket` and all before it have completed. Returns the first failure among them once, with
// a sentence that names operation and detail. *failed (may be NULL) is its completion. TIMEOUT without a completion;
// BAD_DEVICE when the core has trapped.
enum tern_status tern_device_wait(struct tern_device *device, uint32_t ticket, struct tern_error *error,
                                  struct tern_completion *failed);
// Whether a command has failed since the last call, and its completion.
bool tern_device_take_failed(struct tern_device *device, struct tern_completion *failed);
// Submits and waits.
enum tern_status tern_device_run(struct tern_device *device, const union tern_command *command,
                                 struct tern_error *error, struct tern_completion *failed);

// Reads one register; address as in the core's map.
enum tern_status tern_device_register(struct tern_device *device, uint32_t address, struct tern_error *error,
                                      uint32_t *value);
// What the board of the device says of itself.
enum tern_status tern_device_board(struct tern_device *device, struct tern_error *error, struct tern_board *board);
enum tern_status tern_device_counters(struct tern_device *device, struct tern_error *error,
                                      struct tern_counters *counters);

// Called when a completion is read, in the order of the commands.
typedef void (*tern_profile_receiver)(void *context, const struct tern_command_profile *profile);
// Switches profiles of the further commands on, or off with NULL. No command may be in flight: BAD_ARGUMENT.
// UNSUPPORTED for a device that counts no cycles (model). A profile that was not written, or does not add up, is a
// failure of its command: BAD_DEVICE.
enum tern_status tern_device_profile(struct tern_device *device, tern_profile_receiver receiver, void *context,
                                     struct tern_error *error);
bool tern_device_has_profile(const struct tern_device *device);
// Reports what the parts of a simulated device do from now on, or no more with NULL. Another device reports nothing.
void tern_device_observe(struct tern_device *device, tern_activity_receiver receiver, void *context);
// Whether the configuration names a waveform. Writes it for so many cycles from now on.
bool tern_device_has_waves(const struct tern_device *device);
void tern_device_waves(struct tern_device *device, uint64_t cycles);
// Whether the device counts cycles.
bool tern_device_has_clock(const struct tern_device *device);
// Whether its time is not the host's.
bool tern_device_is_simulated(const struct tern_device *device);
// Whether it computes nothing and only counts them.
bool tern_device_times_only(const struct tern_device *device);

// Host seconds spent in the back end's advance().
double tern_device_seconds(const struct tern_device *device);
// Clock cycles simulated in these seconds, 0 for other devices. Those of accesses by the host do not count. Unlike the
// reading of a counter this takes no cycles.
uint64_t tern_device_cycles(const struct tern_device *device);

// "MATMUL" and so on; "unknown operation" for any other number.
const char *tern_opcode_name(uint32_t opcode);

#ifdef __cplusplus
}
#endif
#endif
