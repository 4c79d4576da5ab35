// SPDX-License-Identifier: Apache-2.0
// Loads vocabulary and added tokens from a tokenizer.json.
#include <stdlib.h>
#include <string.h>

#include "host_driver/unicode/byte_alphabet.h"
#include "host_driver/text/tokenizer_internal.h"

bool tern_json_id(const cJSON *item, uint32_t *id) {
    if (!cJSON_IsNumber(item)) {
        return false;
    }
    double value = item->valuedouble;
    if (!(value >= 0 && value < TERN_TOKENIZER_MAX_IDS)) {
        return false;
    }
    *id = (uint32_t)value;
    return (double)*id == value;
}

const char *tern_json_type(const cJSON *object) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(object, "type");
    return cJSON_IsString(type) ? type->valuestring : "";
}

// Sizes of the tables, from a first pass over both lists of tokens.
struct extent {
    uint32_t size; // one past the largest id
    size_t count;
    size_t text_bytes;
};

static enum tern_status measure_token(const char *part, const char *content, const cJSON *id_item, const char *path,
                                      struct tern_error *error, struct extent *extent) {
    uint32_t id;
    if (!tern_json_id(id_item, &id)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: %s: the id of \"%.64s\" is not a whole number of "
                              "0..%u",
                              path, part, content, TERN_TOKENIZER_MAX_IDS - 1);
    }
    size_t length = strlen(content);
    if (length == 0 || length > TERN_TOKENIZER_MAX_TOKEN_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s: token %u has %zu bytes, not 1..%zu", path, part, id,
                              length, TERN_TOKENIZER_MAX_TOKEN_BYTES);
    }
    if (id >= extent->size) {
        extent->size = id + 1;
    }
    extent->text_bytes += length;
    ++extent->count;
    return TERN_STATUS_OK;
}

static enum tern_status measure_added(const cJSON *added, const char *path, struct tern_error *error,
                                      struct extent *extent) {
    if (!added || cJSON_IsNull(added)) {
        return TERN_STATUS_OK;
    }
    if (!cJSON_IsArray(added)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: added_tokens is not a list", path);
    }
    int index = 0;
    for (const cJSON *item = added->child; item; item = item->next, index++) {
        const cJSON *content = cJSON_GetObjectItemCaseSensitive(item, "content");
        if (!cJSON_IsString(content)) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: added_tokens[%d] has no content", path, index);
        }
        TERN_TRY(measure_token("added_tokens", content->valuestring, cJSON_GetObjectItemCaseSensitive(item, "id"), path,
                               error, extent));
    }
    return TERN_STATUS_OK;
}

static enum tern_status add_token(struct tern_vocabulary *vocabulary, const char *part, const char *text, uint32_t id,
                                  const char *path, struct tern_error *error) {
    const struct tern_token *other;
    switch (tern_vocabulary_add(vocabulary, text, strlen(text), id)) {
    case TERN_VOCABULARY_ADDED: return TERN_STATUS_OK;
    case TERN_VOCABULARY_ID_TAKEN:
        other = tern_vocabulary_token(vocabulary, id);
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s: id %u is \"%.64s\" and also \"%.*s\"", path, part,
                              id, text, other->len_bytes < 64 ? (int)other->len_bytes : 64,
                              vocabulary->arena + other->offset_bytes);
    case TERN_VOCABULARY_TEXT_TAKEN:
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s: token \"%.64s\" is there twice, as %u and %u", path,
                              part, text, tern_vocabulary_find(vocabulary, text, strlen(text)), id);
    default:
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s: tokens chosen to collide in a hash table", path,
                              part);
    }
}

// The token of bytes without one. Hugging Face drops such bytes when the model has no unk_token.
static enum tern_status find_unknown_token(const cJSON *model, const char *path, struct tern_error *error,
                                           struct tern_tokenizer *tokenizer) {
    const cJSON *unknown = cJSON_GetObjectItemCaseSensitive(model, "unk_token");
    tokenizer->fuses_unknown = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(model, "fuse_unk"));
    tokenizer->unknown_id = TERN_NO_TOKEN;
    if (!unknown || cJSON_IsNull(unknown)) {
        return TERN_STATUS_OK;
    }
    const char *text = cJSON_IsString(unknown) ? unknown->valuestring : "";
    tokenizer->unknown_id = tern_vocabulary_find(&tokenizer->vocabulary, text, strlen(text));
    return tokenizer->unknown_id != TERN_NO_TOKEN
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_FILE,
                                "%s: model.vocab lacks tokens of some bytes, and unk_token \"%.64s\" too", path, text);
}

// UTF-8 never has C0, C1 or a byte above F4.
static enum tern_status find_byte_symbols(const cJSON *model, const char *path, struct tern_error *error,
                                          struct tern_tokenizer *tokenizer) {
    unsigned missing = 0, found = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        char symbol[4];
        size_t length = tern_byte_symbol_write((uint8_t)byte, symbol);
        tokenizer->byte_ids[byte] = tern_vocabulary_find(&tokenizer->vocabulary, symbol, length);
        found += tokenizer->byte_ids[byte] != TERN_NO_TOKEN;
        missing += byte != 0xC0 && byte != 0xC1 && byte <= 0xF4 && tokenizer->byte_ids[byte] == TERN_NO_TOKEN;
    }
    if (found == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: model.vocab has no token for any byte", path);
    }
    return missing ? find_unknown_token(model, path, error, tokenizer) : TERN_STATUS_OK;
}

enum tern_status tern_tokenizer_load_vocabulary(const cJSON *root, const char *path, struct tern_error *error,
                                                struct tern_tokenizer *tokenizer) {
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(root, "model");
    const cJSON *vocab = cJSON_GetObjectItemCaseSensitive(model, "vocab");
    if (!cJSON_IsObject(vocab)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: model.vocab is missing or not an object", path);
    }
    struct extent extent = {0};
    for (const cJSON *item = vocab->child; item; item = item->next) {
        TERN_TRY(measure_token("model.vocab", item->string, item, path, error, &extent));
    }
    TERN_TRY(measure_added(cJSON_GetObjectItemCaseSensitive(root, "added_tokens"), path, error, &extent));
    if (!tern_vocabulary_create(&tokenizer->vocabulary, extent.size, extent.count, extent.text_bytes)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for %zu tokens", path, extent.count);
    }
    for (const cJSON *item = vocab->child; item; item = item->next) {
        TERN_TRY(
            add_token(&tokenizer->vocabulary, "model.vocab", item->string, (uint32_t)item->valuedouble, path, error));
        tokenizer->vocabulary.tokens[(uint32_t)item->valuedouble].flags |= TERN_TOKEN_MODEL;
    }
    return find_byte_symbols(model, path, error, tokenizer);
}

// Reads a flag; `missing` is the value without the key. Returns false unless it is true or false.
static bool read_flag(const cJSON *item, const char *name, bool missing, bool *flag) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, name);
    *flag = value ? cJSON_IsTrue(value) != 0 : missing;
    return !value || cJSON_IsBool(value);
}

static enum tern_status add_to_set(struct tern_tokenizer *tokenizer, struct tern_added_token token, bool normalized,
                                   const char *path, struct tern_error *error) {
    char *composed = NULL;
    if (normalized && tokenizer->normalizes_nfc) {
        size_t composed_bytes;
        TERN_TRY(tern_normalize_nfc(token.content, token.len_bytes, error, &composed, &composed_bytes));
        if (composed) {
            token.content = composed;
            token.len_bytes = composed_bytes;
        }
    }
    bool added = tern_added_set_add(normalized ? &tokenizer->added_normalized : &tokenizer->added_raw, token);
    free(composed);
    if (added) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for the added tokens", path);
}

// The id that `tokenizers` gives the next added token that model.vocab lacks. It does not read the file's.
struct next_id {
    uint32_t after_largest; // version 0.20: above all added tokens before
    uint32_t after_count;   // later: above those that model.vocab lacks
};

static enum tern_status check_id(const struct tern_added_token *token, const struct next_id *next, const char *path,
                                 struct tern_error *error) {
    const uint32_t other = token->id != next->after_count ? next->after_count : next->after_largest;
    return token->id == other ? TERN_STATUS_OK
                              : tern_error_set(error, TERN_STATUS_BAD_FILE,
                                               "%s: added_tokens: \"%.64s\" is %u, but %u follows from the tokens "
                                               "before it",
                                               path, token->content, token->id, other);
}

static enum tern_status load_added_token(const cJSON *item, struct next_id *next, const char *path,
                                         struct tern_error *error, struct tern_tokenizer *tokenizer) {
    char *content = cJSON_GetObjectItemCaseSensitive(item, "content")->valuestring;
    struct tern_added_token token = {.content = content, .len_bytes = strlen(content)};
    bool normalized;
    if (!tern_json_id(cJSON_GetObjectItemCaseSensitive(item, "id"), &token.id) ||
        !read_flag(item, "special", false, &token.is_special) ||
        !read_flag(item, "single_word", false, &token.is_single_word) ||
        !read_flag(item, "lstrip", false, &token.strips_left) ||
        !read_flag(item, "rstrip", false, &token.strips_right) ||
        !read_flag(item, "normalized", !token.is_special, &normalized)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: added_tokens: a flag of \"%.64s\" is not true or false",
                              path, content);
    }
    if (token.len_bytes > TERN_ADDED_TOKEN_MAX_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: added_tokens: token %u has %zu bytes, above %d", path,
                              token.id, token.len_bytes, TERN_ADDED_TOKEN_MAX_BYTES);
    }
    // model.vocab may have it too, with the same id.
    if (tern_vocabulary_find(&tokenizer->vocabulary, content, token.len_bytes) != token.id) {
        TERN_TRY(add_token(&tokenizer->vocabulary, "added_tokens", content, token.id, path, error));
        TERN_TRY(check_id(&token, next, path, error));
        next->after_count++;
    }
    next->after_largest = token.id >= next->after_largest ? token.id + 1 : next->after_largest;
    uint32_t *flags = &tokenizer->vocabulary.tokens[token.id].flags;
    *flags |= TERN_TOKEN_ADDED | (token.is_special ? (uint32_t)TERN_TOKEN_SPECIAL : 0);
    return add_to_set(tokenizer, token, normalized, path, error);
}

enum tern_status tern_tokenizer_load_added_tokens(const cJSON *root, const char *path, struct tern_error *error,
                                                  struct tern_tokenizer *tokenizer) {
    const cJSON *added = cJSON_GetObjectItemCaseSensitive(root, "added_tokens");
    const cJSON *item = added ? added->child : NULL;
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(root, "model");
    const uint32_t size = (uint32_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(model, "vocab"));
    struct next_id next = {size, size};
    for (; item; item = item->next) {
        TERN_TRY(load_added_token(item, &next, path, error, tokenizer));
    }
    const struct tern_added_token *twice = tern_added_set_finish(&tokenizer->added_raw);
    if (!twice) {
        twice = tern_added_set_finish(&tokenizer->added_normalized);
    }
    if (!twice) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: added_tokens: \"%.64s\" is there twice", path,
                          twice->content);
}
