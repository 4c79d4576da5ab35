// SPDX-License-Identifier: Apache-2.0
// `tern run`: run.c makes the text, run_figures.c prints figures and the JSON object.
#ifndef TERN_HOST_DRIVER_CLI_COMMANDS_RUN_H
#define TERN_HOST_DRIVER_CLI_COMMANDS_RUN_H

#include "host_driver/cli/answer.h"
#include "host_driver/cli/profile.h"
#include "host_driver/cli/session.h"

struct tern_run {
    const struct tern_cli_options *options;
    struct tern_session session;
    struct tern_tokenizer *tokenizer;
    struct tern_generator *generator;
    struct tern_saved_state resumed; // of --resume, else all zero
    const char *prompt;              // [prompt_bytes]
    char *prompt_read;               // of --prompt-file, else NULL
    size_t prompt_bytes;
    uint32_t *prompt_ids; // NULL with --resume
    size_t prompt_count;
    size_t earlier;    // ids that the saved text has after the prompt
    size_t max_tokens; // after the prompt
    double started;    // seconds
    FILE *text_stream; // with --json: the new text, written to `text`
    char *text;        // [text_bytes] once the stream is flushed
    size_t text_bytes;
    struct tern_sampling sampling;
    struct tern_cli_trace trace;
    struct tern_cli_profile profiles[TERN_RUNNER_DEVICES]; // by number of the device; without a row: none
};

// Prints the figures of the run and each of its devices on stderr.
enum tern_status tern_run_print_figures(const struct tern_run *run, const struct tern_answer *answer,
                                        struct tern_error *error);
// Prints the object of --json on stdout.
enum tern_status tern_run_print_json(const struct tern_run *run, const struct tern_answer *answer,
                                     struct tern_error *error);

#endif
