// SPDX-License-Identifier: Apache-2.0
// What `tern run` and `tern chat` share: feed what waits, then print new text as it comes.
#ifndef TERN_HOST_DRIVER_CLI_ANSWER_H
#define TERN_HOST_DRIVER_CLI_ANSWER_H

#include "host_driver/generate/generator.h"
#include "host_driver/text/tokenizer.h"

struct tern_answer {
    struct tern_generator *generator;
    struct tern_runner *runner;             // the generator's
    const struct tern_model_config *config; // its stop ids end the text
    const struct tern_tokenizer *tokenizer;
    uint32_t end_id; // so does this; TERN_NO_ID for none
    size_t max_tokens;
    int is_silent; // no text on stdout
    // Filled in:
    size_t tokens; // new ids, without the stop id
    int is_ended;  // by a stop id
};

// Stops at a stop id, after max_tokens, or when the generator has no room. Progress goes to stderr, but not between
// text on the same terminal. INTERRUPTED after Ctrl-C (interrupt.h); the text so far is out by then.
enum tern_status tern_cli_answer(struct tern_answer *answer, struct tern_error *error);

#endif
