// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/cli/commands/bench.h"

// Seconds and counters of a session so far.
struct spent {
    double now, device, matmul, head;
    uint64_t exact_rows;
    struct tern_counters counters;
};

static enum tern_status look(struct tern_session *session, struct tern_error *error, struct spent *spent) {
    spent->now = tern_seconds();
    spent->device = tern_device_seconds(session->device);
    spent->matmul = session->engine.seconds;
    spent->head = tern_runner_head_seconds(session->runner);
    spent->exact_rows = tern_runner_exact_rows(session->runner);
    return tern_device_counters(session->device, error, &spent->counters);
}

// A prompt needs logits after its last token only.
static bool wants_logits(uint32_t fed, uint32_t tokens, uint32_t at_once) {
    return at_once == 1 || fed + at_once >= tokens;
}

static enum tern_status feed(struct tern_session *session, uint32_t tokens, uint32_t at_once, float *logits,
                             struct tern_error *error) {
    const uint32_t vocabulary = tern_model_config(session->model)->vocabulary_size;
    uint32_t ids[TERN_MAX_VECTORS];
    float *wanted[TERN_MAX_VECTORS] = {0};
    for (uint32_t fed = 0; fed < tokens; fed += at_once) {
        for (uint32_t i = 0; i < at_once; i++) {
            ids[i] = (fed + i) * 7919u % vocabulary;
        }
        wanted[at_once - 1] = wants_logits(fed, tokens, at_once) ? logits : NULL;
        TERN_TRY(tern_runner_tokens(session->runner, ids, at_once, wanted, error));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_bench_tokens(struct tern_session *session, uint32_t tokens, uint32_t at_once,
                                   struct tern_error *error, struct tern_bench_part *part) {
    struct spent before, after;
    float *logits = malloc(tern_model_config(session->model)->vocabulary_size * sizeof *logits);
    if (!logits) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for logits");
    }
    enum tern_status status = look(session, error, &before);
    if (status == TERN_STATUS_OK) {
        status = feed(session, tokens, at_once, logits, error);
    }
    free(logits);
    TERN_TRY(status);
    TERN_TRY(look(session, error, &after));
    memset(part, 0, sizeof *part);
    part->tokens = tokens;
    part->seconds = after.now - before.now;
    part->matmul = after.matmul - before.matmul;
    part->vector = after.device - before.device - part->matmul;
    part->head = after.head - before.head;
    part->head_rows = (at_once == 1 ? (uint64_t)tokens : 1) * tern_model_config(session->model)->vocabulary_size;
    part->exact_rows = after.exact_rows - before.exact_rows;
    part->cycles = after.counters.time_cycles - before.counters.time_cycles;
    part->matmul_cycles = after.counters.matmul_cycles - before.counters.matmul_cycles;
    part->weight_bytes =
        (after.counters.beats_taken - before.counters.beats_taken) * tern_device_beat_bytes(session->device);
    return TERN_STATUS_OK;
}
