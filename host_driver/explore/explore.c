// SPDX-License-Identifier: Apache-2.0
#include "host_driver/explore/explore.h"

#include <string.h>

#include "cmodel/layout.h"

// ---- answers

static struct tern_explore_question question_of(const struct tern_explore_point *point, uint32_t context,
                                                uint32_t tokens) {
    return (struct tern_explore_question){.config = point->config,
                                          .depth = point->depth,
                                          .lanes = point->lanes,
                                          .vectors = point->vectors,
                                          .ways = point->ways,
                                          .attention = point->attention,
                                          .latency_cycles = point->latency_cycles,
                                          .bandwidth_percent = point->bandwidth_percent,
                                          .context = context,
                                          .tokens = tokens};
}

static bool asks_the_same(const struct tern_explore_point *a, const struct tern_explore_point *b) {
    return a->config == b->config && a->depth == b->depth && a->lanes == b->lanes && a->vectors == b->vectors &&
           a->ways == b->ways && a->attention == b->attention && a->latency_cycles == b->latency_cycles &&
           a->bandwidth_percent == b->bandwidth_percent;
}

// The prompt in passes of at most MAX_VECTORS tokens. Attention grows by as much from each pass to the next, so of the
// full ones the first and the last are asked.
static enum tern_status run_prompt(struct tern_explore_point *point, struct tern_error *error) {
    const uint32_t full = point->prompt / TERN_MAX_VECTORS, rest = point->prompt % TERN_MAX_VECTORS;
    struct tern_explore_answer last;
    struct tern_explore_question question = question_of(point, 0, full ? TERN_MAX_VECTORS : rest);
    TERN_TRY(tern_explore_layer(&question, error, &point->pass));
    point->pass_tokens = question.tokens;
    point->prompt_cycles = (double)point->pass.cycles;
    if (full > 1) {
        question = question_of(point, (full - 1) * TERN_MAX_VECTORS, TERN_MAX_VECTORS);
        TERN_TRY(tern_explore_layer(&question, error, &last));
        point->prompt_cycles = full * ((double)point->pass.cycles + (double)last.cycles) / 2;
    }
    if (full > 0 && rest > 0) {
        question = question_of(point, full * TERN_MAX_VECTORS, rest);
        TERN_TRY(tern_explore_layer(&question, error, &last));
        point->prompt_cycles += (double)last.cycles;
    }
    point->prompt_cycles *= point->config->layers;
    return TERN_STATUS_OK;
}

// Takes from the points before what was asked there.
static enum tern_status run_point(struct tern_explore_point *points, size_t index, struct tern_error *error) {
    struct tern_explore_point *point = &points[index];
    bool has_token = false, has_prompt = false;
    for (size_t i = 0; i < index; i++) {
        const struct tern_explore_point *known = &points[i];
        if (asks_the_same(known, point) && known->context == point->context) {
            point->token = known->token;
            has_token = true;
        }
        if (asks_the_same(known, point) && known->prompt == point->prompt) {
            point->pass = known->pass;
            point->pass_tokens = known->pass_tokens;
            point->prompt_cycles = known->prompt_cycles;
            has_prompt = true;
        }
    }
    const struct tern_explore_question question = question_of(point, point->context, 1);
    TERN_TRY(has_token ? TERN_STATUS_OK : tern_explore_layer(&question, error, &point->token));
    return has_prompt ? TERN_STATUS_OK : run_prompt(point, error);
}

enum tern_status tern_explore_run(struct tern_explore_point *points, size_t count, tern_explore_progress progress,
                                  void *context, struct tern_error *error) {
    for (size_t i = 0; i < count; i++) {
        TERN_TRY(progress ? progress(context, i, error) : TERN_STATUS_OK);
        TERN_TRY(run_point(points, i, error));
    }
    return TERN_STATUS_OK;
}

// ---- derived figures

static double seconds_of(const struct tern_explore_point *point, double cycles) {
    return cycles / (point->clock_mhz * 1e6);
}

// The final norm takes as long as the first norm of a layer, whose shape it has.
double tern_explore_token_seconds(const struct tern_explore_point *point) {
    return seconds_of(point, (double)point->token.cycles * point->config->layers + (double)point->token.norm_cycles);
}

double tern_explore_prompt_seconds(const struct tern_explore_point *point) {
    return seconds_of(point, point->prompt_cycles + (double)point->token.norm_cycles);
}

double tern_explore_memory_bytes(const struct tern_explore_point *point) {
    return point->lanes * TERN_BEAT_BYTES * point->clock_mhz * 1e4 * point->bandwidth_percent;
}

enum tern_explore_cause tern_explore_bound(const struct tern_explore_point *point) {
    enum tern_explore_cause bound = TERN_EXPLORE_WEIGHTS;
    for (int cause = 0; cause < TERN_EXPLORE_CAUSES; cause++) {
        if (point->token.causes[cause] > point->token.causes[bound]) {
            bound = (enum tern_explore_cause)cause;
        }
    }
    return bound;
}

double tern_explore_rate(const struct tern_explore_point *point, const struct tern_explore_answer *answer) {
    return (double)answer->multiplications / seconds_of(point, (double)answer->cycles);
}

double tern_explore_peak(const struct tern_explore_point *point) {
    const uint32_t columns = point->config->hidden_size;
    const double beats = (double)tern_strip_bytes(columns, point->depth) / TERN_BEAT_BYTES;
    return TERN_STRIP_ROWS * columns / beats * point->lanes * point->vectors * point->clock_mhz * 1e6;
}

struct tern_explore_pipeline tern_explore_pipeline(const struct tern_explore_point *point) {
    const uint32_t layers = (point->config->layers + point->devices - 1) / point->devices;
    const double link =
        TERN_EXPLORE_LINK_SECONDS + point->config->hidden_size * sizeof(float) / TERN_EXPLORE_LINK_BYTES;
    const double layer_seconds = seconds_of(point, (double)point->token.cycles);
    return (struct tern_explore_pipeline){.layers = layers,
                                          .bytes =
                                              (double)(point->token.weight_bytes + point->token.cache_bytes) * layers,
                                          .link_seconds = link,
                                          .sequence_seconds = tern_explore_token_seconds(point) + link * point->devices,
                                          .all_seconds = layer_seconds * layers + link};
}
