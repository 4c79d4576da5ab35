// SPDX-License-Identifier: Apache-2.0
// Makes the tokenizer.json that transformers makes of vocab.json, merges.txt, tokenizer_config.json, added_tokens.json
// and special_tokens_map.json, for the classes Qwen2Tokenizer and GPT2Tokenizer.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/formats/json.h"
#include "host_driver/system/path.h"
#include "host_driver/system/read_text.h"
#include "host_driver/text/tokenizer_internal.h"
#include "host_driver/unicode/utf8.h"

#define MOST_MERGES_BYTES ((size_t)64 << 20)

struct file_class {
    const char *name, *models; // see tern_tokenizer_is_class
    const char *frame;         // all but vocabulary, merges and added tokens
    const char *special;       // roles of special tokens that <|endoftext|> has unless given
};

#define BYTE_LEVEL "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":"
#define QWEN2_PATTERN                                                                                                  \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+"        \
    "[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"
static const struct file_class classes[] = {
    {"Qwen2Tokenizer", "qwen2 qwen3",
     "{\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":["
     "{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"" QWEN2_PATTERN "\"}}," BYTE_LEVEL
     "false}]},\"model\":{\"type\":\"BPE\"},\"added_tokens\":[]}",
     "eos_token unk_token pad_token"},
    {"GPT2Tokenizer", "gpt2",
     "{\"pre_tokenizer\":" BYTE_LEVEL "true},\"model\":{\"type\":\"BPE\"},\"added_tokens\":[]}",
     "bos_token eos_token unk_token"},
};

struct vocab_files {
    const char *directory;
    char *label; // begins error sentences
    const struct file_class *class;
    cJSON *config;  // tokenizer_config.json with the keys of special_tokens_map.json; empty without them
    cJSON *legacy;  // added_tokens.json, or NULL
    cJSON *special; // tokens that are special by their role, each named by it
    cJSON *root;    // the result
    double next_id;
    struct tern_error *error;
};

static enum tern_status no_memory(const struct vocab_files *files) {
    return tern_error_set(files->error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for a tokenizer", files->label);
}

// For the type qwen2, transformers 5 takes Qwen2Tokenizer whatever tokenizer_class says, and transformers 4 does not.
static enum tern_status check_class(const struct vocab_files *files, const cJSON *model) {
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(model, "model_type"));
    return type && strcmp(type, "qwen2") == 0 && files->class && files->class != &classes[0]
               ? tern_error_set(files->error, TERN_STATUS_UNSUPPORTED,
                                "%s: tokenizer_class %s, but the model type qwen2 has %s: versions of transformers "
                                "differ on it",
                                files->label, files->class->name, classes[0].name)
               : TERN_STATUS_OK;
}

static enum tern_status find_class(struct vocab_files *files) {
    cJSON *model;
    TERN_TRY(tern_tokenizer_load_beside(files->directory, "config.json", files->error, &model));
    for (size_t i = 0; i < sizeof classes / sizeof *classes && !files->class; i++) {
        const struct file_class *class = &classes[i];
        files->class = tern_tokenizer_is_class(files->config, model, class->name, class->models) ? class : NULL;
    }
    const char *name = tern_tokenizer_class_name(files->config);
    enum tern_status status =
        files->class ? check_class(files, model)
                     : tern_error_set(files->error, TERN_STATUS_UNSUPPORTED,
                                      "%s: without tokenizer.json only Qwen2Tokenizer and GPT2Tokenizer are read, not "
                                      "%.64s",
                                      files->label, name ? name : "a tokenizer without a class");
    cJSON_Delete(model);
    return status;
}

// The keys of special_tokens_map.json replace those of tokenizer_config.json, unless that lists the added tokens.
static enum tern_status load_config(struct vocab_files *files) {
    cJSON *map;
    TERN_TRY(tern_tokenizer_load_beside(files->directory, "tokenizer_config.json", files->error, &files->config));
    files->config = files->config ? files->config : cJSON_CreateObject();
    if (cJSON_GetObjectItemCaseSensitive(files->config, "added_tokens_decoder")) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_tokenizer_load_beside(files->directory, "special_tokens_map.json", files->error, &map));
    while (map && map->child) {
        cJSON *item = cJSON_DetachItemViaPointer(map, map->child);
        cJSON_DeleteItemFromObjectCaseSensitive(files->config, item->string);
        cJSON_AddItemToObject(files->config, item->string, item);
    }
    cJSON_Delete(map);
    return tern_tokenizer_load_beside(files->directory, "added_tokens.json", files->error, &files->legacy);
}

static enum tern_status add_vocabulary(struct vocab_files *files) {
    cJSON *vocabulary;
    char *path = tern_path_join(files->directory, "vocab.json");
    enum tern_status status = path ? tern_json_load(path, files->error, &vocabulary) : no_memory(files);
    if (status == TERN_STATUS_OK) {
        cJSON_AddItemToObject(cJSON_GetObjectItemCaseSensitive(files->root, "model"), "vocab", vocabulary);
        files->next_id = cJSON_GetArraySize(vocabulary);
    }
    free(path);
    return status;
}

// A line is "left right". The first may be "#version: 0.2".
static enum tern_status split_lines(const struct vocab_files *files, char *text, size_t len_bytes, cJSON *merges) {
    size_t bad;
    if (!tern_utf8_validate(text, len_bytes, &bad) || memchr(text, 0, len_bytes)) {
        return tern_error_set(files->error, TERN_STATUS_BAD_FILE, "%s/merges.txt: not UTF-8, or with a zero byte",
                              files->directory);
    }
    for (size_t at = 0, end; at < len_bytes; at = end + 1) {
        const char *newline = memchr(text + at, '\n', len_bytes - at);
        end = newline ? (size_t)(newline - text) : len_bytes;
        size_t length = end - at;
        length -= length > 0 && text[end - 1] == '\r';
        if (length == 0 || (at == 0 && strncmp(text, "#version", strlen("#version")) == 0)) {
            continue;
        }
        text[at + length] = 0;
        cJSON *line = cJSON_CreateString(text + at);
        if (!line) {
            return no_memory(files);
        }
        cJSON_AddItemToArray(merges, line);
    }
    return TERN_STATUS_OK;
}

static enum tern_status add_merges(struct vocab_files *files) {
    char *path = tern_path_join(files->directory, "merges.txt"), *text, *whole;
    size_t len_bytes;
    enum tern_status status =
        path ? tern_read_text(path, MOST_MERGES_BYTES, files->error, &text, &len_bytes) : no_memory(files);
    free(path);
    TERN_TRY(status);
    whole = realloc(text, len_bytes + 1); // a zero byte ends the last line
    if (!whole) {
        free(text);
        return no_memory(files);
    }
    whole[len_bytes] = 0;
    cJSON *merges = cJSON_AddArrayToObject(cJSON_GetObjectItemCaseSensitive(files->root, "model"), "merges");
    status = merges ? split_lines(files, whole, len_bytes, merges) : no_memory(files);
    free(whole);
    return status;
}

// "" without one.
static const char *content_of(const cJSON *token) {
    const char *content = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(token, "content"));
    return content ? content : "";
}

// The added token with this content, or NULL.
static cJSON *find_added(const struct vocab_files *files, const char *content) {
    cJSON *item = cJSON_GetObjectItemCaseSensitive(files->root, "added_tokens")->child;
    while (item && strcmp(content_of(item), content) != 0) {
        item = item->next;
    }
    return item;
}

// Takes a token, an object with a content. Its id is that of the vocabulary or the next one, as `tokenizers` counts.
// given: what a file says about the id; NULL when it says nothing.
static enum tern_status add_token(struct vocab_files *files, cJSON *token, const cJSON *given) {
    const char *content = content_of(token);
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(files->root, "model");
    const cJSON *known = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(model, "vocab"), content);
    const double id = cJSON_IsNumber(known) ? known->valuedouble : files->next_id;
    if (find_added(files, content)) {
        cJSON_Delete(token);
        return TERN_STATUS_OK;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(token, "id");
    cJSON_AddNumberToObject(token, "id", id);
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(files->root, "added_tokens"), token);
    files->next_id = id >= files->next_id ? id + 1 : files->next_id;
    return !given || (cJSON_IsNumber(given) && given->valuedouble == id)
               ? TERN_STATUS_OK
               : tern_error_set(files->error, TERN_STATUS_BAD_FILE,
                                "%s: added token \"%.64s\" does not have the id %.0f that follows from vocab.json",
                                files->label, content, id);
}

static cJSON *plain_token(const char *content, bool is_special) {
    cJSON *token = cJSON_CreateObject();
    cJSON_AddStringToObject(token, "content", content);
    cJSON_AddBoolToObject(token, "special", is_special);
    return token;
}

// item: a string, or an object with content and flags. Anything else, such as null, is no token.
static void add_special(struct vocab_files *files, const char *role, const cJSON *item) {
    cJSON *token = cJSON_IsString(item)   ? plain_token(item->valuestring, true)
                   : cJSON_IsObject(item) ? cJSON_Duplicate(item, 1)
                                          : NULL;
    if (token && cJSON_IsString(cJSON_GetObjectItemCaseSensitive(token, "content"))) {
        cJSON_DeleteItemFromObjectCaseSensitive(token, "special");
        cJSON_AddTrueToObject(token, "special");
        cJSON_AddItemToObject(files->special, role, token);
    } else {
        cJSON_Delete(token);
    }
}

// Finds the tokens that are special by their role, each named by it.
static enum tern_status find_special_tokens(struct vocab_files *files) {
    static const char *const roles[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                        "pad_token", "cls_token", "mask_token"};
    static const char *const lists[] = {"additional_special_tokens", "extra_special_tokens"};
    cJSON *usual = cJSON_CreateString("<|endoftext|>");
    files->special = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const cJSON *given = cJSON_GetObjectItemCaseSensitive(files->config, roles[i]);
        add_special(files, roles[i], !given && strstr(files->class->special, roles[i]) ? usual : given);
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(files->config, lists[i]);
        for (const cJSON *item = cJSON_IsArray(list) ? list->child : NULL; item; item = item->next) {
            add_special(files, lists[i], item);
        }
    }
    cJSON_Delete(usual);
    return files->special ? TERN_STATUS_OK : no_memory(files);
}

// Those that are listed already are special from now on.
static enum tern_status add_special_tokens(struct vocab_files *files) {
    for (const cJSON *item = files->special->child; item; item = item->next) {
        cJSON *known = find_added(files, content_of(item));
        if (known) {
            cJSON_DeleteItemFromObjectCaseSensitive(known, "special");
            cJSON_AddTrueToObject(known, "special");
        } else {
            TERN_TRY(add_token(files, cJSON_Duplicate(item, 1), NULL));
        }
    }
    return TERN_STATUS_OK;
}

static bool is_special(const struct vocab_files *files, const char *content) {
    const cJSON *token = files->special->child;
    while (token && strcmp(content_of(token), content) != 0) {
        token = token->next;
    }
    return token != NULL;
}

struct listed {
    cJSON *token, *id;
};

static int by_id(const void *a, const void *b) {
    const double left = ((const struct listed *)a)->id->valuedouble,
                 right = ((const struct listed *)b)->id->valuedouble;
    return (left > right) - (left < right);
}

// The entries of added_tokens_decoder ("5": {"content": ...}) or of added_tokens.json ("<x>": 5).
static struct listed list_entry(const struct vocab_files *files, const cJSON *item) {
    char *end;
    if (cJSON_IsObject(item)) {
        const double id = strtod(item->string, &end);
        return (struct listed){cJSON_Duplicate(item, 1),
                               *item->string && !*end ? cJSON_CreateNumber(id) : cJSON_CreateNull()};
    }
    return (struct listed){plain_token(item->string, is_special(files, item->string)), cJSON_Duplicate(item, 1)};
}

// In the order of the ids.
static enum tern_status add_listed_tokens(struct vocab_files *files) {
    const cJSON *decoder = cJSON_GetObjectItemCaseSensitive(files->config, "added_tokens_decoder");
    const cJSON *list = decoder ? decoder : files->legacy;
    const size_t count = list ? (size_t)cJSON_GetArraySize(list) : 0;
    struct listed *listed = calloc(count + 1, sizeof *listed);
    size_t used = 0;
    for (const cJSON *item = listed && list ? list->child : NULL; item; item = item->next) {
        listed[used++] = list_entry(files, item);
    }
    enum tern_status status = listed ? TERN_STATUS_OK : no_memory(files);
    if (listed) {
        qsort(listed, used, sizeof *listed, by_id);
    }
    for (size_t i = 0; i < used; i++) {
        if (status == TERN_STATUS_OK) {
            status = add_token(files, listed[i].token, listed[i].id);
        } else {
            cJSON_Delete(listed[i].token);
        }
        cJSON_Delete(listed[i].id);
    }
    free(listed);
    return status;
}

static void add_template_part(const struct vocab_files *files, const char *flag, const char *role, cJSON *single,
                              cJSON *table) {
    const char *content = content_of(cJSON_GetObjectItemCaseSensitive(files->special, role));
    const cJSON *token = find_added(files, content);
    if (!token || !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(files->config, flag))) {
        return;
    }
    cJSON *part = cJSON_CreateObject(), *entry = cJSON_CreateObject();
    cJSON_AddItemToArray(single, part);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(part, "SpecialToken"), "id", content);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(entry, "ids"),
                         cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(token, "id"), 1));
    cJSON_AddItemToObject(table, content, entry);
}

static void add_template(struct vocab_files *files) {
    cJSON *processor = cJSON_AddObjectToObject(files->root, "post_processor");
    cJSON_AddStringToObject(processor, "type", "TemplateProcessing");
    cJSON *single = cJSON_AddArrayToObject(processor, "single"), *text = cJSON_CreateObject();
    cJSON *table = cJSON_AddObjectToObject(processor, "special_tokens");
    add_template_part(files, "add_bos_token", "bos_token", single, table);
    cJSON_AddObjectToObject(text, "Sequence");
    cJSON_AddItemToArray(single, text);
    add_template_part(files, "add_eos_token", "eos_token", single, table);
}

static enum tern_status assemble(struct vocab_files *files) {
    TERN_TRY(load_config(files));
    TERN_TRY(find_class(files));
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(files->config, "add_prefix_space"))) {
        return tern_error_set(files->error, TERN_STATUS_UNSUPPORTED, "%s/tokenizer_config.json: add_prefix_space",
                              files->directory);
    }
    files->root = cJSON_Parse(files->class->frame);
    if (!files->root) {
        return no_memory(files);
    }
    TERN_TRY(add_vocabulary(files));
    TERN_TRY(add_merges(files));
    TERN_TRY(find_special_tokens(files));
    TERN_TRY(add_listed_tokens(files));
    TERN_TRY(add_special_tokens(files));
    add_template(files);
    return TERN_STATUS_OK;
}

enum tern_status tern_tokenizer_assemble(const char *directory, struct tern_error *error, char **label, cJSON **root) {
    struct vocab_files files = {.directory = directory, .error = error};
    *root = NULL;
    *label = files.label = tern_text_format("%s/vocab.json and the files beside it", directory);
    enum tern_status status =
        files.label ? assemble(&files)
                    : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for a tokenizer", directory);
    cJSON_Delete(files.config);
    cJSON_Delete(files.legacy);
    cJSON_Delete(files.special);
    if (status == TERN_STATUS_OK) {
        *root = files.root;
        return status;
    }
    cJSON_Delete(files.root);
    free(files.label);
    *label = NULL;
    return status;
}
