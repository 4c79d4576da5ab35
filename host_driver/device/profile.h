// SPDX-License-Identifier: Apache-2.0
// Where the cycles of a command went, from the times and counters that the firmware writes for each command.
#ifndef TERN_HOST_DRIVER_DEVICE_PROFILE_H
#define TERN_HOST_DRIVER_DEVICE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tern_profile_unit { TERN_PROFILE_CORE, TERN_PROFILE_MATMUL, TERN_PROFILE_VECTOR, TERN_PROFILE_ATTENTION };
#define TERN_PROFILE_UNITS 4

const char *tern_profile_unit_name(enum tern_profile_unit unit); // "matmul"

// Cycles of a command. Its unit ran for busy + starved + blocked + other. From the end of the command before to its own
// end there are busy + starved + blocked + other + core - beside.
struct tern_command_profile {
    uint32_t sequence; // the ticket of the command
    enum tern_profile_unit unit;
    uint32_t busy;    // the unit worked; all cycles of a command that the core computes
    uint32_t starved; // the unit waited for memory
    uint32_t blocked; // the unit waited for room for a result
    uint32_t other;   // of the run: its start, its end and the latency of memory
    uint32_t core;    // the unit did not run: it waited for the core
    uint32_t beside;  // of the run, before the end of the command before
    // Low words of TIME: the end of the commands before, when the run began, and when the core saw its end.
    uint32_t start, begun, ended;
};

// Of a unit. Low words, which wrap.
struct tern_profile_counts {
    uint32_t run, worked, starved, stalled;
};

// The clock and the counters at the end of the command before.
struct tern_profiler {
    bool has_end; // else the first command counts from its start
    uint32_t end;
    struct tern_profile_counts counts[TERN_PROFILE_UNITS];
};

// Register addresses of a unit's counters, the low words. The core has none.
struct tern_profile_counts tern_profile_addresses(enum tern_profile_unit unit);

// Decodes the profile of the next command. Returns false, and changes nothing, when its unit is unknown or its counters
// grew by more than its cycles.
bool tern_profiler_decode(struct tern_profiler *profiler, const struct tern_profile *given,
                          struct tern_command_profile *profile);

#ifdef __cplusplus
}
#endif
#endif
