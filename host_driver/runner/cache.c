// SPDX-License-Identifier: Apache-2.0
// The key/value cache in device memory: records of 16 positions, and the values of the last positions as float32. From
// these the newest record is quantized again for every token.
#include <stdlib.h>
#include <string.h>

#include "cmodel/attention/cache.h"
#include "host_driver/runner/plan.h"

static enum tern_cache_kind kind_of(enum tern_buffer buffer) {
    return buffer == TERN_BUFFER_KEYS ? TERN_CACHE_KEYS : TERN_CACHE_VALUES;
}

uint64_t tern_cache_part_bytes(const struct tern_model_config *config, enum tern_buffer buffer, uint32_t positions) {
    return buffer == TERN_BUFFER_HISTORY ? (uint64_t)config->head_size * TERN_HISTORY_POSITIONS * sizeof(float)
                                         : tern_cache_head_bytes(kind_of(buffer), config->head_size, positions);
}

uint64_t tern_cache_layer_bytes(const struct tern_runner *runner, enum tern_buffer buffer) {
    return runner->config.kv_heads * runner->site->at[buffer].stride;
}

uint64_t tern_cache_layer(const struct tern_runner *runner, enum tern_buffer buffer) {
    return runner->site->at[buffer].address +
           (uint64_t)runner->places[runner->layer].part * tern_cache_layer_bytes(runner, buffer);
}

struct tern_cache_place tern_cache_place(const struct tern_runner *runner, enum tern_buffer buffer, uint32_t position) {
    const enum tern_cache_kind kind = kind_of(buffer);
    const uint32_t head_size = runner->config.head_size, row = position % TERN_CACHE_POSITIONS;
    const uint64_t record = tern_cache_layer(runner, buffer) +
                            (uint64_t)(position / TERN_CACHE_POSITIONS) * tern_cache_record_bytes(kind, head_size);
    const uint32_t groups = kind == TERN_CACHE_KEYS ? tern_cache_head_groups(head_size) : head_size;
    const uint32_t first = kind == TERN_CACHE_KEYS ? row * groups : 0;
    return (struct tern_cache_place){.mantissas = record + tern_cache_mantissas_offset(kind, head_size) +
                                                  TERN_CACHE_GROUP_BYTES * (uint64_t)first,
                                     .exponents = record + first,
                                     .groups = groups};
}

uint64_t tern_cache_history(const struct tern_runner *runner, uint32_t position) {
    return tern_cache_layer(runner, TERN_BUFFER_HISTORY) + position % TERN_HISTORY_POSITIONS * sizeof(float);
}

uint64_t tern_runner_cache_bytes(const struct tern_runner *runner, uint32_t position) {
    const uint32_t head_size = runner->config.head_size;
    return runner->config.kv_heads * (tern_cache_head_bytes(TERN_CACHE_KEYS, head_size, position + 1) +
                                      tern_cache_head_bytes(TERN_CACHE_VALUES, head_size, position + 1));
}

// One head: values f32 [positions][head_size], to records.
struct head {
    const float *values;
    uint32_t head_size, positions;
    uint8_t *records; // zero
};

static void quantize_group_row(uint8_t *record, enum tern_cache_kind kind, uint32_t head_size, uint32_t first,
                               const float *x, uint32_t count) {
    int16_t *mantissas = (int16_t *)(void *)(record + tern_cache_mantissas_offset(kind, head_size));
    tern_cache_quantize(x, count, mantissas + first * TERN_GROUP_COLUMNS, record + first);
}

static void make_keys(const struct head *head) {
    const uint32_t bytes = tern_cache_record_bytes(TERN_CACHE_KEYS, head->head_size);
    const uint32_t groups = tern_cache_head_groups(head->head_size);
    for (uint32_t p = 0; p < head->positions; p++) {
        quantize_group_row(head->records + p / TERN_CACHE_POSITIONS * (size_t)bytes, TERN_CACHE_KEYS, head->head_size,
                           p % TERN_CACHE_POSITIONS * groups, head->values + (size_t)p * head->head_size,
                           head->head_size);
    }
}

static void make_values(const struct head *head) {
    const uint32_t bytes = tern_cache_record_bytes(TERN_CACHE_VALUES, head->head_size);
    for (uint32_t start = 0; start < head->positions; start += TERN_CACHE_POSITIONS) {
        const uint32_t left = head->positions - start;
        const uint32_t count = left < TERN_CACHE_POSITIONS ? left : TERN_CACHE_POSITIONS;
        for (uint32_t e = 0; e < head->head_size; e++) {
            float column[TERN_CACHE_POSITIONS];
            for (uint32_t i = 0; i < count; i++) {
                column[i] = head->values[(size_t)(start + i) * head->head_size + e];
            }
            quantize_group_row(head->records + start / TERN_CACHE_POSITIONS * (size_t)bytes, TERN_CACHE_VALUES,
                               head->head_size, e, column, count);
        }
    }
}

static enum tern_status write_records(struct tern_runner *runner, enum tern_buffer buffer, uint64_t head_offset,
                                      struct head *head, struct tern_error *error) {
    const size_t bytes = tern_cache_head_bytes(kind_of(buffer), head->head_size, head->positions);
    size_t bad;
    if (tern_cache_check(head->values, (size_t)head->positions * head->head_size, &bad) != TERN_STATUS_OK) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "value %zu of a head is too large for the cache", bad);
    }
    head->records = calloc(1, bytes);
    if (!head->records) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a head of the cache");
    }
    (buffer == TERN_BUFFER_KEYS ? make_keys : make_values)(head);
    enum tern_status status = tern_device_write(runner->site->device, tern_cache_layer(runner, buffer) + head_offset,
                                                head->records, bytes, error);
    free(head->records);
    return status;
}

// The values of the last positions, those of the newest record among them.
static enum tern_status write_history(struct tern_runner *runner, uint64_t head_offset, const struct head *head,
                                      struct tern_error *error) {
    float rows[TERN_MAX_HEAD_SIZE][TERN_HISTORY_POSITIONS];
    memset(rows, 0, sizeof rows);
    for (uint32_t p = runner->history; p < head->positions; p++) {
        for (uint32_t e = 0; e < head->head_size; e++) {
            rows[e][p % TERN_HISTORY_POSITIONS] = head->values[(size_t)p * head->head_size + e];
        }
    }
    return tern_device_write(runner->site->device, tern_cache_layer(runner, TERN_BUFFER_HISTORY) + head_offset, rows,
                             head->head_size * sizeof *rows, error);
}

enum tern_status tern_layer_write_cache(struct tern_runner *runner, uint32_t layer, uint32_t positions, float *values,
                                        tern_cache_source source, void *context, struct tern_error *error) {
    static const enum tern_buffer caches[] = {TERN_BUFFER_KEYS, TERN_BUFFER_VALUES};
    struct head head = {.values = values, .head_size = runner->config.head_size, .positions = positions};
    runner->layer = (int32_t)layer;
    runner->history = positions > TERN_HISTORY_POSITIONS ? positions - TERN_HISTORY_POSITIONS : 0;
    for (uint32_t i = 0; i < 2 * runner->config.kv_heads; i++) {
        const enum tern_buffer cache = caches[i / runner->config.kv_heads];
        const uint64_t number = i % runner->config.kv_heads;
        source(context, values, (size_t)positions * head.head_size);
        TERN_TRY(write_records(runner, cache, number * runner->site->at[cache].stride, &head, error));
        if (cache == TERN_BUFFER_VALUES) {
            TERN_TRY(write_history(runner, number * runner->site->at[TERN_BUFFER_HISTORY].stride, &head, error));
        }
    }
    return TERN_STATUS_OK;
}
