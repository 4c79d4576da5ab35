// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/interrupt.h"
#include "host_driver/cli/placement.h"

// Uniform multiples of 2^-23 in -1..1, the same on every host: splitmix64 of seed and index.
static void seeded_values(uint64_t seed, uint64_t first, float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint64_t z = seed * 0xd1342543de82ef95u + (first + i + 1) * 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        values[i] = (float)((int32_t)(z >> 40) - (1 << 23)) * 0x1p-23f;
    }
}

struct seeded_cache {
    uint64_t seed, drawn;
};

static void draw_cache(void *context, float *values, size_t count) {
    struct seeded_cache *cache = context;
    seeded_values(cache->seed, cache->drawn, values, count);
    cache->drawn += count;
}

static void reach(struct tern_cli_feed *feed, double done) {
    char speed[TERN_STATUS_BYTES];
    if (tern_progress_reach(&feed->progress, done)) {
        tern_cli_speed(feed->session.runner, speed, sizeof speed);
        tern_progress_show(&feed->progress, speed);
    }
}

// Called within a pass, which takes minutes on rtl.
static enum tern_status on_stage(void *context, double tokens, struct tern_error *error) {
    struct tern_cli_feed *feed = context;
    reach(feed, (double)feed->fed + tokens);
    return tern_cli_is_interrupted() ? tern_error_set(error, TERN_STATUS_INTERRUPTED,
                                                      "interrupted after %zu of %zu tokens", feed->fed, feed->count)
                                     : TERN_STATUS_OK;
}

static enum tern_status put_out(struct tern_cli_feed *feed, struct tern_stage stage, uint32_t length,
                                const float *values, struct tern_error *error) {
    stage.rows = 1;
    stage.is_f32 = true;
    stage.row_bytes = length * (uint32_t)sizeof *values;
    return feed->output ? feed->output(feed->context, &stage, values, stage.row_bytes, error) : TERN_STATUS_OK;
}

// count: 1 to TERN_MAX_VECTORS, the tokens of one pass over the weights. values: f32 [count][vocabulary_size].
static enum tern_status feed_tokens(struct tern_cli_feed *feed, uint32_t first, uint32_t count, float *values,
                                    struct tern_error *error) {
    uint32_t columns = tern_model_config(feed->session.model)->vocabulary_size;
    float *rows[TERN_MAX_VECTORS];
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = values + (size_t)i * columns;
    }
    TERN_TRY(tern_runner_tokens(feed->session.runner, feed->ids + first, count, rows, error));
    for (uint32_t i = 0; i < count; i++) {
        const struct tern_stage stage = {.position = first + i, .layer = -1, .name = "logits"};
        TERN_TRY(put_out(feed, stage, columns, rows[i], error));
    }
    return TERN_STATUS_OK;
}

// values: f32 [hidden_size].
static enum tern_status feed_layer(struct tern_cli_feed *feed, uint32_t position, float *values,
                                   struct tern_error *error) {
    const struct tern_cli_options *options = feed->options;
    const struct tern_stage stage = {.position = position, .layer = (int32_t)options->layer, .name = "hidden"};
    uint32_t columns = tern_model_config(feed->session.model)->hidden_size;
    seeded_values(options->seed, (uint64_t)position * columns, values, columns);
    TERN_TRY(tern_runner_layer(feed->session.runner, (uint32_t)options->layer, values, error));
    return put_out(feed, stage, columns, values, error);
}

// The tokens of the saved state and those of --tokens.
static enum tern_status join_ids(struct tern_cli_feed *feed, struct tern_error *error) {
    const struct tern_saved_state *state = &feed->resumed;
    const size_t count = state->count + feed->count;
    uint32_t *ids = malloc(count * sizeof *ids);
    if (!ids) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %zu ids", count);
    }
    memcpy(ids, state->ids, state->count * sizeof *ids);
    if (feed->ids) {
        memcpy(ids + state->count, feed->ids, feed->count * sizeof *ids);
    }
    free(feed->ids);
    feed->ids = ids;
    feed->count = count;
    feed->fed = feed->first = state->position < state->count ? state->position : state->count;
    return feed->fed < count
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: all its %zu tokens are fed, --tokens gives more",
                                state->path, count);
}

static enum tern_status read_ids(struct tern_cli_feed *feed, struct tern_error *error) {
    const struct tern_cli_options *options = feed->options;
    feed->count = 0;
    TERN_TRY(options->tokens ? tern_cli_ids(options->tokens, error, &feed->ids, &feed->count) : TERN_STATUS_OK);
    if (options->resume) {
        TERN_TRY(tern_saved_state_read(options->resume, error, &feed->resumed));
        TERN_TRY(join_ids(feed, error));
    }
    return feed->count <= TERN_MAX_POSITIONS
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--tokens: %zu ids, %u at most", feed->count,
                                TERN_MAX_POSITIONS);
}

// A saved text may have been fed further than its end.
static uint32_t capacity_of(const struct tern_cli_feed *feed) {
    const size_t wanted = feed->options->context + feed->count;
    return (uint32_t)(wanted < feed->resumed.position ? feed->resumed.position : wanted);
}

enum tern_status tern_cli_feed_open(struct tern_cli_feed *feed, struct tern_error *error) {
    const struct tern_cli_options *options = feed->options;
    tern_cli_place_label(options, feed->device, feed->label, sizeof feed->label);
    feed->count = options->positions;
    TERN_TRY(options->layer == TERN_NO_LAYER ? read_ids(feed, error) : TERN_STATUS_OK);
    const struct tern_session_options more = {.device = feed->device,
                                              .capacity = capacity_of(feed),
                                              .tap = feed->tap,
                                              .tap_context = feed->context,
                                              .state = options->resume ? &feed->resumed : NULL};
    TERN_TRY(tern_session_open(options, &more, error, &feed->session));
    TERN_TRY(tern_runner_rewind(feed->session.runner, (uint32_t)feed->fed, error));
    // The complement of the seed, so that no state equals a part of the cache.
    struct seeded_cache cache = {.seed = ~options->seed};
    return options->context ? tern_runner_set_cache(feed->session.runner, (uint32_t)options->layer,
                                                    (uint32_t)options->context, draw_cache, &cache, error)
                            : TERN_STATUS_OK;
}

enum tern_status tern_cli_feed_save(struct tern_cli_feed *feed, struct tern_error *error) {
    const char *path = feed->options->save_state;
    const struct tern_saved_state state = {.sampling = tern_sampling_greedy(),
                                           .ids = feed->ids,
                                           .count = (uint32_t)feed->count,
                                           .known = (uint32_t)feed->count};
    TERN_TRY(tern_saved_state_write(&state, feed->session.model, feed->session.runner, path, error));
    fprintf(stderr, "%zu of %zu tokens are fed, saved in %s\n", feed->fed, feed->count, path);
    return TERN_STATUS_OK;
}

// values: room for the results of a pass of `pass` positions.
static enum tern_status feed_all(struct tern_cli_feed *feed, uint32_t pass, float *values, struct tern_error *error) {
    while (feed->fed < feed->count) {
        uint32_t now = feed->count - feed->fed < pass ? (uint32_t)(feed->count - feed->fed) : pass;
        TERN_TRY(feed->ids ? feed_tokens(feed, (uint32_t)feed->fed, now, values, error)
                           : feed_layer(feed, (uint32_t)(feed->options->context + feed->fed), values, error));
        feed->fed += now;
        reach(feed, (double)feed->fed);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_cli_feed_run(struct tern_cli_feed *feed, struct tern_error *error) {
    const struct tern_model_config *config = tern_model_config(feed->session.model);
    uint32_t pass = feed->ids ? TERN_MAX_VECTORS : 1;
    size_t most = feed->ids ? (size_t)pass * config->vocabulary_size : config->hidden_size;
    float *values = malloc(most * sizeof *values);
    if (!values) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %zu values", most);
    }
    tern_progress_start(&feed->progress, stderr, NULL, feed->label, TERN_PROGRESS_POSITIONS, (double)feed->count);
    tern_progress_skip(&feed->progress, (double)feed->first);
    tern_runner_watch(feed->session.runner, on_stage, feed);
    enum tern_status status = feed_all(feed, pass, values, error);
    tern_progress_end(&feed->progress, false);
    free(values);
    return status;
}

void tern_cli_feed_clear(struct tern_cli_feed *feed) {
    tern_status_line_clear(&feed->progress.line);
}

void tern_cli_feed_close(struct tern_cli_feed *feed) {
    tern_session_close(&feed->session);
    tern_saved_state_close(&feed->resumed);
    free(feed->ids);
    feed->ids = NULL;
}
