// SPDX-License-Identifier: Apache-2.0
// Two devices, the same tokens, every stage's result: which is the first that differs?
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/generate.h"

static const char usage[] =
    "usage: tern compare MODEL [--devices A,B] [--tokens 1,2,3] [--depth D] [--device-memory BYTES]\n"
    "                    [--latency CYCLES] [--bandwidth PERCENT] [--stalls SEED] [--json]\n"
    "Feeds the tokens to both devices (default model,rtl) and compares the result of every command. Exit code 1 and "
    "the name of the\n"
    "first stage that differs when one does.\n";

struct recorded {
    uint8_t *data;
    size_t bytes;
};

// Stage results of the first device, in order; where the second device is in that list.
struct comparison {
    struct recorded *stages;
    size_t count, capacity, at;
    uint64_t values, differ;
    struct tern_stage first; // that differs
    uint32_t first_word, expected, got;
};

static enum tern_status record(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                               struct tern_error *error) {
    struct comparison *all = context;
    (void)stage;
    if (all->count == all->capacity) {
        size_t capacity = all->capacity ? 2 * all->capacity : 256;
        struct recorded *grown = realloc(all->stages, capacity * sizeof *grown);
        if (!grown) {
            return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for taps");
        }
        all->stages = grown;
        all->capacity = capacity;
    }
    uint8_t *copy = malloc(bytes);
    if (!copy) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for taps");
    }
    memcpy(copy, data, bytes);
    all->stages[all->count++] = (struct recorded){copy, bytes};
    return TERN_STATUS_OK;
}

static void note_difference(struct comparison *all, const struct tern_stage *stage, size_t word, uint32_t expected,
                            uint32_t got) {
    if (all->differ++ == 0) {
        all->first = *stage;
        all->first_word = (uint32_t)word;
        all->expected = expected;
        all->got = got;
    }
}

static enum tern_status check(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                              struct tern_error *error) {
    struct comparison *all = context;
    if (all->at == all->count || all->stages[all->at].bytes != bytes) {
        return tern_error_set(error, TERN_STATUS_MISMATCH, "the devices ran different stages at %s", stage->name);
    }
    const uint8_t *expected = all->stages[all->at++].data;
    for (size_t offset = 0; offset + 4 <= bytes; offset += 4) {
        uint32_t a, b;
        memcpy(&a, expected + offset, 4);
        memcpy(&b, (const uint8_t *)data + offset, 4);
        all->values++;
        if (a != b) {
            note_difference(all, stage, offset / 4, a, b);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status feed(const struct tern_cli_options *options, const char *device, tern_tap tap,
                             struct comparison *all, const uint32_t *ids, size_t count, struct tern_error *error) {
    struct tern_session session;
    enum tern_status status = tern_session_open(options, device, (uint32_t)count, tap, all, error, &session);
    if (status != TERN_STATUS_OK) {
        return status;
    }
    float *logits = malloc(tern_model_config(session.model)->vocabulary_size * sizeof *logits);
    status = logits ? TERN_STATUS_OK : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for logits");
    double started = tern_cli_seconds();
    for (size_t fed = 0; fed < count && status == TERN_STATUS_OK;) {
        // Logits bring the final norm, whose results are compared; the head is the host's on every device.
        float *rows[TERN_MAX_VECTORS] = {logits};
        uint32_t tokens = count - fed < TERN_MAX_VECTORS ? (uint32_t)(count - fed) : TERN_MAX_VECTORS;
        status = tern_runner_tokens(session.runner, ids + fed, tokens, rows, error);
        fed += tokens;
        fprintf(stderr, "%s: token %zu/%zu, %.0f s left\n", device, fed, count,
                (tern_cli_seconds() - started) / (double)fed * (double)(count - fed));
    }
    free(logits);
    tern_session_close(&session);
    return status;
}

static int report(const struct comparison *all, const char *a, const char *b, int json) {
    const char *verdict = all->differ ? "!=" : "=";
    if (json) {
        printf("{\"values\": %llu, \"differ\": %llu}\n", (unsigned long long)all->values,
               (unsigned long long)all->differ);
    } else {
        printf("%s %s %s: %llu values, %llu differ\n", a, verdict, b, (unsigned long long)all->values,
               (unsigned long long)all->differ);
    }
    if (!all->differ) {
        return TERN_EXIT_OK;
    }
    fprintf(stderr,
            "tern compare: first difference in position %u, layer %d, stage %s, word %u: %s 0x%08x, %s 0x%08x\n",
            all->first.position, all->first.layer, all->first.name, all->first_word, a, all->expected, b, all->got);
    return TERN_EXIT_FAILED;
}

static int compare(const struct tern_cli_options *options, char *a, const char *b) {
    struct tern_error error = {{0}};
    struct comparison all = {0};
    uint32_t *ids = NULL;
    size_t count = 0;
    enum tern_status status = tern_cli_ids(options->tokens, &error, &ids, &count);
    if (status == TERN_STATUS_OK) {
        status = feed(options, a, record, &all, ids, count, &error);
    }
    if (status == TERN_STATUS_OK) {
        status = feed(options, b, check, &all, ids, count, &error);
    }
    int code = status == TERN_STATUS_OK ? report(&all, a, b, options->json) : tern_cli_fail("compare", &error);
    for (size_t i = 0; i < all.count; i++) {
        free(all.stages[i].data);
    }
    free(all.stages);
    free(ids);
    return code;
}

int tern_cli_compare(int argc, char **argv) {
    struct tern_cli_options options = {.devices = "model,rtl", .tokens = "1"};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    char a[16];
    const char *comma = strchr(options.devices, ',');
    if (!comma || comma - options.devices >= (int)sizeof a) {
        fprintf(stderr, "tern compare: --devices %s: two names with a comma between\n", options.devices);
        return TERN_EXIT_USAGE;
    }
    memcpy(a, options.devices, (size_t)(comma - options.devices));
    a[comma - options.devices] = 0;
    return compare(&options, a, comma + 1);
}
