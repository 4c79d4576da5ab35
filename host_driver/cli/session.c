// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/pool.h"
#include "host_driver/cli/placement.h"
#include "host_driver/runner/runner_state.h"

#define DRAFT_TOKENS 4 // default of --draft-tokens

// So that output head, vector operations and checksums run on the same instructions as the kernel.
static void limit_processor(enum tern_kernel kernel) {
    if (kernel == TERN_KERNEL_EXACT || kernel == TERN_KERNEL_AVX2) {
        tern_processor_limit(kernel == TERN_KERNEL_EXACT ? TERN_PROCESSOR_ANY : TERN_PROCESSOR_AVX2);
    }
}

static enum tern_status kernel_of_environment(struct tern_error *error, enum tern_kernel *kernel) {
    const char *name = getenv("TERN_KERNEL");
    *kernel = TERN_KERNEL_BEST;
    if (!name || !*name) {
        return TERN_STATUS_OK;
    }
    for (*kernel = TERN_KERNEL_EXACT; *kernel <= TERN_KERNEL_AVX512; ++*kernel) {
        if (!strcmp(name, tern_kernel_name(*kernel)) && tern_kernel_is_supported(*kernel)) {
            limit_processor(*kernel);
            return TERN_STATUS_OK;
        }
    }
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                          "TERN_KERNEL=%.40s: no kernel of this processor (there are exact, avx2 and avx512)", name);
}

struct tern_backend_config tern_cli_backend(const struct tern_cli_options *options) {
    return (struct tern_backend_config){.memory_bytes = options->memory_bytes,
                                        .latency_cycles = (uint32_t)options->latency,
                                        .bandwidth_percent = (uint32_t)options->bandwidth,
                                        .stall_seed = (uint32_t)options->stall_seed,
                                        .memory = options->memory,
                                        .lanes = (uint32_t)options->lanes,
                                        .vectors = (uint32_t)options->vectors,
                                        .verilated = options->verilated,
                                        .waves_path = options->waves,
                                        .waves_later = options->waves_from != NULL};
}

enum tern_status tern_cli_engine(const struct tern_cli_options *options, struct tern_error *error,
                                 struct tern_engine *engine) {
    unsigned threads = tern_cli_threads(options);
    memset(engine, 0, sizeof *engine);
    engine->alone_bytes = TERN_ALONE_BYTES;
    TERN_TRY(kernel_of_environment(error, &engine->kernel));
    enum tern_status status = tern_pool_create(threads, &engine->pool);
    return status == TERN_STATUS_OK ? status : tern_error_set(error, status, "no host memory for %u threads", threads);
}

// The number of the device whose waveform is written: that of the only layer that runs, else the first rtl.
static uint32_t number_with_waves(const struct tern_cli_options *options, const char *device, const uint8_t *placement,
                                  uint32_t layers) {
    const char *rtl = "rtl:";
    if (options->layer < layers) {
        return placement[options->layer];
    }
    for (uint32_t i = 0; strncmp(device, rtl, strlen(rtl) - 1) != 0 && i < options->on_count; i++) {
        if (strncmp(options->on[i], rtl, strlen(rtl)) == 0) {
            return i + 1;
        }
    }
    return 0;
}

// number: of the device among those of the runner.
static enum tern_status open_device(const struct tern_cli_options *options, const char *name, uint8_t number,
                                    const uint8_t *placement, struct tern_error *error, struct tern_session *session,
                                    struct tern_device **device) {
    struct tern_backend_config config = tern_cli_backend(options);
    const uint32_t layers = tern_model_config(session->model)->layers;
    config.engine = &session->engine;
    if (number_with_waves(options, tern_cli_device(options), placement, layers) != number) {
        config.waves_path = NULL;
    }
    return tern_device_open(name, &config, error, device);
}

static enum tern_status open_runner(const struct tern_cli_options *options, const char *device,
                                    struct tern_runner_options *runner, const uint8_t *placement,
                                    struct tern_error *error, struct tern_session *session) {
    TERN_TRY(open_device(options, device, 0, placement, error, session, &session->device));
    for (size_t i = 0; i < options->on_count; i++) {
        char name[TERN_CLI_DEVICE_BYTES];
        TERN_TRY(tern_cli_on_device(options->on[i], error, name));
        TERN_TRY(open_device(options, name, (uint8_t)(i + 1), placement, error, session, &session->others[i]));
    }
    runner->pool = session->engine.pool;
    runner->others = session->others;
    runner->other_count = (uint32_t)options->on_count;
    runner->placement = placement;
    return tern_runner_open(session->model, session->device, runner, error, &session->runner);
}

// Such ids end no text.
static void note_stray_stop_ids(const struct tern_model_config *config, const char *directory) {
    if (config->stray_stop_ids > 0) {
        fprintf(stderr,
                "note: %s: ignored %u of eos_token_id outside the vocabulary of %u tokens, the first is %.15g\n",
                directory, config->stray_stop_ids, config->vocabulary_size, config->stray_stop_id);
    }
}

static enum tern_status open_parts(const struct tern_cli_options *options, const struct tern_session_options *more,
                                   struct tern_error *error, struct tern_session *session) {
    const struct tern_saved_state *state = more->state;
    uint8_t *placement;
    TERN_TRY(tern_cli_engine(options, error, &session->engine));
    TERN_TRY(tern_model_open(options->operand[0], 0, error, &session->model));
    TERN_TRY(state ? tern_saved_state_check(state, session->model, error) : TERN_STATUS_OK);
    const struct tern_model_config *config = tern_model_config(session->model);
    note_stray_stop_ids(config, options->operand[0]);
    const uint32_t most = config->max_positions < TERN_CLI_POSITIONS ? config->max_positions : TERN_CLI_POSITIONS;
    session->capacity = more->capacity ? more->capacity : most;
    if (more->takes_less && session->capacity > config->max_positions) {
        session->capacity = config->max_positions;
    }
    struct tern_runner_options runner = {.capacity = session->capacity,
                                         .depth = state ? state->depth : (uint32_t)options->depth,
                                         .waves_from = options->waves_from,
                                         .waves_cycles = options->waves_cycles,
                                         .tap = more->tap,
                                         .tap_context = more->tap_context};
    TERN_TRY(tern_cli_place(options, config->layers, error, &placement));
    enum tern_status status = open_runner(options, more->device, &runner, placement, error, session);
    free(placement);
    TERN_TRY(status);
    return state ? tern_runner_load(session->runner, state->runner, state->runner_bytes, error) : TERN_STATUS_OK;
}

enum tern_status tern_session_open(const struct tern_cli_options *options, const struct tern_session_options *more,
                                   struct tern_error *error, struct tern_session *session) {
    memset(session, 0, sizeof *session);
    enum tern_status status = open_parts(options, more, error, session);
    if (status != TERN_STATUS_OK) {
        tern_session_close(session);
    }
    return status;
}

void tern_session_close(struct tern_session *session) {
    tern_runner_close(session->runner);
    tern_device_close(session->device);
    for (size_t i = 0; i < TERN_CLI_ON; i++) {
        tern_device_close(session->others[i]);
    }
    if (session->model) {
        tern_model_close(session->model);
    }
    tern_pool_destroy(session->engine.pool);
    memset(session, 0, sizeof *session);
}

void tern_cli_speed(const struct tern_runner *runner, char *text, size_t bytes) {
    *text = 0;
    for (uint32_t i = 0; i < tern_runner_devices(runner); i++) {
        const struct tern_device *device = tern_runner_part_of(runner, i).device;
        const double cycles = (double)tern_device_cycles(device), seconds = tern_device_seconds(device);
        if (cycles > 0 && seconds > 0) {
            const size_t used = strlen(text);
            snprintf(text + used, bytes - used, ", %s %.2f M cycles/s", tern_device_name(device),
                     cycles / seconds / 1e6);
        }
    }
}

enum tern_status tern_cli_draft(const struct tern_cli_options *options, struct tern_generator *generator,
                                struct tern_error *error) {
    if (options->draft_depth == 0) {
        return TERN_STATUS_OK;
    }
    uint64_t tokens = options->draft_tokens ? options->draft_tokens : DRAFT_TOKENS;
    const struct tern_drafting drafting = {(uint32_t)options->draft_depth, (uint32_t)tokens};
    return tern_generator_draft(generator, &drafting, error);
}

enum tern_status tern_cli_tokenizer(const struct tern_cli_options *options, struct tern_error *error,
                                    struct tern_tokenizer **tokenizer) {
    static const char *const names[] = {"auto", "yes", "no"};
    const char *directory = options->operand[0];
    enum tern_bos bos = TERN_BOS_AUTO;
    char *note;
    while (options->bos && bos < TERN_BOS_NO && strcmp(options->bos, names[bos]) != 0) {
        bos++;
    }
    TERN_TRY(tern_tokenizer_open_directory(directory, error, tokenizer));
    TERN_TRY(tern_tokenizer_set_bos(*tokenizer, directory, bos, error, &note));
    if (note && !options->resume) { // which brings the prompt as ids
        fprintf(stderr, "tern %s: %s\n", options->command, note);
    }
    free(note);
    return TERN_STATUS_OK;
}
