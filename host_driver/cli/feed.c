// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmodel/fast/seconds.h"
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

static void show_progress(struct tern_cli_feed *feed, double done) {
    double seconds = tern_seconds() - feed->started;
    feed->shown = seconds;
    fprintf(stderr, "%s: position %.1f/%zu, %.2f a second, %.0f s left", feed->label, done, feed->count,
            seconds > 0 ? done / seconds : 0.0, seconds / done * ((double)feed->count - done));
    tern_cli_print_speed(feed->session.runner, stderr);
    fputc('\n', stderr);
}

// Prints a line every few seconds within a pass, which takes minutes on rtl.
static enum tern_status on_stage(void *context, double tokens, struct tern_error *error) {
    struct tern_cli_feed *feed = context;
    (void)error;
    if (tern_seconds() - feed->started - feed->shown > 5) {
        show_progress(feed, (double)feed->fed + tokens);
    }
    return TERN_STATUS_OK;
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

enum tern_status tern_cli_feed_open(struct tern_cli_feed *feed, struct tern_error *error) {
    const struct tern_cli_options *options = feed->options;
    tern_cli_place_label(options, feed->device, feed->label, sizeof feed->label);
    feed->count = options->positions;
    if (options->layer == TERN_NO_LAYER) {
        TERN_TRY(tern_cli_ids(options->tokens, error, &feed->ids, &feed->count));
    }
    if (feed->count > TERN_MAX_POSITIONS) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--tokens: %zu ids, %u at most", feed->count,
                              TERN_MAX_POSITIONS);
    }
    TERN_TRY(tern_session_open(options, feed->device, (uint32_t)(options->context + feed->count), feed->tap,
                               feed->context, error, &feed->session));
    // The complement of the seed, so that no state equals a part of the cache.
    struct seeded_cache cache = {.seed = ~options->seed};
    return options->context ? tern_runner_set_cache(feed->session.runner, (uint32_t)options->layer,
                                                    (uint32_t)options->context, draw_cache, &cache, error)
                            : TERN_STATUS_OK;
}

// values: room for the results of a pass of `pass` positions.
static enum tern_status feed_all(struct tern_cli_feed *feed, uint32_t pass, float *values, struct tern_error *error) {
    while (feed->fed < feed->count) {
        uint32_t now = feed->count - feed->fed < pass ? (uint32_t)(feed->count - feed->fed) : pass;
        TERN_TRY(feed->ids ? feed_tokens(feed, (uint32_t)feed->fed, now, values, error)
                           : feed_layer(feed, (uint32_t)(feed->options->context + feed->fed), values, error));
        feed->fed += now;
        show_progress(feed, (double)feed->fed);
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
    feed->started = tern_seconds();
    tern_runner_watch(feed->session.runner, on_stage, feed);
    enum tern_status status = feed_all(feed, pass, values, error);
    free(values);
    return status;
}

void tern_cli_feed_close(struct tern_cli_feed *feed) {
    tern_session_close(&feed->session);
    free(feed->ids);
    feed->ids = NULL;
}
