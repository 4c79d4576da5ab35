// SPDX-License-Identifier: Apache-2.0
// The chat formats Tern knows, and which of them a model's template is.
#ifndef TERN_HOST_DRIVER_CHAT_CHAT_FAMILY_H
#define TERN_HOST_DRIVER_CHAT_CHAT_FAMILY_H

#include "cmodel/error.h"

// Patterns as chat_template.c reads them.
struct tern_chat_family {
    const char *name;
    const char *marks[3];      // all stand in the template; NULL ends them
    const char *answer;        // head of an answer, as it stands in the template
    const char *begin;         // before everything
    const char *system, *user; // with {} for what is said; the user's ends with the head of the answer
    const char *end;           // of an answer: one special token
    const char *after_answer;  // between that and the next turn
    int trims;                 // white space around what is said
    int has_empty_system;      // a system turn stands there even when nothing is said
};

// The family of the template in DIRECTORY, and the system message it falls back to (free(); NULL: none).
enum tern_status tern_chat_family_find(const char *directory, struct tern_error *error,
                                       const struct tern_chat_family **family, char **system);

#endif
