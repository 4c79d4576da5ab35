// SPDX-License-Identifier: Apache-2.0
// The chat formats Tern knows, and how the format of a model is found.
#ifndef TERN_HOST_DRIVER_CHAT_CHAT_FAMILY_H
#define TERN_HOST_DRIVER_CHAT_CHAT_FAMILY_H

#include <stdbool.h>

#include "cmodel/error.h"

// begin, system, user, end and after_answer are patterns as chat_template.c reads them: text, special tokens and
// "{}" for the message.
struct tern_chat_family {
    const char *name;
    const char *marks[3];     // the template contains all of them; NULL ends the list
    const char *answer;       // head of an answer, as the template writes it
    const char *begin;        // at the start of a conversation
    const char *system;       // a system turn
    const char *user;         // a user's turn and the head of the answer
    const char *end;          // one special token, which ends an answer
    const char *after_answer; // between `end` and the next turn
    bool trims;               // removes white space at both ends of a message
    bool has_empty_system;    // writes a system turn even without a message
};

// Finds the family of the chat template in `directory`: chat_template.jinja, else chat_template of
// tokenizer_config.json. *system: the template's own system message (free()), NULL when it has none. UNSUPPORTED
// without a template or for an unknown one.
enum tern_status tern_chat_family_find(const char *directory, struct tern_error *error,
                                       const struct tern_chat_family **family, char **system);

#endif
