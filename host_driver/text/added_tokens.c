// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/added_tokens.h"

#include <stdlib.h>
#include <string.h>

#include "host_driver/unicode/utf8.h"

bool tern_added_set_add(struct tern_added_set *set, struct tern_added_token token) {
    if (set->count == set->capacity) {
        size_t capacity = set->capacity ? 2 * set->capacity : 32;
        struct tern_added_token *tokens = realloc(set->tokens, capacity * sizeof *tokens);
        if (!tokens) {
            return false;
        }
        set->tokens = tokens;
        set->capacity = capacity;
    }
    char *content = malloc(token.len_bytes + 1);
    if (!content) {
        return false;
    }
    memcpy(content, token.content, token.len_bytes);
    content[token.len_bytes] = '\0';
    token.content = content;
    set->tokens[set->count++] = token;
    return true;
}

static int compare_contents(const void *left, const void *right) {
    const struct tern_added_token *a = left, *b = right;
    size_t shorter = a->len_bytes < b->len_bytes ? a->len_bytes : b->len_bytes;
    int order = memcmp(a->content, b->content, shorter);
    if (order != 0) {
        return order;
    }
    return (a->len_bytes > b->len_bytes) - (a->len_bytes < b->len_bytes);
}

const struct tern_added_token *tern_added_set_finish(struct tern_added_set *set) {
    if (set->count < 2) {
        return NULL;
    }
    qsort(set->tokens, set->count, sizeof *set->tokens, compare_contents);
    for (size_t i = 1; i < set->count; i++) {
        if (compare_contents(&set->tokens[i - 1], &set->tokens[i]) == 0) {
            return &set->tokens[i];
        }
    }
    return NULL;
}

void tern_added_set_destroy(struct tern_added_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        free(set->tokens[i].content);
    }
    free(set->tokens);
    memset(set, 0, sizeof *set);
}

// The first of tokens[low..high-1] whose byte at `depth` is at least `wanted`. All of them are longer than `depth`.
static size_t lower_bound(const struct tern_added_set *set, size_t low, size_t high, size_t depth, unsigned wanted) {
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((unsigned char)set->tokens[middle].content[depth] < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// The longest token at the start of `text`. The sorted range with the same prefix narrows byte by byte.
static const struct tern_added_token *longest_at(const struct tern_added_set *set, const char *text, size_t len_bytes) {
    const struct tern_added_token *longest = NULL;
    size_t low = 0, high = set->count;
    for (size_t depth = 0; depth < len_bytes && low < high; depth++) {
        unsigned byte = (unsigned char)text[depth];
        low = lower_bound(set, low, high, depth, byte);
        high = lower_bound(set, low, high, depth, byte + 1);
        // All contents differ, so only the first of the range can end here.
        if (low < high && set->tokens[low].len_bytes == depth + 1) {
            longest = &set->tokens[low++];
        }
    }
    return longest;
}

static bool is_single_word(const char *text, size_t len_bytes, size_t start, size_t end) {
    size_t length;
    if (start > 0 && tern_is_word_character(tern_utf8_decode_last(text, start, &length))) {
        return false;
    }
    return end == len_bytes || !tern_is_word_character(tern_utf8_decode(text + end, &length));
}

static size_t strip_left(const char *text, size_t start, size_t taken_bytes) {
    while (start > taken_bytes) {
        size_t length;
        if (!tern_is_white_space(tern_utf8_decode_last(text, start, &length))) {
            break;
        }
        start -= length;
    }
    return start;
}

static size_t strip_right(const char *text, size_t len_bytes, size_t end) {
    while (end < len_bytes) {
        size_t length;
        if (!tern_is_white_space(tern_utf8_decode(text + end, &length))) {
            break;
        }
        end += length;
    }
    return end;
}

// The bytes from `start` on, up to the next plain one.
static size_t bytes_before_plain(const struct tern_added_text *text, size_t start) {
    size_t end = start;
    while (end < text->len_bytes && !text->plain[end]) {
        end++;
    }
    return end - start;
}

// The token that begins at `start`: the longest, or the longest without a plain byte if that is special.
static const struct tern_added_token *token_at(const struct tern_added_set *set, const struct tern_added_text *text,
                                               size_t start) {
    const char *bytes = text->bytes + start;
    const struct tern_added_token *token = longest_at(set, bytes, text->len_bytes - start);
    if (token && token->is_special && text->plain) {
        size_t open_bytes = bytes_before_plain(text, start);
        token = token->len_bytes <= open_bytes ? token : longest_at(set, bytes, open_bytes);
    }
    return token;
}

bool tern_added_set_next(const struct tern_added_set *set, const struct tern_added_text *text, size_t taken_bytes,
                         size_t *cursor, struct tern_added_match *match) {
    while (set->count > 0 && *cursor < text->len_bytes) {
        size_t start = *cursor;
        const struct tern_added_token *token = token_at(set, text, start);
        if (!token) {
            ++*cursor;
            continue;
        }
        size_t end = start + token->len_bytes;
        *cursor = end;
        if (token->is_special && text->is_plain) {
            continue;
        }
        if (token->is_single_word && !is_single_word(text->bytes, text->len_bytes, start, end)) {
            continue;
        }
        if (start < taken_bytes) {
            continue; // inside white space of the previous match
        }
        if (token->strips_left) {
            start = strip_left(text->bytes, start, taken_bytes);
        }
        if (token->strips_right) {
            end = strip_right(text->bytes, text->len_bytes, end);
        }
        *match = (struct tern_added_match){token, start, end};
        return true;
    }
    return false;
}
