// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/compare/stages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tern_cli_ulp_class tern_cli_ulp_class(size_t number) {
    const uint64_t last = number ? (uint64_t)1 << (number - 1) : 0;
    return (struct tern_cli_ulp_class){number < 2 ? last : last / 2 + 1, last};
}

static bool is_nan(uint32_t bits) {
    return (bits & 0x7fffffffu) > 0x7f800000u;
}

// The place of a value in the order of all float32 values. Zeros of both signs have one place.
static int64_t place_of(uint32_t bits) {
    const int64_t magnitude = bits & 0x7fffffffu;
    return bits >> 31 ? -magnitude : magnitude;
}

static size_t class_of(uint64_t ulp) {
    size_t number = 0;
    while (ulp > tern_cli_ulp_class(number).last) {
        number++;
    }
    return number;
}

bool tern_cli_ulp_between(uint32_t wanted, uint32_t got, uint64_t *ulp) {
    const int64_t apart = place_of(wanted) - place_of(got);
    *ulp = (uint64_t)(apart < 0 ? -apart : apart);
    return !is_nan(wanted) && !is_nan(got);
}

static void count_ulp(struct tern_cli_stage_row *row, uint32_t wanted, uint32_t got) {
    uint64_t ulp;
    if (tern_cli_ulp_between(wanted, got, &ulp)) {
        row->ulp[class_of(ulp)]++;
        row->largest_ulp = ulp > row->largest_ulp ? ulp : row->largest_ulp;
    } else {
        row->ulp[TERN_CLI_ULP_NAN]++;
    }
}

static void count_word(struct tern_cli_stage_row *row, const struct tern_cli_stage_cell *cell, size_t element,
                       uint32_t wanted, uint32_t got) {
    if (row->differ++ == 0) {
        row->layer = cell->layer;
        row->position = cell->position;
        row->element = (uint32_t)element;
        row->wanted = wanted;
        row->got = got;
    }
    if (row->is_f32) {
        count_ulp(row, wanted, got);
    }
}

// Room for one more. items: of item_bytes each.
static void *grown(void *items, size_t count, size_t *capacity, size_t item_bytes) {
    if (count < *capacity) {
        return items;
    }
    const size_t more = *capacity ? 2 * *capacity : 64;
    void *larger = realloc(items, more * item_bytes);
    *capacity = larger ? more : *capacity;
    return larger;
}

// The number of the row with this name, which may be a new one.
static bool row_of(struct tern_cli_stages *stages, const struct tern_stage *stage, size_t *number) {
    for (*number = 0; *number < stages->row_count; ++*number) {
        if (strcmp(stages->rows[*number].name, stage->name) == 0) {
            return true;
        }
    }
    struct tern_cli_stage_row *rows =
        grown(stages->rows, stages->row_count, &stages->row_capacity, sizeof *stages->rows);
    if (!rows) {
        return false;
    }
    stages->rows = rows;
    rows[*number] = (struct tern_cli_stage_row){.is_f32 = stage->is_f32};
    snprintf(rows[*number].name, sizeof rows->name, "%s", stage->name);
    stages->row_count++;
    return true;
}

static bool add_cell(struct tern_cli_stages *stages, const struct tern_stage *stage, size_t bytes) {
    struct tern_cli_stage_cell *cells =
        grown(stages->cells, stages->cell_count, &stages->cell_capacity, sizeof *stages->cells);
    size_t row;
    if (!cells || !row_of(stages, stage, &row)) {
        stages->cells = cells ? cells : stages->cells;
        return false;
    }
    stages->cells = cells;
    cells[stages->cell_count++] = (struct tern_cli_stage_cell){
        .row = row, .layer = stage->layer, .position = stage->position, .values = bytes / 4};
    stages->rows[row].values += bytes / 4;
    return true;
}

enum tern_status tern_cli_stages_add(struct tern_cli_stages *stages, const struct tern_stage *stage, const void *wanted,
                                     const void *got, size_t bytes, struct tern_error *error) {
    if (!add_cell(stages, stage, bytes)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the counts of %s", stage->name);
    }
    struct tern_cli_stage_cell *cell = &stages->cells[stages->cell_count - 1];
    struct tern_cli_stage_row *row = &stages->rows[cell->row];
    for (size_t i = 0; i < bytes / 4; i++) {
        uint32_t words[2];
        memcpy(&words[0], (const uint8_t *)wanted + 4 * i, 4);
        memcpy(&words[1], (const uint8_t *)got + 4 * i, 4);
        if (words[0] != words[1]) {
            cell->differ++;
            count_word(row, cell, i, words[0], words[1]);
        }
    }
    return TERN_STATUS_OK;
}

void tern_cli_stages_free(struct tern_cli_stages *stages) {
    free(stages->rows);
    free(stages->cells);
    *stages = (struct tern_cli_stages){0};
}
