// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/profile.h"

#include <inttypes.h>
#include <string.h>

// The row of a stage and a unit. There are fewer stages than rows; if not, the last row takes the rest.
static struct tern_cli_profile_row *row_of(struct tern_cli_profile *profile, const char *stage,
                                           enum tern_profile_unit unit) {
    struct tern_cli_profile_row *row = profile->rows, *end = row + profile->count;
    while (row < end && (row->unit != unit || strcmp(row->stage, stage) != 0)) {
        row++;
    }
    if (row == profile->rows + TERN_CLI_PROFILE_ROWS) {
        return row - 1;
    }
    if (row == end) {
        *row = (struct tern_cli_profile_row){.stage = stage, .unit = unit};
        profile->count++;
    }
    return row;
}

static void add_command(void *context, const struct tern_command_profile *command) {
    struct tern_cli_profile *profile = context;
    const struct tern_sent *sent = tern_runner_sent(profile->runner, profile->device, command->sequence);
    struct tern_cli_profile_row *row = row_of(profile, sent->name ? sent->name : "other", command->unit);
    row->commands++;
    row->busy += command->busy;
    row->starved += command->starved;
    row->blocked += command->blocked;
    row->other += command->other;
    row->core += command->core;
    row->beside -= command->beside;
    if (profile->traced) {
        tern_cli_trace_command(profile->traced, sent, command);
    }
}

enum tern_status tern_cli_profile_begin(struct tern_cli_profile *profile, const struct tern_runner *runner,
                                        uint32_t device, struct tern_error *error) {
    profile->runner = runner;
    profile->device = device;
    profile->count = 0;
    return tern_device_profile(tern_runner_part_of(runner, device).device, add_command, profile, error);
}

static uint64_t row_cycles(const struct tern_cli_profile_row *row) {
    return row->busy + row->starved + row->blocked + row->other + row->core + (uint64_t)row->beside;
}

uint64_t tern_cli_profile_cycles(const struct tern_cli_profile *profile) {
    uint64_t cycles = 0;
    for (size_t i = 0; i < profile->count; i++) {
        cycles += row_cycles(&profile->rows[i]);
    }
    return cycles;
}

static double percent(uint64_t part, uint64_t whole) {
    return whole ? 100 * (double)part / (double)whole : 0;
}

// The sums of a unit; `stage` is its name, `other` all cycles in which it did nothing.
static struct tern_cli_profile_row unit_row(const struct tern_cli_profile *profile, enum tern_profile_unit unit) {
    struct tern_cli_profile_row sums = {.stage = tern_profile_unit_name(unit), .unit = unit};
    for (size_t i = 0; i < profile->count; i++) {
        const struct tern_cli_profile_row *row = &profile->rows[i];
        if (row->unit == unit) {
            sums.commands += row->commands;
            sums.busy += row->busy;
            sums.starved += row->starved;
            sums.blocked += row->blocked;
        }
    }
    sums.other = tern_cli_profile_cycles(profile) - row_cycles(&sums);
    return sums;
}

void tern_cli_profile_print(const struct tern_cli_profile *profile, FILE *out) {
    const uint64_t cycles = tern_cli_profile_cycles(profile);
    fprintf(out, "%-20s %-9s %8s %10s %6s %10s %10s %10s %10s %10s %10s\n", "stage", "unit", "commands", "cycles",
            "share", "busy", "starved", "blocked", "other", "core", "beside");
    for (size_t i = 0; i < profile->count; i++) {
        const struct tern_cli_profile_row *row = &profile->rows[i];
        fprintf(out,
                "%-20s %-9s %8" PRIu64 " %10" PRIu64 " %5.1f%% %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
                " %10" PRIu64 " %10" PRId64 "\n",
                row->stage, tern_profile_unit_name(row->unit), row->commands, row_cycles(row),
                percent(row_cycles(row), cycles), row->busy, row->starved, row->blocked, row->other, row->core,
                row->beside);
    }
    fprintf(out, "%-20s %8s %10s %10s %10s %10s\n", "unit", "commands", "busy", "starved", "blocked", "idle");
    for (int unit = 0; unit < TERN_PROFILE_UNITS; unit++) {
        const struct tern_cli_profile_row row = unit_row(profile, (enum tern_profile_unit)unit);
        fprintf(out, "%-20s %8" PRIu64 " %9.1f%% %9.1f%% %9.1f%% %9.1f%%\n", row.stage, row.commands,
                percent(row.busy, cycles), percent(row.starved, cycles), percent(row.blocked, cycles),
                percent(row.other, cycles));
    }
}

static cJSON *add_counts(cJSON *list, const char *key, const struct tern_cli_profile_row *row) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, key, row->stage);
    cJSON_AddNumberToObject(object, "commands", (double)row->commands);
    cJSON_AddNumberToObject(object, "busy", (double)row->busy);
    cJSON_AddNumberToObject(object, "starved", (double)row->starved);
    cJSON_AddNumberToObject(object, "blocked", (double)row->blocked);
    cJSON_AddItemToArray(list, object);
    return object;
}

void tern_cli_profile_add(const struct tern_cli_profile *profile, cJSON *root) {
    cJSON *stages = cJSON_AddArrayToObject(root, "stages"), *units = cJSON_AddArrayToObject(root, "units");
    const uint64_t cycles = tern_cli_profile_cycles(profile);
    for (size_t i = 0; i < profile->count; i++) {
        const struct tern_cli_profile_row *row = &profile->rows[i];
        cJSON *object = add_counts(stages, "stage", row);
        cJSON_AddNumberToObject(object, "other", (double)row->other);
        cJSON_AddNumberToObject(object, "core", (double)row->core);
        cJSON_AddNumberToObject(object, "beside", (double)row->beside);
        cJSON_AddNumberToObject(object, "cycles", (double)row_cycles(row));
        cJSON_AddNumberToObject(object, "share", percent(row_cycles(row), cycles) / 100);
        cJSON_AddStringToObject(object, "unit", tern_profile_unit_name(row->unit));
    }
    for (int unit = 0; unit < TERN_PROFILE_UNITS; unit++) {
        const struct tern_cli_profile_row row = unit_row(profile, (enum tern_profile_unit)unit);
        cJSON_AddNumberToObject(add_counts(units, "unit", &row), "idle", (double)row.other);
    }
}
