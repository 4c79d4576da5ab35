// SPDX-License-Identifier: Apache-2.0
// `tern run` and `tern chat`: feeds the waiting tokens, then prints new text as it comes.
#ifndef TERN_HOST_DRIVER_CLI_ANSWER_H
#define TERN_HOST_DRIVER_CLI_ANSWER_H

#include <stdbool.h>

#include "host_driver/generate/generator.h"
#include "host_driver/text/tokenizer.h"

struct tern_answer {
    struct tern_generator *generator;
    struct tern_runner *runner;             // the generator's
    const struct tern_model_config *config; // its stop ids end the text
    const struct tern_tokenizer *tokenizer;
    uint32_t end_id; // ends the text too; TERN_NO_ID for none
    size_t
        earlier; // the last ids of the text so far, which belong to the answer and are printed again; 0: a new answer
    size_t max_tokens; // those included
    bool is_silent;    // no text on stdout
    // Filled in:
    size_t tokens; // ids of the answer, without the stop id
    bool is_ended; // by a stop id
};

// Stops at a stop id, after max_tokens, or when the generator has no room. Progress goes to stderr, but not once text
// goes to the same terminal. INTERRUPTED after a signal that the caller catches (interrupt.h), with the text so far
// printed.
enum tern_status tern_cli_answer(struct tern_answer *answer, struct tern_error *error);

#endif
