// SPDX-License-Identifier: Apache-2.0
// Whether a text begins with BOS. transformers 5 and `tokenizers` go by the template of tokenizer.json. In transformers
// 4 some tokenizer classes replace that template, by add_bos_token.
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/path.h"
#include "host_driver/text/tokenizer_internal.h"

static const struct {
    const char *class, *models; // see tern_tokenizer_is_class
    bool adds_bos;              // without add_bos_token
} classes[] = {{"LlamaTokenizer", "llama mistral", true},
               {"CodeLlamaTokenizer", "", true},
               {"GemmaTokenizer", "gemma", true},
               {"CohereTokenizer", "cohere", true},
               {"GPTNeoXTokenizer", "gpt_neox", false}};
enum { CLASSES = sizeof classes / sizeof *classes };

// The files beside tokenizer.json; members are NULL without them.
struct beside {
    cJSON *config, *map, *model; // tokenizer_config.json, special_tokens_map.json, config.json
};

static enum tern_status load_beside(const char *directory, struct tern_error *error, struct beside *beside) {
    TERN_TRY(tern_tokenizer_load_beside(directory, "tokenizer_config.json", error, &beside->config));
    TERN_TRY(tern_tokenizer_load_beside(directory, "special_tokens_map.json", error, &beside->map));
    return tern_tokenizer_load_beside(directory, "config.json", error, &beside->model);
}

static const char *text_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_GetStringValue(cJSON_IsObject(item) ? cJSON_GetObjectItemCaseSensitive(item, "content") : item);
}

// NULL without one.
static const char *bos_token(const struct beside *beside) {
    const bool is_given = cJSON_GetObjectItemCaseSensitive(beside->config, "bos_token");
    return text_of(is_given ? beside->config : beside->map, "bos_token");
}

// What transformers 4 does. Returns false for a class that goes by tokenizer.json.
static bool class_decides(const struct beside *beside, bool *adds_bos, const char **class) {
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(beside->config, "add_bos_token");
    for (size_t i = 0; i < CLASSES; i++) {
        if (tern_tokenizer_is_class(beside->config, beside->model, classes[i].class, classes[i].models)) {
            *adds_bos = given ? cJSON_IsTrue(given) != 0 : classes[i].adds_bos;
            *class = classes[i].class;
            return true;
        }
    }
    return false;
}

static bool begins_with(const struct tern_template *template, uint32_t id) {
    return id != TERN_NO_TOKEN && template->count > 0 && template->ids[0] == id;
}

static enum tern_status note_class(const struct tern_tokenizer *tokenizer, const struct beside *beside, const char *bos,
                                   uint32_t id, struct tern_error *error, char **note) {
    const char *class;
    bool adds_bos;
    if (id == TERN_NO_TOKEN || !class_decides(beside, &adds_bos, &class) ||
        adds_bos == begins_with(&tokenizer->before, id)) {
        return TERN_STATUS_OK;
    }
    *note = tern_text_format("transformers 4 begins a text %s \"%s\" (%s, add_bos_token), tokenizer.json %s: --bos %s "
                             "does as transformers 4",
                             adds_bos ? "with" : "without", bos, class, adds_bos ? "does not" : "with it",
                             adds_bos ? "yes" : "no");
    return *note ? TERN_STATUS_OK : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a note");
}

static enum tern_status force(struct tern_template *before, enum tern_bos wanted, uint32_t id, const char *directory,
                              struct tern_error *error) {
    const bool has_bos = begins_with(before, id);
    if (id == TERN_NO_TOKEN) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: its tokenizer has no bos_token", directory);
    }
    if (wanted == TERN_BOS_YES && !has_bos) {
        if (before->count == TERN_TOKENIZER_MAX_TEMPLATE) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: its template has no room for BOS", directory);
        }
        memmove(before->ids + 1, before->ids, before->count++ * sizeof *before->ids);
        before->ids[0] = id;
    } else if (wanted == TERN_BOS_NO && has_bos) {
        memmove(before->ids, before->ids + 1, --before->count * sizeof *before->ids);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_tokenizer_set_bos(struct tern_tokenizer *tokenizer, const char *directory, enum tern_bos wanted,
                                        struct tern_error *error, char **note) {
    struct beside beside = {NULL, NULL, NULL};
    *note = NULL;
    enum tern_status status = load_beside(directory, error, &beside);
    if (status == TERN_STATUS_OK) {
        const char *bos = bos_token(&beside);
        const uint32_t id = bos ? tern_vocabulary_find(&tokenizer->vocabulary, bos, strlen(bos)) : TERN_NO_TOKEN;
        status = wanted == TERN_BOS_AUTO ? note_class(tokenizer, &beside, bos, id, error, note)
                                         : force(&tokenizer->before, wanted, id, directory, error);
    }
    cJSON_Delete(beside.config);
    cJSON_Delete(beside.map);
    cJSON_Delete(beside.model);
    return status;
}
