// SPDX-License-Identifier: Apache-2.0
// Ends a text before the first of some strings, which may begin and end within tokens. Bytes that may begin such a
// string wait, so that no part of it is ever given. Of all strings the one whose last byte comes first counts, and of
// those the longest. The result does not depend on the pieces in which the text comes.
#ifndef TERN_HOST_DRIVER_GENERATE_STOP_TEXT_H
#define TERN_HOST_DRIVER_GENERATE_STOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_stop_text {
    const char *const *strings; // [count], none empty; the caller keeps them
    size_t count;
    bool is_found;
    // A buffer of its own:
    char *bytes;
    size_t given_bytes; // of them, at the start
    size_t used_bytes, capacity_bytes;
};

// Initializes *stop; release it with tern_stop_text_end. count may be 0.
void tern_stop_text_begin(struct tern_stop_text *stop, const char *const *strings, size_t count);

// Takes a piece of text and gives the next bytes that are sure, maybe none. *ready belongs to *stop until its next
// call. Once a string has been found nothing more is given.
enum tern_status tern_stop_text_push(struct tern_stop_text *stop, const char *text, size_t len_bytes,
                                     struct tern_error *error, const char **ready, size_t *ready_bytes);

// Gives the bytes that wait, at the end of the text.
void tern_stop_text_flush(struct tern_stop_text *stop, const char **ready, size_t *ready_bytes);
void tern_stop_text_end(struct tern_stop_text *stop);

#ifdef __cplusplus
}
#endif
#endif
