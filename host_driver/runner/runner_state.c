// SPDX-License-Identifier: Apache-2.0
#include "host_driver/runner/runner_state.h"

#include <string.h>

#include "host_driver/runner/plan.h"

// The state begins with this, followed by struct tern_fed [position].
struct state_start {
    uint32_t position; // tokens fed
    uint32_t history;  // the first position whose values the history holds
};
_Static_assert(sizeof(struct tern_fed) == 8 && sizeof(struct state_start) == 8, "the layout of docs/saved-state.md");

uint64_t tern_runner_state_bytes(const struct tern_model_config *config, uint32_t positions) {
    uint64_t bytes = sizeof(struct state_start) + (uint64_t)positions * sizeof(struct tern_fed);
    for (enum tern_buffer i = TERN_BUFFER_HISTORY; i < TERN_BUFFERS; i++) {
        bytes += (uint64_t)config->layers * config->kv_heads * tern_cache_part_bytes(config, i, positions);
    }
    return bytes;
}

// Reads the caches of all layers to save[], or writes them from load[]; the other one is NULL.
static enum tern_status move_caches(struct tern_runner *runner, uint8_t *save, const uint8_t *load,
                                    struct tern_error *error) {
    uint64_t at = 0;
    for (uint32_t layer = 0; layer < runner->config.layers; layer++) {
        tern_site_choose(runner, (int32_t)layer);
        runner->layer = (int32_t)layer;
        for (enum tern_buffer i = TERN_BUFFER_HISTORY; i < TERN_BUFFERS; i++) {
            const uint64_t bytes = tern_cache_part_bytes(&runner->config, i, runner->position);
            for (uint32_t head = 0; head < runner->config.kv_heads; head++, at += bytes) {
                const uint64_t address = tern_cache_layer(runner, i) + head * runner->site->at[i].stride;
                TERN_TRY(save ? tern_device_read(runner->site->device, address, save + at, bytes, error)
                              : tern_device_write(runner->site->device, address, load + at, bytes, error));
            }
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_runner_save(struct tern_runner *runner, uint8_t *state, struct tern_error *error) {
    const struct state_start start = {runner->position, runner->history};
    const size_t fed_bytes = runner->position * sizeof *runner->fed;
    memcpy(state, &start, sizeof start);
    memcpy(state + sizeof start, runner->fed, fed_bytes);
    return move_caches(runner, state + sizeof start + fed_bytes, NULL, error);
}

static enum tern_status check_start(const struct tern_runner *runner, const struct state_start *start, uint64_t bytes,
                                    struct tern_error *error) {
    if (bytes != tern_runner_state_bytes(&runner->config, start->position) || start->history > start->position) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "a saved state of %u positions from %u with %llu bytes",
                              start->position, start->history, (unsigned long long)bytes);
    }
    if (start->position > runner->options.capacity) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%u positions of a cache of %u", start->position,
                              runner->options.capacity);
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_fed(const struct tern_runner *runner, struct tern_error *error) {
    for (uint32_t i = 0; i < runner->position; i++) {
        const struct tern_fed *fed = &runner->fed[i];
        const bool is_token = fed->id == TERN_NO_TOKEN || fed->id < runner->config.vocabulary_size;
        if (!is_token || (fed->id != TERN_NO_TOKEN && (fed->depth < 1 || fed->depth > runner->depth_stored))) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "a saved state with token %u at depth %u", fed->id,
                                  fed->depth);
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_runner_load(struct tern_runner *runner, const uint8_t *state, uint64_t bytes,
                                  struct tern_error *error) {
    struct state_start start = {0};
    memcpy(&start, state, bytes < sizeof start ? bytes : sizeof start);
    TERN_TRY(check_start(runner, &start, bytes, error));
    const size_t fed_bytes = start.position * sizeof *runner->fed;
    runner->position = start.position;
    runner->history = start.history;
    memcpy(runner->fed, state + sizeof start, fed_bytes);
    TERN_TRY(check_fed(runner, error));
    // Refuses a newest record that is to be fed again without its tokens.
    TERN_TRY(tern_runner_rewind(runner, runner->position, error));
    return move_caches(runner, NULL, state + sizeof start + fed_bytes, error);
}
