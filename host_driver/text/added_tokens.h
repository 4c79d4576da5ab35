// SPDX-License-Identifier: Apache-2.0
// Added tokens are found in the text before anything cuts or merges it: leftmost, and of those the longest. Two sets,
// as in Hugging Face: one looked for in the text as it came, one in the normalized text.
#ifndef TERN_HOST_DRIVER_TEXT_ADDED_TOKENS_H
#define TERN_HOST_DRIVER_TEXT_ADDED_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Longer content would let a text of n bytes cost n times this.
#define TERN_ADDED_TOKEN_MAX_BYTES 1024

struct tern_added_token {
    char *content; // as it is looked for; owned
    size_t len_bytes;
    uint32_t id;
    bool is_special;
    bool is_single_word; // not when a word character stands beside it
    bool strips_left;    // takes the white space before it along
    bool strips_right;
};

struct tern_added_set {
    struct tern_added_token *tokens; // sorted by content once tern_added_set_finish has run
    size_t count;
    size_t capacity;
};

struct tern_added_match {
    const struct tern_added_token *token;
    size_t start;
    size_t end; // with the white space it takes along
};

// Copies the content. False when memory is short.
bool tern_added_set_add(struct tern_added_set *set, struct tern_added_token token);
// Sorts. Returns NULL, or a token whose content is there twice.
const struct tern_added_token *tern_added_set_finish(struct tern_added_set *set);
void tern_added_set_destroy(struct tern_added_set *set);

// Next match in valid UTF-8. `*cursor` is where looking goes on (0 at first) and `taken_bytes` the end of the
// previous match, which may lie behind the cursor when it took white space along. False if there is none.
bool tern_added_set_next(const struct tern_added_set *set, bool special_as_text, const char *text, size_t len_bytes,
                         size_t taken_bytes, size_t *cursor, struct tern_added_match *match);

#endif
