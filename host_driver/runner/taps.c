// SPDX-License-Identifier: Apache-2.0
#include "host_driver/runner/taps.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum tern_status grow(struct tern_taps *taps, struct tern_error *error) {
    if (taps->count < taps->capacity) {
        return TERN_STATUS_OK;
    }
    size_t capacity = taps->capacity ? 2 * taps->capacity : 256;
    struct tern_tap_record *grown = realloc(taps->records, capacity * sizeof *grown);
    if (!grown) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for taps");
    }
    taps->records = grown;
    taps->capacity = capacity;
    return TERN_STATUS_OK;
}

enum tern_status tern_taps_add(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                               struct tern_error *error) {
    struct tern_taps *taps = context;
    TERN_TRY(grow(taps, error));
    uint8_t *copy = malloc(bytes ? bytes : 1);
    if (!copy) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the tap of %s", stage->name);
    }
    memcpy(copy, data, bytes);
    struct tern_tap_record *record = &taps->records[taps->count++];
    *record = (struct tern_tap_record){.position = stage->position,
                                       .layer = stage->layer,
                                       .rows = stage->rows,
                                       .row_bytes = stage->row_bytes,
                                       .is_f32 = stage->is_f32,
                                       .data = copy};
    snprintf(record->name, sizeof record->name, "%s", stage->name);
    return TERN_STATUS_OK;
}

void tern_taps_free(struct tern_taps *taps) {
    for (size_t i = 0; i < taps->count; i++) {
        free(taps->records[i].data);
    }
    free(taps->records);
    memset(taps, 0, sizeof *taps);
}

static bool is_same_stage(const struct tern_tap_record *record, const struct tern_stage *stage) {
    return record->position == stage->position && record->layer == stage->layer &&
           strcmp(record->name, stage->name) == 0;
}

// The stage is usually the next one. The order differs when the devices take different numbers of tokens in a pass.
static const struct tern_tap_record *find(const struct tern_taps_comparison *all, const struct tern_stage *stage) {
    const struct tern_taps *taps = all->expected;
    for (size_t i = 0; i < taps->count; i++) {
        const struct tern_tap_record *record = &taps->records[(all->at + i) % taps->count];
        if (is_same_stage(record, stage)) {
            return record->rows == stage->rows && record->row_bytes == stage->row_bytes ? record : NULL;
        }
    }
    return NULL;
}

static void note_difference(struct tern_taps_comparison *all, const struct tern_stage *stage, size_t element,
                            uint32_t wanted, uint32_t got) {
    if (all->differ++ == 0) {
        all->stage = *stage;
        all->element = (uint32_t)element;
        all->wanted = wanted;
        all->got = got;
    }
}

enum tern_status tern_taps_compare(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                   struct tern_error *error) {
    struct tern_taps_comparison *all = context;
    const struct tern_tap_record *record = find(all, stage);
    if (!record) {
        return tern_error_set(error, TERN_STATUS_MISMATCH,
                              "%s of layer %d, position %u: the other run has no such result", stage->name,
                              stage->layer, stage->position);
    }
    all->at++;
    all->values += bytes / 4;
    for (size_t offset = 0; offset + 4 <= bytes; offset += 4) {
        uint32_t wanted, got;
        memcpy(&wanted, record->data + offset, 4);
        memcpy(&got, (const uint8_t *)data + offset, 4);
        if (wanted != got) {
            note_difference(all, stage, offset / 4, wanted, got);
        }
    }
    return all->pair ? all->pair(all->pair_context, stage, record->data, data, bytes, error) : TERN_STATUS_OK;
}
