// SPDX-License-Identifier: Apache-2.0
#include "host_driver/runner/runner.h"

#include <stdlib.h>

#include "cmodel/layout.h"
#include "cmodel/fast/pool.h"
#include "cmodel/fast/seconds.h"
#include "cmodel/fast/head/head.h"
#include "host_driver/runner/plan.h"
#include "cmodel/fast/head/screen.h"

#define HEAD_SLICE_BYTES (64u << 20)
#define BEST_SHARE 8u // the screen runs when at most one logit in so many is wanted; else it drops too few rows

static enum tern_status plan(struct tern_runner *runner, struct tern_error *error) {
    TERN_TRY(tern_sites_place(runner, error));
    TERN_TRY(tern_plan_tensors(runner, error));
    TERN_TRY(tern_runner_set_depth(runner, runner->options.depth, error));
    return tern_sites_open(runner, error);
}

enum tern_status tern_runner_open(const struct tern_model *model, struct tern_device *device,
                                  const struct tern_runner_options *options, struct tern_error *error,
                                  struct tern_runner **runner) {
    const struct tern_model_config *config = tern_model_config(model);
    uint32_t most = config->max_positions < TERN_MAX_POSITIONS ? config->max_positions : TERN_MAX_POSITIONS;
    if (options->capacity < 1 || options->capacity > most) {
        return tern_error_set(
            error, TERN_STATUS_BAD_ARGUMENT, "%u positions asked for, the model takes 1 to %u%s", options->capacity,
            most, most == config->sliding_window ? " (longer needs its sliding window, not supported)" : "");
    }
    struct tern_runner *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a runner");
    }
    opened->model = model;
    opened->config = *config;
    opened->site = opened->sites;
    opened->site->device = device;
    opened->options = *options;
    enum tern_status status = plan(opened, error);
    if (status != TERN_STATUS_OK) {
        tern_runner_close(opened);
        return status;
    }
    *runner = opened;
    return TERN_STATUS_OK;
}

void tern_runner_close(struct tern_runner *runner) {
    if (!runner) {
        return;
    }
    for (size_t i = 0; runner->operands && i < tern_operand_count(runner); i++) {
        free(runner->operands[i].vector);
    }
    free(runner->operands);
    free(runner->final_norm.vector);
    free(runner->biases);
    free(runner->row);
    free(runner->fed);
    free(runner->rotary);
    tern_screen_free(runner->screen);
    for (uint32_t i = 0; i < TERN_RUNNER_DEVICES; i++) {
        tern_stream_close(&runner->sites[i].stream);
    }
    free(runner->places);
    free(runner);
}

static enum tern_status check_room(const struct tern_runner *runner, uint32_t count, struct tern_error *error) {
    if (count == 0 || count > runner->options.capacity - runner->position) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%u more tokens: the key/value cache holds %u of its %u positions", count,
                              runner->position, runner->options.capacity);
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_ids(const struct tern_runner *runner, const uint32_t *ids, uint32_t count,
                                  struct tern_error *error) {
    for (uint32_t i = 0; i < count; i++) {
        if (ids[i] >= runner->config.vocabulary_size) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "token %u is outside the vocabulary of %u", ids[i],
                                  runner->config.vocabulary_size);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status embed(struct tern_runner *runner, const uint32_t *ids, struct tern_error *error) {
    uint32_t length = runner->config.hidden_size;
    for (uint32_t token = 0; token < runner->tokens; token++) {
        tern_tensor_read_f32(&runner->embedding, (uint64_t)ids[token] * length, length, runner->row);
        TERN_TRY(tern_device_write(runner->site->device, tern_row(runner->site->at[TERN_BUFFER_HIDDEN], token),
                                   runner->row, length * sizeof *runner->row, error));
    }
    return TERN_STATUS_OK;
}

// Less work than TERN_ALONE_BYTES stays on the calling thread.
static struct tern_pool *pool_for(const struct tern_runner *runner, uint64_t bytes) {
    return bytes < TERN_ALONE_BYTES ? NULL : runner->options.pool;
}

// The head of a model that streams is large: each slice leaves memory when it has been used.
static void run_head(struct tern_runner *runner, const struct tern_head *head) {
    runner->exact_rows += (uint64_t)head->rows * head->vectors;
    uint64_t row_bytes = runner->head.bytes / head->rows;
    uint32_t slice = runner->sites->stream.is_resident ? head->rows : (uint32_t)(HEAD_SLICE_BYTES / row_bytes) + 1;
    for (uint32_t first = 0; first < head->rows; first += slice) {
        struct tern_tensor rows = runner->head;
        struct tern_head part = *head;
        part.tensor = &rows;
        part.rows = head->rows - first < slice ? head->rows - first : slice;
        rows.data = (const uint8_t *)runner->head.data + first * row_bytes;
        rows.bytes = part.rows * row_bytes;
        for (uint32_t vector = 0; vector < head->vectors; vector++) {
            part.logits[vector] = head->logits[vector] + first;
        }
        tern_head_run(&part, TERN_KERNEL_BEST, pool_for(runner, rows.bytes));
        if (!runner->sites->stream.is_resident) {
            tern_model_release(runner->model, rows.data, rows.bytes);
        }
    }
}

// Computes the logits with the int8 copy of the head and returns whether it did. The copy is made at the second run,
// because it does not pay for one. Without memory for it no run uses it.
static bool run_screen(struct tern_runner *runner, const struct tern_head *head) {
    struct tern_pool *pool = pool_for(runner, runner->head.bytes);
    if (runner->best == 0 || runner->best > head->rows / BEST_SHARE || !runner->sites->stream.is_resident) {
        return false;
    }
    if (++runner->best_runs == 2) {
        (void)tern_screen_make(&runner->head, head->rows, head->length, TERN_KERNEL_BEST, pool, &runner->screen);
    }
    return runner->screen && tern_screen_run(runner->screen, head, runner->best, TERN_KERNEL_BEST, pool,
                                             &runner->exact_rows) == TERN_STATUS_OK;
}

// Reads hidden states after the final norm and computes the wanted logits in one pass over the head. hidden: f32
// [tokens][hidden_size], working space.
static enum tern_status run_heads(struct tern_runner *runner, float *const *logits, float *hidden,
                                  struct tern_error *error) {
    const uint32_t length = runner->config.hidden_size;
    struct tern_head head = {.tensor = &runner->head, .rows = runner->config.vocabulary_size, .length = length};
    for (uint32_t token = 0; token < runner->tokens; token++) {
        if (!logits[token]) {
            continue;
        }
        float *row = hidden + (size_t)head.vectors * length;
        head.hidden[head.vectors] = row;
        head.logits[head.vectors++] = logits[token];
        TERN_TRY(tern_device_read(runner->site->device, tern_row(runner->site->at[TERN_BUFFER_NORMED], token), row,
                                  length * sizeof *row, error));
    }
    const double start = tern_seconds();
    if (!run_screen(runner, &head)) {
        run_head(runner, &head);
    }
    runner->head_seconds += tern_seconds() - start;
    return TERN_STATUS_OK;
}

static enum tern_status heads(struct tern_runner *runner, float *const *logits, struct tern_error *error) {
    float *hidden = malloc(runner->tokens * runner->config.hidden_size * sizeof *hidden);
    if (!hidden) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for hidden states");
    }
    enum tern_status status = run_heads(runner, logits, hidden, error);
    free(hidden);
    return status;
}

static bool wants_logits(float *const *logits, uint32_t count) {
    for (uint32_t i = 0; logits && i < count; i++) {
        if (logits[i]) {
            return true;
        }
    }
    return false;
}

// Of the values at `count` more positions the history will hold the last ones. The others are lost before this is sure,
// so that it also counts after a failure.
static void use_history(struct tern_runner *runner, uint32_t count) {
    uint32_t end = runner->position + count;
    uint32_t first = end > TERN_HISTORY_POSITIONS ? end - TERN_HISTORY_POSITIONS : 0;
    runner->history = runner->history > first ? runner->history : first;
}

// Runs `count` tokens, at most runner->vectors, in one pass over the weights.
static enum tern_status pass(struct tern_runner *runner, const uint32_t *ids, uint32_t count, float *const *logits,
                             struct tern_error *error) {
    bool has_head = wants_logits(logits, count);
    use_history(runner, count);
    for (uint32_t i = 0; i < count; i++) {
        runner->fed[runner->position + i] = (struct tern_fed){ids[i], runner->depth};
    }
    runner->tokens = count;
    runner->stages = 0;
    runner->layers_at_once = runner->config.layers;
    tern_site_choose(runner, 0);
    TERN_TRY(embed(runner, ids, error));
    for (uint32_t layer = 0; layer < runner->config.layers; layer++) {
        TERN_TRY(tern_site_enter(runner, (int32_t)layer, error));
        TERN_TRY(tern_layer_run(runner, layer, error));
    }
    if (has_head) {
        TERN_TRY(tern_site_enter(runner, -1, error));
        TERN_TRY(tern_final_norm_run(runner, error));
    }
    TERN_TRY(tern_site_wait(runner, error));
    return has_head ? heads(runner, logits, error) : TERN_STATUS_OK;
}

// After a failure: waits for the commands in flight and drops their errors, so that the next call starts clean. They
// are all on the current device. Does not wait for a device that has stopped answering.
static void settle(struct tern_runner *runner, enum tern_status failure) {
    tern_stream_used(&runner->site->stream, runner->site->ticket);
    if (failure != TERN_STATUS_TIMEOUT && failure != TERN_STATUS_BAD_DEVICE) {
        (void)tern_device_wait(runner->site->device, runner->site->ticket, NULL, NULL);
    }
    struct tern_completion dropped;
    tern_device_take_failed(runner->site->device, &dropped);
}

// The first position of the newest record, when its values are no longer in the history; else the position itself.
static uint32_t lost_from(const struct tern_runner *runner, uint32_t position) {
    uint32_t first = position - position % TERN_CACHE_POSITIONS;
    return runner->history > first ? first : position;
}

// Feeds the tokens of the newest record again, each at its depth.
static enum tern_status feed_again(struct tern_runner *runner, uint32_t first, uint32_t end, struct tern_error *error) {
    runner->position = first;
    while (runner->position < end) {
        uint32_t ids[TERN_CACHE_POSITIONS], count = 0;
        const struct tern_fed *fed = runner->fed + runner->position;
        runner->depth = fed->depth;
        while (count < runner->vectors && runner->position + count < end && fed[count].depth == fed->depth) {
            ids[count] = fed[count].id;
            count++;
        }
        TERN_TRY(pass(runner, ids, count, NULL, error));
        runner->position += count;
    }
    return TERN_STATUS_OK;
}

// Makes sure that the history holds the values of the newest record. Taps and watch do not see tokens that are fed
// again.
static enum tern_status restore(struct tern_runner *runner, struct tern_error *error) {
    const uint32_t position = runner->position, depth = runner->depth, first = lost_from(runner, position);
    const tern_tap tap = runner->options.tap;
    const tern_watch watch = runner->watch;
    enum tern_status status = TERN_STATUS_OK;
    if (first < position) {
        runner->options.tap = NULL;
        runner->watch = NULL;
        status = feed_again(runner, first, position, error);
        runner->options.tap = tap;
        runner->watch = watch;
        runner->depth = depth;
        runner->position = position;
    }
    if (status == TERN_STATUS_OK && runner->history > first) {
        runner->history = first;
    }
    return status;
}

static enum tern_status feed(struct tern_runner *runner, const uint32_t *ids, uint32_t count, float *const *logits,
                             struct tern_error *error) {
    TERN_TRY(check_room(runner, count, error));
    TERN_TRY(check_ids(runner, ids, count, error));
    TERN_TRY(restore(runner, error));
    for (uint32_t first = 0; first < count; first += runner->vectors) {
        uint32_t tokens = count - first < runner->vectors ? count - first : runner->vectors;
        runner->earlier_tokens = first;
        TERN_TRY(pass(runner, ids + first, tokens, logits ? logits + first : NULL, error));
        runner->position += tokens;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_runner_tokens(struct tern_runner *runner, const uint32_t *ids, uint32_t count,
                                    float *const *logits, struct tern_error *error) {
    uint32_t before = runner->position;
    enum tern_status status = feed(runner, ids, count, logits, error);
    if (status != TERN_STATUS_OK) {
        runner->position = before;
        settle(runner, status);
    }
    return status;
}

enum tern_status tern_runner_token(struct tern_runner *runner, uint32_t id, float *logits, struct tern_error *error) {
    return tern_runner_tokens(runner, &id, 1, &logits, error);
}

// Cache entries after the position need no clearing: they are written before they are read. Only the newest record
// needs values that may be gone. The next call then feeds its tokens again.
enum tern_status tern_runner_rewind(struct tern_runner *runner, uint32_t position, struct tern_error *error) {
    if (position > runner->position) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "cannot go back to position %u from %u", position,
                              runner->position);
    }
    for (uint32_t i = lost_from(runner, position); i < position; i++) {
        if (runner->fed[i].id == TERN_NO_TOKEN) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                  "cannot go back to position %u: the token at position %u is not known", position, i);
        }
    }
    runner->position = position;
    return TERN_STATUS_OK;
}

enum tern_status tern_runner_set_depth(struct tern_runner *runner, uint32_t depth, struct tern_error *error) {
    if (depth > runner->depth_stored) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%s stores weights of depth %u, depth %u was asked for; it takes 1 to %u",
                              tern_model_directory(runner->model), runner->depth_stored, depth, runner->depth_stored);
    }
    runner->depth = depth ? depth : runner->depth_stored;
    return TERN_STATUS_OK;
}

uint32_t tern_runner_depth(const struct tern_runner *runner) {
    return runner->depth;
}

static enum tern_status check_layer(const struct tern_runner *runner, uint32_t layer, struct tern_error *error) {
    return layer < runner->config.layers
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "layer %u of a model of %u layers", layer,
                                runner->config.layers);
}

static enum tern_status write_cache(struct tern_runner *runner, uint32_t layer, uint32_t positions,
                                    tern_cache_source source, void *context, struct tern_error *error) {
    float *values = malloc((size_t)positions * runner->config.head_size * sizeof *values);
    if (!values) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a cache of %u positions",
                              positions);
    }
    tern_site_choose(runner, (int32_t)layer);
    enum tern_status status = tern_layer_write_cache(runner, layer, positions, values, source, context, error);
    free(values);
    return status;
}

enum tern_status tern_runner_set_cache(struct tern_runner *runner, uint32_t layer, uint32_t positions,
                                       tern_cache_source source, void *context, struct tern_error *error) {
    TERN_TRY(check_layer(runner, layer, error));
    if (positions > runner->options.capacity) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%u positions of a cache of %u", positions,
                              runner->options.capacity);
    }
    enum tern_status status = source ? write_cache(runner, layer, positions, source, context, error) : TERN_STATUS_OK;
    for (uint32_t i = 0; i < positions; i++) {
        runner->fed[i].id = TERN_NO_TOKEN;
    }
    runner->position = status == TERN_STATUS_OK ? positions : runner->position;
    return status;
}

static enum tern_status run_one_layer(struct tern_runner *runner, uint32_t layer, float *hidden,
                                      struct tern_error *error) {
    const size_t bytes = runner->config.hidden_size * sizeof *hidden;
    TERN_TRY(check_room(runner, 1, error));
    TERN_TRY(restore(runner, error));
    tern_site_choose(runner, (int32_t)layer);
    const uint64_t address = runner->site->at[TERN_BUFFER_HIDDEN].address;
    use_history(runner, 1);
    runner->fed[runner->position].id = TERN_NO_TOKEN;
    runner->tokens = runner->layers_at_once = 1;
    runner->earlier_tokens = runner->stages = 0;
    TERN_TRY(tern_device_write(runner->site->device, address, hidden, bytes, error));
    TERN_TRY(tern_layer_run(runner, layer, error));
    TERN_TRY(tern_site_wait(runner, error));
    return tern_device_read(runner->site->device, address, hidden, bytes, error);
}

enum tern_status tern_runner_layer(struct tern_runner *runner, uint32_t layer, float *hidden,
                                   struct tern_error *error) {
    TERN_TRY(check_layer(runner, layer, error));
    enum tern_status status = run_one_layer(runner, layer, hidden, error);
    if (status != TERN_STATUS_OK) {
        settle(runner, status);
        return status;
    }
    runner->position++;
    return TERN_STATUS_OK;
}

void tern_runner_set_best(struct tern_runner *runner, uint32_t best) {
    runner->best = best;
}

void tern_runner_watch(struct tern_runner *runner, tern_watch watch, void *context) {
    runner->watch = watch;
    runner->watch_context = context;
}

uint32_t tern_runner_vectors(const struct tern_runner *runner) {
    return runner->vectors;
}

uint32_t tern_runner_positions(const struct tern_runner *runner) {
    return runner->position;
}

uint64_t tern_runner_token_bytes(const struct tern_runner *runner, uint32_t depth) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < tern_operand_count(runner); i++) {
        const struct tern_matrix *matrix = &runner->operands[i].matrix; // 0 rows when the operand is not a matrix
        bytes += tern_matrix_bytes(matrix->rows, matrix->columns, depth ? depth : runner->depth);
    }
    return bytes;
}

double tern_runner_head_seconds(const struct tern_runner *runner) {
    return runner->head_seconds;
}

uint64_t tern_runner_exact_rows(const struct tern_runner *runner) {
    return runner->exact_rows;
}
