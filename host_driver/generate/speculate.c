// SPDX-License-Identifier: Apache-2.0
// Draft and verification share the key/value cache. After the draft the runner is rewound, and the verification writes
// every entry of the draft again before it is read.
#include "host_driver/generate/speculate.h"

#include <stdlib.h>

enum tern_status tern_generator_draft(struct tern_generator *generator, const struct tern_drafting *drafting,
                                      struct tern_error *error) {
    uint32_t depth = tern_runner_depth(generator->runner);
    if (drafting->depth < 1 || drafting->depth > depth) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "draft depth %u is not from 1 to the depth in use, %u",
                              drafting->depth, depth);
    }
    if (drafting->tokens < 1 || drafting->tokens >= TERN_MAX_VECTORS) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%u draft tokens: 1 to %u can be verified in one pass",
                              drafting->tokens, TERN_MAX_VECTORS - 1);
    }
    size_t rows = 1 + (size_t)drafting->tokens;
    float *logits = realloc(generator->logits, rows * generator->vocabulary_size * sizeof *logits);
    if (!logits) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %zu x %u logits", rows,
                              generator->vocabulary_size);
    }
    generator->logits = logits;
    generator->drafting = *drafting;
    return TERN_STATUS_OK;
}

struct tern_draft_figures tern_generator_draft_figures(const struct tern_generator *generator) {
    return generator->figures;
}

// The number of tokens to draft. They and the token after them need room in `ids`, and all must fit one pass.
static uint32_t draft_room(const struct tern_generator *generator) {
    size_t room = generator->capacity - generator->known;
    uint32_t vectors = tern_runner_vectors(generator->runner);
    uint32_t most = vectors > generator->drafting.tokens ? generator->drafting.tokens : vectors > 1 ? vectors - 1 : 1;
    return room < most ? (uint32_t)room : most;
}

bool tern_generator_can_speculate(const struct tern_generator *generator) {
    return generator->drafting.depth > 0 && generator->fed + 1 == generator->known &&
           generator->known < generator->capacity && draft_room(generator) > 0;
}

// Drafts ids[count] after the first `count` ids.
static enum tern_status draft_one(struct tern_generator *generator, size_t count, struct tern_error *error) {
    TERN_TRY(tern_generator_feed(generator, &generator->ids[count - 1], 1, &generator->logits, count, error));
    return tern_generator_draw(generator, generator->logits, count, error);
}

// Drafts up to `most` tokens after the known ids. A logit that is not finite ends the draft: only the verification
// decides whether the text fails.
static enum tern_status draft(struct tern_generator *generator, uint32_t most, struct tern_error *error,
                              uint32_t *drafted) {
    for (*drafted = 0; *drafted < most; ++*drafted) {
        enum tern_status status = draft_one(generator, generator->known + *drafted, error);
        if (status != TERN_STATUS_OK) {
            return status == TERN_STATUS_NON_FINITE ? TERN_STATUS_OK : status;
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status draft_at_depth(struct tern_generator *generator, struct tern_error *error, uint32_t *drafted) {
    struct tern_runner *runner = generator->runner;
    uint32_t depth = tern_runner_depth(runner);
    TERN_TRY(tern_runner_set_depth(runner, generator->drafting.depth, error));
    enum tern_status status = draft(generator, draft_room(generator), error, drafted);
    // Restores depth and position of before, which cannot fail.
    (void)tern_runner_set_depth(runner, depth, NULL);
    (void)tern_runner_rewind(runner, (uint32_t)generator->fed, NULL);
    return status;
}

// Draws from the verified logits up to the first token that differs from the draft or follows it. rows[0]: logits after
// the last known id. rows[i]: logits after i drafted ids.
static enum tern_status choose(struct tern_generator *generator, float *const *rows, uint32_t drafted,
                               struct tern_error *error) {
    for (uint32_t i = 0; i <= drafted; i++) {
        uint32_t guess = i < drafted ? generator->ids[generator->known] : TERN_NO_ID;
        enum tern_status status = tern_generator_draw(generator, rows[i], generator->known, error);
        if (status != TERN_STATUS_OK) {
            return i == 0 ? status : TERN_STATUS_OK; // the next step reports it
        }
        generator->known++;
        if (generator->ids[generator->known - 1] != guess) {
            return TERN_STATUS_OK;
        }
        generator->figures.accepted++;
    }
    return TERN_STATUS_OK;
}

static enum tern_status verify(struct tern_generator *generator, uint32_t drafted, struct tern_error *error) {
    float *rows[TERN_MAX_VECTORS];
    for (uint32_t i = 0; i <= drafted; i++) {
        rows[i] = generator->logits + (size_t)i * generator->vocabulary_size;
    }
    enum tern_status status = tern_generator_feed(generator, generator->ids + generator->fed, drafted + 1, rows,
                                                  generator->known + drafted, error);
    if (status == TERN_STATUS_NON_FINITE && drafted > 0) {
        return verify(generator, 0, error); // the text may not have the drafted token that failed
    }
    TERN_TRY(status);
    status = choose(generator, rows, drafted, error);
    generator->fed = generator->known - 1;
    enum tern_status back = tern_runner_rewind(generator->runner, (uint32_t)generator->fed, error);
    return status == TERN_STATUS_OK ? back : status;
}

enum tern_status tern_generator_speculate(struct tern_generator *generator, struct tern_error *error) {
    struct tern_draft_figures *figures = &generator->figures;
    uint64_t bytes = tern_runner_weight_bytes(generator->runner);
    size_t known = generator->known;
    uint32_t drafted = 0;
    TERN_TRY(draft_at_depth(generator, error, &drafted));
    TERN_TRY(verify(generator, drafted, error));
    figures->rounds++;
    figures->drafted += drafted;
    figures->tokens += generator->known - known;
    figures->weight_bytes += tern_runner_weight_bytes(generator->runner) - bytes;
    figures->plain_bytes += (generator->known - known) * tern_runner_token_bytes(generator->runner, 0);
    return TERN_STATUS_OK;
}
