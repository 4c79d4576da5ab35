// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "host_driver/text/tokenizer.h"

static uint32_t hash_text(const char *text, size_t len_bytes) {
    uint64_t hash = UINT64_C(0x9E3779B97F4A7C15) ^ len_bytes;
    while (len_bytes > 0) {
        uint64_t word = 0;
        size_t taken = len_bytes < sizeof word ? len_bytes : sizeof word;
        memcpy(&word, text, taken);
        hash = (hash ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
        hash ^= hash >> 32;
        text += taken;
        len_bytes -= taken;
    }
    return (uint32_t)(hash ^ hash >> 29);
}

bool tern_vocabulary_create(struct tern_vocabulary *vocabulary, uint32_t size, size_t count, size_t text_bytes) {
    size_t slot_count = 16;
    while (slot_count < 2 * count) {
        slot_count *= 2;
    }
    memset(vocabulary, 0, sizeof *vocabulary);
    vocabulary->tokens = calloc(size ? size : 1, sizeof *vocabulary->tokens);
    vocabulary->arena = malloc(text_bytes ? text_bytes : 1);
    vocabulary->slots = malloc(slot_count * sizeof *vocabulary->slots);
    if (!vocabulary->tokens || !vocabulary->arena || !vocabulary->slots) {
        tern_vocabulary_destroy(vocabulary);
        return false;
    }
    memset(vocabulary->slots, 0xFF, slot_count * sizeof *vocabulary->slots);
    vocabulary->size = size;
    vocabulary->arena_capacity_bytes = text_bytes;
    vocabulary->slot_mask = (uint32_t)(slot_count - 1);
    return true;
}

void tern_vocabulary_destroy(struct tern_vocabulary *vocabulary) {
    free(vocabulary->tokens);
    free(vocabulary->arena);
    free(vocabulary->slots);
    memset(vocabulary, 0, sizeof *vocabulary);
}

static bool token_is(const struct tern_vocabulary *vocabulary, uint32_t id, const char *text, size_t len_bytes) {
    const struct tern_token *token = &vocabulary->tokens[id];
    return token->len_bytes == len_bytes && memcmp(vocabulary->arena + token->offset_bytes, text, len_bytes) == 0;
}

enum tern_vocabulary_result tern_vocabulary_add(struct tern_vocabulary *vocabulary, const char *text, size_t len_bytes,
                                                uint32_t id) {
    struct tern_token *token = &vocabulary->tokens[id];
    if (token->flags & TERN_TOKEN_PRESENT) {
        return TERN_VOCABULARY_ID_TAKEN;
    }
    uint32_t slot = hash_text(text, len_bytes) & vocabulary->slot_mask;
    for (uint32_t probes = 0; vocabulary->slots[slot] != TERN_NO_TOKEN; probes++) {
        if (token_is(vocabulary, vocabulary->slots[slot], text, len_bytes)) {
            return TERN_VOCABULARY_TEXT_TAKEN;
        }
        if (probes == TERN_HASH_MAX_PROBES) {
            return TERN_VOCABULARY_COLLISIONS;
        }
        slot = (slot + 1) & vocabulary->slot_mask;
    }
    vocabulary->slots[slot] = id;
    token->offset_bytes = (uint32_t)vocabulary->arena_bytes;
    token->len_bytes = (uint32_t)len_bytes;
    token->flags = TERN_TOKEN_PRESENT;
    memcpy(vocabulary->arena + vocabulary->arena_bytes, text, len_bytes);
    vocabulary->arena_bytes += len_bytes;
    return TERN_VOCABULARY_ADDED;
}

uint32_t tern_vocabulary_find(const struct tern_vocabulary *vocabulary, const char *text, size_t len_bytes) {
    uint32_t slot = hash_text(text, len_bytes) & vocabulary->slot_mask;
    while (vocabulary->slots[slot] != TERN_NO_TOKEN) {
        if (token_is(vocabulary, vocabulary->slots[slot], text, len_bytes)) {
            return vocabulary->slots[slot];
        }
        slot = (slot + 1) & vocabulary->slot_mask;
    }
    return TERN_NO_TOKEN;
}

const struct tern_token *tern_vocabulary_token(const struct tern_vocabulary *vocabulary, uint32_t id) {
    if (id >= vocabulary->size || !(vocabulary->tokens[id].flags & TERN_TOKEN_PRESENT)) {
        return NULL;
    }
    return &vocabulary->tokens[id];
}
