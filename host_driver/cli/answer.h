// SPDX-License-Identifier: Apache-2.0
// `tern run` and `tern chat`: feeds the waiting tokens, then prints new text as it comes.
#ifndef TERN_HOST_DRIVER_CLI_ANSWER_H
#define TERN_HOST_DRIVER_CLI_ANSWER_H

#include <stdbool.h>
#include <stdio.h>

#include "host_driver/generate/generator.h"
#include "host_driver/generate/stop_text.h"
#include "host_driver/text/tokenizer.h"

// Why a text ends.
enum tern_stop_reason {
    TERN_STOP_END,        // a stop id
    TERN_STOP_MAX_TOKENS, // max_tokens
    TERN_STOP_CONTEXT,    // the generator has no room
    TERN_STOP_STRING,     // one of stop_strings
    TERN_STOP_INTERRUPT,
};
// "end", "max_tokens", "context", "stop_string", "interrupt".
const char *tern_cli_stop_name(enum tern_stop_reason reason);

struct tern_answer {
    const char *label; // of the progress
    struct tern_generator *generator;
    struct tern_runner *runner;             // the generator's
    const struct tern_model_config *config; // its stop ids end the text
    const struct tern_tokenizer *tokenizer;
    uint32_t end_id;                 // ends the text too; TERN_NO_ID for none
    const char *const *stop_strings; // [stop_count]; the text ends before the first of them
    size_t stop_count;
    const char *prompt; // [prompt_bytes], printed before the answer
    size_t prompt_bytes;
    size_t earlier;    // the last ids of the text so far, which belong to the answer and are printed again; or 0
    size_t max_tokens; // those included
    FILE *out;         // takes the text
    FILE *copy;        // takes it too; NULL for none
    // Filled in:
    size_t tokens; // ids of the answer, without the stop id, with those of a stop string
    enum tern_stop_reason stop;
};

// Progress goes to stderr and leaves the text whole. On one terminal it stands below the text. In one file or pipe it
// comes first, and the text waits for its end. INTERRUPTED after a signal that the caller catches (interrupt.h), with
// the text so far printed. IO when stdout takes no more text.
enum tern_status tern_cli_answer(struct tern_answer *answer, struct tern_error *error);

#endif
