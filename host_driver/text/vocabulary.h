// SPDX-License-Identifier: Apache-2.0
// Token strings by id, and ids by string: one arena, and an open-addressed hash table that loading fills.
#ifndef TERN_HOST_DRIVER_TEXT_VOCABULARY_H
#define TERN_HOST_DRIVER_TEXT_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A chain of so many collisions does not occur by chance: such a file is made to stall the reader.
#define TERN_HASH_MAX_PROBES 1024u

enum tern_token_flags {
    TERN_TOKEN_PRESENT = 1,
    TERN_TOKEN_ADDED = 2, // the string is plain text, not byte symbols
    TERN_TOKEN_SPECIAL = 4,
    TERN_TOKEN_MODEL = 8, // in model.vocab: a possible result of merges and whole words
};

struct tern_token {
    uint32_t offset_bytes; // into the arena
    uint32_t len_bytes;
    uint32_t flags;
};

struct tern_vocabulary {
    struct tern_token *tokens; // [size], by id; some ids may have no token
    uint32_t size;
    char *arena;
    size_t arena_bytes;
    size_t arena_capacity_bytes;
    uint32_t *slots; // ids or TERN_NO_TOKEN; their number is a power of two, at least twice the tokens
    uint32_t slot_mask;
};

enum tern_vocabulary_result {
    TERN_VOCABULARY_ADDED,
    TERN_VOCABULARY_ID_TAKEN,
    TERN_VOCABULARY_TEXT_TAKEN,
    TERN_VOCABULARY_COLLISIONS,
};

// Makes room for ids 0..size-1, `count` tokens and `text_bytes` bytes of text. Returns false without memory.
bool tern_vocabulary_create(struct tern_vocabulary *vocabulary, uint32_t size, size_t count, size_t text_bytes);
void tern_vocabulary_destroy(struct tern_vocabulary *vocabulary);

// The caller keeps the limits given to tern_vocabulary_create.
enum tern_vocabulary_result tern_vocabulary_add(struct tern_vocabulary *vocabulary, const char *text, size_t len_bytes,
                                                uint32_t id);
// TERN_NO_TOKEN without such a token.
uint32_t tern_vocabulary_find(const struct tern_vocabulary *vocabulary, const char *text, size_t len_bytes);
// NULL for an id without a token.
const struct tern_token *tern_vocabulary_token(const struct tern_vocabulary *vocabulary, uint32_t id);

#endif
