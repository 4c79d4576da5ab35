// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/generate/generator_internal.h"
#include "host_driver/generate/speculate.h"

enum tern_status tern_generator_open(struct tern_runner *runner, const struct tern_model_config *config,
                                     const struct tern_sampling *sampling, uint32_t capacity, struct tern_error *error,
                                     struct tern_generator **generator) {
    struct tern_generator *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a generator");
    }
    opened->runner = runner;
    opened->sampling = *sampling;
    opened->capacity = capacity;
    opened->vocabulary_size = config->vocabulary_size;
    opened->ids = malloc(((size_t)capacity + 1) * sizeof *opened->ids);
    opened->logits = malloc(config->vocabulary_size * sizeof *opened->logits);
    enum tern_status status =
        opened->ids && opened->logits
            ? tern_sampler_open(sampling, config->vocabulary_size, error, &opened->sampler)
            : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %u ids and %u logits", capacity,
                             config->vocabulary_size);
    if (status != TERN_STATUS_OK) {
        tern_generator_close(opened);
        return status;
    }
    *generator = opened;
    return TERN_STATUS_OK;
}

void tern_generator_close(struct tern_generator *generator) {
    if (generator) {
        tern_sampler_close(generator->sampler);
        free(generator->logits);
        free(generator->ids);
        free(generator);
    }
}

// Also removes ids that were verified ahead of the text.
enum tern_status tern_generator_rewind(struct tern_generator *generator, size_t count, struct tern_error *error) {
    if (count > generator->count) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "back to %zu ids of a text of %zu", count,
                              generator->count);
    }
    size_t fed = count < generator->fed ? count : generator->fed;
    TERN_TRY(tern_runner_rewind(generator->runner, (uint32_t)fed, error));
    generator->fed = fed;
    generator->count = generator->known = count;
    return TERN_STATUS_OK;
}

enum tern_status tern_generator_append(struct tern_generator *generator, const uint32_t *ids, size_t count,
                                       struct tern_error *error) {
    size_t room = generator->count < generator->capacity ? generator->capacity - generator->count : 0;
    if (count > room) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%zu more tokens do not fit: %zu of %zu positions are used", count, generator->count,
                              generator->capacity);
    }
    if (count == 0) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_generator_rewind(generator, generator->count, error));
    memcpy(generator->ids + generator->count, ids, count * sizeof *ids);
    generator->count += count;
    generator->known = generator->count;
    return TERN_STATUS_OK;
}

// Feeds up to one pass of the waiting ids. The logits after the last of them give the next id.
static enum tern_status feed(struct tern_generator *generator, struct tern_error *error) {
    size_t waiting = generator->known - generator->fed;
    uint32_t count = waiting < TERN_MAX_VECTORS ? (uint32_t)waiting : TERN_MAX_VECTORS;
    bool is_last = count == waiting;
    float *logits[TERN_MAX_VECTORS] = {NULL};
    logits[count - 1] = is_last ? generator->logits : NULL;
    TERN_TRY(tern_generator_feed(generator, generator->ids + generator->fed, count, logits, generator->known, error));
    generator->fed += count;
    if (is_last) {
        TERN_TRY(tern_generator_draw(generator, generator->logits, generator->known, error));
        generator->known++;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_generator_step(struct tern_generator *generator, struct tern_error *error, uint32_t *id) {
    *id = TERN_NO_ID;
    if (generator->known == generator->count) {
        if (generator->fed == generator->count) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "there is no text to go on from");
        }
        TERN_TRY(tern_generator_can_speculate(generator) ? tern_generator_speculate(generator, error)
                                                         : feed(generator, error));
    }
    if (generator->known > generator->count) {
        *id = generator->ids[generator->count++];
    }
    return TERN_STATUS_OK;
}

size_t tern_generator_fed(const struct tern_generator *generator) {
    return generator->fed < generator->count ? generator->fed : generator->count;
}

size_t tern_generator_count(const struct tern_generator *generator) {
    return generator->count;
}

const uint32_t *tern_generator_ids(const struct tern_generator *generator) {
    return generator->ids;
}

size_t tern_generator_room(const struct tern_generator *generator) {
    return generator->capacity + 1 - generator->count;
}

bool tern_is_stop_id(const struct tern_model_config *config, uint32_t id) {
    for (uint32_t i = 0; i < config->stop_id_count; i++) {
        if (config->stop_ids[i] == id) {
            return true;
        }
    }
    return false;
}
