// SPDX-License-Identifier: Apache-2.0
#include "host_driver/chat/chat_source.h"

#include <stdlib.h>
#include <string.h>

#include "host_driver/formats/json.h"
#include "host_driver/system/mapped_file.h"
#include "host_driver/system/path.h"

#define TEMPLATE_MAX_BYTES (1u << 20)

static enum tern_status no_memory(const char *path, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", path);
}

static enum tern_status copy_text(const struct tern_mapped_file *file, const char *path, struct tern_error *error,
                                  char **text) {
    if (file->bytes > TEMPLATE_MAX_BYTES || (file->bytes > 0 && memchr(file->data, 0, file->bytes))) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: a chat template has no zero byte and at most %u bytes",
                              path, TEMPLATE_MAX_BYTES);
    }
    *text = calloc(file->bytes + 1, 1);
    if (!*text) {
        return no_memory(path, error);
    }
    if (file->bytes > 0) {
        memcpy(*text, file->data, file->bytes);
    }
    return TERN_STATUS_OK;
}

// A file's text with a zero byte at its end; *text is unchanged when the file does not exist.
static enum tern_status read_file(const char *path, struct tern_error *error, char **text) {
    struct tern_mapped_file file;
    if (!tern_path_exists(path)) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_mapped_file_open(path, error, &file));
    enum tern_status status = copy_text(&file, path, error, text);
    tern_mapped_file_close(&file);
    return status;
}

// Templates by name are an object, or a list of {"name", "template"}.
static const char *find_default(const cJSON *item) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "default"));
    for (const cJSON *entry = cJSON_IsArray(item) ? item->child : NULL; entry; entry = entry->next) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "name"));
        if (name && strcmp(name, "default") == 0) {
            text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "template"));
        }
    }
    return text;
}

static enum tern_status take_template(const cJSON *root, const char *path, struct tern_error *error, char **text) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "chat_template");
    if (!item || cJSON_IsNull(item)) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s has no chat_template, so it is no chat model; `tern run` goes on from any text, "
                              "`--template` takes a built-in template",
                              path);
    }
    const char *found = cJSON_IsString(item) ? item->valuestring : find_default(item);
    if (!found || strlen(found) > TEMPLATE_MAX_BYTES) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: chat_template is neither a string nor templates with one named \"default\", or it "
                              "has more than %u bytes",
                              path, TEMPLATE_MAX_BYTES);
    }
    *text = strdup(found);
    return *text ? TERN_STATUS_OK : no_memory(path, error);
}

// A token is a string or an object with "content"; null takes it away.
static enum tern_status take_token(const cJSON *item, const char *path, struct tern_error *error,
                                   struct tern_jinja_variable *token) {
    const cJSON *content = cJSON_IsObject(item) ? cJSON_GetObjectItemCaseSensitive(item, "content") : item;
    char *value = NULL;
    if (!cJSON_IsNull(item) && !cJSON_IsString(content)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is neither a string nor an object with \"content\"",
                              path, token->name);
    }
    if (!cJSON_IsNull(item) && !(value = strdup(content->valuestring))) {
        return no_memory(path, error);
    }
    free((char *)token->value);
    token->value = value;
    token->is_unknown = false;
    return TERN_STATUS_OK;
}

static enum tern_status take_tokens(const cJSON *root, const char *path, struct tern_error *error,
                                    struct tern_chat_source *source) {
    for (size_t i = 0; i < TERN_CHAT_TOKENS; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, source->tokens[i].name);
        if (item) {
            TERN_TRY(take_token(item, path, error, &source->tokens[i]));
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status add_other(const char *name, const char *path, struct tern_error *error,
                                  struct tern_chat_source *source) {
    if (source->token_count == TERN_CHAT_MOST_TOKENS) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: more than %d special tokens with names", path,
                              TERN_CHAT_MOST_TOKENS);
    }
    struct tern_jinja_variable *token = &source->tokens[source->token_count];
    *token = (struct tern_jinja_variable){.name = strdup(name), .is_unknown = true};
    source->token_count += token->name != NULL;
    return token->name ? TERN_STATUS_OK : no_memory(path, error);
}

static bool is_usual(const struct tern_chat_source *source, const char *name) {
    for (size_t i = 0; i < TERN_CHAT_TOKENS; i++) {
        if (strcmp(source->tokens[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

// Keys such as "image_token" and those of the object extra_special_tokens.
static enum tern_status add_others(const cJSON *root, const char *path, struct tern_error *error,
                                   struct tern_chat_source *source) {
    static const char ending[] = "_token", list[] = "additional_special_tokens";
    const cJSON *extra = cJSON_GetObjectItemCaseSensitive(root, "extra_special_tokens");
    for (const cJSON *item = root->child; item; item = item->next) {
        const size_t length = strlen(item->string), end = sizeof ending - 1;
        const bool is_token = length >= end && strcmp(item->string + length - end, ending) == 0 &&
                              (cJSON_IsString(item) || cJSON_IsObject(item));
        if ((is_token && !is_usual(source, item->string)) || strcmp(item->string, list) == 0) {
            TERN_TRY(add_other(item->string, path, error, source));
        }
    }
    for (const cJSON *item = cJSON_IsObject(extra) ? extra->child : NULL; item; item = item->next) {
        TERN_TRY(is_usual(source, item->string) ? TERN_STATUS_OK : add_other(item->string, path, error, source));
    }
    return TERN_STATUS_OK;
}

// The files of a directory as JSON; an empty object when the file does not exist.
static enum tern_status load(const char *path, struct tern_error *error, cJSON **root) {
    TERN_TRY(tern_json_load_optional(path, error, root));
    *root = *root ? *root : cJSON_CreateObject();
    return *root ? TERN_STATUS_OK : no_memory(path, error);
}

static enum tern_status read_config(const char *path, const char *map_path, bool wants_template,
                                    struct tern_error *error, struct tern_chat_source *source) {
    cJSON *root, *map = NULL;
    TERN_TRY(load(path, error, &root));
    enum tern_status status =
        wants_template && !source->text ? take_template(root, path, error, &source->text) : TERN_STATUS_OK;
    if (status == TERN_STATUS_OK) {
        status = take_tokens(root, path, error, source);
    }
    if (status == TERN_STATUS_OK) {
        status = add_others(root, path, error, source);
    }
    if (status == TERN_STATUS_OK && !cJSON_GetObjectItemCaseSensitive(root, "added_tokens_decoder")) {
        status = load(map_path, error, &map);
    }
    if (status == TERN_STATUS_OK && map) {
        status = take_tokens(map, map_path, error, source);
    }
    cJSON_Delete(root);
    cJSON_Delete(map);
    return status;
}

static enum tern_status read_all(const char *const paths[3], bool wants_template, struct tern_error *error,
                                 struct tern_chat_source *source) {
    if (wants_template) {
        TERN_TRY(read_file(paths[0], error, &source->text));
    }
    return read_config(paths[1], paths[2], wants_template, error, source);
}

enum tern_status tern_chat_source_read(const char *directory, bool wants_template, struct tern_error *error,
                                       struct tern_chat_source *source) {
    static const char *const names[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                        "pad_token", "cls_token", "mask_token"};
    char *paths[] = {tern_path_join(directory, "chat_template.jinja"),
                     tern_path_join(directory, "tokenizer_config.json"),
                     tern_path_join(directory, "special_tokens_map.json")};
    *source = (struct tern_chat_source){.token_count = TERN_CHAT_TOKENS};
    for (size_t i = 0; i < TERN_CHAT_TOKENS; i++) {
        source->tokens[i] = (struct tern_jinja_variable){.name = names[i], .is_unknown = true};
    }
    enum tern_status status = paths[0] && paths[1] && paths[2]
                                  ? read_all((const char *const *)paths, wants_template, error, source)
                                  : no_memory(directory, error);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        free(paths[i]);
    }
    if (status != TERN_STATUS_OK) {
        tern_chat_source_release(source);
    }
    return status;
}

void tern_chat_source_release(struct tern_chat_source *source) {
    free(source->text);
    for (size_t i = 0; i < TERN_CHAT_TOKENS; i++) {
        free((char *)source->tokens[i].value);
    }
    for (size_t i = TERN_CHAT_TOKENS; i < source->token_count; i++) {
        free((char *)source->tokens[i].name);
    }
    *source = (struct tern_chat_source){.text = NULL};
}
