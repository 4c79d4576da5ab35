// SPDX-License-Identifier: Apache-2.0
// Finds added tokens in the text before it is split or merged: the leftmost, and of those the longest. There are two
// sets, as in Hugging Face: one for the raw text, one for the normalized text.
#ifndef TERN_HOST_DRIVER_TEXT_ADDED_TOKENS_H
#define TERN_HOST_DRIVER_TEXT_ADDED_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Limit: the search in a text of n bytes may take n times the longest content.
#define TERN_ADDED_TOKEN_MAX_BYTES 1024

struct tern_added_token {
    char *content; // owned by the set
    size_t len_bytes;
    uint32_t id;
    bool is_special;
    bool is_single_word; // no match next to a word character
    bool strips_left;    // the match includes white space before it
    bool strips_right;   // the match includes white space after it
};

struct tern_added_set {
    struct tern_added_token *tokens; // sorted by content once tern_added_set_finish has run
    size_t count;
    size_t capacity;
};

struct tern_added_match {
    const struct tern_added_token *token;
    size_t start;
    size_t end; // start and end include the white space
};

// Copies the content. Returns false without memory.
bool tern_added_set_add(struct tern_added_set *set, struct tern_added_token token);
// Sorts the tokens. Returns NULL, or a token whose content occurs twice.
const struct tern_added_token *tern_added_set_finish(struct tern_added_set *set);
void tern_added_set_destroy(struct tern_added_set *set);

// Valid UTF-8 to search. No special token has a byte that is plain.
struct tern_added_text {
    const char *bytes;
    size_t len_bytes;
    bool is_plain;        // all bytes are
    const uint8_t *plain; // [len_bytes]: those with a number other than 0; may be NULL
};

// Finds the next match. *cursor: where the search continues, 0 at first. taken_bytes: the end of the previous match,
// which may be after the cursor because of white space. Returns false without a match.
bool tern_added_set_next(const struct tern_added_set *set, const struct tern_added_text *text, size_t taken_bytes,
                         size_t *cursor, struct tern_added_match *match);

#endif
