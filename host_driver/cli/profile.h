// SPDX-License-Identifier: Apache-2.0
// Sums of the profiles of commands for each stage, as a table or as JSON.
#ifndef TERN_HOST_DRIVER_CLI_PROFILE_H
#define TERN_HOST_DRIVER_CLI_PROFILE_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "host_driver/cli/trace/trace.h"

// The commands of one stage on one unit. The sum of all counts is the stage's cycles. `beside` is not above 0: cycles
// in which the command before was under way too, which count there. The cycles of all rows are those from the start of
// the first command to the end of the last.
struct tern_cli_profile_row {
    const char *stage;
    enum tern_profile_unit unit;
    uint64_t commands, busy, starved, blocked, other, core;
    int64_t beside;
};

#define TERN_CLI_PROFILE_ROWS 96

struct tern_cli_profile {
    const struct tern_runner *runner;
    uint32_t device;                                         // its number (tern_runner_part)
    struct tern_cli_profile_row rows[TERN_CLI_PROFILE_ROWS]; // in the order of their first commands
    size_t count;
    struct tern_cli_trace_device *traced; // gets each command, NULL for none
};

// Adds the further commands of device number `device` to *profile, which must outlive it. Keeps `traced`.
// UNSUPPORTED for a device that counts no cycles.
enum tern_status tern_cli_profile_begin(struct tern_cli_profile *profile, const struct tern_runner *runner,
                                        uint32_t device, struct tern_error *error);
uint64_t tern_cli_profile_cycles(const struct tern_cli_profile *profile);
// Prints a table of the stages and one of the units.
void tern_cli_profile_print(const struct tern_cli_profile *profile, FILE *out);
// Adds the same to an object as the lists "stages" and "units".
void tern_cli_profile_add(const struct tern_cli_profile *profile, cJSON *root);

#endif
