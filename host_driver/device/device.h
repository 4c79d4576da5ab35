// SPDX-License-Identifier: Apache-2.0
// A device, whatever is behind it: identity checked, firmware loaded, command ring set up, memory handed out, counters.
// Every wait is limited; a command that fails gives its status and a sentence, and the next command runs.
#ifndef TERN_HOST_DRIVER_DEVICE_DEVICE_H
#define TERN_HOST_DRIVER_DEVICE_DEVICE_H

#include "host_driver/device/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_device;

// What the hardware counts, since reset; clocks are the device's. Without time (model) cycles are 0.
struct tern_counters {
    uint64_t time_cycles;
    uint64_t matmul_cycles, beats_offered, beats_taken, starved_cycles, stalled_cycles;
    uint64_t dma_cycles, dma_beats;
};

// name: of a row of host_driver/device/backends.h, "model" say. Refuses a device whose identity, interface version or
// spec hash is not this build's.
enum tern_status tern_device_open(const char *name, const struct tern_backend_config *config, struct tern_error *error,
                                  struct tern_device **device);
// Over a back end the caller opened (a test's, say); the device closes it, also when opening fails.
enum tern_status tern_device_attach(const struct tern_backend *backend, struct tern_error *error,
                                    struct tern_device **device);
void tern_device_close(struct tern_device *device); // NULL allowed

#define TERN_DEVICE_RING_ENTRIES 64u // commands in flight at most

const char *tern_device_name(const struct tern_device *device);
uint64_t tern_device_memory_bytes(const struct tern_device *device);

// Device memory is handed out from the bottom up in 64-byte units and never taken back before close.
enum tern_status tern_device_allocate(struct tern_device *device, uint64_t bytes, struct tern_error *error,
                                      uint64_t *address);
uint64_t tern_device_free_bytes(const struct tern_device *device);

enum tern_status tern_device_write(struct tern_device *device, uint64_t address, const void *data, size_t bytes,
                                   struct tern_error *error);
enum tern_status tern_device_read(struct tern_device *device, uint64_t address, void *data, size_t bytes,
                                  struct tern_error *error);

// Put a command in the ring (waits for a free entry); *ticket is for tern_device_wait. `sequence` is filled in.
enum tern_status tern_device_submit(struct tern_device *device, const union tern_command *command,
                                    struct tern_error *error, uint32_t *ticket);
// Until the command of `ticket` and all before it have ended. The first failure among them is returned once, as a
// sentence with the operation and what its detail means; *failed (may be NULL) is its completion.
enum tern_status tern_device_wait(struct tern_device *device, uint32_t ticket, struct tern_error *error,
                                  struct tern_completion *failed);
// Whether a command has failed since this was last asked, and its completion.
bool tern_device_take_failed(struct tern_device *device, struct tern_completion *failed);
// Submits and waits.
enum tern_status tern_device_run(struct tern_device *device, const union tern_command *command,
                                 struct tern_error *error, struct tern_completion *failed);

enum tern_status tern_device_register(struct tern_device *device, uint32_t address, struct tern_error *error,
                                      uint32_t *value);
enum tern_status tern_device_counters(struct tern_device *device, struct tern_error *error,
                                      struct tern_counters *counters);

// Host seconds in which the device ran: inside the back end's advance.
double tern_device_seconds(const struct tern_device *device);

const char *tern_opcode_name(uint32_t opcode);

#ifdef __cplusplus
}
#endif
#endif
