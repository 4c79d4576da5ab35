// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/profile.h"

#include <inttypes.h>
#include <string.h>

#include "host_driver/cli/terminal/wrap.h"

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

enum { COLUMNS = 9, CELL_BYTES = 24 };

// The columns of the table of stages behind "stage" and "unit", each as wide as its widest cell.
struct table {
    const struct tern_cli_profile *profile;
    uint64_t cycles;
    int widths[COLUMNS];
};

static const char *const headings[COLUMNS] = {"commands", "cycles", "share", "busy",  "starved",
                                              "blocked",  "other",  "core",  "beside"};

static void format_cell(const struct table *table, const struct tern_cli_profile_row *row, size_t column,
                        char text[CELL_BYTES]) {
    const uint64_t counts[COLUMNS] = {row->commands, row_cycles(row), 0,         row->busy, row->starved,
                                      row->blocked,  row->other,      row->core, 0};
    if (!strcmp(headings[column], "share")) {
        snprintf(text, CELL_BYTES, "%.1f%%", percent(row_cycles(row), table->cycles));
    } else if (!strcmp(headings[column], "beside")) {
        snprintf(text, CELL_BYTES, "%" PRId64, row->beside);
    } else {
        snprintf(text, CELL_BYTES, "%" PRIu64, counts[column]);
    }
}

static int width_of(const struct table *table, size_t column) {
    int width = (int)strlen(headings[column]);
    for (size_t i = 0; i < table->profile->count; i++) {
        char text[CELL_BYTES];
        format_cell(table, &table->profile->rows[i], column, text);
        width = (int)strlen(text) > width ? (int)strlen(text) : width;
    }
    return width;
}

// Prints columns [first, end) of the table.
static void print_columns(const struct table *table, size_t first, size_t end, FILE *out) {
    fprintf(out, "%-18s %-9s", "stage", "unit");
    for (size_t column = first; column < end; column++) {
        fprintf(out, " %*s", table->widths[column], headings[column]);
    }
    fputc('\n', out);
    for (size_t i = 0; i < table->profile->count; i++) {
        const struct tern_cli_profile_row *row = &table->profile->rows[i];
        fprintf(out, "%-18s %-9s", row->stage, tern_profile_unit_name(row->unit));
        for (size_t column = first; column < end; column++) {
            char text[CELL_BYTES];
            format_cell(table, row, column, text);
            fprintf(out, " %*s", table->widths[column], text);
        }
        fputc('\n', out);
    }
}

// Columns that do not fit in a line make a further table of the same rows.
static void print_stages(const struct tern_cli_profile *profile, FILE *out) {
    const int start = 18 + 1 + 9;
    struct table table = {.profile = profile, .cycles = tern_cli_profile_cycles(profile)};
    int used = start;
    size_t first = 0;
    for (size_t column = 0; column < COLUMNS; column++) {
        table.widths[column] = width_of(&table, column);
        if (used + 1 + table.widths[column] > TERN_CLI_COLUMNS) {
            print_columns(&table, first, column, out);
            first = column;
            used = start;
        }
        used += 1 + table.widths[column];
    }
    print_columns(&table, first, COLUMNS, out);
}

void tern_cli_profile_print(const struct tern_cli_profile *profile, FILE *out) {
    const uint64_t cycles = tern_cli_profile_cycles(profile);
    print_stages(profile, out);
    fprintf(out, "%-18s %8s %10s %10s %10s %10s\n", "unit", "commands", "busy", "starved", "blocked", "idle");
    for (int unit = 0; unit < TERN_PROFILE_UNITS; unit++) {
        const struct tern_cli_profile_row row = unit_row(profile, (enum tern_profile_unit)unit);
        fprintf(out, "%-18s %8" PRIu64 " %9.1f%% %9.1f%% %9.1f%% %9.1f%%\n", row.stage, row.commands,
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
