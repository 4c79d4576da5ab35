// SPDX-License-Identifier: Apache-2.0
#include "host_driver/explore/layer_time.h"

#include <string.h>

#include "host_driver/model/layer_table.h"
#include "host_driver/runner/runner.h"

// Room for a layer of 72B and its cache. Pages that nothing writes take no memory of the host.
#define MEMORY_BYTES ((uint64_t)4 << 30)

const char *tern_explore_cause_name(enum tern_explore_cause cause) {
    static const char *const names[TERN_EXPLORE_CAUSES] = {"weights", "finish", "cache", "attention", "vector", "core"};
    return names[cause];
}

struct bench {
    const struct tern_explore_question *question;
    struct tern_model *model;
    struct tern_device *device;
    struct tern_runner *runner;
    struct tern_explore_answer *answer;
};

// A command that ran beside the one before counts from the end of that.
static void add_command(void *context, const struct tern_command_profile *command) {
    const struct bench *bench = context;
    struct tern_explore_answer *answer = bench->answer;
    const uint64_t run = (uint64_t)command->busy + command->starved + command->blocked + command->other;
    const int64_t alone = (int64_t)run - command->beside, blocked = command->blocked, other = command->other;
    int64_t *causes = answer->causes;
    answer->norm_cycles += answer->cycles == 0 ? run : 0;
    answer->cycles += (uint64_t)(alone + command->core);
    causes[TERN_EXPLORE_CORE] += command->core;
    switch (command->unit) {
    case TERN_PROFILE_CORE: causes[TERN_EXPLORE_CORE] += alone; break;
    case TERN_PROFILE_VECTOR: causes[TERN_EXPLORE_VECTOR] += alone; break;
    case TERN_PROFILE_MATMUL:
        causes[TERN_EXPLORE_WEIGHTS] += alone - blocked;
        causes[TERN_EXPLORE_FINISH] += blocked;
        break;
    case TERN_PROFILE_ATTENTION:
        causes[TERN_EXPLORE_CACHE] += alone - blocked - other;
        causes[TERN_EXPLORE_ATTENTION] += blocked + other;
        break;
    }
}

// Any values that are no zeros: the core checks a cache that the attention unit only takes time for.
static void give_cache(void *context, float *values, size_t count) {
    (void)context;
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)(i % 7) - 3;
    }
}

static enum tern_status open_bench(struct bench *bench, struct tern_error *error) {
    const struct tern_explore_question *question = bench->question;
    const struct tern_backend_config config = {.memory_bytes = MEMORY_BYTES,
                                               .latency_cycles = question->latency_cycles,
                                               .bandwidth_percent = question->bandwidth_percent,
                                               .lanes = question->lanes,
                                               .vectors = question->vectors,
                                               .ways = question->ways,
                                               .lacks_vector = question->ways == 0,
                                               .lacks_attention = !question->attention,
                                               .times_only = true};
    const struct tern_runner_options options = {.capacity = question->context + question->tokens};
    struct tern_model_config layer = *question->config;
    layer.layers = 1;
    TERN_TRY(tern_model_outline(&layer, question->depth, error, &bench->model));
    TERN_TRY(tern_device_open("vp", &config, error, &bench->device));
    TERN_TRY(tern_runner_open(bench->model, bench->device, &options, error, &bench->runner));
    const tern_cache_source source = question->attention ? NULL : give_cache;
    return question->context ? tern_runner_set_cache(bench->runner, 0, question->context, source, NULL, error)
                             : TERN_STATUS_OK;
}

// Multiplications by weights and, for each position up to the token's own, by keys and values.
static uint64_t multiplications(const struct tern_explore_question *question) {
    const struct tern_model_config *config = question->config;
    const uint64_t query = tern_extent_length(config, TERN_EXTENT_QUERY);
    uint64_t weights = 0, positions = 0;
    for (uint32_t i = 0; i < tern_layer_rows(config); i++) {
        const struct tern_layer_row *row = tern_layer_row(config, i);
        weights += (uint64_t)tern_extent_length(config, row->length) * tern_extent_length(config, row->columns);
    }
    for (uint32_t token = 0; token < question->tokens; token++) {
        positions += question->context + token + 1;
    }
    return question->tokens * weights + 2 * query * positions;
}

static enum tern_status run(struct bench *bench, struct tern_error *error) {
    const struct tern_explore_question *question = bench->question;
    const uint32_t ids[TERN_MAX_VECTORS] = {0};
    TERN_TRY(open_bench(bench, error));
    TERN_TRY(tern_device_profile(bench->device, add_command, bench, error));
    TERN_TRY(tern_runner_tokens(bench->runner, ids, question->tokens, NULL, error));
    bench->answer->weight_bytes = tern_runner_weight_bytes(bench->runner);
    for (uint32_t token = 0; token < question->tokens; token++) {
        bench->answer->cache_bytes += tern_runner_cache_bytes(bench->runner, question->context + token);
    }
    bench->answer->multiplications = multiplications(question);
    return TERN_STATUS_OK;
}

enum tern_status tern_explore_layer(const struct tern_explore_question *question, struct tern_error *error,
                                    struct tern_explore_answer *answer) {
    struct bench bench = {.question = question, .answer = answer};
    memset(answer, 0, sizeof *answer);
    enum tern_status status = run(&bench, error);
    tern_runner_close(bench.runner);
    tern_device_close(bench.device);
    tern_model_close(bench.model);
    return status;
}
