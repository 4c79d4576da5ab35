// SPDX-License-Identifier: Apache-2.0
#include "host_driver/generate/saved_state.h"

#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/crc32c.h"
#include "host_driver/generate/generator_internal.h"
#include "host_driver/model/identity.h"
#include "host_driver/runner/runner_state.h"
#include "host_driver/system/write_file.h"

#define VERSION 1u
static const char magic[8] = "TERNSAVE"; // no NUL

// The start of a file. Then follow ids, prompt, the CRC-32C of everything before it, and the state of the runner.
struct header {
    char magic[8];
    uint32_t version, runner_crc; // CRC-32C of the state of the runner
    uint64_t file_bytes, runner_bytes, model;
    uint32_t depth, count, known, position, prompt_count, prompt_bytes, max_tokens, top_k;
    uint64_t seed;
    double temperature, top_p, repetition_penalty;
};
_Static_assert(sizeof(struct header) == 104 && sizeof(double) == 8, "the layout of docs/saved-state.md");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are little-endian");

// Bytes up to the state of the runner.
static uint64_t head_bytes(const struct header *header) {
    return sizeof *header + (uint64_t)header->known * sizeof(uint32_t) + header->prompt_bytes + sizeof(uint32_t);
}

static struct header make_header(const struct tern_saved_state *state, const struct tern_runner *runner) {
    struct header header = {.version = VERSION,
                            .depth = tern_runner_depth(runner),
                            .count = state->count,
                            .known = state->known,
                            .position = tern_runner_positions(runner),
                            .prompt_count = state->prompt_count,
                            .prompt_bytes = state->prompt_bytes,
                            .max_tokens = state->max_tokens,
                            .top_k = state->sampling.top_k,
                            .seed = state->sampling.seed,
                            .temperature = state->sampling.temperature,
                            .top_p = state->sampling.top_p,
                            .repetition_penalty = state->sampling.repetition_penalty};
    memcpy(header.magic, magic, sizeof magic);
    return header;
}

// head: [head_bytes].
static void fill_head(const struct tern_saved_state *state, const struct header *header, uint8_t *head) {
    const uint64_t ids_bytes = (uint64_t)header->known * sizeof *state->ids;
    const uint64_t checked = head_bytes(header) - sizeof(uint32_t);
    memcpy(head, header, sizeof *header);
    memcpy(head + sizeof *header, state->ids, ids_bytes);
    if (header->prompt_bytes > 0) {
        memcpy(head + sizeof *header + ids_bytes, state->prompt, header->prompt_bytes);
    }
    const uint32_t crc = tern_crc32c(head, checked);
    memcpy(head + checked, &crc, sizeof crc);
}

static enum tern_status write(const struct tern_saved_state *state, struct header *header, struct tern_runner *runner,
                              uint8_t *head, uint8_t *body, const char *path, struct tern_error *error) {
    TERN_TRY(tern_runner_save(runner, body, error));
    header->runner_crc = tern_crc32c(body, header->runner_bytes);
    fill_head(state, header, head);
    return tern_replace_file(path, head, head_bytes(header), body, header->runner_bytes, error);
}

enum tern_status tern_saved_state_write(const struct tern_saved_state *state, const struct tern_model *model,
                                        struct tern_runner *runner, const char *path, struct tern_error *error) {
    struct header header = make_header(state, runner);
    TERN_TRY(tern_model_identity(model, error, &header.model));
    header.runner_bytes = tern_runner_state_bytes(tern_model_config(model), header.position);
    header.file_bytes = head_bytes(&header) + header.runner_bytes;
    uint8_t *head = malloc(head_bytes(&header)), *body = malloc(header.runner_bytes);
    enum tern_status status =
        head && body ? write(state, &header, runner, head, body, path, error)
                     : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory for %llu bytes", path,
                                      (unsigned long long)header.file_bytes);
    free(head);
    free(body);
    return status;
}

static enum tern_status check_length(const struct tern_saved_state *state, const struct header *header,
                                     struct tern_error *error) {
    if (state->file.bytes < sizeof magic || memcmp(header->magic, magic, sizeof magic) != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: not a saved state", state->path);
    }
    if (state->file.bytes < sizeof *header) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: cut in its first %zu bytes", state->path,
                              sizeof *header);
    }
    if (header->version != VERSION) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: version %u of a saved state, this program reads %u",
                              state->path, header->version, VERSION);
    }
    const uint64_t head = head_bytes(header);
    if (state->file.bytes != header->file_bytes) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: has %zu bytes, a saved state of %llu was written",
                              state->path, state->file.bytes, (unsigned long long)header->file_bytes);
    }
    if (header->file_bytes < head || header->runner_bytes != header->file_bytes - head) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: the lengths of its parts are not those of its %zu bytes", state->path,
                              state->file.bytes);
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_contents(const struct tern_saved_state *state, const struct header *header,
                                       struct tern_error *error) {
    const uint64_t head = head_bytes(header), checked = head - sizeof(uint32_t);
    uint32_t crc;
    memcpy(&crc, state->file.data + checked, sizeof crc);
    if (crc != tern_crc32c(state->file.data, checked) ||
        header->runner_crc != tern_crc32c(state->file.data + head, header->runner_bytes)) {
        return tern_error_set(error, TERN_STATUS_CHECKSUM, "%s: damaged: its bytes do not match their checksum",
                              state->path);
    }
    if (header->count > header->known || header->position > header->known || header->known > TERN_MAX_POSITIONS + 1 ||
        header->prompt_count > header->count || header->max_tokens > TERN_MAX_POSITIONS) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: %u ids of %u, %u of a prompt, %u fed, %u after the prompt", state->path,
                              header->count, header->known, header->prompt_count, header->position, header->max_tokens);
    }
    const uint8_t *runner = state->file.data + head;
    if (header->runner_bytes < sizeof header->position || memcmp(runner, &header->position, sizeof header->position)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: its caches are not those of %u positions", state->path,
                              header->position);
    }
    return TERN_STATUS_OK;
}

static void take_header(struct tern_saved_state *state, const struct header *header) {
    const uint8_t *data = state->file.data;
    state->sampling = (struct tern_sampling){.temperature = header->temperature,
                                             .top_p = header->top_p,
                                             .repetition_penalty = header->repetition_penalty,
                                             .top_k = header->top_k,
                                             .seed = header->seed};
    state->depth = header->depth;
    state->ids = (const uint32_t *)(const void *)(data + sizeof *header);
    state->count = header->count;
    state->known = header->known;
    state->prompt_count = header->prompt_count;
    state->max_tokens = header->max_tokens;
    state->prompt = (const char *)(state->ids + header->known);
    state->prompt_bytes = header->prompt_bytes;
    state->model = header->model;
    state->runner = data + head_bytes(header);
    state->runner_bytes = header->runner_bytes;
    state->position = header->position;
}

enum tern_status tern_saved_state_read(const char *path, struct tern_error *error, struct tern_saved_state *state) {
    struct header header = {.version = 0};
    memset(state, 0, sizeof *state);
    state->path = path;
    TERN_TRY(tern_mapped_file_open(path, error, &state->file));
    if (state->file.bytes > 0) {
        memcpy(&header, state->file.data, state->file.bytes < sizeof header ? state->file.bytes : sizeof header);
    }
    enum tern_status status = check_length(state, &header, error);
    status = status == TERN_STATUS_OK ? check_contents(state, &header, error) : status;
    if (status != TERN_STATUS_OK) {
        tern_saved_state_close(state);
        return status;
    }
    take_header(state, &header);
    return TERN_STATUS_OK;
}

void tern_saved_state_close(struct tern_saved_state *state) {
    if (state->file.data) {
        tern_mapped_file_close(&state->file);
    }
    memset(state, 0, sizeof *state);
}

enum tern_status tern_saved_state_check(const struct tern_saved_state *state, const struct tern_model *model,
                                        struct tern_error *error) {
    uint64_t identity;
    TERN_TRY(tern_model_identity(model, error, &identity));
    return state->model == identity
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                "%s: saved with another model: its identity is %016llx, that of %s is %016llx",
                                state->path, (unsigned long long)state->model, tern_model_directory(model),
                                (unsigned long long)identity);
}

void tern_generator_save(const struct tern_generator *generator, struct tern_saved_state *state) {
    state->sampling = generator->sampling;
    state->ids = generator->ids;
    state->count = (uint32_t)generator->count;
    state->known = (uint32_t)generator->known;
}

enum tern_status tern_generator_load(struct tern_generator *generator, const struct tern_saved_state *state,
                                     struct tern_error *error) {
    const uint32_t fed = tern_runner_positions(generator->runner);
    if (state->known > generator->capacity + 1 || fed > state->known) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%u ids, of which %u are fed, for %zu positions",
                              state->known, fed, generator->capacity);
    }
    for (uint32_t i = 0; i < state->known; i++) {
        if (state->ids[i] >= generator->vocabulary_size) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "a saved text with token %u of %u", state->ids[i],
                                  generator->vocabulary_size);
        }
    }
    memcpy(generator->ids, state->ids, state->known * sizeof *state->ids);
    generator->count = state->count;
    generator->known = state->known;
    generator->fed = fed;
    return TERN_STATUS_OK;
}
