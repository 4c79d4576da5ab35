// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/formats/json.h"
#include "host_driver/system/path.h"
#include "host_driver/text/tokenizer_internal.h"

static enum tern_status load_parts(const cJSON *root, const char *path, struct tern_error *error,
                                   struct tern_tokenizer *tokenizer) {
    static tern_tokenizer_part_loader *const loaders[] = {
        tern_tokenizer_load_options,      tern_tokenizer_load_vocabulary, tern_tokenizer_load_merges,
        tern_tokenizer_load_added_tokens, tern_tokenizer_load_template,
    };
    for (size_t i = 0; i < sizeof loaders / sizeof loaders[0]; i++) {
        TERN_TRY(loaders[i](root, path, error, tokenizer));
    }
    return TERN_STATUS_OK;
}

// Makes a tokenizer of a parsed file, which it deletes.
static enum tern_status open_root(cJSON *root, const char *path, struct tern_error *error,
                                  struct tern_tokenizer **out) {
    struct tern_tokenizer *tokenizer = calloc(1, sizeof *tokenizer);
    enum tern_status status =
        tokenizer ? load_parts(root, path, error, tokenizer)
                  : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for a tokenizer", path);
    cJSON_Delete(root);
    if (status != TERN_STATUS_OK) {
        tern_tokenizer_close(tokenizer);
        return status;
    }
    *out = tokenizer;
    return TERN_STATUS_OK;
}

enum tern_status tern_tokenizer_open(const char *tokenizer_json_path, struct tern_error *error,
                                     struct tern_tokenizer **out) {
    cJSON *root;
    if (!tokenizer_json_path || !out) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "tern_tokenizer_open: a pointer is NULL");
    }
    *out = NULL;
    TERN_TRY(tern_json_load(tokenizer_json_path, error, &root));
    return open_root(root, tokenizer_json_path, error, out);
}

static enum tern_status open_assembled(const char *directory, struct tern_error *error, struct tern_tokenizer **out) {
    cJSON *root;
    char *label;
    TERN_TRY(tern_tokenizer_assemble(directory, error, &label, &root));
    enum tern_status status = open_root(root, label, error, out);
    free(label);
    return status;
}

// transformers adds the tokens of added_tokens_decoder ("5": {"content": ...}) that tokenizer.json lacks.
static enum tern_status check_listed(const struct tern_tokenizer *tokenizer, const cJSON *list, const char *directory,
                                     struct tern_error *error) {
    char number[16];
    for (const cJSON *item = cJSON_IsObject(list) ? list->child : NULL; item; item = item->next) {
        const char *content = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "content"));
        snprintf(number, sizeof number, "%u", content ? tern_tokenizer_special_id(tokenizer, content) : TERN_NO_TOKEN);
        if (strcmp(number, item->string) != 0) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE,
                                  "%s/tokenizer_config.json: added_tokens_decoder has \"%.64s\" with the id %.16s, and "
                                  "tokenizer.json has not",
                                  directory, content ? content : "(none)", item->string);
        }
    }
    return TERN_STATUS_OK;
}

static bool has_file(const char *directory, const char *name) {
    char *path = tern_path_join(directory, name);
    const bool is_there = path && tern_path_exists(path);
    free(path);
    return is_there;
}

static enum tern_status open_file(const cJSON *config, const char *directory, struct tern_error *error,
                                  struct tern_tokenizer **out) {
    char *path = tern_path_join(directory, "tokenizer.json");
    enum tern_status status = path ? tern_tokenizer_open(path, error, out)
                                   : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a path");
    free(path);
    TERN_TRY(status);
    status = check_listed(*out, cJSON_GetObjectItemCaseSensitive(config, "added_tokens_decoder"), directory, error);
    if (status != TERN_STATUS_OK) {
        tern_tokenizer_close(*out);
        *out = NULL;
    }
    return status;
}

// With split_special_tokens no text has special tokens, not even the template of a chat.
static enum tern_status open_beside(const cJSON *config, const char *directory, struct tern_error *error,
                                    struct tern_tokenizer **out) {
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(config, "split_special_tokens"))) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s/tokenizer_config.json: split_special_tokens is not supported", directory);
    }
    if (has_file(directory, "tokenizer.json")) {
        return open_file(config, directory, error, out);
    }
    if (has_file(directory, "vocab.json")) {
        return open_assembled(directory, error, out);
    }
    return tern_error_set(error, TERN_STATUS_IO,
                          "%s: no tokenizer; copy tokenizer.json, or vocab.json and merges.txt, of the model there",
                          directory);
}

enum tern_status tern_tokenizer_open_directory(const char *directory, struct tern_error *error,
                                               struct tern_tokenizer **out) {
    if (!directory || !out) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "tern_tokenizer_open_directory: a pointer is NULL");
    }
    cJSON *config;
    *out = NULL;
    TERN_TRY(tern_tokenizer_load_beside(directory, "tokenizer_config.json", error, &config));
    enum tern_status status = open_beside(config, directory, error, out);
    cJSON_Delete(config);
    return status;
}

void tern_tokenizer_close(struct tern_tokenizer *tokenizer) {
    if (!tokenizer) {
        return;
    }
    tern_vocabulary_destroy(&tokenizer->vocabulary);
    tern_merge_table_destroy(&tokenizer->merges);
    tern_pre_tokenizer_destroy(&tokenizer->pre_tokenizer);
    tern_added_set_destroy(&tokenizer->added_raw);
    tern_added_set_destroy(&tokenizer->added_normalized);
    free(tokenizer);
}

uint32_t tern_tokenizer_vocabulary_size(const struct tern_tokenizer *tokenizer) {
    return tokenizer->vocabulary.size;
}

uint32_t tern_tokenizer_special_id(const struct tern_tokenizer *tokenizer, const char *content) {
    uint32_t id = tern_vocabulary_find(&tokenizer->vocabulary, content, strlen(content));
    const struct tern_token *token = id == TERN_NO_TOKEN ? NULL : tern_vocabulary_token(&tokenizer->vocabulary, id);
    return token && (token->flags & TERN_TOKEN_ADDED) ? id : TERN_NO_TOKEN;
}

bool tern_tokenizer_is_special(const struct tern_tokenizer *tokenizer, uint32_t id) {
    const struct tern_token *token = tern_vocabulary_token(&tokenizer->vocabulary, id);
    return token && (token->flags & TERN_TOKEN_SPECIAL);
}
