// SPDX-License-Identifier: Apache-2.0
// Loads the merge list of a tokenizer.json, in both forms: "left right" and ["left", "right"].
#include <string.h>

#include "host_driver/text/tokenizer_internal.h"

struct halves {
    const char *left;
    size_t left_bytes;
    const char *right;
    size_t right_bytes;
};

// Returns false when the item has neither form.
static bool read_halves(const cJSON *item, struct halves *halves) {
    if (cJSON_IsString(item)) {
        const char *space = strchr(item->valuestring, ' ');
        if (!space || strchr(space + 1, ' ')) {
            return false;
        }
        *halves = (struct halves){item->valuestring, (size_t)(space - item->valuestring), space + 1, strlen(space + 1)};
        return true;
    }
    if (!cJSON_IsArray(item)) {
        return false;
    }
    const cJSON *left = item->child;
    const cJSON *right = left ? left->next : NULL;
    if (!cJSON_IsString(left) || !cJSON_IsString(right) || right->next) {
        return false;
    }
    *halves =
        (struct halves){left->valuestring, strlen(left->valuestring), right->valuestring, strlen(right->valuestring)};
    return true;
}

static enum tern_status unknown_token(const char *path, uint32_t rank, const char *which, const char *text,
                                      size_t len_bytes, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: model.merges[%u]: %s \"%.*s\" is not in model.vocab", path,
                          rank, which, len_bytes < 64 ? (int)len_bytes : 64, text);
}

static enum tern_status load_merge(const struct halves *halves, uint32_t rank, const char *path,
                                   struct tern_error *error, struct tern_tokenizer *tokenizer) {
    const struct tern_vocabulary *vocabulary = &tokenizer->vocabulary;
    char joined[4096];
    struct tern_merge merge = {.rank = rank};
    size_t joined_bytes = halves->left_bytes + halves->right_bytes;
    if (joined_bytes > sizeof joined) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: model.merges[%u] makes a token of %zu bytes, above %zu",
                              path, rank, joined_bytes, sizeof joined);
    }
    memcpy(joined, halves->left, halves->left_bytes);
    memcpy(joined + halves->left_bytes, halves->right, halves->right_bytes);
    merge.left = tern_vocabulary_find(vocabulary, halves->left, halves->left_bytes);
    if (merge.left == TERN_NO_TOKEN) {
        return unknown_token(path, rank, "its left half", halves->left, halves->left_bytes, error);
    }
    merge.right = tern_vocabulary_find(vocabulary, halves->right, halves->right_bytes);
    if (merge.right == TERN_NO_TOKEN) {
        return unknown_token(path, rank, "its right half", halves->right, halves->right_bytes, error);
    }
    merge.merged = tern_vocabulary_find(vocabulary, joined, joined_bytes);
    if (merge.merged == TERN_NO_TOKEN) {
        return unknown_token(path, rank, "its result", joined, joined_bytes, error);
    }
    switch (tern_merge_table_add(&tokenizer->merges, merge)) {
    case TERN_MERGE_ADDED: return TERN_STATUS_OK;
    case TERN_MERGE_TWICE:
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: model.merges[%u] repeats merge %u", path, rank,
                              tern_merge_table_find(&tokenizer->merges, merge.left, merge.right)->rank);
    default:
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: model.merges: pairs chosen to collide in a hash table",
                              path);
    }
}

enum tern_status tern_tokenizer_load_merges(const cJSON *root, const char *path, struct tern_error *error,
                                            struct tern_tokenizer *tokenizer) {
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(root, "model");
    const cJSON *merges = cJSON_GetObjectItemCaseSensitive(model, "merges");
    if (!cJSON_IsArray(merges)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: model.merges is missing or not a list", path);
    }
    size_t count = (size_t)cJSON_GetArraySize(merges);
    if (!tern_merge_table_create(&tokenizer->merges, count)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for %zu merges", path, count);
    }
    uint32_t rank = 0;
    for (const cJSON *item = merges->child; item; item = item->next, rank++) {
        struct halves halves;
        if (!read_halves(item, &halves)) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE,
                                  "%s: model.merges[%u] is neither \"left right\" nor a pair of strings", path, rank);
        }
        TERN_TRY(load_merge(&halves, rank, path, error, tokenizer));
    }
    return TERN_STATUS_OK;
}
